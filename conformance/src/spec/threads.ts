import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { Memory } from "@wardian/runtime";
import { type Exports, Unsupported } from "./implementation.ts";
import { type Outcome, runThreadScript, type ScriptEngine } from "./runner.ts";

/**
 * Threads of scripts (threads proposal, `(thread $T (shared (module $M)) …)` and `(wait $T)`): a worker each, with a store of its own, that runs
 * the commands in the parentheses. What it shares with the script around it are shared memories.
 */

/** Milliseconds that a thread may take. */
const TIMEOUT = 60_000;

/** A shared memory on its way to another thread. */
interface SentMemory {
  readonly buffer: ArrayBufferLike;
  readonly initial: bigint;
  readonly maximum: bigint;
}

/** What a worker is told. */
export interface ThreadJob {
  /** The commands, after as many lines as come before them in the script. */
  readonly text: string;
  /** The script's name, on which the features depend. */
  readonly name: string;
  readonly engine: ScriptEngine;
  /** The memories that instances of the script export, by the names of the instances. */
  readonly shared: ReadonlyMap<string, ReadonlyMap<string, SentMemory>>;
  readonly port: MessagePort;
  /** Set to 1 when the outcomes have been sent. */
  readonly done: Int32Array;
}

/** A thread that has been started. */
export interface Thread {
  /** Blocks until the thread has ended. @returns the outcomes of its commands @throws Error when it does not end */
  wait(): readonly Outcome[];
}

/**
 * Starts a thread.
 * @param shared instances that it shares with the script, by name
 * @throws Unsupported on an engine whose memories cannot be another thread's
 */
export function startThread(
  text: string,
  name: string,
  engine: ScriptEngine,
  shared: ReadonlyMap<string, Exports>,
): Thread {
  if (engine !== "interpreter" && engine !== "compiler")
    throw new Unsupported("memories that threads share belong to the interpreter and the compiler");
  const { port1, port2 } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(4));
  const sent = new Map([...shared].map(([instance, exports]) => [instance, memoriesOf(exports)]));
  const job: ThreadJob = { text, name, engine, shared: sent, port: port2, done };
  // Tests run this file as it is written; a worker of the oldest Node can run it only as it is built.
  const file = import.meta.url.endsWith(".ts") ? "../../dist/spec/thread-worker.js" : "./thread-worker.js";
  const worker = new Worker(new URL(file, import.meta.url), { workerData: job, transferList: [port2] });
  worker.unref();
  return {
    wait() {
      const outcome = Atomics.wait(done, 0, 0, TIMEOUT);
      if (outcome === "timed-out") throw new Error(`the thread has not ended after ${TIMEOUT / 1000} s`);
      const message = receiveMessageOnPort(port1) as { message: readonly Outcome[] };
      port1.close();
      return message.message;
    },
  };
}

function memoriesOf(exports: Exports): ReadonlyMap<string, SentMemory> {
  const memories = new Map<string, SentMemory>();
  for (const [name, value] of Object.entries(exports)) {
    if (!(value instanceof Memory) || !value.type.shared) continue;
    const { min, max } = value.type;
    memories.set(name, { buffer: value.buffer, initial: min, maximum: max as bigint });
  }
  return memories;
}

/** Runs a thread's commands, in its worker, and sends the outcomes. */
export function runThread({ text, name, engine, shared, port, done }: ThreadJob): void {
  const instances = new Map<string, Exports>();
  for (const [instance, memories] of shared) {
    const exports: Record<string, unknown> = Object.create(null);
    for (const [memory, sent] of memories) exports[memory] = new Memory({ ...sent, shared: true });
    instances.set(instance, exports);
  }
  port.postMessage(runThreadScript(text, name, engine, instances, startThread));
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
  port.close();
}
