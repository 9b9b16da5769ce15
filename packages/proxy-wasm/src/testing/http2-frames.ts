import { connect, type TLSSocket } from "node:tls";

/* Frames of HTTP/2 (RFC 9113) as a client of its own writes them, for what no well-behaved client sends. */

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of HEADERS frames (section 6.2). */
export const END_STREAM = 1;
export const END_HEADERS = 4;

/** A frame (section 4.1). */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** The connection preface with settings of the client (section 3.4). */
export function preface(settings: readonly (readonly [id: number, value: number])[] = []): Buffer {
  const payload = settings.map(([id, value]) => {
    const one = Buffer.alloc(6);
    one.writeUInt16BE(id, 0);
    one.writeUInt32BE(value, 2);
    return one;
  });
  return Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    frame(FRAME.settings, 0, 0, Buffer.concat(payload)),
  ]);
}

/** Fields as literals without indexing (RFC 7541, section 6.2.2); each has less than 127 bytes. */
function literals(fields: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
  return Buffer.concat(parts);
}

/** A GET that opens and ends a stream. @param flags in place of those of a whole request */
export function get(
  stream: number,
  path: string,
  flags: number = END_STREAM | END_HEADERS,
  more: Readonly<Record<string, string>> = {},
): Buffer {
  const fields = { ":method": "GET", ":scheme": "https", ":authority": "test", ":path": path, ...more };
  return frame(FRAME.headers, flags, stream, literals(fields));
}

/** Connects to a server of HTTP/2 with a certificate that nobody has signed. */
export function connectRaw(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["h2"] };
    const socket = connect(options, () => resolve(socket));
    // A client that leaves does not care how.
    socket.on("error", reject);
  });
}
