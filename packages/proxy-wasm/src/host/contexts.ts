import { encodeUtf8 } from "../abi/bytes.ts";
import { Status } from "../abi/constants.ts";
import type { ForeignFunction } from "../services/foreign.ts";
import { streamForeignFunctions } from "../services/stream-foreign.ts";
import type { Vm } from "../vm/vm.ts";
import { contextOf, type HostFunctions } from "./host-function.ts";

/** Time, contexts, and functions that the host adds by name. */
export function contextFunctions(vm: Vm): HostFunctions {
  const { memory } = vm;
  return {
    proxy_get_current_time_nanoseconds(out: number) {
      memory.writeU64(out, vm.services.now());
      return Status.Ok;
    },

    proxy_set_tick_period_milliseconds(period: number) {
      contextOf(vm).root.setTickPeriod(period >>> 0);
      return Status.Ok;
    },

    proxy_set_effective_context(id: number) {
      return vm.setEffectiveContext(id >>> 0) ? Status.Ok : Status.BadArgument;
    },

    proxy_done() {
      return contextOf(vm).root.done() ? Status.Ok : Status.NotFound;
    },

    proxy_get_status(outCode: number, out: number, outLength: number) {
      const { code, message } = contextOf(vm).root.lastStatus;
      memory.writeU32(outCode, code);
      return memory.give(encodeUtf8(message), out, outLength);
    },

    proxy_call_foreign_function(
      name: number,
      nameLength: number,
      args: number,
      argsLength: number,
      out: number,
      outLength: number,
    ) {
      const functions = vm.services.foreignFunctions;
      const key = memory.utf8(name, nameLength);
      const context = contextOf(vm);
      if (context.root.isBusy) return Status.InternalFailure;
      let result: ReturnType<ForeignFunction>;
      if (Object.hasOwn(functions, key)) {
        const { id, root } = context;
        const caller = { plugin: root.plugin.name, rootId: root.plugin.rootId, vmId: vm.options.vmId, contextId: id };
        result = functions[key](memory.copy(args, argsLength), caller);
      } else if (Object.hasOwn(streamForeignFunctions, key))
        streamForeignFunctions[key](memory.at(args, argsLength), context);
      else return Status.NotFound;
      let bytes = new Uint8Array(0);
      if (result instanceof Promise) context.root.foreignResult(result);
      else if (result !== undefined) bytes = result as Uint8Array<ArrayBuffer>;
      // Either place of the answer may be null, when the guest does not want it.
      if (out !== 0 && outLength !== 0) return memory.give(bytes, out, outLength);
      if (outLength !== 0) memory.writeU32(outLength, bytes.length);
      return Status.Ok;
    },
  };
}
