import { describe, expect, it } from "vitest";
import { printWit } from "../../src/wit/printer.ts";
import { resolveWit } from "../../src/wit/resolve.ts";
import { WitError } from "../../src/wit/source.ts";

const seeds = [
  `/// Docs of the package.
package demo:plug@1.2.3;
use wasi:io/streams@0.2.0 as io;
/// Types
interface types {
  use io.{input-stream as input};
  @since(version = 1.0.0)
  record point { x: f32, y: f64 }
  variant shape { none, circle(point), many(list<point>) }
  enum color { red, %green }
  flags perms { read, write }
  type pair = tuple<point, option<string>>;
  resource file {
    constructor(path: string) -> result<file, color>;
    read: async func(n: u64) -> result<list<u8>, color>;
    open: static func() -> own<file>;
  }
  @unstable(feature = maps) lookup: func(m: map<string, u32>, f: borrow<file>) -> future<stream<u8>>;
}
world base { import log: func(message: string); export types; type id = u32; use types.{color}; }
world app { include base with { log as trace, id as key } import primary: types; export run: interface { go: func(); } }
package wasi:io@0.2.0 { interface streams { resource input-stream; } }
`,
];

const words =
  "package interface world use include with import export func async static resource record variant enum flags type " +
  'list option result tuple stream future map own borrow as constructor u8 string a file types base { } ( ) < > : ; , . @ = -> / _ % " ' +
  "/// /* */ // 1.0.0 0 @since(version=1.0.0) @unstable(feature=x)";

/** Numbers from a seed, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(text: string, next: (below: number) => number): string {
  const pieces = text.match(/[a-z0-9-]+|\s+|[^a-z0-9-\s]/g) as string[];
  const list = words.split(" ");
  for (let changes = 1 + next(2); changes > 0; changes--) {
    const at = next(pieces.length);
    const from = next(pieces.length);
    switch (next(5)) {
      case 0:
        pieces.splice(at, 1 + next(3));
        break;
      case 1:
        pieces[at] = list[next(list.length)];
        break;
      case 2:
        pieces.splice(at, 0, ` ${list[next(list.length)]} `);
        break;
      case 3:
        pieces[at] = pieces[from];
        break;
      default:
        pieces.splice(at, 0, ...pieces.slice(from, from + next(20)));
    }
  }
  return pieces.join("");
}

describe("mutated texts", () => {
  it("give a package that prints and resolves again, or an error with a reason", () => {
    const counts = { packages: 0, errors: 0 };
    for (let seed = 1; seed <= 10_000; seed++) {
      const text = mutate(seeds[seed % seeds.length], random(seed));
      let printed: string;
      try {
        printed = printWit(resolveWit([{ path: "a.wit", text }]), { dependencies: true });
      } catch (error) {
        if (!(error instanceof WitError) || error.reason === "")
          throw new Error(`seed ${seed}: ${text}`, { cause: error });
        counts.errors++;
        continue;
      }
      counts.packages++;
      const again = printWit(resolveWit([{ path: "printed.wit", text: printed }], { features: "all" }), {
        dependencies: true,
      });
      expect(again, `seed ${seed}`).toBe(printed);
    }
    expect(counts.packages).toBeGreaterThan(400);
    expect(counts.errors).toBeGreaterThan(1000);
  });
});
