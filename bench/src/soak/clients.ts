import { Agent, request } from "node:http";
import { connect } from "node:net";
import { type Counts, ignore, type Random, wait } from "./counts.ts";
import { FAULTS } from "./upstreams.ts";

/** What a client writes on a connection of its own, and whether it reads. */
const CONNECTIONS: Readonly<Record<string, readonly [text: string, reads: boolean]>> = {
  "malformed client": ["GET / HTTP/9\r\nbad name: x\r\n\r\n", true],
  "unfinished headers": ["GET /echo HTTP/1.1\r\nhost: x\r\nx-a: ", true],
  "unfinished body": ["POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf", true],
  "broken chunks of a client": ["POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", true],
  "two lengths of a client": [
    "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    true,
  ],
  upgrade: ["GET /echo HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", true],
  "preface of HTTP/2": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", true],
  "pipelined, not read": ["GET /slow HTTP/1.1\r\nhost: x\r\n\r\n".repeat(20), false],
  "large, not read": ["GET /large HTTP/1.1\r\nhost: x\r\n\r\n".repeat(3), false],
  "waits for an answer that does not come": ["GET /silent HTTP/1.1\r\nhost: x\r\n\r\n", true],
};

/** Clients of HTTP/1.1 of one listener. */
export class Http1Clients {
  private readonly port: number;
  private readonly random: Random;
  private readonly counts: Counts;
  private readonly agent = new Agent({ keepAlive: true });

  constructor(port: number, random: Random, counts: Counts) {
    this.port = port;
    this.random = random;
    this.counts = counts;
  }

  private ask(path: string, body: number, abortAfter?: number): Promise<void> {
    const { port, agent, counts } = this;
    return new Promise((resolve) => {
      const sent = request({ port, host: "127.0.0.1", agent, path, method: body > 0 ? "POST" : "GET", timeout: 5000 });
      let status: number | undefined;
      let received = 0;
      sent.on("response", (response) => {
        status = response.statusCode;
        response.on("data", (chunk: Buffer) => (received += chunk.length));
        response.on("error", ignore).on("end", () => {
          if (path === "/echo" && status === 200 && response.complete && received !== body) counts.wrong++;
        });
      });
      sent.on("error", ignore).on("timeout", () => sent.destroy());
      const timer = abortAfter === undefined ? undefined : setTimeout(() => sent.destroy(), abortAfter);
      sent.on("close", () => {
        clearTimeout(timer);
        counts.answer(status);
        resolve();
      });
      sent.end(body > 0 ? Buffer.alloc(body, "x") : undefined);
    });
  }

  private async connection(text: string, reads: boolean): Promise<void> {
    const socket = connect(this.port, "127.0.0.1");
    socket.on("error", ignore);
    if (reads) socket.resume();
    else socket.pause();
    socket.write(text);
    await wait(5 + this.random.next() * 100);
    // Node never closes the descriptor of a socket that is reset after it has been ended.
    if (this.random.next() < 0.5 && !socket.writableEnded) socket.resetAndDestroy();
    socket.destroy();
  }

  /** Sends one request, or what a faulty client sends. */
  async once(): Promise<void> {
    const { random, counts } = this;
    counts.requests++;
    const kind = random.next();
    if (kind < 0.4) await this.ask("/echo", random.below(100_000));
    else if (kind < 0.5) {
      counts.fault("aborted client");
      await this.ask("/echo", 50_000, random.next() * 20);
    } else if (kind < 0.85) {
      const fault = random.pick(FAULTS);
      counts.fault(fault);
      await this.ask(`/${encodeURIComponent(fault)}`, 0);
    } else {
      const fault = random.pick(Object.keys(CONNECTIONS));
      counts.fault(fault);
      await this.connection(...CONNECTIONS[fault]);
    }
  }

  close(): void {
    this.agent.destroy();
  }
}
