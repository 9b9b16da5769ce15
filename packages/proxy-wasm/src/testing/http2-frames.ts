import { connect, type TLSSocket } from "node:tls";

/* Frames of HTTP/2 (RFC 9113) as a client of its own writes them, for what no well-behaved client sends. */

export const FRAME = { data: 0, headers: 1, settings: 4, windowUpdate: 8 } as const;

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

/** A GET that opens and ends a stream; its fields are literals without indexing (RFC 7541, section 6.2.2). */
export function get(stream: number, path: string): Buffer {
  const fields = { ":method": "GET", ":scheme": "https", ":authority": "test", ":path": path };
  const literals = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
  return frame(FRAME.headers, 5, stream, Buffer.concat(literals));
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
