import { Bridge } from "../shared/bridge.ts";
import { Gateway } from "./gateway.ts";
import { keepWithoutOutput } from "./line-writer.ts";
import { type FromMember, MEMBER_STORE_TIMEOUT, type ToMember } from "./member.ts";
import { type SocketHandle, socketOf } from "./raw-sockets.ts";

keepWithoutOutput();

/** A process of a gateway: it listens where the others do, and does what the primary process says. */
let gateway: Gateway | undefined;
let stopping = false;

function send(message: FromMember): void {
  if (process.connected) process.send?.(message);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function start({ text, base, store, singletons }: ToMember & { kind: "start" }): Promise<void> {
  try {
    const shared = await Bridge.open({ kind: "socket", path: store, timeout: MEMBER_STORE_TIMEOUT });
    gateway = await Gateway.start(text, { base, shared, member: { singletons } });
    send({ kind: "started" });
  } catch (error) {
    send({ kind: "failed", message: messageOf(error) });
  }
}

async function reload(call: number, text: string): Promise<void> {
  try {
    await gateway?.reload(text);
    send({ kind: "reloaded", call, error: undefined });
  } catch (error) {
    send({ kind: "reloaded", call, error: messageOf(error) });
  }
}

/**
 * A connection is this process's when the answer has been written: the primary process then never offers it to another.
 * Nothing is read from it before that, since its bytes would be lost with this process.
 */
function take({ id, address }: ToMember & { kind: "connection" }, handle: SocketHandle): void {
  if (stopping || gateway?.takes(address) !== true) {
    handle.close();
    send({ kind: "answer", id, taken: false });
    return;
  }
  const answer: FromMember = { kind: "answer", id, taken: true };
  process.send?.(answer, undefined, undefined, (error) => {
    if (error !== null) return handle.close();
    gateway?.take(address, socketOf(handle));
  });
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await gateway?.stop();
  process.exit(0);
}

process.on("message", (message: ToMember, handle: unknown) => {
  switch (message.kind) {
    case "start":
      void start(message);
      break;
    case "reload":
      void reload(message.call, message.text);
      break;
    case "report":
      send({
        kind: "report",
        call: message.call,
        metrics: gateway?.prometheus() ?? "",
        vms: gateway?.vms ?? [],
      });
      break;
    case "ping":
      send({ kind: "pong", offered: message.offered });
      break;
    case "connection":
      take(message, handle as SocketHandle);
      break;
    case "stop":
      void stop();
      break;
  }
});
// A terminal's interrupt reaches all processes of a group; the primary one says when it is time.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => void stop());
process.on("SIGHUP", () => {});
process.on("disconnect", () => void stop());
send({ kind: "up" });
