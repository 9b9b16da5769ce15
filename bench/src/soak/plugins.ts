import { constantPairs, guest } from "../../../packages/proxy-wasm/src/testing/guest.ts";
import { FAULTS, GRPC_METHODS } from "./upstreams.ts";

const COUNT = "(global.set $n (i32.add (global.get $n) (i32.const 1)))";
const fields = "(global $n (mut i32) (i32.const 0))";

/** Where a plugin keeps which stream waits for a call. Answers of calls are told to the root context. */
const slot = (token: string): string =>
  `(i32.add (i32.const 131072) (i32.shl (i32.and ${token} (i32.const 4095)) (i32.const 2)))`;
const RESUME = `
  (drop (call $proxy_set_effective_context (i32.load ${slot("(local.get $call)")})))
  (drop (call $proxy_continue_stream (i32.const 0)))`;

/** Milliseconds of a call. */
const TIMEOUT = 50;

/** The code that one of several calls makes, in turn at each third request. The request waits for a call that was accepted. */
function inTurn(calls: readonly string[]): string {
  const choice = calls
    .map((call, i) => `(if (i32.eq (local.get $n) (i32.const ${i})) (then (local.set $s ${call})))`)
    .join("\n");
  return `${COUNT} (local.set $s (i32.const 1))
    (if (i32.eqz (i32.rem_u (global.get $n) (i32.const 3))) (then
      (local.set $n (i32.rem_u (i32.div_u (global.get $n) (i32.const 3)) (i32.const ${calls.length})))
      ${choice}))
    (if (result i32) (local.get $s) (then (i32.const 0))
      (else (i32.store ${slot("(i32.load (i32.const 16))")} (local.get $id)) (i32.const 1)))`;
}

const httpCall = (cluster: string, path: string): string => {
  const headers = constantPairs({ ":method": "GET", ":path": `/${encodeURIComponent(path)}`, ":authority": "x" });
  const nothing = "(i32.const 0) (i32.const 0)";
  return `(call $proxy_http_call "${cluster}"$$ ${headers} ${nothing} ${nothing} (i32.const ${TIMEOUT}) (i32.const 16))`;
};

const grpcCall = (method: string): string =>
  `(call $proxy_grpc_call "grpc"$$ "svc"$$ "${method}"$$ (i32.const 0) (i32.const 0) "hello"$$
    (i32.const ${TIMEOUT}) (i32.const 16))`;

/** Plugins of a soak: their code in the text format. */
export const PLUGINS: Readonly<Record<string, string>> = {
  pass: guest({
    callbacks: { proxy_on_request_headers: "(i32.const 0)", proxy_on_response_body: "(i32.const 0)" },
  }),
  hold: guest({
    callbacks: {
      proxy_on_request_body: "(i32.eqz (local.get $end))",
      proxy_on_response_body: "(i32.eqz (local.get $end))",
    },
  }),
  trap: guest({
    fields,
    callbacks: {
      proxy_on_response_headers: `${COUNT}
        (if (i32.eq (global.get $n) (i32.const 50)) (then unreachable)) (i32.const 0)`,
    },
  }),
  answer: guest({
    fields,
    callbacks: {
      proxy_on_request_headers: `${COUNT}
        (if (result i32) (i32.eqz (i32.rem_u (global.get $n) (i32.const 7)))
          (then (drop (call $proxy_send_local_response (i32.const 403) "denied"$$ "denied"$$
            (i32.const 0) (i32.const 0) (i32.const -1))) (i32.const 1))
          (else (i32.const 0)))`,
    },
  }),
  call: guest({
    fields,
    callbacks: {
      proxy_on_request_headers: inTurn([
        httpCall("echo", "echo"),
        ...FAULTS.map((fault) => httpCall("faulty", fault)),
        httpCall("refusing", "echo"),
      ]),
      proxy_on_http_call_response: RESUME,
    },
  }),
  grpc: guest({
    fields,
    callbacks: {
      proxy_on_request_headers: inTurn(Object.keys(GRPC_METHODS).map(grpcCall)),
      proxy_on_grpc_receive: RESUME,
      proxy_on_grpc_close: RESUME,
    },
  }),
};
