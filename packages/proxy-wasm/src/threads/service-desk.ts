import { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import type { QueueReady } from "../services/shared-queue.ts";
import { answerOf } from "../services/upstream-failure.ts";
import type { GrpcStream } from "../services/upstreams.ts";
import type { Services } from "../vm/vm.ts";
import type { FromThread, GrpcEvent, SharedRequest, SyncRequest, ToThread } from "./protocol.ts";
import { flatten, unflatten } from "./protocol.ts";
import { type AnswerEnd, answerSync } from "./sync-call.ts";

/** Where a thread gets what the main thread has: logs, metrics, servers to call, foreign functions, shared data and queues. */
export class ServiceDesk {
  private readonly services: Services;
  private readonly answers: AnswerEnd;
  private readonly post: (op: ToThread) => void;
  /** The host's identifiers of metrics, by the thread's. */
  private readonly metrics = new Map<number, number>();
  private readonly httpCalls = new Map<number, AbortController>();
  /** Release responses of which plugins of the thread have not been told. */
  private readonly untold = new Map<number, () => void>();
  private readonly grpcStreams = new Map<number, GrpcStream>();
  /** Resolve the promises of messages of which plugins have not been told, the oldest first. */
  private readonly unread = new Map<number, (() => void)[]>();
  private readonly registrants = new Map<number, QueueReady>();

  constructor(services: Services, answers: AnswerEnd, post: (op: ToThread) => void) {
    this.services = services;
    this.answers = answers;
    this.post = post;
  }

  /** The thread is gone: nobody waits any more for what it has asked for. */
  close(): void {
    this.answers.port.close();
    for (const abort of this.httpCalls.values()) abort.abort();
    this.httpCalls.clear();
    for (const release of this.untold.values()) release();
    for (const stream of this.grpcStreams.values()) stream.cancel();
    for (const call of [...this.unread.keys()]) this.allRead(call);
    for (const ready of this.registrants.values()) this.services.sharedQueues.release(ready);
    this.registrants.clear();
  }

  handle(event: FromThread): void {
    const { services } = this;
    switch (event[0]) {
      case "log":
        services.log(event[1]);
        break;
      case "defineMetric": {
        const defined = services.metrics.define(event[2], event[3], event[4]);
        if ("id" in defined) this.metrics.set(event[1], defined.id);
        break;
      }
      case "incrementMetric":
      case "recordMetric": {
        const id = this.metrics.get(event[1]);
        if (id === undefined) break;
        if (event[0] === "incrementMetric") services.metrics.increment(id, event[2]);
        else services.metrics.record(id, event[2]);
        break;
      }
      case "httpCall":
        this.httpCall(event);
        break;
      case "httpAbort":
        this.httpCalls.get(event[1])?.abort();
        this.httpCalls.delete(event[1]);
        break;
      case "httpTaken":
        this.untold.get(event[1])?.();
        this.untold.delete(event[1]);
        break;
      case "grpcOpen":
        this.grpcOpen(event);
        break;
      case "grpcSend":
        this.grpcSend(event);
        break;
      case "grpcTaken": {
        const unread = this.unread.get(event[1]);
        unread?.shift()?.();
        if (unread?.length === 0) this.unread.delete(event[1]);
        break;
      }
      case "grpcCancel":
        this.grpcStreams.get(event[1])?.cancel();
        this.grpcStreams.delete(event[1]);
        this.allRead(event[1]);
        break;
      case "releaseQueues": {
        const ready = this.registrants.get(event[1]);
        if (ready !== undefined) services.sharedQueues.release(ready);
        this.registrants.delete(event[1]);
        break;
      }
      case "call":
        answerSync(this.answers, event[1], () => this.answer(event[2]));
        break;
    }
  }

  private httpCall([, call, cluster, headers, body, trailers, timeout, owner]: FromThread &
    readonly ["httpCall", ...unknown[]]): void {
    const abort = new AbortController();
    this.httpCalls.set(call, abort);
    const request = { headers: unflatten(headers), body, trailers: unflatten(trailers), timeout, owner };
    void answerOf(request, () => this.services.upstreams.httpCall(cluster, request, abort.signal)).then((response) => {
      const release = response?.release;
      if (!this.httpCalls.delete(call)) {
        release?.();
        return;
      }
      if (release !== undefined) this.untold.set(call, release);
      this.post([
        "httpResponse",
        call,
        response && {
          headers: flatten(response.headers),
          body: response.body,
          trailers: flatten(response.trailers),
        },
      ]);
    });
  }

  private grpcOpen([, call, cluster, opening]: FromThread & readonly ["grpcOpen", ...unknown[]]): void {
    const event = (one: GrpcEvent): void => this.post(["grpc", call, one]);
    try {
      const request = { ...opening, metadata: unflatten(opening.metadata) };
      const stream = this.services.upstreams.grpcStream(cluster, request, {
        initialMetadata: (metadata) => event(["initialMetadata", flatten(metadata)]),
        trailingMetadata: (metadata) => event(["trailingMetadata", flatten(metadata)]),
        message: (message) => {
          event(["message", message]);
          return new Promise((resolve) => {
            const unread = this.unread.get(call);
            if (unread === undefined) this.unread.set(call, [resolve]);
            else unread.push(resolve);
          });
        },
        closed: (status, message) => {
          this.grpcStreams.delete(call);
          event(["closed", status, message]);
        },
      });
      this.grpcStreams.set(call, stream);
    } catch (error) {
      // The plugin has its number already: what cannot be opened is a stream that has been closed (gRPC's "unavailable").
      event(["closed", 14, error instanceof Error ? error.message : String(error)]);
    }
  }

  private grpcSend([, call, message, end]: FromThread & readonly ["grpcSend", ...unknown[]]): void {
    const sent = this.grpcStreams.get(call)?.send(message, end) ?? Promise.resolve();
    if (message !== undefined) void sent.then(() => this.post(["grpc", call, ["sent"]]));
  }

  private allRead(call: number): void {
    for (const resolve of this.unread.get(call) ?? []) resolve();
    this.unread.delete(call);
  }

  private answer(request: SyncRequest): unknown {
    const { services } = this;
    switch (request[0]) {
      case "metric": {
        const id = this.metrics.get(request[1]);
        return id === undefined ? undefined : services.metrics.get(id);
      }
      case "hasCluster":
        return services.upstreams.has(request[1]);
      case "now":
        return services.now();
      case "foreign":
        return this.foreign(request);
      default:
        return this.shared(request);
    }
  }

  private foreign([, call, name, args, caller]: SyncRequest & readonly ["foreign", ...unknown[]]): unknown {
    try {
      const functions = this.services.foreignFunctions;
      if (!Object.hasOwn(functions, name)) return ["status", Status.NotFound];
      const result = functions[name](args, caller);
      if (!(result instanceof Promise)) return ["result", result];
      result.then(
        (bytes) => this.post(["foreign", call, bytes, undefined]),
        (error: unknown) => this.post(["foreign", call, undefined, String(error)]),
      );
      return ["promise"];
    } catch (error) {
      if (error instanceof StatusError) return ["status", error.status];
      throw error;
    }
  }

  private shared(request: SharedRequest): unknown {
    const { sharedData, sharedQueues } = this.services;
    // Where an answer takes its time, the thread waits for it alone.
    const data = sharedData.async ?? sharedData;
    const queues = sharedQueues.async ?? sharedQueues;
    switch (request[0]) {
      case "getData":
        return data.get(request[1], request[2]);
      case "setData":
        return data.set(request[1], request[2], request[3], request[4]);
      case "registerQueue":
        return this.registerQueue(request[1], request[2], request[3]);
      case "resolveQueue":
        return queues.resolve(request[1], request[2]);
      case "enqueue":
        return queues.enqueue(request[1], request[2]);
      case "dequeue":
        return queues.dequeue(request[1]);
    }
  }

  private registerQueue(vmId: string, name: string, registrant: number): number | Promise<number> {
    const { sharedQueues } = this.services;
    const ready = this.readyOf(registrant);
    if (sharedQueues.async === undefined) return sharedQueues.register(vmId, name, ready);
    return sharedQueues.async.register(vmId, name, ready).then((id) => {
      // The thread may have ended since it asked.
      if (this.registrants.get(registrant) !== ready) sharedQueues.release(ready);
      return id;
    });
  }

  private readyOf(registrant: number): QueueReady {
    let ready = this.registrants.get(registrant);
    if (ready === undefined) {
      ready = (queue) => this.post(["queueReady", registrant, queue]);
      this.registrants.set(registrant, ready);
    }
    return ready;
  }
}
