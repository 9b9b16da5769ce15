import { isIP, type Server } from "node:net";
import { ConfigurationError } from "./reading.ts";

/** An address of a configuration, and the setting that states it. */
export interface StatedAddress {
  /** Where the configuration states it, such as `listeners[0].address`. */
  readonly path: string;
  readonly host: string;
  readonly port: number;
}

const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** One spelling for all spellings of an IP address; a name stays a name. */
function normalHost(host: string): string {
  const bare = host.toLowerCase().replace(/%.*$/, "");
  const url = isIP(bare) === 6 ? `http://[${bare}]` : `http://${bare}`;
  const text = URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, "$1") : bare;
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(text);
  if (mapped === null) return text;
  const [high, low] = [Number.parseInt(mapped[1], 16), Number.parseInt(mapped[2], 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** Whether a connection to one of two addresses of the same port could reach the other one. */
function overlap(a: string, b: string): boolean {
  if (a === b) return true;
  // A server on `::` accepts IPv4 too.
  const covers = (wide: string, other: string): boolean =>
    WILDCARDS.has(wide) && (wide === "::" || isIP(other) === 4 || other === "::" || isIP(other) === 0);
  return covers(a, b) || covers(b, a);
}

/**
 * Checks that no two servers of a gateway listen on the same address. The port 0 stands for any free port.
 * @throws ConfigurationError that names both settings
 */
export function refuseSharedAddresses(addresses: readonly StatedAddress[]): void {
  for (const [i, one] of addresses.entries()) {
    if (one.port === 0) continue;
    const host = normalHost(one.host);
    const other = addresses.slice(0, i).find((a) => a.port === one.port && overlap(normalHost(a.host), host));
    if (other === undefined) continue;
    const text = ({ host, port }: StatedAddress): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;
    throw new ConfigurationError(
      `${one.path}: ${text(one)} is already the address of ${other.path} (${text(other)}); every address needs a host or port of its own`,
    );
  }
}

/**
 * Listens on the address of a listener.
 * @throws the error of the operating system, with the listener's name in its message
 */
export async function listenOn(
  server: Pick<Server, "once" | "removeListener" | "listen">,
  { name, host, port }: { readonly name: string; readonly host: string; readonly port: number },
  backlog?: number,
): Promise<void> {
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen({ port, host, backlog }, () => {
      server.removeListener("error", failed);
      done();
    });
  }).catch((error: Error) => {
    error.message = `${name}: ${error.message}`;
    throw error;
  });
}
