import type { SharedModule } from "@wardian/runtime";
import type { LogLevel } from "../abi/constants.ts";
import type { PluginErrorCode } from "../abi/errors.ts";
import { HeaderMap } from "../abi/header-map.ts";
import type { PropertyValue } from "../abi/property.ts";
import type { HttpStreamOptions } from "../http/http-stream.ts";
import type { ConnectionInfo } from "../http/stream-info.ts";
import type { ObservedCallback } from "../http/stream-observer.ts";
import type { LogRecord } from "../services/log.ts";
import type { TcpDirection } from "../tcp/tcp-stream.ts";
import type { LocalResponse } from "../vm/context.ts";
import type { FailurePolicy } from "../vm/plugin.ts";
import type { VmStatus } from "../vm/plugin-host.ts";
import type { PluginLimits } from "../vm/vm.ts";
import type { CallerEnd } from "./sync-call.ts";

/** What a thread is told once, when it starts. */
export interface ThreadStart {
  readonly engine: "auto" | "platform" | "compiler" | "interpreter" | undefined;
  readonly logLevel: LogLevel;
  readonly foreignFunctions: readonly string[];
  /** Whether the host has a clock of its own. */
  readonly ownClock: boolean;
  readonly properties: Packed;
  /** Where answers to its {@link SyncRequest}s arrive; the other end is the main thread's. */
  readonly answers: CallerEnd;
}

/** A plugin to load, with the module compiled already. */
export interface ThreadPlugin {
  readonly name: string;
  readonly rootId: string;
  readonly configuration: Uint8Array;
  readonly code: SharedModule;
  readonly vmId: string;
  readonly vmConfiguration: Uint8Array;
  readonly environment: Readonly<Record<string, string>>;
  readonly failurePolicy: FailurePolicy;
  readonly reloadBackoff: number;
  readonly allowOnHeadersStopIteration: boolean;
  readonly capabilities: readonly string[];
  readonly limits: PluginLimits;
}

/** What a thread must know of a stream that it is to filter. */
export interface OpenedStream {
  readonly connection: ConnectionInfo;
  readonly protocol: string;
  readonly properties: Packed | undefined;
  readonly stored: readonly (readonly [key: string, value: Uint8Array])[];
  readonly options: HttpStreamOptions;
  readonly started: Date;
  /** Whether to tell of callbacks. */
  readonly observed: boolean;
}

/** What a thread must know of a TCP connection that it is to filter. */
export interface OpenedConnection {
  readonly connection: ConnectionInfo;
  readonly properties: Packed | undefined;
  readonly stored: readonly (readonly [key: string, value: Uint8Array])[];
  readonly bufferLimit: number | undefined;
}

/** What is known of a stream when it has ended. */
export interface FinishedStream {
  readonly finishedAt: Date;
  readonly sentHeaders: readonly string[] | undefined;
  readonly sentBytes: bigint;
  readonly responseDetails: string | undefined;
  readonly properties: Packed | undefined;
}

export type Direction = "request" | "response";

/** A response to a call of a plugin's own, as it travels. */
export interface PackedResponse {
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  readonly trailers: readonly string[];
}

/** Names and values in turn: what is cheapest to post of a {@link HeaderMap}. */
export type Flat = readonly string[];

export type GrpcEvent =
  | readonly ["initialMetadata" | "trailingMetadata", Flat]
  | readonly ["message", Uint8Array]
  /** The oldest message of the thread that the stream held is held no more. */
  | readonly ["sent"]
  | readonly ["closed", status: number, message: string];

/** From the main thread to a plugin's. Each message is an array of these. */
export type ToThread =
  | readonly ["load", plugin: number, options: ThreadPlugin]
  | readonly ["unload", plugin: number]
  | readonly ["revive", plugin: number]
  | readonly ["open", stream: number, plugin: number, opened: OpenedStream]
  | readonly ["headers", stream: number, Direction, headers: Flat, end: boolean, properties: Packed | undefined]
  | readonly ["data", stream: number, Direction, chunk: Uint8Array, end: boolean]
  | readonly ["trailers", stream: number, Direction, trailers: Flat]
  | readonly ["closeHalf", stream: number, Direction]
  | readonly ["store", stream: number, key: string, value: Uint8Array]
  | readonly ["finish", stream: number, finished: FinishedStream]
  | readonly ["connect", stream: number, plugin: number, opened: OpenedConnection]
  | readonly ["establish", stream: number]
  | readonly ["bytes", stream: number, TcpDirection, chunk: Uint8Array, end: boolean, properties: Packed | undefined]
  | readonly ["sideClosed", stream: number, TcpDirection, byPeer: boolean]
  | readonly ["disconnect", stream: number, properties: Packed | undefined]
  | readonly ["queueReady", registrant: number, queue: number]
  | readonly ["httpResponse", call: number, response: PackedResponse | undefined]
  | readonly ["grpc", call: number, event: GrpcEvent]
  | readonly ["foreign", call: number, result: Uint8Array | undefined, error: string | undefined];

/** From a plugin's thread to the main one. Each message is an array of these, in the order in which they happened. */
export type FromThread =
  | readonly ["loaded", plugin: number, error: readonly [code: PluginErrorCode, message: string] | undefined]
  | readonly ["unloaded", plugin: number]
  | readonly ["callback", stream: number, call: ObservedCallback]
  | readonly ["headers", stream: number, Direction, headers: Flat | undefined, end: boolean]
  | readonly ["data", stream: number, Direction, chunk: Uint8Array, end: boolean, changedLength: boolean]
  | readonly ["trailers", stream: number, Direction, trailers: Flat | undefined]
  | readonly ["taken", stream: number, Direction, inputs: number, bytes: number, keeps: boolean]
  | readonly ["pause", stream: number, Direction, on: boolean]
  | readonly ["tooLarge", stream: number, Direction]
  | readonly ["refuse" | "reset" | "closed" | "routeCacheCleared", stream: number]
  | readonly ["reply", stream: number, response: LocalResponse]
  | readonly ["store", stream: number, key: string, value: Uint8Array]
  | readonly ["bytes", stream: number, TcpDirection, chunk: Uint8Array, end: boolean]
  | readonly ["bytesTaken", stream: number, TcpDirection, inputs: number, bytes: number, keeps: boolean]
  | readonly ["established" | "closeConnection", stream: number]
  | readonly ["log", record: LogRecord]
  | readonly ["defineMetric", metric: number, type: number, name: string, plugin: string]
  | readonly ["incrementMetric" | "recordMetric", metric: number, amount: bigint]
  | readonly [
      "httpCall",
      call: number,
      cluster: string,
      headers: Flat,
      body: Uint8Array,
      trailers: Flat,
      timeout: number,
      owner: string,
    ]
  | readonly ["httpAbort", call: number]
  /** The plugin has been told of the response, or of the oldest message that it had not been told of. */
  | readonly ["httpTaken" | "grpcTaken", call: number]
  | readonly ["grpcOpen", call: number, cluster: string, GrpcOpening]
  | readonly ["grpcSend", call: number, message: Uint8Array | undefined, end: boolean]
  | readonly ["grpcCancel", call: number]
  | readonly ["releaseQueues", registrant: number]
  | readonly ["status", status: ThreadStatus]
  | readonly ["call", call: number, request: SyncRequest];

export interface GrpcOpening {
  readonly service: string;
  readonly method: string;
  readonly metadata: Flat;
  readonly timeout: number;
  readonly owner: string;
}

/** What only the main thread knows, and a host function must be told at once. */
export type SyncRequest =
  | readonly ["metric", metric: number]
  | readonly ["hasCluster", cluster: string]
  | readonly ["now"]
  | readonly ["foreign", call: number, name: string, args: Uint8Array, caller: ForeignCall]
  | SharedRequest;

/** Requests of shared data and queues, wherever they are kept. */
export type SharedRequest =
  | readonly ["getData", vmId: string, key: string]
  | readonly ["setData", vmId: string, key: string, value: Uint8Array, cas: number]
  | readonly ["registerQueue", vmId: string, name: string, registrant: number]
  | readonly ["resolveQueue", vmId: string, name: string]
  | readonly ["enqueue", queue: number, data: Uint8Array]
  | readonly ["dequeue", queue: number];

export interface ForeignCall {
  readonly plugin: string;
  readonly rootId: string;
  readonly vmId: string;
  readonly contextId: number;
}

/** What a foreign function has come to so far. */
export type ForeignAnswer =
  | readonly ["result", Uint8Array | undefined]
  | readonly ["status", number]
  /** The result comes later, as a message. */
  | readonly ["promise"];

export interface ThreadStatus {
  /** Its VMs, and whose they are. */
  readonly vms: readonly (readonly [vm: VmStatus, plugins: readonly number[]])[];
  /** Plugins that do not run now. */
  readonly failures: readonly (readonly [plugin: number, code: PluginErrorCode, message: string])[];
}

export function flatten(map: HeaderMap): string[] {
  const flat: string[] = [];
  for (const [name, value] of map) flat.push(name, value);
  return flat;
}

export function* pairsOf(flat: Flat): Iterable<readonly [string, string]> {
  for (let i = 0; i + 1 < flat.length; i += 2) yield [flat[i], flat[i + 1]];
}

/** A map that nobody has changed yet. */
export function unflatten(flat: Flat): HeaderMap {
  return HeaderMap.from(pairsOf(flat));
}

/** A property that can be posted: getters have been asked, and what is a header map says so. */
export type Packed =
  | string
  | boolean
  | bigint
  | number
  | Date
  | Uint8Array
  | undefined
  | { readonly headers: Flat }
  | { readonly list: readonly Packed[] }
  | { readonly members: readonly (readonly [name: string, value: Packed])[] };

/** Properties are no deeper than this: what refers to itself must come to an end. */
const MAX_DEPTH = 32;

export function pack(value: PropertyValue, depth = 0): Packed {
  if (typeof value !== "object" || value === null) return value ?? undefined;
  if (value instanceof Uint8Array || value instanceof Date) return value;
  if (depth > MAX_DEPTH) return undefined;
  if (value instanceof HeaderMap) return { headers: flatten(value) };
  if (Array.isArray(value)) return { list: (value as readonly PropertyValue[]).map((one) => pack(one, depth + 1)) };
  return { members: Object.entries(value).map(([name, member]) => [name, pack(member, depth + 1)]) };
}

export function unpack(value: Packed): PropertyValue {
  if (typeof value !== "object" || value instanceof Uint8Array || value instanceof Date) return value;
  if ("headers" in value) return unflatten(value.headers);
  if ("list" in value) return value.list.map(unpack);
  // Names come from configurations: `__proto__` must be a name like others.
  const object: Record<string, PropertyValue> = Object.create(null) as Record<string, PropertyValue>;
  for (const [name, member] of value.members) object[name] = unpack(member);
  return object;
}

/** Bytes that own their buffer, so that posting them takes no more along. */
export function exact(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength && bytes.constructor === Uint8Array
    ? bytes
    : Uint8Array.from(bytes);
}
