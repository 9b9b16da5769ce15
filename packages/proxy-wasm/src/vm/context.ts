import type { Body } from "../abi/body.ts";
import { BufferType, Status } from "../abi/constants.ts";
import type { PluginError } from "../abi/errors.ts";
import type { HeaderMap } from "../abi/header-map.ts";
import { descend, type PropertyValue } from "../abi/property.ts";
import type { RootContext } from "./root-context.ts";
import type { Vm } from "./vm.ts";

/** What a plugin wants the client to get in place of the server's answer. */
export interface LocalResponse {
  readonly status: number;
  /** Why, in one word, for access logs. */
  readonly details: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  /** 0 to 16, or -1 for none. */
  readonly grpcStatus: number;
}

/** A body or other bytes that a guest may read, and may write where `write` is there. */
export interface GuestBuffer {
  readonly size: number;
  bytes(): Uint8Array;
  /** @returns BadArgument for a change that Envoy does not support */
  readonly write?: (start: number, size: number, data: Uint8Array) => Status;
}

/** A buffer that can only be read. */
export function readOnly(bytes: Uint8Array): GuestBuffer {
  return { size: bytes.length, bytes: () => bytes };
}

/** Bytes that a body may have after a plugin has written to it. */
const MAX_BODY: number = 64 * 1024 * 1024;

/** A body, or what there is of it so far. */
export function bodyBuffer(body: Body): GuestBuffer {
  return {
    size: body.size,
    bytes: () => body.bytes(),
    write: (start, size, data) => writeBody(body, start, size, data),
  };
}

/**
 * What Envoy lets a plugin change of a body: put something before it (nothing replaced at 0), replace it whole, or add to its end.
 */
function writeBody(body: Body, start: number, size: number, data: Uint8Array): Status {
  if (data.length > 0 && body.size + data.length > MAX_BODY) return Status.InternalFailure;
  if (start === 0) {
    if (size === 0) body.prepend(data);
    else if (size >= body.size) body.replace(data);
    else return Status.BadArgument;
  } else if (start >= body.size) body.append(data);
  else return Status.BadArgument;
  return Status.Ok;
}

/** What the guest knows by a number: a plugin's root, a request, a connection. */
export abstract class Context {
  readonly id: number;
  readonly vm: Vm;
  /** Of its VM's {@link ContextTable}. */
  nextInTable: Context | undefined = undefined;

  constructor(vm: Vm, id: number) {
    this.vm = vm;
    this.id = id;
  }

  /** The plugin's root: itself for a root. */
  abstract readonly root: RootContext;

  /** Whether the stream has ended and is being logged: maps are then read-only, and a missing one is NotFound. */
  get logging(): boolean {
    return false;
  }

  /** One of the stream's own maps (types 0 to 3), or undefined when it is not there now. */
  streamMap(_type: number, _writing: boolean): HeaderMap | undefined {
    return undefined;
  }

  /** One of the stream's own buffers (types 0 to 3), or undefined when it is not there now. */
  streamBuffer(_type: number): GuestBuffer | undefined {
    return undefined;
  }

  map(type: number, writing: boolean): HeaderMap | undefined {
    return type < 4 ? this.streamMap(type, writing) : this.root.callMap(type);
  }

  buffer(type: number): GuestBuffer | undefined {
    return type <= BufferType.UpstreamData ? this.streamBuffer(type) : this.root.callBuffer(type);
  }

  /** @param key the path as the guest gave it, under which {@link setProperty} may have stored something */
  property(_key: string, path: readonly string[]): PropertyValue {
    return this.root.ownProperty(path) ?? descend(this.vm.services.properties, path);
  }

  /** @returns NotFound where there is no stream to store it with, as in Envoy */
  setProperty(_key: string, _value: Uint8Array): Status {
    return Status.NotFound;
  }

  /** Goes on with a direction that a callback has paused. Called after the guest has returned. */
  continueStream(_type: number): void {}

  /** Ends the stream or connection. Called after the guest has returned. */
  closeStream(_type: number): void {}

  /**
   * Answers in the server's place when the guest has returned.
   *
   * @returns false when there is no request to answer: outside HTTP streams, after their end, and for a second answer in one call
   */
  sendLocalResponse(_response: LocalResponse): boolean {
    return false;
  }

  /** The request was changed in a way that routing may depend on. */
  clearRouteCache(): void {}

  /** The VM has failed: no callback will come any more. */
  vmFailed(_error: PluginError): void {}
}
