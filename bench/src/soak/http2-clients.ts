import { type ClientHttp2Session, connect } from "node:http2";
import type { TLSSocket } from "node:tls";
import { connectRaw, FRAME, frame, get, preface } from "../../../packages/proxy-wasm/src/testing/http2-frames.ts";
import { type Counts, ignore, type Random, wait } from "./counts.ts";
import { FAULTS } from "./upstreams.ts";

/** Frames that a flood sends at once, and how often. */
const BURST = 100;
const BURSTS = 5;

const streams = (count: number, path: string): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => get(1 + 2 * i, path)));
const burst = (one: Buffer): Buffer => Buffer.concat(Array.from({ length: BURST }, () => one));
/** The largest window that a client can give a stream (RFC 9113, section 6.5.2). */
const WIDE: readonly (readonly [number, number])[] = [[4, 0x7fff_ffff]];
const WIDER = frame(FRAME.windowUpdate, 0, 0, Buffer.from([0x7f, 0xff, 0, 0]));

interface Raw {
  readonly settings?: readonly (readonly [number, number])[];
  readonly reads?: boolean;
  readonly parts: readonly Buffer[];
}

const flood = (begin: readonly Buffer[], one: Buffer): Raw => ({
  parts: [...begin, ...Array.from({ length: BURSTS }, () => burst(one))],
});
const protocolError = (...wrong: Buffer[]): Raw => ({ parts: [streams(20, "/silent"), ...wrong] });

/** What clients write on a session of their own after the preface, and whether they read. */
const SESSIONS: Readonly<Record<string, Raw>> = {
  "rapid reset": {
    parts: Array.from({ length: BURSTS }, (_, k) =>
      Buffer.concat(
        Array.from({ length: BURST }, (_, i) => {
          const id = 1 + 2 * (k * BURST + i);
          return Buffer.concat([get(id, "/silent"), frame(FRAME.reset, 0, id, Buffer.from([0, 0, 0, 8]))]);
        }),
      ),
    ),
  },
  "flood of continuations": flood([get(1, "/echo", 1)], frame(FRAME.continuation, 0, 1)),
  "flood of settings": flood([], frame(FRAME.settings, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100]))),
  "flood of pings": flood([], frame(FRAME.ping, 0, 0, Buffer.alloc(8))),
  "flood of pings, not read": { ...flood([], frame(FRAME.ping, 0, 0, Buffer.alloc(8))), reads: false },
  "flood of empty data": flood([get(1, "/echo", 4)], frame(FRAME.data, 0, 1)),
  "flood of priorities": flood([], frame(FRAME.priority, 0, 1, Buffer.from([0, 0, 0, 0, 10]))),
  "flood of window updates": flood([get(1, "/silent")], frame(FRAME.windowUpdate, 0, 1, Buffer.from([0, 0, 0, 1]))),
  "flood of unknown frames": flood([], frame(0xfa, 0, 0, Buffer.alloc(64))),
  "more streams than allowed": { parts: [streams(300, "/silent")] },
  "windows of nothing": { settings: [[4, 0]], parts: [streams(50, "/large")] },
  "windows of a byte": { settings: [[4, 1]], parts: [streams(50, "/large")] },
  "large, not read": { settings: WIDE, reads: false, parts: [WIDER, streams(50, "/large")] },
  "unfinished headers of a stream": { parts: [get(1, "/echo", 1)] },
  "unfinished bodies": { parts: [get(1, "/echo", 4), frame(FRAME.data, 0, 1, Buffer.alloc(1000))] },
  "data of no stream": protocolError(frame(FRAME.data, 0, 0, Buffer.alloc(8))),
  "an even stream": protocolError(get(2, "/echo")),
  "fields that cannot be decoded": protocolError(frame(FRAME.headers, 5, 101, Buffer.alloc(20, 0xff))),
  "a frame that is too large": protocolError(frame(FRAME.data, 0, 1, Buffer.alloc(20_000))),
  "a window that overflows": protocolError(WIDER, WIDER),
  "a settings frame of a wrong size": protocolError(frame(FRAME.settings, 0, 0, Buffer.alloc(5))),
  "a pushed stream": protocolError(frame(FRAME.pushPromise, 4, 1, Buffer.alloc(4))),
  "a client that goes away": protocolError(frame(FRAME.goAway, 0, 0, Buffer.alloc(8))),
  "two authorities": { parts: [get(1, "/echo", 5, { host: "other" })] },
  "not HTTP/2": { parts: [Buffer.from("\r\n\r\nGET / HTTP/1.1\r\n\r\n")] },
};

/** Clients of HTTP/2 of one listener with TLS. */
export class Http2Clients {
  private readonly port: number;
  private readonly random: Random;
  private readonly counts: Counts;
  private shared: ClientHttp2Session | undefined = undefined;

  constructor(port: number, random: Random, counts: Counts) {
    this.port = port;
    this.random = random;
    this.counts = counts;
  }

  /** A session that several clients use, replaced when it has ended. */
  private get session(): ClientHttp2Session {
    let { shared } = this;
    if (shared === undefined || shared.closed || shared.destroyed) {
      shared = connect(`https://127.0.0.1:${this.port}`, { rejectUnauthorized: false });
      shared.on("error", ignore);
      this.shared = shared;
    }
    return shared;
  }

  private ask(path: string, body: number, abortAfter?: number): Promise<void> {
    const { session, counts } = this;
    return new Promise((resolve) => {
      const method = body > 0 ? "POST" : "GET";
      const stream = session.request({ ":method": method, ":path": path }, { endStream: body === 0 });
      let status: number | undefined;
      let received = 0;
      let ended = false;
      stream.on("response", (headers) => {
        status = Number(headers[":status"]);
      });
      stream.on("data", (chunk: Buffer) => (received += chunk.length)).on("end", () => (ended = true));
      stream.on("error", ignore).setTimeout(5000, () => stream.close(8));
      const timer = abortAfter === undefined ? undefined : setTimeout(() => stream.close(8), abortAfter);
      stream.on("close", () => {
        clearTimeout(timer);
        counts.answer(status);
        // Node ends streams without an error when their session goes.
        const whole = ended && stream.rstCode === 0 && !session.closed && !session.destroyed;
        if (path === "/echo" && status === 200 && whole && received !== body) counts.wrong++;
        resolve();
      });
      if (body > 0) stream.end(Buffer.alloc(body, "x"));
    });
  }

  private async raw({ settings, reads = true, parts }: Raw): Promise<void> {
    let socket: TLSSocket;
    try {
      socket = await connectRaw(this.port);
    } catch {
      return;
    }
    socket.on("error", ignore);
    if (reads) socket.resume();
    else socket.pause();
    socket.write(preface(settings));
    for (const part of parts) {
      if (socket.destroyed) break;
      socket.write(part);
      await wait(1);
    }
    await wait(5 + this.random.next() * 100);
    socket.destroy();
  }

  /** Sends one request, or what a faulty client sends. */
  async once(): Promise<void> {
    const { random, counts } = this;
    counts.requests++;
    const kind = random.next();
    if (kind < 0.4) await this.ask("/echo", random.below(100_000));
    else if (kind < 0.5) {
      counts.fault("aborted stream");
      await this.ask("/echo", 50_000, random.next() * 20);
    } else if (kind < 0.8) {
      const fault = random.pick(FAULTS);
      counts.fault(fault);
      await this.ask(`/${encodeURIComponent(fault)}`, 0);
    } else if (kind < 0.82) {
      counts.fault("session that its client destroys");
      this.shared?.destroy();
    } else {
      const fault = random.pick(Object.keys(SESSIONS));
      counts.fault(fault);
      await this.raw(SESSIONS[fault]);
    }
  }

  async close(): Promise<void> {
    const { shared } = this;
    if (shared === undefined || shared.destroyed) return;
    await new Promise<void>((resolve) => {
      shared.once("close", resolve);
      shared.destroy();
    });
  }
}
