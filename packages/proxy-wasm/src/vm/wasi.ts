import type { HostFunction, Memory } from "@wardian/runtime";
import { WASI } from "@wardian/wasi";
import { BLOCKED_WASI_CALL, type LogLevel } from "../abi/constants.ts";
import type { Vm } from "./vm.ts";

/** A longer line of standard output is logged in pieces. */
const MAX_LINE = 64 * 1024;

/** The most random bytes of one call, as in Envoy, and what more is answered with. */
const MAX_RANDOM = 64 * 1024;
const ERRNO_INVALID = 28;

/** Makes log lines of what a guest writes, piece by piece as it comes. */
function lineLog(vm: Vm, level: LogLevel): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder();
  let rest = "";
  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) vm.log(level, line);
    if (rest.length > MAX_LINE) {
      vm.log(level, rest);
      rest = "";
    }
  };
}

/** WASI as plugins have it. */
export interface PluginWasi {
  readonly functions: ReadonlyMap<string, HostFunction>;
  /** To be called once the guest has a memory. */
  attach(memory: Memory): void;
}

/**
 * What Envoy offers of WASI: the environment that the plugin was given, clocks, randomness, and standard output and error, which
 * go to the log. There are no files, and waiting is over at once: a plugin must not hold its host.
 */
export function pluginWasi(vm: Vm, dialect: "wasi_snapshot_preview1" | "wasi_unstable"): PluginWasi {
  const { services } = vm;
  const wasi = new WASI({
    env: vm.options.environment,
    stdout: lineLog(vm, "info"),
    stderr: lineLog(vm, "error"),
    clock: { realtime: services.now, monotonic: services.now, resolution: 1n },
    random: services.random,
    // A plugin lives as long as its server: what it logs in all cannot be bounded.
    limits: { output: Number.POSITIVE_INFINITY },
  });
  const functions = new Map<string, HostFunction>();
  for (const [name, fn] of Object.entries(wasi.imports[dialect]))
    functions.set(name, vm.allowed(name) ? (fn as HostFunction) : () => BLOCKED_WASI_CALL);
  const random = functions.get("random_get") as HostFunction;
  if (vm.allowed("random_get"))
    functions.set("random_get", (at: number, length: number) =>
      length >>> 0 > MAX_RANDOM ? ERRNO_INVALID : random(at, length),
    );
  if (vm.allowed("poll_oneoff"))
    functions.set("poll_oneoff", (_in: number, _out: number, _count: number, eventCount: number) => {
      // Go's scheduler takes anything but success for fatal.
      vm.memory.writeU32(eventCount, 0);
      return 0;
    });
  return { functions, attach: (memory) => wasi.initializeSync({ exports: { memory } }) };
}
