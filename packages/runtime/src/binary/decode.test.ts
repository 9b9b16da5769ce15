import { describe, expect, test } from "vitest";
import { decodeSections, moduleBytes, name, refusal, section } from "../../test/binary-module.ts";
import { CompileError, MalformedError } from "../wasm/errors.ts";
import { allFeatures } from "../wasm/features.ts";
import { decodeModule } from "./decode.ts";
import { encodeModule } from "./encode.ts";

const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);

describe("the header", () => {
  test.each([
    [[], "unexpected end (at offset 0x0)"],
    [[0, 0x61, 0x73], "unexpected end"],
    [[0x61, 0x73, 0x6d, 0], "magic header not detected (at offset 0x0)"],
    [[0, 0x61, 0x73, 0x6d], "unexpected end (at offset 0x4)"],
    [[0, 0x61, 0x73, 0x6d, 1, 0, 0], "unexpected end"],
    [[0, 0x61, 0x73, 0x6d, 2, 0, 0, 0], "unknown binary version 0x2 (at offset 0x4)"],
    [[0, 0x61, 0x73, 0x6d, 13, 0, 1, 0], "unknown binary version: this is a component"],
  ])("%j: %s", (list, message) => {
    const error = refusal(bytes(...list));
    expect(error).toBeInstanceOf(MalformedError);
    expect(error.message.startsWith(message)).toBe(true);
  });

  test("alone it is a module", () => {
    expect(decodeSections().types).toEqual([]);
  });
});

describe("sections", () => {
  test.each([
    [[[14, 0]], "malformed section id 14 (at offset 0x8)"],
    [[[1]], "unexpected end (in the type section"],
    [[[1, 5, 0]], "length out of bounds"],
    [[[1, 0x80, 0x80, 0x80, 0x80, 0x80, 0]], "integer representation too long"],
    [[[1, 2, 0, 0]], "section size mismatch (in the type section, at offset 0xb)"],
    [[[1, 1, 1]], "length out of bounds"],
    [[section(3, 0), section(1, 0)], "unexpected content after last section: the type section"],
    [[section(1, 0), section(1, 0)], "unexpected content after last section"],
    [[section(10, 0), section(12, 0)], "unexpected content after last section: the data count section"],
    [[section(6, 0), section(13, 0)], "unexpected content after last section: the tag section"],
    [[section(0)], "unexpected end"],
    [[section(0, 1, 0xff)], "malformed UTF-8 encoding"],
    [[section(0, 2, 0x61)], "length out of bounds"],
    [[section(1, 1, 0x60, 0, 0), section(3, 1, 0)], "function and code section have inconsistent lengths"],
    [[section(10, 1, 2, 0, 0x0b)], "function and code section have inconsistent lengths"],
    [[section(12, 1)], "data count and data section have inconsistent lengths"],
    [[section(12, 0), section(11, 1, 1, 0)], "data count and data section have inconsistent lengths"],
  ])("%j: %s", (sections, message) => {
    const error = refusal(moduleBytes(...sections));
    expect(error).toBeInstanceOf(MalformedError);
    expect(error.message.startsWith(message), error.message).toBe(true);
  });

  test("may be empty, and say where they stand", () => {
    const module = decodeModule(moduleBytes(section(1, 0), section(3, 0), section(12, 0)), allFeatures);
    expect(module.sections).toEqual([
      { id: 1, start: 10, end: 11 },
      { id: 3, start: 13, end: 14 },
      { id: 12, start: 16, end: 17 },
    ]);
  });

  test("the data count section comes before the code", () => {
    expect(decodeSections(section(12, 0)).dataCount).toBe(0);
  });

  test("the start function", () => {
    expect(decodeSections(section(8, 3)).start).toBe(3);
  });

  test("custom sections keep their contents, their place and their order", () => {
    const custom = (text: string, ...contents: number[]): number[] => section(0, ...name(text), ...contents);
    const module = decodeSections(
      custom("first"),
      section(1, 1, 0x60, 0, 0),
      custom("a", 1, 2, 3),
      custom("b", 0xff),
      section(8, 0),
      custom("last"),
    );
    expect(module.custom.map((item) => [item.name, [...item.bytes], item.after])).toEqual([
      ["first", [], 0],
      ["a", [1, 2, 3], 1],
      ["b", [0xff], 1],
      ["last", [], 8],
    ]);
  });

  test("what follows a section that holds nothing stays where it was", () => {
    const module = decodeModule(moduleBytes(section(3, 0), section(0, ...name("x"))), allFeatures);
    expect([...encodeModule(module)]).toEqual([...moduleBytes(section(0, ...name("x")))]);
    expect(module.custom[0].after).toBe(3);
  });
});

test("an error knows its place", () => {
  const error = refusal(moduleBytes(section(1, 1, 0x33)));
  expect(error).toMatchObject({ section: "type", entry: 0, offset: 11, reason: "malformed definition type 0x33" });
  expect(error.message).toBe("malformed definition type 0x33 (in the type section, entry 0, at offset 0xb)");
});

test("a module too large is refused before it is read", () => {
  // Sparse, hence cheap: the pages are never touched.
  const huge = new Uint8Array(1_073_741_825);
  expect(() => decodeModule(huge, allFeatures)).toThrow(CompileError);
  expect(() => decodeModule(huge, allFeatures)).toThrow("module too large: 1073741825 bytes, the limit is 1073741824");
});
