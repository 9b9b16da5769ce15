import { ALL_FD_FLAGS, FdFlags } from "../abi.ts";
import { ConnectionDescriptor, ListenerDescriptor } from "../descriptors/socket.ts";
import { WASIError } from "../errors.ts";
import type { Context } from "../guest/context.ts";
import { Rights } from "../rights.ts";
import type { Family } from "./family.ts";

const RiFlags = { peek: 1, waitall: 2 } as const;
const SdFlags = { read: 1, write: 2 } as const;

/** Sockets: listeners come from the host, connections from listeners. */
export function sockFunctions(context: Context): Family {
  const connection = (number: number, right: number): ConnectionDescriptor => {
    const descriptor = context.descriptors.get(number);
    if (descriptor instanceof ListenerDescriptor) throw new WASIError("notconn", "a listening socket");
    if (!(descriptor instanceof ConnectionDescriptor)) throw new WASIError("notsock", "not a socket");
    descriptor.require(right);
    return descriptor;
  };
  return {
    /**
     * Takes the next connection of a listening socket and writes its descriptor; waits for one unless the socket is non-blocking. Of the flags only `nonblock` means something.
     * Errors: `badf`, `notsock`, `inval` for a socket that does not listen, a closed listener or unknown flags, `notcapable`, `again`, `mfile`, `fault`,
     * `notsup` where it would have to wait and cannot.
     */
    sock_accept(number: number, flags: number, result: number): void | Promise<void> {
      const listener = context.descriptors.get(number);
      if (listener instanceof ConnectionDescriptor) throw new WASIError("inval", "the socket does not listen");
      if (!(listener instanceof ListenerDescriptor)) throw new WASIError("notsock", "not a socket");
      listener.require(Rights.SOCK_ACCEPT);
      if ((flags & ~ALL_FD_FLAGS) !== 0) throw new WASIError("inval", "unknown flags");
      context.memory.slice(result, 4);
      context.descriptors.reserve();
      const keep = (accepted: ConnectionDescriptor): void => {
        let added: number;
        try {
          added = context.descriptors.add(accepted);
        } catch (error) {
          accepted.close();
          throw error;
        }
        context.memory.writeU32(result, added);
      };
      const accepted = listener.accept(flags & FdFlags.nonblock);
      if (accepted instanceof ConnectionDescriptor) keep(accepted);
      else {
        return accepted.then((accepted) => {
          context.memory.refresh();
          keep(accepted);
        });
      }
    },

    /**
     * Receives into buffers and writes how many bytes came, 0 at the end. Flags: `peek`, `waitall`. The result's flags are none: a stream loses no data.
     * Errors: `badf`, `notsock`, `notconn` for a listening socket, `notcapable`, `inval`, `again`, `fault`, `notsup` where it would have to wait and cannot.
     */
    sock_recv(
      number: number,
      buffers: number,
      count: number,
      flags: number,
      size: number,
      resultFlags: number,
    ): void | Promise<void> {
      const socket = connection(number, Rights.FD_READ);
      if ((flags & ~(RiFlags.peek | RiFlags.waitall)) !== 0) throw new WASIError("inval", "unknown flags");
      const received = socket.receive(
        () => {
          context.memory.refresh();
          return context.buffers(buffers, count);
        },
        (flags & RiFlags.peek) !== 0,
        (flags & RiFlags.waitall) !== 0,
      );
      const finish = (bytes: number): void => {
        context.memory.refresh();
        context.memory.writeU32(size, bytes);
        context.memory.writeU16(resultFlags, 0);
      };
      return typeof received === "number" ? finish(received) : received.then(finish);
    },

    /**
     * Sends buffers and writes how many bytes were sent. There are no flags.
     * Errors: `badf`, `notsock`, `notconn`, `notcapable`, `inval`, `pipe` after a shutdown, `fault`.
     */
    sock_send(number: number, buffers: number, count: number, flags: number, size: number): void | Promise<void> {
      const socket = connection(number, Rights.FD_WRITE);
      if (flags !== 0) throw new WASIError("inval", "unknown flags");
      const sent = socket.write(() => context.buffers(buffers, count));
      const finish = (bytes: number): void => {
        context.memory.refresh();
        context.memory.writeU32(size, bytes);
      };
      return typeof sent === "number" ? finish(sent) : sent.then(finish);
    },

    /** Ends receiving, sending or both. Errors: `badf`, `notsock`, `notconn`, `notcapable`, `inval` for neither and for unknown flags. */
    sock_shutdown(number: number, how: number): void {
      const socket = connection(number, Rights.SOCK_SHUTDOWN);
      if (how === 0 || (how & ~(SdFlags.read | SdFlags.write)) !== 0) throw new WASIError("inval", "unknown flags");
      socket.shutdown((how & SdFlags.read) !== 0, (how & SdFlags.write) !== 0);
    },
  };
}
