import type { HostFunction, ImportObject, Memory, Module } from "@wardian/runtime";
import { BLOCKED_PROXY_CALL, Status } from "../abi/constants.ts";
import { bufferFunctions } from "../host/buffers.ts";
import { contextFunctions } from "../host/contexts.ts";
import { grpcFunctions } from "../host/grpc.ts";
import { headerFunctions } from "../host/headers.ts";
import { answering, type HostFunctions } from "../host/host-function.ts";
import { httpCallFunctions } from "../host/http-calls.ts";
import { loggingFunctions } from "../host/logging.ts";
import { metricFunctions } from "../host/metrics.ts";
import { propertyFunctions } from "../host/properties.ts";
import { sharedFunctions } from "../host/shared.ts";
import { streamFunctions } from "../host/streams.ts";
import type { Vm } from "./vm.ts";
import { pluginWasi } from "./wasi.ts";

const families: readonly ((vm: Vm) => HostFunctions)[] = [
  loggingFunctions,
  headerFunctions,
  bufferFunctions,
  propertyFunctions,
  streamFunctions,
  httpCallFunctions,
  grpcFunctions,
  sharedFunctions,
  metricFunctions,
  contextFunctions,
];

/** What Emscripten's modules import beside the ABI. */
const emscripten: HostFunctions = {
  pthread_equal: (a: number, b: number) => (a === b ? 1 : 0),
  emscripten_notify_memory_growth: () => {},
};

const DIALECTS = ["wasi_snapshot_preview1", "wasi_unstable"] as const;

/** The imports of one VM. `attach` must be called once the guest has a memory. */
export interface VmImports {
  readonly imports: ImportObject;
  attach(memory: Memory): void;
}

/**
 * Everything that a module asks for: the ABI of all versions at once, WASI under both names, and for what is unknown a function that
 * answers Unimplemented, and says so once.
 */
export function makeImports(vm: Vm, module: Module): VmImports {
  const env: Record<string, HostFunction> = Object.create(null);
  for (const family of families) for (const [name, fn] of Object.entries(family(vm))) env[name] = answering(fn);
  Object.assign(env, emscripten);

  const imports: Record<string, Record<string, HostFunction>> = Object.create(null);
  const wasis = DIALECTS.filter((dialect) => module.imports.some((wanted) => wanted.module === dialect)).map(
    (dialect) => [dialect, pluginWasi(vm, dialect)] as const,
  );
  const wasi = new Map<string, ReadonlyMap<string, HostFunction>>(
    wasis.map(([dialect, { functions }]) => [dialect, functions]),
  );

  for (const { module: space, name, kind } of module.imports) {
    if (kind !== "function") continue;
    const found = space === "env" ? env[name] : wasi.get(space)?.get(name);
    const blocked = space === "env" && name.startsWith("proxy_") && !vm.allowed(name);
    imports[space] ??= Object.create(null) as Record<string, HostFunction>;
    imports[space][name] = blocked ? () => BLOCKED_PROXY_CALL : (found ?? unknown(vm, space, name));
  }
  return {
    imports,
    attach: (memory) => {
      for (const [, { attach }] of wasis) attach(memory);
    },
  };
}

/** What WASI calls a function that is not there. */
const ERRNO_NOSYS = 52;

function unknown(vm: Vm, space: string, name: string): HostFunction {
  let said = false;
  const answer = space.startsWith("wasi_") ? ERRNO_NOSYS : Status.Unimplemented;
  return () => {
    if (!said) vm.log("warn", `the plugin calls ${space}.${name}, which this host does not have`);
    said = true;
    return answer;
  };
}
