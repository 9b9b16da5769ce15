import { afterAll, describe, expect, test } from "vitest";
import { closeTestHosts, testHost } from "../testing/host.ts";
import {
  contextsOf,
  deliveries,
  type Message,
  randomNumbers,
  recordedStream,
  type Step,
  stepwise,
} from "../testing/random-streams.ts";
import type { Plugin } from "../vm/plugin.ts";

afterAll(closeTestHosts);

const REQUEST_HEADERS = [
  [":method", "POST"],
  [":path", "/"],
  [":authority", "host"],
  [":scheme", "http"],
] as const;

const CALLBACKS = ["request", "response"].flatMap((side) =>
  ["headers", "body", "trailers"].map((part) => `proxy_on_${side}_${part}`),
);

/** Plugins that pause at random, in every way, and change nothing. */
async function pausingPlugins(random: (below: number) => number): Promise<Plugin[]> {
  const plugins: Plugin[] = [];
  for (let i = random(4); i > 0; i--) {
    // The other results change the message: 2 of headers ends it, and 3 of a body drops what the plugin was shown.
    const results = (name: string): readonly number[] => (name.endsWith("headers") ? [0, 1, 3, 4] : [0, 1, 2]);
    const step = (of: readonly number[]): Step => ({ code: "", action: of[random(of.length)] });
    const steps = (name: string): Step[] => Array.from({ length: random(5) }, () => step(results(name)));
    const callbacks = Object.fromEntries(CALLBACKS.filter(() => random(4) > 0).map((name) => [name, steps(name)]));
    plugins.push(await testHost().load(stepwise(callbacks), { allowOnHeadersStopIteration: random(2) === 0 }));
  }
  return plugins;
}

function randomMessage(random: (below: number) => number, headers: Message["headers"]): Message {
  // Together they stay below what a plugin may hold back.
  const chunks = Array.from({ length: random(6) }, () => "abcdefghij".slice(0, 1 + random(10)));
  return { headers, chunks, ...(random(3) === 0 ? { trailers: [["trailer", "value"]] as const } : {}) };
}

/** The events of a message, with its chunks joined. */
function outcome(events: readonly string[], side: string): string[] {
  const own = events.filter((event) => event.startsWith(`${side} `)).map((event) => event.slice(side.length + 1));
  const data = own.filter((event) => event.startsWith("data ")).map((event) => event.slice(5));
  return [
    ...own.filter((event) => event.startsWith("headers")),
    data.map((event) => event.replace(/ ?end$/, "")).join(""),
    ...own.filter((event) => event.startsWith("trailers")),
    `${own.filter((event) => event.endsWith("end")).length} ends`,
  ];
}

describe("a stream through plugins that pause", () => {
  test.each(Array.from({ length: 150 }, (_, seed) => seed + 1))(
    "loses and reorders nothing (seed %i)",
    async (seed) => {
      const random = randomNumbers(seed);
      const { stream, events } = recordedStream(await pausingPlugins(random));
      const messages = [randomMessage(random, REQUEST_HEADERS), randomMessage(random, [[":status", "200"]])];
      const pending = [deliveries(stream, "Request", messages[0]), deliveries(stream, "Response", messages[1])];
      const resume = (): void => {
        const contexts = contextsOf(stream);
        if (contexts.length > 0) contexts[random(contexts.length)].continueStream(random(2));
      };
      pending[0].shift()?.();
      while (pending.some(({ length }) => length > 0)) {
        pending[random(2)].shift()?.();
        if (random(2) === 0) resume();
      }
      // Three plugins pause at most four times each in three callbacks of each direction.
      for (let i = 0; i < 40; i++) {
        for (const context of contextsOf(stream)) {
          context.continueStream(0);
          context.continueStream(1);
        }
      }

      for (const [i, side] of ["request", "response"].entries()) {
        const { headers, chunks, trailers } = messages[i];
        const pairs = (list: Message["headers"]): string => list.map((pair) => pair.join("=")).join(" ");
        const got = outcome(events, side);
        expect(got[0].replace(/ end$/, "")).toBe(`headers ${pairs(headers)}`);
        expect(got.slice(1, -1)).toEqual([chunks.join(""), ...(trailers ? [`trailers ${pairs(trailers)}`] : [])]);
        expect(got.at(-1)).toBe(trailers ? "0 ends" : "1 ends");
        const order = events.filter((event) => event.startsWith(side)).map((event) => event.split(" ")[1]);
        expect(order).toEqual([...order].sort((a, b) => "hdt".indexOf(a[0]) - "hdt".indexOf(b[0])));
      }
      expect(stream.request.done && stream.response.done).toBe(true);
      // The sources may send again.
      const reads = (side: string): string | undefined =>
        events.filter((event) => event.startsWith(`read ${side}`)).at(-1);
      expect(reads("request") ?? "read request true").toBe("read request true");
      expect(reads("response") ?? "read response true").toBe("read response true");
    },
  );
});
