import { Status } from "../abi/constants.ts";

/** Called when something was put into a queue that the plugin had registered. */
export type QueueReady = (queueId: number) => void;

/** The oldest entry, or Empty, NotFound, or InternalFailure when the queue cannot be reached. */
export type Dequeued = Uint8Array | typeof Status.Empty | typeof Status.NotFound | typeof Status.InternalFailure;

/** First-in-first-out queues between VMs. */
export interface SharedQueues {
  /** Makes the queue, or finds it; whoever registered last is told when it fills. @returns its identifier, or 0 when there is no more room */
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
  ready: QueueReady | undefined;
}

const MAX_QUEUES = 10_000;

/** {@link SharedQueues} in this process's memory. */
export class MemorySharedQueues implements SharedQueues {
  private readonly byName = new Map<string, Queue>();
  private readonly queues: Queue[] = [];
  private readonly maxBytes: number;

  /** @param maxBytes of all entries of one queue; by default 16 MiB */
  constructor(maxBytes: number = 16 * 1024 * 1024) {
    this.maxBytes = maxBytes;
  }

  register(vmId: string, name: string, ready: QueueReady): number {
    const key = JSON.stringify([vmId, name]);
    let queue = this.byName.get(key);
    if (queue === undefined) {
      if (this.queues.length >= MAX_QUEUES) return 0;
      queue = { id: this.queues.length + 1, entries: [], head: 0, bytes: 0, ready: undefined };
      this.queues.push(queue);
      this.byName.set(key, queue);
    }
    queue.ready = ready;
    return queue.id;
  }

  resolve(vmId: string, name: string): number | undefined {
    return this.byName.get(JSON.stringify([vmId, name]))?.id;
  }

  enqueue(id: number, data: Uint8Array): Status {
    const queue = this.queues[id - 1];
    if (queue === undefined) return Status.NotFound;
    // An empty entry takes room too.
    const size = data.length + 32;
    if (queue.bytes + size > this.maxBytes) return Status.InternalFailure;
    queue.bytes += size;
    queue.entries.push(data);
    queueMicrotask(() => queue.ready?.(id));
    return Status.Ok;
  }

  dequeue(id: number): Dequeued {
    const queue = this.queues[id - 1];
    if (queue === undefined) return Status.NotFound;
    if (queue.head === queue.entries.length) return Status.Empty;
    const entry = queue.entries[queue.head++];
    queue.bytes -= entry.length + 32;
    if (queue.head > 1024 && queue.head * 2 > queue.entries.length) {
      queue.entries = queue.entries.slice(queue.head);
      queue.head = 0;
    }
    return entry;
  }

  /** How many entries nobody has taken. */
  length(id: number): number {
    const queue = this.queues[id - 1];
    return queue === undefined ? 0 : queue.entries.length - queue.head;
  }

  release(ready: QueueReady): void {
    for (const queue of this.queues) if (queue.ready === ready) queue.ready = undefined;
  }
}
