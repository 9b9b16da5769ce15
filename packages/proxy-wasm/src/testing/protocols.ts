import { createServer, type ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server, type IncomingHttpHeaders } from "node:http2";
import { connect } from "node:net";
import { filterFetch } from "../fetch/handler.ts";
import type { HttpStreamOptions } from "../http/http-stream.ts";
import { filterServer } from "../node/middleware.ts";
import type { Plugin } from "../vm/plugin.ts";
import { listen } from "./http.ts";

/* The same plugins before the same handler over HTTP/1.1, HTTP/2 and the fetch handler. */

export const PROTOCOLS = ["HTTP/1.1", "HTTP/2", "fetch"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What a handler answers. */
export interface Answering {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Each is written by itself. */
  readonly chunks?: readonly string[];
}

/** What a handler saw of a request. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  body: string;
  end: "complete" | "broken" | "open";
}

/** What a client was told. */
export interface Told {
  /** 0 for nothing. */
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** `surplus` is for bytes on the connection that belong to no response. */
  readonly end: "complete" | "broken" | "hangs" | "surplus";
}

export interface Asking {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
}

export interface Service {
  readonly seen: Seen[];
  ask(asking?: Asking): Promise<Told>;
  close(): void;
}

/** Milliseconds after which a response that has not come to its end hangs. */
const PATIENCE = 10_000;
const BREAK = 5;
const sleep = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, BREAK));

/** Serves a handler behind plugins. Its ways in and out are those of the protocol. */
export async function serveOver(
  protocol: Protocol,
  plugins: readonly Plugin[],
  answering: Answering,
  options: HttpStreamOptions = {},
): Promise<Service> {
  const seen: Seen[] = [];
  const { status = 200, headers = {}, chunks = [] } = answering;
  if (protocol === "fetch") {
    const handler = filterFetch(
      plugins,
      async (request) => {
        const url = new URL(request.url);
        const path = url.pathname + url.search;
        const one: Seen = {
          method: request.method,
          path,
          headers: Object.fromEntries(request.headers),
          body: "",
          end: "open",
        };
        seen.push(one);
        try {
          one.body = await request.text();
          one.end = "complete";
        } catch {
          one.end = "broken";
        }
        const parts = [...chunks];
        const body = new ReadableStream<Uint8Array>({
          pull: async (controller) => {
            await sleep();
            const part = parts.shift();
            if (part === undefined) controller.close();
            else controller.enqueue(Buffer.from(part) as Uint8Array);
          },
        });
        return new Response(parts.length === 0 || [204, 304].includes(status) ? null : body, { status, headers });
      },
      options,
    );
    return { seen, ask: (asking) => overFetch(handler, asking), close: () => {} };
  }
  const http2 = protocol === "HTTP/2";
  const server = http2 ? createHttp2Server() : createServer();
  server.on("request", async (request, response: ServerResponse) => {
    const { method = "", url: path = "" } = request;
    const one: Seen = { method, path, headers: { ...request.headers }, body: "", end: "open" };
    seen.push(one);
    request.on("error", () => (one.end = "broken"));
    request.on("aborted", () => (one.end = "broken"));
    request.on("data", (chunk: Buffer) => (one.body += chunk.toString("latin1")));
    await new Promise((resolve) => request.on("end", resolve).on("close", resolve));
    if (one.end === "open") one.end = "complete";
    response.on("error", () => {});
    response.writeHead(status, headers);
    for (const chunk of chunks) {
      response.write(chunk);
      await sleep();
    }
    response.end();
  });
  filterServer(server, plugins, options);
  const port = await listen(server);
  return {
    seen,
    ask: (asking) => (http2 ? overHttp2(port, asking) : overHttp1(port, asking)),
    close: () => {
      if ("closeAllConnections" in server) server.closeAllConnections();
      server.close();
    },
  };
}

function fieldsOf(lines: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const [name, ...rest] = line.split(":");
    fields[name.toLowerCase()] = rest.join(":").trim();
  }
  return fields;
}

/** Reads the bytes of a connection themselves: no client must hide what is wrong with them. */
export function overHttp1(port: number, { method = "GET", path = "/", body }: Asking = {}): Promise<Told> {
  return new Promise((resolve) => {
    const length = body === undefined ? "" : `content-length: ${body.length}\r\n`;
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`${method} ${path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n${length}\r\n${body ?? ""}`),
    );
    let text = "";
    let hangs = false;
    socket.on("error", () => {});
    socket.setTimeout(PATIENCE, () => {
      hangs = true;
      socket.destroy();
    });
    socket.on("data", (data: Buffer) => {
      text += data.toString("latin1");
    });
    socket.on("close", () => {
      const head = text.indexOf("\r\n\r\n");
      const [line = "", ...lines] = text.slice(0, Math.max(head, 0)).split("\r\n");
      const status = Number(line.split(" ")[1] ?? 0);
      const headers = fieldsOf(lines);
      const rest = head < 0 ? "" : text.slice(head + 4);
      const told = { status, headers, body: rest };
      if (status === 0 || hangs) resolve({ ...told, end: hangs ? "hangs" : "broken" });
      else if (method === "HEAD" || status === 204 || status === 304)
        resolve({ ...told, end: rest === "" ? "complete" : "surplus" });
      else if (headers["transfer-encoding"] === "chunked") {
        const whole = rest.endsWith("0\r\n\r\n");
        const chunks = rest.replace(/[\da-f]+\r\n([\s\S]*?)\r\n/g, "$1").replace(/\r\n$/, "");
        resolve({ ...told, body: chunks, end: whole ? "complete" : "broken" });
      } else {
        const declared = Number(headers["content-length"]);
        const end = rest.length === declared ? "complete" : rest.length > declared ? "surplus" : "broken";
        resolve({ ...told, end });
      }
    });
  });
}

function overHttp2(port: number, { method = "GET", path = "/", body }: Asking = {}): Promise<Told> {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on("error", () => {});
    const fields = body === undefined ? {} : { "content-length": String(body.length) };
    const stream = session.request({ ":method": method, ":path": path, ...fields }, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    let headers: IncomingHttpHeaders & { ":status"?: number } = {};
    let text = "";
    let hangs = false;
    let ended = false;
    stream.on("response", (given) => {
      headers = given;
    });
    stream.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
    });
    stream.on("end", () => {
      ended = true;
    });
    stream.on("error", () => {});
    stream.setTimeout(PATIENCE, () => {
      hangs = true;
      stream.close(8);
    });
    stream.on("close", () => {
      session.destroy();
      const broken = stream.rstCode !== 0 || !ended;
      const end = hangs ? "hangs" : broken ? "broken" : "complete";
      resolve({ status: headers[":status"] ?? 0, headers, body: text, end });
    });
  });
}

async function overFetch(
  handler: (request: Request) => Promise<Response>,
  { method = "GET", path = "/", body }: Asking = {},
): Promise<Told> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<"hangs">((resolve) => {
    timer = setTimeout(() => resolve("hangs"), PATIENCE);
  });
  let told: Told = { status: 0, headers: {}, body: "", end: "broken" };
  try {
    const fields = body === undefined ? undefined : { "content-length": String(body.length) };
    const answer = handler(new Request(`http://test${path}`, { method, body, headers: fields }));
    const response = await Promise.race([answer, patience]);
    if (response === "hangs") return { ...told, end: "hangs" };
    told = { ...told, status: response.status, headers: Object.fromEntries(response.headers) };
    const text = await Promise.race([response.text(), patience]);
    if (text === "hangs") return { ...told, end: "hangs" };
    const declared = response.headers.get("content-length");
    const bodiless = method === "HEAD" || response.status === 304;
    const length = Buffer.byteLength(text);
    const fits = declared === null || (bodiless ? length === 0 : Number(declared) === length);
    return { ...told, body: text, end: fits ? "complete" : "surplus" };
  } catch {
    return told;
  } finally {
    clearTimeout(timer);
  }
}
