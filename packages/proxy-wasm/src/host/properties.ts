import { Status } from "../abi/constants.ts";
import { encodeProperty, splitPath } from "../abi/property.ts";
import type { Vm } from "../vm/vm.ts";
import { contextOf, type HostFunctions } from "./host-function.ts";

/** What the host knows of a stream, by a path of names. */
export function propertyFunctions(vm: Vm): HostFunctions {
  const { memory } = vm;
  return {
    proxy_get_property(path: number, length: number, out: number, outLength: number) {
      const parts = splitPath(memory.utf8(path, length));
      const bytes = encodeProperty(contextOf(vm).property(parts.join("\0"), parts));
      return bytes === undefined ? Status.NotFound : memory.give(bytes, out, outLength);
    },

    proxy_set_property(path: number, length: number, value: number, valueLength: number) {
      const key = splitPath(memory.utf8(path, length)).join("\0");
      return contextOf(vm).setProperty(key, memory.copy(value, valueLength));
    },
  };
}
