/**
 * Calls a function in a later turn of the event loop.
 *
 * Guests cause some events themselves, such as an entry in their own queue. A guest that causes the next event in each
 * callback would keep a chain of microtasks alive, and no timer and no socket of the process would be served.
 */
export const nextTurn: (action: () => void) => void =
  typeof setImmediate === "function" ? (action) => void setImmediate(action) : (action) => void setTimeout(action, 0);
