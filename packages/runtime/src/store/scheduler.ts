import { hostNow, yieldToHost } from "./host.ts";

/**
 * Shares the event loop's thread between the host and all guests that run in slices, whatever their engines.
 *
 * Between two rounds of the event loop guests run for {@link TURN} milliseconds together, not each, so the time until a timer
 * or a request is served does not grow with the number of guests. Who runs next is chosen by stride scheduling: each guest has a
 * virtual time that advances with what it consumed divided by its weight, and the least goes first.
 */

/**
 * Milliseconds that guests run before the event loop has its turn; a slice that has begun is finished. A request takes a server several
 * turns of its event loop.
 */
const TURN = 2;

/** One guest call that runs in slices. */
export interface Sliced {
  /** Its share beside others. */
  readonly weight: number;
  /** Its virtual time; 0 for a new one. Only the scheduler writes it. */
  virtualTime: number;
}

interface Waiting {
  readonly guest: Sliced;
  readonly wake: () => void;
}

/** Guests whose slice has ended, as a binary heap by virtual time. */
const heap: Waiting[] = [];
/** The virtual time of whoever ran last: where newcomers begin, lest they make up for the time before they came. */
let now = 0;
let turnEnds = 0;
let yielding = false;
/** Whose slice it is. */
let running: Sliced | undefined;

/**
 * Ends a guest's slice.
 *
 * @param consumed fuel that the slice took
 * @returns resolves when it is the guest's turn again
 */
export function nextTurn(guest: Sliced, consumed: number): Promise<void> {
  return new Promise((wake) => {
    guest.virtualTime = Math.max(guest.virtualTime, now) + Math.max(consumed, 1) / guest.weight;
    push({ guest, wake });
    if (!yielding) yieldSoon();
    // Only who was let run hands on; others, called anew or back from their host, wait until it does.
    if (guest === running) {
      running = undefined;
      if (hostNow() < turnEnds) dispatch();
    }
  });
}

/** After the event loop has run, a new turn begins. Asked for while anybody waits, so that a guest that ends or waits for its host stops nobody. */
function yieldSoon(): void {
  yielding = true;
  void yieldToHost().then(() => {
    if (heap.length === 0) {
      yielding = false;
      return;
    }
    yieldSoon();
    turnEnds = hostNow() + TURN;
    dispatch();
  });
}

/** Lets the guest with the least virtual time run; it comes back through {@link nextTurn}, ends, or waits for its host. */
function dispatch(): void {
  const next = pop();
  if (next === undefined) return;
  now = next.guest.virtualTime;
  running = next.guest;
  next.wake();
}

function push(item: Waiting): void {
  let place = heap.push(item) - 1;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (heap[parent].guest.virtualTime <= item.guest.virtualTime) break;
    heap[place] = heap[parent];
    place = parent;
  }
  heap[place] = item;
}

function pop(): Waiting | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1].guest.virtualTime < heap[child].guest.virtualTime) child++;
    if (heap[child].guest.virtualTime >= last.guest.virtualTime) break;
    heap[place] = heap[child];
    place = child;
  }
  heap[place] = last;
  return top;
}
