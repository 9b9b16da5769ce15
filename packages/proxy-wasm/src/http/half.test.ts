import { describe, expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../abi/bytes.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { Half } from "./half.ts";
import type { Stage, StageOutput } from "./stage.ts";

/** A stage that passes everything on, unless it is told to hold it. */
class TestStage implements Stage {
  wantsPause = false;
  watchesBody = false;
  holds = false;
  isClosed = false;
  output!: StageOutput;
  private readonly name: string;
  private readonly events: string[];
  private held: (() => void)[] = [];

  constructor(name: string, events: string[]) {
    this.name = name;
    this.events = events;
  }

  private pass(event: string, next: () => void): void {
    this.events.push(`${this.name} ${event}`);
    if (this.holds) this.held.push(next);
    else next();
  }

  connect(output: StageOutput): void {
    this.output = output;
  }

  receiveHeaders(headers: HeaderMap, endStream: boolean): void {
    this.pass("headers", () => this.output.headers(headers, endStream));
  }

  receiveData(chunk: Uint8Array, endStream: boolean): void {
    this.pass(`data ${decodeUtf8(chunk)}`, () => this.output.data(chunk, endStream));
  }

  receiveTrailers(trailers: HeaderMap): void {
    this.pass("trailers", () => this.output.trailers(trailers));
  }

  pause(on: boolean): void {
    this.wantsPause = on;
    this.output.pauseChanged();
  }

  release(): void {
    this.holds = false;
    for (const next of this.held.splice(0)) next();
  }

  close(): void {
    this.isClosed = true;
    this.wantsPause = false;
  }
}

function halfWithStages() {
  const events: string[] = [];
  const half = new Half({
    headers: (_headers, end) => events.push(`end headers ${end}`),
    data: (chunk, end) => events.push(`end data ${decodeUtf8(chunk)} ${end}`),
    trailers: () => events.push("end trailers"),
    read: (on) => events.push(`read ${on}`),
    tooLarge: () => events.push("too large"),
  });
  const [first, middle, last] = ["first", "middle", "last"].map((name) => new TestStage(name, events));
  half.add(middle);
  half.addFirst(first);
  half.add(last);
  return { half, events, first, middle, last };
}

const headers = (): HeaderMap => HeaderMap.from([["a", "b"]]);

describe("one direction of a stream", () => {
  test("passes its stages in order, and then its end", () => {
    const { half, events, first, middle, last } = halfWithStages();
    expect([first, middle, last].map((stage) => stage.output.isLast)).toEqual([false, false, true]);
    half.receiveHeaders(headers(), false);
    half.receiveData(encodeUtf8("x"), false);
    half.receiveTrailers(headers());
    expect(events).toEqual([
      ...["first headers", "middle headers", "last headers", "end headers false"],
      ...["first data x", "middle data x", "last data x", "end data x false"],
      ...["first trailers", "middle trailers", "last trailers", "end trailers"],
    ]);
    expect(half).toMatchObject({ begun: true, ended: true, done: true, bytes: 1 });
  });

  test("is not done while a stage holds a part of it", () => {
    const { half, events, middle } = halfWithStages();
    half.receiveHeaders(headers(), false);
    middle.holds = true;
    half.receiveData(encodeUtf8("x"), true);
    expect(half).toMatchObject({ ended: true, done: false });
    expect(events.at(-1)).toBe("middle data x");
    middle.release();
    expect(half.done).toBe(true);
    expect(events.slice(-2)).toEqual(["last data x", "end data x true"]);
  });

  test("takes nothing after its end, no second headers and no empty chunk", () => {
    const { half, events } = halfWithStages();
    half.receiveHeaders(headers(), false);
    half.receiveHeaders(headers(), true);
    half.receiveData(new Uint8Array(0), false);
    half.receiveData(new Uint8Array(0), true);
    half.receiveData(encodeUtf8("x"), true);
    half.receiveTrailers(headers());
    expect(events.filter((event) => event.startsWith("end"))).toEqual(["end headers false", "end data  true"]);
  });

  test("stops its source while a stage wants it, and tells it of changes alone", () => {
    const { events, first, last } = halfWithStages();
    first.pause(true);
    last.pause(true);
    first.pause(false);
    expect(events).toEqual(["read false"]);
    last.pause(false);
    expect(events).toEqual(["read false", "read true"]);
  });

  test("lets its source go on when it is closed, and passes on nothing that a stage holds", () => {
    const { half, events, first, middle, last } = halfWithStages();
    first.holds = true;
    first.pause(true);
    half.receiveHeaders(headers(), true);
    half.close();
    first.release();
    first.output.tooLarge();
    expect(events).toEqual(["read false", "first headers", "read true"]);
    expect([first, middle, last].every(({ isClosed }) => isClosed)).toBe(true);
  });

  test("is watched when one of its stages is, and knows of changed lengths", () => {
    const { half, events, middle } = halfWithStages();
    expect([half.watchesBody, half.changedLength]).toEqual([false, false]);
    middle.watchesBody = true;
    middle.output.lengthChanged();
    middle.output.tooLarge();
    expect([half.watchesBody, half.changedLength]).toEqual([true, true]);
    expect(events).toEqual(["too large"]);
  });
});
