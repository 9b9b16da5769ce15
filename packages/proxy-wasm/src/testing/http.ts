import { type IncomingHttpHeaders, type RequestOptions, request } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: NodeJS.Dict<string>;
}

/** Starts a server on a free port of the loopback interface. */
export async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Sends a request of HTTP/1.1. @param chunks the body, each chunk written by itself */
export function send(
  port: number,
  options: RequestOptions = {},
  chunks: readonly (string | Uint8Array)[] = [],
  trailers?: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request({ host: "127.0.0.1", port, agent: false, ...options }, (res) => {
      const parts: Buffer[] = [];
      res.on("data", (part: Buffer) => parts.push(part));
      res.on("error", reject);
      res.on("end", () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          body: Buffer.concat(parts).toString("latin1"),
          trailers: res.trailers,
        }),
      );
    });
    // A server that has answered before it has read everything may close at once: what was still being sent is then lost.
    let answered = false;
    req.on("response", () => {
      answered = true;
    });
    req.on("error", (error) => {
      if (!answered) reject(error);
    });
    void (async () => {
      for (const chunk of chunks) {
        req.write(chunk);
        await new Promise((resume) => setTimeout(resume, 5));
      }
      if (trailers !== undefined) req.addTrailers(trailers);
      req.end();
    })();
  });
}
