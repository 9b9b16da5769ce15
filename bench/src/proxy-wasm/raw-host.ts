import { responsePairs } from "./exchange.ts";

/*
 * The least host that Coraza runs its rules on: no checks, no limits, answers that were made beforehand. It measures the guest
 * alone, on the platform's own WebAssembly.
 */

const encoder = new TextEncoder();

type Pair = readonly [string, string];

function serialized(pairs: readonly Pair[]): Uint8Array {
  const bytes = Buffer.alloc(4 + pairs.reduce((sum, [name, value]) => sum + 10 + name.length + value.length, 0));
  bytes.writeUInt32LE(pairs.length);
  let at = 4 + 8 * pairs.length;
  pairs.forEach(([name, value], index) => {
    bytes.writeUInt32LE(name.length, 4 + 8 * index);
    bytes.writeUInt32LE(value.length, 8 + 8 * index);
    at += bytes.write(`${name}\0${value}\0`, at, "latin1");
  });
  return new Uint8Array(bytes);
}

/** Headers in the forms in which a guest asks for them. */
interface Message {
  readonly values: ReadonlyMap<string, Uint8Array>;
  readonly pairs: Uint8Array;
}

function messageOf(pairs: readonly Pair[]): Message {
  return { values: new Map(pairs.map(([name, value]) => [name, encoder.encode(value)])), pairs: serialized(pairs) };
}

const port = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);

const properties: Readonly<Record<string, Uint8Array>> = {
  "source\0address": encoder.encode("127.0.0.1:40000"),
  "source\0port": port(40_000),
  "destination\0address": encoder.encode("127.0.0.1:80"),
  "destination\0port": port(80),
  "request\0protocol": encoder.encode("HTTP/1.1"),
  "response\0code": port(200),
};

type GuestFunction = (...args: number[]) => number;

/** Streams on a guest that has been started and configured, as a function of the request. */
export interface RawGuest {
  exchange(pairs: readonly Pair[], body?: Uint8Array): void;
}

export async function rawGuest(code: Uint8Array, configuration: string): Promise<RawGuest> {
  let memory: WebAssembly.Memory;
  let allocate: GuestFunction;
  let buffer: Uint8Array = encoder.encode(configuration);
  let request: Message;
  const answer = messageOf(responsePairs);
  const text = (at: number, length: number): string => Buffer.from(memory.buffer, at, length).toString("latin1");
  const give = (bytes: Uint8Array | undefined, out: number, outLength: number): number => {
    if (bytes === undefined) return 1;
    const at = bytes.length === 0 ? 0 : allocate(bytes.length);
    new Uint8Array(memory.buffer).set(bytes, at);
    const view = new DataView(memory.buffer);
    view.setUint32(out, at, true);
    view.setUint32(outLength, bytes.length, true);
    return 0;
  };
  const map = (type: number): Message => (type < 2 ? request : answer);
  const ok = (): number => 0;
  const env = {
    proxy_log: ok,
    proxy_set_effective_context: ok,
    proxy_increment_metric: ok,
    proxy_set_buffer_bytes: ok,
    proxy_send_local_response: ok,
    proxy_define_metric: (_type: number, _name: number, _length: number, out: number) => {
      new DataView(memory.buffer).setUint32(out, 4, true);
      return 0;
    },
    proxy_get_header_map_value: (type: number, key: number, length: number, out: number, outLength: number) =>
      give(map(type).values.get(text(key, length)), out, outLength),
    proxy_get_header_map_pairs: (type: number, out: number, outLength: number) => give(map(type).pairs, out, outLength),
    proxy_get_property: (path: number, length: number, out: number, outLength: number) =>
      give(properties[text(path, length)], out, outLength),
    proxy_get_buffer_bytes: (_type: number, start: number, size: number, out: number, outLength: number) =>
      give(buffer.subarray(start, start + size), out, outLength),
  };
  const wasi = {
    clock_time_get: (_id: number, _precision: bigint, out: number) => {
      new DataView(memory.buffer).setBigUint64(out, BigInt(Date.now()) * 1_000_000n, true);
      return 0;
    },
    random_get: (at: number, length: number) => {
      crypto.getRandomValues(new Uint8Array(memory.buffer, at, length));
      return 0;
    },
    poll_oneoff: (_in: number, _out: number, _count: number, events: number) => {
      new DataView(memory.buffer).setUint32(events, 0, true);
      return 0;
    },
    args_sizes_get: zeroes,
    environ_sizes_get: zeroes,
    fd_prestat_get: () => 8,
    fd_write: (_fd: number, _iovs: number, _count: number, written: number) => {
      new DataView(memory.buffer).setUint32(written, 0, true);
      return 0;
    },
  };
  function zeroes(count: number, size: number): number {
    const view = new DataView(memory.buffer);
    view.setUint32(count, 0, true);
    view.setUint32(size, 0, true);
    return 0;
  }
  const orZero = (functions: object): WebAssembly.ModuleImports =>
    new Proxy(functions, { get: (all, name) => Reflect.get(all, name) ?? ok }) as WebAssembly.ModuleImports;
  const { instance } = await WebAssembly.instantiate(code as Uint8Array<ArrayBuffer>, {
    env: orZero(env),
    wasi_snapshot_preview1: orZero(wasi),
  });
  const guest = instance.exports as Record<string, GuestFunction | undefined>;
  memory = instance.exports.memory as WebAssembly.Memory;
  allocate = (guest.malloc ?? guest.proxy_on_memory_allocate) as GuestFunction;
  const call = (name: string, ...args: number[]): number => guest[name]?.(...args) ?? 0;
  call("_initialize");
  call("proxy_on_context_create", 1, 0);
  call("proxy_on_vm_start", 1, 0);
  if (call("proxy_on_configure", 1, buffer.length) !== 1) throw new Error("the plugin refused its configuration");
  let id = 1;
  return {
    exchange(pairs, body) {
      request = messageOf(pairs);
      id++;
      call("proxy_on_context_create", id, 1);
      let action = call("proxy_on_request_headers", id, pairs.length, body === undefined ? 1 : 0);
      if (body !== undefined) {
        buffer = body;
        action += call("proxy_on_request_body", id, body.length, 1);
      }
      action += call("proxy_on_response_headers", id, responsePairs.length, 1);
      if (action !== 0) throw new Error("the plugin stopped a request that it should let pass");
      call("proxy_on_log", id);
      call("proxy_on_done", id);
      call("proxy_on_delete", id);
    },
  };
}
