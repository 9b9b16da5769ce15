// A plugin in AssemblyScript without an SDK: it counts requests in shared data, answers /hello by itself, and greets in a header.
// packages/proxy-wasm/test/assemblyscript.test.ts builds and runs it; by hand, as headers.ts:
//   npx asc headers.ts --runtime minimal --exportStart _start --use abort=headers/abort -O -o plugin.wasm

@external("env", "proxy_log")
declare function proxy_log(level: i32, message: usize, length: i32): i32;
@external("env", "proxy_get_header_map_value")
declare function proxy_get_header_map_value(map: i32, key: usize, keyLength: i32, out: usize, outLength: usize): i32;
@external("env", "proxy_add_header_map_value")
declare function proxy_add_header_map_value(map: i32, key: usize, keyLength: i32, value: usize, length: i32): i32;
@external("env", "proxy_send_local_response")
declare function proxy_send_local_response(status: i32, details: usize, detailsLength: i32, body: usize, bodyLength: i32, headers: usize, headersLength: i32, grpc: i32): i32;
@external("env", "proxy_get_shared_data")
declare function proxy_get_shared_data(key: usize, keyLength: i32, out: usize, outLength: usize, cas: usize): i32;
@external("env", "proxy_set_shared_data")
declare function proxy_set_shared_data(key: usize, keyLength: i32, value: usize, length: i32, cas: u32): i32;

export function proxy_abi_version_0_2_1(): void {}

export function malloc(size: i32): usize {
  return heap.alloc(size);
}

function abort(message: usize, file: usize, line: u32, column: u32): void {
  unreachable();
}

// Where answers of the host are written.
const out = memory.data(12);

function bytes(text: string): ArrayBuffer {
  return String.UTF8.encode(text);
}

function log(text: string): void {
  const line = bytes(text);
  proxy_log(2, changetype<usize>(line), line.byteLength);
}

function header(map: i32, name: string): string {
  const key = bytes(name);
  if (proxy_get_header_map_value(map, changetype<usize>(key), key.byteLength, out, out + 4) != 0) return "";
  const pointer = load<u32>(out);
  const value = String.UTF8.decodeUnsafe(pointer, load<u32>(out + 4));
  if (pointer != 0) heap.free(pointer);
  return value;
}

// One more request: as often as somebody else was faster, it is tried again.
function count(): i32 {
  const key = bytes("requests");
  const value = new ArrayBuffer(4);
  let status = 8;
  let requests = 0;
  while (status == 8) {
    store<u32>(out + 8, 0);
    requests = 0;
    if (proxy_get_shared_data(changetype<usize>(key), key.byteLength, out, out + 4, out + 8) == 0) {
      requests = load<i32>(load<u32>(out));
      heap.free(load<u32>(out));
    }
    requests++;
    store<i32>(changetype<usize>(value), requests);
    status = proxy_set_shared_data(changetype<usize>(key), key.byteLength, changetype<usize>(value), 4, load<u32>(out + 8));
  }
  return requests;
}

export function proxy_on_request_headers(id: i32, headers: i32, end: i32): i32 {
  log(header(0, ":method") + " " + header(0, ":path"));
  if (header(0, ":path") != "/hello") return 0;
  const body = bytes("hello from AssemblyScript");
  proxy_send_local_response(200, 0, 0, changetype<usize>(body), body.byteLength, 0, 0, -1);
  return 1;
}

export function proxy_on_response_headers(id: i32, headers: i32, end: i32): i32 {
  const name = bytes("x-requests");
  const value = bytes(count().toString());
  proxy_add_header_map_value(2, changetype<usize>(name), name.byteLength, changetype<usize>(value), value.byteLength);
  return 0;
}

log("started");
