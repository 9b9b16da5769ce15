import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { StatusError } from "../abi/errors.ts";
import { type AnswerEnd, answerSync } from "../threads/sync-call.ts";
import type { BridgeRequest, FromBridge, ToBridge } from "./bridge.ts";
import { openStore, type Store, type StorePlace } from "./store.ts";

/** The thread that talks to a store, so that others can wait for its answers. */
async function main(port: MessagePort, { place, answers }: { place: StorePlace; answers: AnswerEnd }): Promise<void> {
  const send = (message: FromBridge): void => port.postMessage(message);
  let store: Store;
  try {
    store = await openStore(place, (queue) => send(["ready", queue]));
  } catch (error) {
    send(["open", messageOf(error)]);
    return;
  }
  port.on("message", ([call, waits, request]: ToBridge) => {
    if (waits) answerSync(answers, call, () => perform(store, request));
    else
      perform(store, request).then(
        (value) => send(["answer", call, value, undefined]),
        (error: unknown) =>
          send(["answer", call, undefined, error instanceof StatusError ? error.status : messageOf(error)]),
      );
  });
  send(["open", undefined]);
}

/** Errors of clients may have no message but those that they are made of. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

async function perform(store: Store, request: BridgeRequest): Promise<unknown> {
  switch (request[0]) {
    case "get":
      return store.get(request[1], request[2]);
    case "set":
      return store.set(request[1], request[2], request[3], request[4]);
    case "register":
      return store.register(request[1], request[2]);
    case "unregister":
      return store.unregister(request[1]);
    case "resolve":
      return store.resolve(request[1], request[2]);
    case "enqueue":
      return store.enqueue(request[1], request[2]);
    case "dequeue":
      return store.dequeue(request[1]);
  }
}

if (parentPort !== null) void main(parentPort, workerData as { place: StorePlace; answers: AnswerEnd });
