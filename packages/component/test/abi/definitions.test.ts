/**
 * Random types and values, passed from one guest to another by this package and by the specification's executable reference: core values,
 * memories, the calls of `realloc` and whether there is a trap must be the same. The environment variable `WARDIAN_CANONICAL_ABI` names the
 * folder of the reference's `definitions.py` (github.com/WebAssembly/component-model, design/mvp/canonical-abi).
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CoreValue, fuseFunction, liftFunction, lowerFunction } from "../../src/abi/index.ts";
import { ComponentTrap } from "../../src/trap.ts";
import type { FunctionType } from "../../src/types/extern.ts";
import type { ValueType } from "../../src/types/value.ts";
import { FakeGuest } from "./fake-guest.ts";
import { Random, randomType, randomValue, typeText } from "./random-values.ts";

const folder = process.env.WARDIAN_CANONICAL_ABI ?? "";
const lacksReference = folder === "" || !existsSync(`${folder}/definitions.py`);

const encodings = ["utf8", "utf16", "latin1+utf16"] as const;

interface Answer {
  readonly a: { readonly flat: [string, string][]; readonly memory: string; readonly pages: number };
  readonly b: { readonly flat: [string, string][]; readonly memory: string; readonly reallocs: number[][] } | null;
}

const scratch = new DataView(new ArrayBuffer(8));

function coreOf([type, bits]: [string, string]): CoreValue {
  const value = BigInt(bits);
  switch (type) {
    case "i32":
      return Number(BigInt.asIntN(32, value));
    case "i64":
      return BigInt.asIntN(64, value);
    case "f32":
      scratch.setUint32(0, Number(value));
      return scratch.getFloat32(0);
    default:
      scratch.setBigUint64(0, value);
      return scratch.getFloat64(0);
  }
}

function typeOf(types: readonly ValueType[]): FunctionType {
  return {
    kind: "func",
    async: false,
    params: types.map((type, i) => ({ name: `p${i}`, type })),
    result: undefined,
  };
}

/** Memory of a guest that was in use, as hexadecimal digits. */
function used(guest: FakeGuest, count: number): string {
  return Buffer.from(guest.memory.bytes.subarray(1024, 1024 + count)).toString("hex");
}

describe.skipIf(lacksReference)("the executable reference agrees", () => {
  const driver = fileURLToPath(new URL("definitions_driver.py", import.meta.url));
  let python: ReturnType<typeof start>;
  let lines: AsyncIterator<string>;
  const start = () => spawn("python3", [driver, folder], { stdio: ["pipe", "pipe", "inherit"] });
  beforeAll(() => {
    python = start();
    lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  });
  afterAll(() => {
    python.stdin.end();
  });

  async function ask(question: unknown): Promise<Answer> {
    python.stdin.write(`${JSON.stringify(question)}\n`);
    const { value } = await lines.next();
    return JSON.parse(value) as Answer;
  }

  async function check(seed: number): Promise<"passed" | "trapped"> {
    const random = new Random(seed);
    const types = random.many(1 + random.below(4), () => randomType(random, 3));
    const values = types.map((type) => randomValue(random, type));
    const sides = random.many(2, () => ({
      encoding: random.pick(encodings),
      pointer: random.pick([4, 4, 8] as const),
    }));
    // The reference reads the tag of the source's length with the destination's width of addresses.
    if (sides[0].encoding === "latin1+utf16") sides[1].pointer = sides[0].pointer;
    const broken = random.below(2) === 1;
    const changes = (most: number, make: () => unknown): unknown[] =>
      broken ? random.many(random.below(most), () => [random.below(2 ** 20), make()]) : [];
    const answer = await ask({
      types: types.map(typeText),
      values: values.map(({ text }) => text),
      sides: sides.map(({ encoding, pointer }) => [encoding, pointer === 4 ? "i32" : "i64"]),
      memory: changes(6, () => random.pick([0, 1, 2, 3, 0x80, 0xff, random.below(256)])),
      flat: changes(3, () => String(random.pick([0, 1, 7, 1024, 65_000, 0x8000_0003, -1]))),
    });
    const [a, b] = sides.map(({ encoding, pointer }) => new FakeGuest(encoding, pointer));
    a.put(Buffer.from(answer.a.memory, "hex"), 1);
    a.take(1, 0);
    expect(a.memory.bytes.length / 65_536, "pages").toBe(answer.a.pages);
    const flat = answer.a.flat.map(coreOf);
    let passed: CoreValue[] | undefined;
    b.core = (...args) => {
      passed = args;
      return undefined;
    };
    const type = typeOf(types);
    const fused = fuseFunction(type, a, b);
    if (answer.b === null) {
      expect(() => fused(...flat)).toThrow(ComponentTrap);
      expect(() => lowerFunction(type, a, () => undefined)(...flat)).toThrow(ComponentTrap);
      return "trapped";
    }
    fused(...flat);
    expect(passed).toEqual(answer.b.flat.map(coreOf));
    expect(used(b, answer.b.memory.length / 2)).toBe(answer.b.memory);
    expect(b.reallocs).toEqual(answer.b.reallocs);

    // To JavaScript and back into a third guest: what the second lowers is what the first lifts.
    let seen: unknown[] = [];
    lowerFunction(type, a, (...args) => {
      seen = args;
    })(...flat);
    if (!broken) expect(seen).toEqual(values.map(({ value }) => value));
    const c = new FakeGuest(sides[1].encoding, sides[1].pointer);
    let lowered: CoreValue[] = [];
    c.core = (...args) => {
      lowered = args;
      return undefined;
    };
    liftFunction(type, c, "throw")(...seen);
    let again: unknown[] = [];
    lowerFunction(type, c, (...args) => {
      again = args;
    })(...lowered);
    expect(again).toEqual(seen);
    return "passed";
  }

  test("on random types and values, whole and broken", async () => {
    const outcomes = { passed: 0, trapped: 0 };
    const first = Number(process.env.WARDIAN_SEED ?? 1);
    const count = Number(process.env.WARDIAN_CASES ?? 2000);
    for (let seed = first; seed < first + count; seed++) {
      try {
        outcomes[await check(seed)]++;
      } catch (error) {
        if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`;
        throw error;
      }
    }
    if (count > 100) expect(Math.min(outcomes.passed, outcomes.trapped)).toBeGreaterThan(count / 20);
  });
});
