import { BufferType, Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import type { GuestBuffer } from "../vm/context.ts";
import type { Vm } from "../vm/vm.ts";
import { contextOf, type HostFunctions } from "./host-function.ts";

/** Bodies, configurations, and what calls have brought. */
export function bufferFunctions(vm: Vm): HostFunctions {
  const { memory } = vm;

  const find = (type: number): GuestBuffer | undefined => {
    if (type < 0 || type > BufferType.CallData) throw new StatusError(Status.BadArgument);
    return contextOf(vm).buffer(type);
  };

  return {
    proxy_get_buffer_bytes(type: number, start: number, length: number, out: number, outLength: number) {
      const buffer = find(type);
      if (buffer === undefined) return Status.NotFound;
      start >>>= 0;
      length >>>= 0;
      if (start + length > 0xffff_ffff) return Status.BadArgument;
      return memory.give(buffer.bytes().subarray(start, start + length), out, outLength);
    },

    proxy_get_buffer_status(type: number, outLength: number, outFlags: number) {
      const buffer = find(type);
      if (buffer === undefined) return Status.NotFound;
      memory.writeU32(outLength, buffer.size);
      // There is a flag for the end of the stream, which no host sets.
      memory.writeU32(outFlags, 0);
      return Status.Ok;
    },

    proxy_set_buffer_bytes(type: number, start: number, length: number, data: number, dataLength: number) {
      const buffer = find(type);
      if (buffer === undefined) return Status.NotFound;
      if (buffer.write === undefined) return Status.BadArgument;
      return buffer.write(start >>> 0, length >>> 0, memory.copy(data, dataLength));
    },

    proxy_get_configuration(out: number, outLength: number) {
      const context = contextOf(vm);
      // Version 0.1.0 has one function for both configurations; which is meant depends on the callback.
      const type = context.root.starting ? BufferType.VmConfiguration : BufferType.PluginConfiguration;
      const bytes = context.buffer(type)?.bytes() ?? new Uint8Array(0);
      return memory.give(bytes, out, outLength);
    },
  };
}
