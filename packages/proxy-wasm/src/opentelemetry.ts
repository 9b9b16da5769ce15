export type { ObservedCallback, StreamObserver } from "./http/stream-observer.ts";
export { traceCallbacks } from "./telemetry/callback-spans.ts";
