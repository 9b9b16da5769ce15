import { MapType, Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import type { HeaderMap } from "../abi/header-map.ts";
import { decodePairs } from "../abi/pairs.ts";
import type { Vm } from "../vm/vm.ts";
import { contextOf, type HostFunctions } from "./host-function.ts";

/** The highest map that a plugin may change: those of answers to its own calls are read-only. */
const LAST_WRITABLE = MapType.HttpResponseTrailers;
const LAST = MapType.HttpCallResponseTrailers;

/** Header and trailer maps. */
export function headerFunctions(vm: Vm): HostFunctions {
  const { memory } = vm;

  const readable = (type: number): HeaderMap | undefined => {
    if (type < 0 || type > LAST) throw new StatusError(Status.BadArgument);
    const map = contextOf(vm).map(type, false);
    memory.charge(map?.size ?? 0, 8);
    return map;
  };

  const change = (type: number, action: (map: HeaderMap) => void, growth = 0): Status => {
    if (type < 0 || type > LAST_WRITABLE) return Status.BadArgument;
    const context = contextOf(vm);
    const map = context.logging ? undefined : context.map(type, true);
    if (map === undefined) return Status.BadArgument;
    memory.charge(map.size, 8);
    if (growth > 0 && !map.hasRoom(growth)) return Status.InternalFailure;
    action(map);
    if (type === MapType.HttpRequestHeaders) context.clearRouteCache();
    return Status.Ok;
  };

  return {
    proxy_get_header_map_size(type: number, out: number) {
      const map = readable(type);
      if (map === undefined) return Status.BadArgument;
      memory.writeU32(out, map.byteSize);
      return Status.Ok;
    },

    proxy_get_header_map_pairs(type: number, out: number, outLength: number) {
      return memory.givePairs(readable(type)?.pairs ?? [], out, outLength);
    },

    proxy_set_header_map_pairs(type: number, pairs: number, length: number) {
      const decoded = decodePairs(memory.at(pairs, length));
      return change(type, (map) => map.assign(decoded));
    },

    proxy_get_header_map_value(type: number, key: number, keyLength: number, out: number, outLength: number) {
      const map = readable(type);
      if (map === undefined) return contextOf(vm).logging ? Status.NotFound : Status.BadArgument;
      const value = map.get(memory.byteString(key, keyLength).toLowerCase());
      if (value === undefined && vm.abi !== "0.1.0") return Status.NotFound;
      return memory.giveByteString(value ?? "", out, outLength);
    },

    proxy_add_header_map_value(type: number, key: number, keyLength: number, value: number, length: number) {
      const name = memory.byteString(key, keyLength);
      const text = memory.byteString(value, length);
      return change(type, (map) => map.add(name, text), keyLength + length + 1);
    },

    proxy_replace_header_map_value(type: number, key: number, keyLength: number, value: number, length: number) {
      const name = memory.byteString(key, keyLength);
      const text = memory.byteString(value, length);
      return change(type, (map) => map.replace(name, text), keyLength + length + 1);
    },

    proxy_remove_header_map_value(type: number, key: number, keyLength: number) {
      const name = memory.byteString(key, keyLength);
      return change(type, (map) => map.remove(name));
    },
  };
}
