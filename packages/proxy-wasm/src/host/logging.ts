import { LOG_LEVELS, Status } from "../abi/constants.ts";
import type { Vm } from "../vm/vm.ts";
import type { HostFunctions } from "./host-function.ts";

/** Log lines and their levels. */
export function loggingFunctions(vm: Vm): HostFunctions {
  return {
    proxy_log(level: number, message: number, length: number) {
      const name = LOG_LEVELS[level];
      if (name === undefined) return Status.BadArgument;
      vm.log(name, vm.memory.utf8(message, length));
      return Status.Ok;
    },

    proxy_get_log_level(out: number) {
      vm.memory.writeU32(out, LOG_LEVELS.indexOf(vm.services.logLevel));
      return Status.Ok;
    },
  };
}
