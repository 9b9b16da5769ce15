import { decodeUtf8 } from "../abi/bytes.ts";
import { Status } from "../abi/constants.ts";
import type { Vm } from "../vm/vm.ts";
import type { HostFunctions } from "./host-function.ts";

/** Bytes of a metric's name. */
const MAX_NAME = 4096;

/** Counters, gauges and histograms. Values are 64 bits wide and arrive as bigints. */
export function metricFunctions(vm: Vm): HostFunctions {
  const { memory } = vm;
  const { metrics } = vm.services;
  return {
    proxy_define_metric(type: number, name: number, length: number, out: number) {
      const text = memory.at(name, length);
      memory.writeU32(out, 0);
      if (text.length > MAX_NAME) return Status.InternalFailure;
      const defined = metrics.define(type, decodeUtf8(text), vm.owner);
      if ("status" in defined) return defined.status;
      memory.writeU32(out, defined.id);
      return Status.Ok;
    },

    proxy_increment_metric: (id: number, delta: bigint) => metrics.increment(id, delta),

    proxy_record_metric: (id: number, value: bigint) => metrics.record(id, value),

    proxy_get_metric(id: number, out: number) {
      const found = metrics.get(id);
      if ("status" in found) return found.status;
      memory.writeU64(out, found.value);
      return Status.Ok;
    },
  };
}
