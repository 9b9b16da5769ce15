import { Status } from "../abi/constants.ts";
import { QueueListeners, type QueueReady } from "./queue-listeners.ts";

export type { QueueReady } from "./queue-listeners.ts";

/** The oldest entry, or Empty, NotFound, or InternalFailure when the queue cannot be reached. */
export type Dequeued = Uint8Array | typeof Status.Empty | typeof Status.NotFound | typeof Status.InternalFailure;

/** First-in-first-out queues between VMs. */
export interface SharedQueues {
  /**
   * Makes the queue, or finds it. Whoever registered last is told of each entry, in a later turn of the event loop, and
   * of the entries that the queue holds when nobody else has registered it.
   *
   * @returns its identifier, or 0 when there is no more room
   */
  register(vmId: string, name: string, ready: QueueReady): number;
  resolve(vmId: string, name: string): number | undefined;
  /** @returns Ok, NotFound, or InternalFailure when the queue is full */
  enqueue(id: number, data: Uint8Array): Status;
  dequeue(id: number): Dequeued;
  /** The registrant is gone: it is told no more. */
  release(ready: QueueReady): void;
  /** The same for those that can wait, where the queues are somewhere else: plugins in threads do not block the main one. */
  readonly async?: {
    register(vmId: string, name: string, ready: QueueReady): Promise<number>;
    resolve(vmId: string, name: string): Promise<number | undefined>;
    enqueue(id: number, data: Uint8Array): Promise<Status>;
    dequeue(id: number): Promise<Dequeued>;
  };
}

interface Queue {
  readonly id: number;
  entries: Uint8Array[];
  /** Where the oldest entry stands: taking from the front of an array costs its length. */
  head: number;
  bytes: number;
  readonly account: Account;
  readonly listeners: QueueListeners;
}

/** Queues of one VM identifier and of all. */
const MAX_QUEUES_OF_VM = 1_000;
const MAX_QUEUES = 10_000;

/** What an entry takes beside its bytes, and a queue beside its name. */
const ENTRY_BYTES = 32;
const QUEUE_BYTES = 512;

/** Bounds of {@link MemorySharedQueues} in bytes, names included. */
export interface QueueBounds {
  /** Of one queue; by default 16 MiB. */
  readonly queue?: number;
  /** Of all queues of one VM identifier; by default 32 MiB. */
  readonly vm?: number;
  /** Of all queues; by default 128 MiB. */
  readonly all?: number;
}

/** What the queues of a VM identifier take. */
interface Account {
  queues: number;
  bytes: number;
}

const MEBIBYTE: number = 1024 * 1024;

/** {@link SharedQueues} in this process's memory. */
export class MemorySharedQueues implements SharedQueues {
  private readonly byName = new Map<string, Queue>();
  private readonly queues: Queue[] = [];
  private readonly accounts = new Map<string, Account>();
  private readonly bounds: Required<QueueBounds>;
  private bytes = 0;

  /** @param bounds a number is the bound of one queue */
  constructor(bounds: number | QueueBounds = {}) {
    const given = typeof bounds === "number" ? { queue: bounds } : bounds;
    this.bounds = { queue: 16 * MEBIBYTE, vm: 32 * MEBIBYTE, all: 128 * MEBIBYTE, ...given };
  }

  private fits({ bytes }: Account, size: number): boolean {
    return bytes + size <= this.bounds.vm && this.bytes + size <= this.bounds.all;
  }

  register(vmId: string, name: string, ready: QueueReady): number {
    const key = JSON.stringify([vmId, name]);
    let queue = this.byName.get(key);
    if (queue === undefined) {
      const account = this.accounts.get(vmId) ?? { queues: 0, bytes: 0 };
      const size = name.length + QUEUE_BYTES;
      if (this.queues.length >= MAX_QUEUES || account.queues >= MAX_QUEUES_OF_VM || !this.fits(account, size)) return 0;
      this.accounts.set(vmId, account);
      account.queues++;
      account.bytes += size;
      this.bytes += size;
      const id = this.queues.length + 1;
      queue = { id, entries: [], head: 0, bytes: 0, account, listeners: new QueueListeners(id) };
      this.queues.push(queue);
      this.byName.set(key, queue);
    }
    queue.listeners.add(ready, this.length(queue.id));
    return queue.id;
  }

  resolve(vmId: string, name: string): number | undefined {
    return this.byName.get(JSON.stringify([vmId, name]))?.id;
  }

  enqueue(id: number, data: Uint8Array): Status {
    const queue = this.queues[id - 1];
    if (queue === undefined) return Status.NotFound;
    // An empty entry takes room too.
    const size = data.length + ENTRY_BYTES;
    if (queue.bytes + size > this.bounds.queue || !this.fits(queue.account, size)) return Status.InternalFailure;
    this.count(queue, size);
    queue.entries.push(data);
    queue.listeners.entered();
    return Status.Ok;
  }

  dequeue(id: number): Dequeued {
    const queue = this.queues[id - 1];
    if (queue === undefined) return Status.NotFound;
    if (queue.head === queue.entries.length) return Status.Empty;
    const entry = queue.entries[queue.head++];
    this.count(queue, -(entry.length + ENTRY_BYTES));
    if (queue.head > 1024 && queue.head * 2 > queue.entries.length) {
      queue.entries = queue.entries.slice(queue.head);
      queue.head = 0;
    }
    return entry;
  }

  private count(queue: Queue, bytes: number): void {
    queue.bytes += bytes;
    queue.account.bytes += bytes;
    this.bytes += bytes;
  }

  /** How many entries nobody has taken. */
  length(id: number): number {
    const queue = this.queues[id - 1];
    return queue === undefined ? 0 : queue.entries.length - queue.head;
  }

  release(ready: QueueReady): void {
    for (const { id, listeners } of this.queues) if (listeners.has(ready)) listeners.remove(ready, this.length(id));
  }
}
