import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { kernels } from "../../../scripts/places.mjs";
import { lacks } from "../../../test/needs.ts";
import { contents, file, wardian, wardianBytes } from "./command.ts";

const text = '(module (func $id (export "id") (param i32) (result i32) local.get 0))';
file("id.wat", text);
file("broken.wat", '(module\n  (func (export "f")\n\t  i32.const 1\n    local.get 3\n    drop))\n');
file("unclosed.wat", "(module (func)");
const example = fileURLToPath(new URL("../../../examples/factorial.wat", import.meta.url));

describe("parse", () => {
  test("writes bytes that the platform takes, and says what is next", async () => {
    const outcome = wardian(["parse", example, "-o", "factorial.wasm"]);
    expect(outcome).toMatchObject({ code: 0, stdout: "" });
    expect(outcome.stderr).toMatch(/^Wrote factorial\.wasm \(\d+ B\)\.\n/);
    expect(outcome.stderr).toContain("Run it with: wardian run --invoke factorial factorial.wasm -- <i64>\n");
    const { instance } = (await WebAssembly.instantiate(contents("factorial.wasm") as BufferSource)) as unknown as {
      instance: { exports: { factorial(n: bigint): bigint } };
    };
    expect(instance.exports.factorial(20n)).toBe(2432902008176640000n);
    expect(wardian(["run", "--invoke", "factorial", "factorial.wasm", "5"]).stdout).toBe("120\n");
  });

  test("from standard input to standard output", () => {
    const bytes = wardianBytes(["parse", "-"], text);
    expect(bytes).toEqual(wardianBytes(["parse", "id.wat", "-o", "-"]));
    expect([...bytes.subarray(0, 4)]).toEqual([0, 0x61, 0x73, 0x6d]);
  });

  test("shows where a text is wrong", () => {
    const { code, stdout, stderr } = wardian(["parse", "broken.wat"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^error: broken\.wat is not valid: unknown local.*\(.*at 4:\d+\)\n {2}4 \| {5}local\.get 3\n {4}\| {5}\^/,
    );
  });

  test("does not check what it is told not to", () => {
    expect(wardian(["parse", "--no-check", "broken.wat", "-o", "broken.wasm"]).code).toBe(0);
    expect(wardian(["validate", "broken.wasm"]).code).toBe(1);
    expect(wardian(["parse", "--no-check", "unclosed.wat"]).code).toBe(1);
  });

  test("bytes are bytes already", () => {
    file("id.wasm", wardianBytes(["parse", "id.wat"]));
    const { code, stderr } = wardian(["parse", "id.wasm"]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: id.wasm is in the binary format already\nhint: wardian print id.wasm shows it as text\n",
    );
  });

  test("a file that cannot be written", () => {
    const { code, stderr } = wardian(["parse", "id.wat", "-o", "no/such/folder/id.wasm"]);
    expect(code).toBe(1);
    expect(stderr).toContain("cannot write no/such/folder/id.wasm");
  });
});

describe("validate", () => {
  test("says what is valid and what is not", () => {
    file("cut.wasm", wardianBytes(["parse", "id.wat"]).subarray(0, 19));
    const { code, stdout, stderr } = wardian(["validate", "id.wat", "cut.wasm", "-"], { input: text });
    expect(code).toBe(1);
    expect(stdout).toBe("valid  id.wat (text, 1 function)\nvalid  standard input (text, 1 function)\n");
    expect(stderr).toMatch(/^error: cut\.wasm is not valid: .*\(in the .* section, at offset 0x/);
  });

  test("quietly", () => {
    expect(wardian(["validate", "-q", "id.wat"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("under the proposals that are on", () => {
    file("vector.wat", "(module (func (param v128)))");
    file("shared.wat", "(module (memory 1 2 shared))");
    expect(wardian(["validate", "vector.wat"]).code).toBe(0);
    expect(wardian(["validate", "--disable", "simd", "vector.wat"]).stderr).toContain('"simd", which is switched off');
    expect(wardian(["validate", "shared.wat"]).stderr).toContain('"threads", which is switched off');
    expect(wardian(["validate", "--enable", "threads", "shared.wat"]).code).toBe(0);
  });
});

describe("print", () => {
  test("flat and folded", () => {
    const flat = wardian(["print", example]).stdout;
    expect(flat).toMatch(/\n +local\.get \$n\n +i64\.const 2\n +i64\.lt_u\n/);
    expect(wardian(["print", "--flat", example]).stdout).toBe(flat);
    expect(wardian(["print", "--folded", example]).stdout).toContain("(i64.lt_u");
    expect(wardian(["print", "--folded", "--flat", example]).code).toBe(2);
  });

  const lacksKernels = lacks("the benchmark kernels", existsSync(kernels));
  test.skipIf(lacksKernels).each(["fib", "interp", "simd_saxpy"])(
    "what is printed of %s parses to the same module",
    (kernel) => {
      const path = join(kernels, `${kernel}.wasm`);
      const texts = ["--flat", "--folded"].map((form) => {
        expect(wardian(["print", form, path, "-o", "printed.wat"])).toMatchObject({
          code: 0,
          stderr: expect.stringContaining("wardian parse printed.wat"),
        });
        // The linker pads numbers in code, and the parser does not: it is the texts that must be the same.
        wardian(["parse", "printed.wat", "-o", "printed.wasm"]);
        return wardian(["print", "printed.wasm"]).stdout;
      });
      const original = wardian(["print", path]).stdout;
      expect(texts.map((text) => text === original)).toEqual([true, true]);
    },
  );

  test("a module that is not valid, but well-formed", () => {
    expect(wardian(["print", "broken.wat"]).stdout).toContain("local.get 3");
  });
});

describe("inspect", () => {
  test("a table", () => {
    const { code, stdout } = wardian(["inspect", example]);
    expect(code).toBe(0);
    expect(stdout).toContain('"factorial": ');
    expect(stdout).toMatch(/\n {2}func {2}factorial {2}\(i64\) -> i64\n/);
    expect(stdout).toMatch(/\n {2}code +\d+ B +1 +at 0x/);
  });

  test("JSON", () => {
    file(
      "rich.wat",
      `(module
        (import "env" "log" (func (param f64)))
        (import "env" "table" (table 2 10 externref))
        (memory (export "mem") i64 1 2)
        (global (export "counter") (mut i32) (i32.const 0))
        (tag (export "oops") (param i32))
        (func $f (export "f") (result i32 i32) i32.const 1 i32.const 2))`,
    );
    const { code, stdout } = wardian(["inspect", "--json", "rich.wat"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      file: "rich.wat",
      format: "text",
      imports: [
        { module: "env", name: "log", kind: "func", type: "(f64) -> ()" },
        { module: "env", name: "table", kind: "table", type: "externref 2 to 10 elements" },
      ],
      exports: [
        { name: "mem", kind: "memory", index: 0, type: "i64 1 to 2 pages of 64 KiB" },
        { name: "counter", kind: "global", index: 0, type: "mutable i32" },
        { name: "oops", kind: "tag", index: 0, type: "(i32) -> ()" },
        { name: "f", kind: "func", index: 1, type: "() -> (i32, i32)" },
      ],
      counts: { functions: 2, tables: 1, memories: 1, globals: 1, tags: 1 },
      features: ["mutable-globals", "multi-value", "reference-types", "exceptions", "memory64"],
      optional: [],
      largestFunctions: [{ index: 1, name: "f" }],
    });
  });

  test("who made a module, and names that are of no use", () => {
    const custom = (name: string, ...bytes: number[]): string =>
      `(@custom "${name}" "${bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")}")`;
    const letters = (word: string): number[] => [word.length, ...Buffer.from(word)];
    file(
      "made.wat",
      `(module ${custom("producers", 1, ...letters("language"), 1, ...letters("C"), ...letters("11"))} ${custom("name", 1, 9)})`,
    );
    const { stdout } = wardian(["inspect", "made.wat"]);
    expect(stdout).toMatch(/Made by\n {2}language {2}C {2}11\n/);
    expect(stdout).toMatch(/warning: the custom section "name" is malformed and of no use: /);
  });

  test("what is malformed", () => {
    expect(wardian(["inspect", "-"], { input: Uint8Array.of(0, 1, 2) })).toMatchObject({
      code: 1,
      stderr: "error: standard input is not valid: unexpected end (at offset 0x0)\n",
    });
  });
});

describe("the command line", () => {
  test("help", () => {
    for (const args of [["--help"], ["help", "run"], ["run", "--help"], ["print", "--help"]]) {
      const { code, stdout, stderr } = wardian(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("Usage: wardian");
    }
  });

  test("version", () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(wardian(["--version"]).stdout).toBe(`${version}\n`);
  });

  test("mistakes", () => {
    for (const args of [[], ["fly"], ["run"], ["validate"], ["parse", "a", "b"], ["inspect", "--frob", "x"]])
      expect(wardian(args).code, args.join(" ")).toBe(2);
  });

  test("colours only where they are wanted", () => {
    const sequence = "\u001b[";
    expect(wardian(["validate", "id.wat"]).stdout).not.toContain(sequence);
    expect(wardian(["validate", "id.wat"], { env: { FORCE_COLOR: "1" } }).stdout).toContain(sequence);
    expect(wardian(["validate", "id.wat"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } }).stdout).not.toContain(
      sequence,
    );
    expect(wardian(["--help"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } }).stdout).not.toContain(sequence);
  });
});
