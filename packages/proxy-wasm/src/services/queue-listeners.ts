import { nextTurn } from "./next-turn.ts";

/** Called when something was put into a queue that the plugin had registered. */
export type QueueReady = (queueId: number) => void;

/**
 * Those that have registered one queue. The last one is told of entries, as in Envoy. When it is gone, the one before it is
 * told of what is left.
 */
export class QueueListeners {
  private readonly id: number;
  private listeners: readonly QueueReady[] = [];
  /** Entries of which nobody has been told. */
  private untold = 0;
  /** The next entry will be told of in a later turn. */
  private telling = false;

  constructor(id: number) {
    this.id = id;
  }

  get isEmpty(): boolean {
    return this.listeners.length === 0;
  }

  has(ready: QueueReady): boolean {
    return this.listeners.includes(ready);
  }

  /** @param waiting entries of the queue, which count when there is no other listener */
  add(ready: QueueReady, waiting: number): void {
    // A listener that failed may have left entries, and others may have come since.
    if (this.isEmpty) this.untold = waiting;
    this.listeners = [...this.listeners.filter((other) => other !== ready), ready];
    this.tell();
  }

  /** An entry has been put into the queue. */
  entered(): void {
    this.untold++;
    this.tell();
  }

  /** @param left entries that are in the queue: what the listener was told of last, it may not have taken */
  remove(ready: QueueReady, left: number): void {
    if (this.listeners.at(-1) === ready) this.untold = left;
    this.listeners = this.listeners.filter((other) => other !== ready);
    this.tell();
  }

  /** Tells the last listener of one entry in a later turn of the event loop, and then of the next one. */
  private tell(): void {
    if (this.telling || this.untold === 0 || this.isEmpty) return;
    this.telling = true;
    nextTurn(() => {
      this.telling = false;
      const ready = this.listeners.at(-1);
      if (ready === undefined || this.untold === 0) return;
      this.untold--;
      try {
        ready(this.id);
      } finally {
        this.tell();
      }
    });
  }
}
