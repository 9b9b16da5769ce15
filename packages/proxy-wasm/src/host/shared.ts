import { Status } from "../abi/constants.ts";
import type { Vm } from "../vm/vm.ts";
import { contextOf, type HostFunctions } from "./host-function.ts";

/** Data and queues that VMs share. */
export function sharedFunctions(vm: Vm): HostFunctions {
  const { memory, services } = vm;
  const { vmId } = vm.options;
  return {
    proxy_get_shared_data(key: number, keyLength: number, out: number, outLength: number, outCas: number) {
      const found = services.sharedData.get(vmId, memory.byteString(key, keyLength));
      if (found === undefined) return Status.NotFound;
      memory.writeU32(outCas, found.cas);
      return memory.give(found.value, out, outLength);
    },

    proxy_set_shared_data(key: number, keyLength: number, value: number, valueLength: number, cas: number) {
      const name = memory.byteString(key, keyLength);
      return services.sharedData.set(vmId, name, memory.copy(value, valueLength), cas >>> 0);
    },

    proxy_register_shared_queue(name: number, length: number, out: number) {
      const text = memory.byteString(name, length);
      memory.writeU32(out, 0);
      const id = services.sharedQueues.register(vmId, text, contextOf(vm).root.queueReady);
      if (id === 0) return Status.InternalFailure;
      memory.writeU32(out, id);
      return Status.Ok;
    },

    proxy_resolve_shared_queue(otherVm: number, otherVmLength: number, name: number, length: number, out: number) {
      const other = memory.utf8(otherVm, otherVmLength);
      const id = services.sharedQueues.resolve(other === "" ? vmId : other, memory.byteString(name, length));
      if (id === undefined) return Status.NotFound;
      memory.writeU32(out, id);
      return Status.Ok;
    },

    proxy_enqueue_shared_queue(id: number, data: number, length: number) {
      return services.sharedQueues.enqueue(id >>> 0, memory.copy(data, length));
    },

    proxy_dequeue_shared_queue(id: number, out: number, outLength: number) {
      const entry = services.sharedQueues.dequeue(id >>> 0);
      return typeof entry === "number" ? entry : memory.give(entry, out, outLength);
    },
  };
}
