import { decodeUtf8 } from "../abi/bytes.ts";
import { LOG_LEVELS, Status } from "../abi/constants.ts";
import type { Vm } from "../vm/vm.ts";
import type { HostFunctions } from "./host-function.ts";

/** Bytes of a line that are written. */
const MAX_LINE: number = 64 * 1024;

/** Log lines and their levels. */
export function loggingFunctions(vm: Vm): HostFunctions {
  return {
    proxy_log(level: number, message: number, length: number) {
      const name = LOG_LEVELS[level];
      if (name === undefined) return Status.BadArgument;
      const bytes = vm.memory.at(message, length);
      if (vm.logs(name)) vm.log(name, decodeUtf8(bytes.subarray(0, MAX_LINE)));
      return Status.Ok;
    },

    proxy_get_log_level(out: number) {
      vm.memory.writeU32(out, LOG_LEVELS.indexOf(vm.services.logLevel));
      return Status.Ok;
    },
  };
}
