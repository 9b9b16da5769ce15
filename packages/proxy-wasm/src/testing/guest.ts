/** Plugins for tests, written in the text format from short parts. */

/** The functions of `env` with their parameters; a `l` is an i64. All answer an i32. */
const SIGNATURES: Readonly<Record<string, string>> = {
  proxy_log: "iii",
  proxy_get_log_level: "i",
  proxy_get_current_time_nanoseconds: "i",
  proxy_set_tick_period_milliseconds: "i",
  proxy_get_configuration: "ii",
  proxy_get_status: "iii",
  proxy_get_property: "iiii",
  proxy_set_property: "iiii",
  proxy_get_buffer_bytes: "iiiii",
  proxy_get_buffer_status: "iii",
  proxy_set_buffer_bytes: "iiiii",
  proxy_get_header_map_size: "ii",
  proxy_get_header_map_pairs: "iii",
  proxy_set_header_map_pairs: "iii",
  proxy_get_header_map_value: "iiiii",
  proxy_add_header_map_value: "iiiii",
  proxy_replace_header_map_value: "iiiii",
  proxy_remove_header_map_value: "iii",
  proxy_continue_request: "",
  proxy_continue_response: "",
  proxy_clear_route_cache: "",
  proxy_continue_stream: "i",
  proxy_close_stream: "i",
  proxy_send_local_response: "iiiiiiii",
  proxy_http_call: "iiiiiiiiii",
  proxy_grpc_call: "iiiiiiiiiiii",
  proxy_grpc_stream: "iiiiiiiii",
  proxy_grpc_send: "iiii",
  proxy_grpc_cancel: "i",
  proxy_grpc_close: "i",
  proxy_get_shared_data: "iiiii",
  proxy_set_shared_data: "iiiii",
  proxy_register_shared_queue: "iii",
  proxy_resolve_shared_queue: "iiiii",
  proxy_enqueue_shared_queue: "iii",
  proxy_dequeue_shared_queue: "iii",
  proxy_define_metric: "iiii",
  proxy_increment_metric: "il",
  proxy_record_metric: "il",
  proxy_get_metric: "ii",
  proxy_set_effective_context: "i",
  proxy_done: "",
  proxy_call_foreign_function: "iiiiii",
};

/** Parameters of the callbacks, and whether they answer. */
const CALLBACKS: Readonly<Record<string, readonly [parameters: string, answers: boolean]>> = {
  proxy_on_context_create: ["$id $parent", false],
  proxy_on_vm_start: ["$id $size", true],
  proxy_on_configure: ["$id $size", true],
  proxy_on_tick: ["$id", false],
  proxy_on_done: ["$id", true],
  proxy_on_log: ["$id", false],
  proxy_on_delete: ["$id", false],
  proxy_on_request_headers: ["$id $count $end", true],
  proxy_on_response_headers: ["$id $count $end", true],
  proxy_on_request_body: ["$id $size $end", true],
  proxy_on_response_body: ["$id $size $end", true],
  proxy_on_request_trailers: ["$id $count", true],
  proxy_on_response_trailers: ["$id $count", true],
  proxy_on_new_connection: ["$id", true],
  proxy_on_downstream_data: ["$id $size $end", true],
  proxy_on_upstream_data: ["$id $size $end", true],
  proxy_on_downstream_connection_close: ["$id $peer", false],
  proxy_on_upstream_connection_close: ["$id $peer", false],
  proxy_on_http_call_response: ["$id $call $headers $body $trailers", false],
  proxy_on_grpc_receive_initial_metadata: ["$id $call $count", false],
  proxy_on_grpc_receive: ["$id $call $size", false],
  proxy_on_grpc_receive_trailing_metadata: ["$id $call $count", false],
  proxy_on_grpc_close: ["$id $call $status", false],
  proxy_on_queue_ready: ["$id $queue", false],
  proxy_on_foreign_function: ["$id $function $size", false],
};

const quote = (text: string): string =>
  `"${[...Buffer.from(text, "latin1")].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")}"`;

export interface GuestParts {
  /** Bodies of callbacks by name. Parameters have the names of the specification: `$id`, `$size`, `$end`, … */
  readonly callbacks: Readonly<Record<string, string>>;
  /** Marker of the ABI's version; by default that of 0.2.1. */
  readonly abi?: string;
  /** Further fields of the module: functions, globals. */
  readonly fields?: string;
  /** `"fails"`: it answers 0. By default it is called `malloc`, never frees, and traps for an allocation of nothing. */
  readonly allocator?: "fails" | "proxy_on_memory_allocate" | "none";
  /** Further imports, in the text format. */
  readonly imports?: string;
  readonly pages?: number;
}

/**
 * A plugin in the text format. In bodies, `"text"` followed by `$$` stands for the address and length of a constant: `(call $proxy_log
 * (i32.const 2) "hello"$$)`. The memory from 16 to 255 is for answers.
 */
export function guest(parts: GuestParts): string {
  const constants = new Map<string, number>();
  let next = 4096;
  const expand = (text: string): string =>
    text.replace(/"((?:[^"\\]|\\.)*)"\$\$/g, (_match, text: string) => {
      const value = text
        .replaceAll('\\"', '"')
        .replace(/\\x([0-9a-f]{2})/g, (_m, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      let at = constants.get(value);
      if (at === undefined) {
        constants.set(value, (at = next));
        next += value.length;
      }
      return `(i32.const ${at}) (i32.const ${value.length})`;
    });
  const fields = expand(parts.fields ?? "");
  const callbacks = Object.entries(parts.callbacks).map(([name, body]) => {
    const [parameters, answers] = CALLBACKS[name] ?? ["", false];
    const list =
      parameters === ""
        ? ""
        : parameters
            .split(" ")
            .map((one) => `(param ${one} i32)`)
            .join(" ");
    const locals = "(local $s i32) (local $p i32) (local $n i32)";
    return `(func (export "${name}") ${list} ${answers ? "(result i32)" : ""} ${locals} ${expand(body)})`;
  });
  const body = callbacks.join("\n") + fields;
  const whole = body.includes("$log_number") ? body + LOG_NUMBER : body;
  const imports = Object.entries(SIGNATURES)
    .filter(([name]) => whole.includes(`$${name}`))
    .map(
      ([name, signature]) =>
        `(import "env" "${name}" (func $${name} ${[...signature].map((type) => `(param ${type === "l" ? "i64" : "i32"})`).join(" ")} (result i32)))`,
    );
  const allocator =
    parts.allocator === "none"
      ? ""
      : `(global $heap (mut i32) (i32.const 32768))
  (func (export "${parts.allocator === "proxy_on_memory_allocate" ? "proxy_on_memory_allocate" : "malloc"}") (param $size i32) (result i32)
    ${
      parts.allocator === "fails"
        ? "(i32.const 0)"
        : `(local $at i32)
    (if (i32.eqz (local.get $size)) (then unreachable))
    (local.set $at (global.get $heap))
    (global.set $heap (i32.and (i32.add (i32.add (global.get $heap) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.add (i32.div_u (local.get $size) (i32.const 65536)) (i32.const 1))))))
    (local.get $at)`
    })`;
  return `(module
  ${imports.join("\n  ")}
  ${parts.imports ?? ""}
  (memory (export "memory") ${parts.pages ?? 4})
  ${[...constants].map(([text, at]) => `(data (i32.const ${at}) ${quote(text)})`).join("\n  ")}
  (func (export "${parts.abi ?? "proxy_abi_version_0_2_1"}"))
  ${allocator}
  ${body === whole ? "" : LOG_NUMBER}
  ${fields}
  ${callbacks.join("\n  ")}
)`;
}

/** Logs a number as decimal digits, to see what the host has answered. */
const LOG_NUMBER = `(func $log_number (param $value i32)
    (local $at i32)
    (local.set $at (i32.const 300))
    (loop $digits
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $value) (i32.const 10))))
      (local.set $value (i32.div_u (local.get $value) (i32.const 10)))
      (br_if $digits (local.get $value)))
    (drop (call $proxy_log (i32.const 2) (local.get $at) (i32.sub (i32.const 300) (local.get $at)))))`;

const u32 = (value: number): string =>
  [0, 8, 16, 24].map((shift) => `\\x${((value >> shift) & 255).toString(16).padStart(2, "0")}`).join("");

const escaped = (text: string): string =>
  [...text].map((char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");

/** Headers in the ABI's form, as a constant in a body of {@link guest}. */
export const constantPairs = (fields: Readonly<Record<string, string>>): string => {
  const entries = Object.entries(fields);
  const sizes = entries.map(([name, value]) => u32(name.length) + u32(value.length));
  return `"${u32(entries.length)}${sizes.join("")}${entries.map(([name, value]) => escaped(`${name}\0${value}\0`)).join("")}"$$`;
};
