import { describe, expect, it } from "vitest";
import { decodeWit } from "../../src/wit/decode.ts";
import { encodeWit } from "../../src/wit/encode.ts";
import type { WitResolution } from "../../src/wit/model.ts";
import { printWit } from "../../src/wit/printer.ts";
import { resolveWit } from "../../src/wit/resolve.ts";

/** A text through a component and back. */
function through(text: string): WitResolution {
  return decodeWit(encodeWit(resolveWit([{ path: "a.wit", text }]).main));
}

const sample = `package demo:plug@1.2.3;

interface types {
  record point {
    x: f32,
    y: option<f64>,
  }

  variant shape {
    none,
    circle(point),
  }

  enum color {
    red,
  }

  flags perms {
    read,
    write,
  }

  type bytes = list<u8>;

  resource file {
    constructor(path: string);
    read: async func(n: u64) -> result<bytes, color>;
    open: static func(other: borrow<file>) -> file;
  }
}

interface api {
  use types.{shape};
  use types.{file as handle};

  move: func(by: shape, many: map<string, tuple<u8, bool>>) -> result<handle>;
}

world plug {
  import types;
  import api;
  import log: interface {
    write: func(line: string);
  }
  use types.{color};

  record config {
    color: color,
  }
  import start: func(with: config);
  export run: func(config: config) -> stream<u8>;
  export types;
  export api;
}
`.replace("with: config", "using: config");

describe("a WIT package as a component", () => {
  it("is valid, and gives the same package again", () => {
    expect(printWit(through(sample))).toBe(sample);
  });

  it("imports types of other packages, and nothing that it does not use", () => {
    const { packages } = through(`package a:b;
interface i { use wasi:io/streams@0.2.0.{input}; f: func(s: borrow<input>); }
package wasi:io@0.2.0 { interface streams { resource input; resource output; g: func(); } }`);
    const streams = packages.get("wasi:io@0.2.0")?.interfaces.get("streams");
    expect([...(streams?.types.keys() ?? [])]).toEqual(["input"]);
    expect(streams?.functions.size).toBe(0);
  });
});

describe("interfaces under other names", () => {
  it("keep which interface they implement in the name's attribute", () => {
    const text = `package a:b;
interface store { get: func() -> u8; }
world w { @external-id("db") import one: store; import two: store; }`;
    const { main } = through(text);
    expect([...(main.worlds.get("w")?.imports.keys() ?? [])]).toEqual(["one", "two"]);
    expect(new TextDecoder("latin1").decode(encodeWit(resolveWit([{ path: "a.wit", text }]).main))).toContain(
      "a:b/store",
    );
  });
});

describe("hostile packages", () => {
  it("end with an error where worlds repeat an interface too often", () => {
    const functions = Array.from({ length: 1000 }, (_, i) => `fn-${i}: func();`).join("\n");
    const worlds = Array.from({ length: 1000 }, (_, i) => `world w${i} { import i; }`).join("\n");
    const { main } = resolveWit([{ path: "a.wit", text: `package a:b;\ninterface i {\n${functions}\n}\n${worlds}` }]);
    expect(() => encodeWit(main)).toThrow(/more than 1048576 declarations/);
  });
});

describe("the WIT of a component that runs", () => {
  it("is a world of its imports and exports", () => {
    const resolved = decodeWit(`(component
      (import "log" (func $log (param "line" string)))
      (import "a:b/c@1.0.0" (instance (export "r" (type (sub resource)))))
      (export "again" (func $log)))`);
    expect(printWit(resolved)).toBe(`package root:component;

world root {
  import a:b/c@1.0.0;
  import log: func(line: string);
  export again: func(line: string);
}
`);
  });

  it("is refused where WIT has no form for it", () => {
    expect(() => decodeWit('(component (import "m" (core module)))')).toThrow(/core module, which WIT has no form for/);
  });
});
