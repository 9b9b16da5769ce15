import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { ignore, wait } from "./counts.ts";

/** What a server sends, by the name of the fault; a chunk after each pause. */
const RESPONSES: Readonly<Record<string, readonly string[]>> = {
  truncated: ["HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"],
  garbage: ["\x00\xff\x16\x03 this is not HTTP\r\n\r\n"],
  headless: ["HTTP/1.1 200 OK\r\ncontent-le"],
  empty: [],
  "broken chunks": ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"],
  "odd headers": [
    "HTTP/1.1 200 OK\r\nx-a: 1\r\nx-a: 2\r\netag: a\r\netag: b\r\nte: gzip\r\ncontent-length: 2\r\n\r\nok",
  ],
  trailers: ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nte: x\r\nx-sum: 1\r\n\r\n"],
  informational: ["HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"],
  "many informational": [
    "HTTP/1.1 102 Processing\r\n\r\n".repeat(30),
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
  ],
  "not modified": ["HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n"],
  "status 999": ["HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n"],
  "two lengths": ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok"],
  nominated: ["HTTP/1.1 200 OK\r\nconnection: x-hop, close\r\nx-hop: 1\r\ncontent-length: 2\r\n\r\nok"],
  surplus: ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"],
  slow: ["HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n", "a", "b", "c"],
};

/** Names of faults. A request for `/large` has a long answer without a fault. */
export const FAULTS: readonly string[] = [...Object.keys(RESPONSES), "reset", "silent"];

/** Bytes of a response that clients do not read. */
const LARGE = Buffer.alloc(2 * 1024 * 1024, "l");

/** A server whose path says how it answers: a name of {@link FAULTS}, or `large`. */
function faultyServer(): Server {
  return createServer((socket) => {
    socket.on("error", ignore);
    socket.once("data", (head: Buffer) => {
      const name = decodeURIComponent(/^\S+ \/([^ ?]*)/.exec(head.toString("latin1"))?.[1] ?? "");
      if (name === "silent") return;
      if (name === "large") {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${LARGE.length}\r\n\r\n`);
        socket.end(LARGE);
        return;
      }
      void (async () => {
        for (const chunk of RESPONSES[name] ?? []) {
          socket.write(chunk, "latin1");
          await wait(5);
        }
        if (name === "reset") socket.resetAndDestroy();
        else socket.end();
      })();
    });
  });
}

const GRPC = { ":status": 200, "content-type": "application/grpc" } as const;
const MESSAGE = Buffer.from([0, 0, 0, 0, 2, 0x6f, 0x6b]);

/** Methods of a gRPC service, and what they do with their stream. */
export const GRPC_METHODS: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
  Ok: (stream) => {
    stream.respond(GRPC, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(MESSAGE);
  },
  Refused: (stream) => stream.respond({ ...GRPC, "grpc-status": "7" }, { endStream: true }),
  Reset: (stream) => stream.close(2),
  GoesAway: (stream) => stream.session?.destroy(),
  Unavailable: (stream) => stream.respond({ ":status": 503 }, { endStream: true }),
  Half: (stream) => {
    stream.respond(GRPC);
    stream.end(MESSAGE.subarray(0, 6));
  },
  Huge: (stream) => {
    stream.respond(GRPC);
    stream.write(Buffer.from([0, 255, 255, 255, 255]));
  },
  Silent: () => {},
};

/** Servers of a soak, on ports that the system chose. */
export class Upstreams {
  readonly ports: Record<"echo" | "faulty" | "grpc" | "refusing", number> = {
    echo: 0,
    faulty: 0,
    grpc: 0,
    refusing: 0,
  };
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly sessions = new Set<ServerHttp2Session>();

  static async start(): Promise<Upstreams> {
    const upstreams = new Upstreams();
    const echo = createHttpServer((incoming, response) => void incoming.on("error", ignore).pipe(response));
    const grpc = createHttp2Server();
    grpc.on("session", (session) => {
      upstreams.sessions.add(session);
      session.on("error", ignore).on("close", () => upstreams.sessions.delete(session));
    });
    grpc.on("stream", (stream, headers) => {
      stream.on("error", ignore).resume();
      GRPC_METHODS[String(headers[":path"]).split("/")[2]]?.(stream);
    });
    upstreams.ports.echo = await upstreams.listen(echo);
    upstreams.ports.faulty = await upstreams.listen(faultyServer());
    upstreams.ports.grpc = await upstreams.listen(grpc as unknown as Server);
    // Nobody listens on this port.
    const gone = createServer();
    upstreams.ports.refusing = await listen(gone);
    await new Promise((resolve) => gone.close(resolve));
    return upstreams;
  }

  private async listen(server: Server): Promise<number> {
    this.servers.push(server);
    server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket)).on("error", ignore);
    });
    return listen(server);
  }

  /** Endpoints of the clusters in a gateway's configuration. */
  get clusters(): Record<string, { readonly endpoints: readonly string[] }> {
    return Object.fromEntries(
      Object.entries(this.ports).map(([name, port]) => [name, { endpoints: [`http://127.0.0.1:${port}`] }]),
    );
  }

  async stop(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

/** Listens on a free port of the loopback interface. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
