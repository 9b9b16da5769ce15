import { systemRandom } from "@wardian/wasi";
import { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import type { PropertyValue } from "../abi/property.ts";
import { builtinForeignFunctions, type ForeignFunction } from "../services/foreign.ts";
import { Metrics } from "../services/metrics.ts";
import type { SharedValue } from "../services/shared-data.ts";
import type { QueueReady } from "../services/shared-queue.ts";
import { BrokenAnswer } from "../services/upstream-failure.ts";
import type { GrpcEvents, HttpCallResponse, Upstreams } from "../services/upstreams.ts";
import type { PluginMetrics, Services } from "../vm/vm.ts";
import type {
  ForeignAnswer,
  FromThread,
  GrpcEvent,
  PackedResponse,
  SyncRequest,
  ThreadStart,
  ToThread,
} from "./protocol.ts";
import { exact, flatten, unflatten, unpack } from "./protocol.ts";

type Send = (event: FromThread) => void;
type Ask = (request: SyncRequest) => unknown;

interface HttpCall {
  resolve(response: HttpCallResponse): void;
  reject(error: Error): void;
}

interface GrpcCall {
  readonly events: GrpcEvents;
  /** Resolve the promises of messages that the main thread holds, the oldest first. */
  readonly held: (() => void)[];
}

/** The main thread's services as a plugin's thread sees them: what can be told is posted, what must be known is asked for and waited for. */
export class ThreadServices {
  readonly services: Services;
  private readonly send: Send;
  private readonly ask: Ask;
  private lastCall = 0;
  private readonly httpCalls = new Map<number, HttpCall>();
  private readonly grpcCalls = new Map<number, GrpcCall>();
  private readonly foreignCalls = new Map<
    number,
    { resolve(bytes: Uint8Array | undefined): void; reject(error: Error): void }
  >();
  private readonly registrants = new Map<QueueReady, number>();
  private readonly readyOf = new Map<number, QueueReady>();

  constructor(start: ThreadStart, send: Send, ask: Ask) {
    this.send = send;
    this.ask = ask;
    const foreign = new Map<string, ForeignFunction>(Object.entries(builtinForeignFunctions));
    for (const name of start.foreignFunctions) foreign.set(name, this.foreignFunction(name));
    this.services = {
      log: (record) => send(["log", record]),
      logLevel: start.logLevel,
      sharedData: {
        get: (vmId, key) => ask(["getData", vmId, key]) as SharedValue | undefined,
        set: (vmId, key, value, cas) => ask(["setData", vmId, key, value, cas]) as Status,
      },
      sharedQueues: {
        register: (vmId, name, ready) => ask(["registerQueue", vmId, name, this.registrant(ready)]) as number,
        resolve: (vmId, name) => ask(["resolveQueue", vmId, name]) as number | undefined,
        enqueue: (queue, data) => ask(["enqueue", queue, data]) as Status,
        dequeue: (queue) => ask(["dequeue", queue]) as Uint8Array | typeof Status.Empty | typeof Status.NotFound,
        release: (ready) => this.releaseQueues(ready),
      },
      metrics: threadMetrics(send, ask),
      upstreams: this.upstreams(),
      foreignFunctions: Object.fromEntries(foreign),
      properties: (unpack(start.properties) ?? {}) as { readonly [name: string]: PropertyValue },
      now: start.ownClock ? () => ask(["now"]) as bigint : () => BigInt(Date.now()) * 1_000_000n,
      random: systemRandom(),
    };
  }

  private foreignFunction(name: string): ForeignFunction {
    return (args, caller) => {
      const call = ++this.lastCall;
      const answer = this.ask(["foreign", call, name, args, caller]) as ForeignAnswer;
      if (answer[0] === "result") return answer[1];
      if (answer[0] === "status") throw new StatusError(answer[1] as Status);
      return new Promise((resolve, reject) => {
        this.foreignCalls.set(call, { resolve, reject });
      });
    };
  }

  private registrant(ready: QueueReady): number {
    let number = this.registrants.get(ready);
    if (number === undefined) {
      number = ++this.lastCall;
      this.registrants.set(ready, number);
      this.readyOf.set(number, ready);
    }
    return number;
  }

  private releaseQueues(ready: QueueReady): void {
    const number = this.registrants.get(ready);
    if (number === undefined) return;
    this.registrants.delete(ready);
    this.readyOf.delete(number);
    this.send(["releaseQueues", number]);
  }

  private upstreams(): Upstreams {
    return {
      has: (cluster) => this.ask(["hasCluster", cluster]) as boolean,
      httpCall: (cluster, { headers, body, trailers, timeout, owner }, signal) => {
        const call = ++this.lastCall;
        this.send(["httpCall", call, cluster, flatten(headers), exact(body), flatten(trailers), timeout, owner]);
        return new Promise((resolve, reject) => {
          this.httpCalls.set(call, { resolve, reject });
          signal.addEventListener("abort", () => {
            if (!this.httpCalls.delete(call)) return;
            this.send(["httpAbort", call]);
            reject(new Error("aborted"));
          });
        });
      },
      grpcStream: (cluster, { metadata, ...request }, events) => {
        const call = ++this.lastCall;
        const held: (() => void)[] = [];
        this.grpcCalls.set(call, { events, held });
        this.send(["grpcOpen", call, cluster, { ...request, metadata: flatten(metadata) }]);
        return {
          send: (message, end) => {
            this.send(["grpcSend", call, message === undefined ? undefined : exact(message), end]);
            if (message === undefined) return undefined;
            return new Promise((resolve) => held.push(resolve));
          },
          cancel: () => {
            if (this.grpcCalls.delete(call)) this.send(["grpcCancel", call]);
          },
        };
      },
    };
  }

  /** @returns false for what is no news of a service */
  handle(op: ToThread): boolean {
    switch (op[0]) {
      case "queueReady":
        this.readyOf.get(op[1])?.(op[2]);
        return true;
      case "httpResponse":
        this.httpResponse(op[1], op[2]);
        return true;
      case "grpc":
        this.grpcEvent(op[1], op[2]);
        return true;
      case "foreign": {
        const call = this.foreignCalls.get(op[1]);
        this.foreignCalls.delete(op[1]);
        if (op[3] === undefined) call?.resolve(op[2]);
        else call?.reject(new Error(op[3]));
        return true;
      }
    }
    return false;
  }

  private httpResponse(id: number, response: PackedResponse | undefined): void {
    const call = this.httpCalls.get(id);
    this.httpCalls.delete(id);
    if (response === undefined) {
      call?.reject(new BrokenAnswer("the answer was broken off"));
      return;
    }
    const release = (): void => this.send(["httpTaken", id]);
    if (call === undefined) release();
    else
      call.resolve({
        headers: unflatten(response.headers),
        body: response.body,
        trailers: unflatten(response.trailers),
        release,
      });
  }

  private grpcEvent(id: number, event: GrpcEvent): void {
    const call = this.grpcCalls.get(id);
    switch (event[0]) {
      case "message":
        call?.events.message(event[1]);
        this.send(["grpcTaken", id]);
        break;
      case "sent":
        call?.held.shift()?.();
        break;
      case "closed":
        this.grpcCalls.delete(id);
        call?.events.closed(event[1], event[2]);
        break;
      default:
        call?.events[event[0]](unflatten(event[1]));
    }
  }
}

/** Metrics that are counted in the main thread; what is not allowed is seen here, and only a value must be asked for. */
function threadMetrics(send: Send, ask: Ask): PluginMetrics {
  const own = new Metrics();
  return {
    define(type, name, plugin = "") {
      const defined = own.define(type, name, plugin);
      if ("id" in defined) send(["defineMetric", defined.id, type, name, plugin]);
      return defined;
    },
    increment(id, delta) {
      const status = own.increment(id, delta);
      if (status === Status.Ok) send(["incrementMetric", id, delta]);
      return status;
    },
    record(id, value) {
      const status = own.record(id, value);
      if (status === Status.Ok) send(["recordMetric", id, value]);
      return status;
    },
    get(id) {
      const found = own.get(id);
      return "status" in found ? found : ((ask(["metric", id]) as { value: bigint } | undefined) ?? found);
    },
  };
}
