import { expect, test } from "vitest";
import { decodeSections, moduleBytes, refusal, section, without } from "../../test/binary-module.ts";
import { I32, I64 } from "../wasm/types.ts";

const before = [section(1, 1, 0x60, 1, 0x7f, 0), section(3, 1, 0)];
const code = (...contents: number[]): Uint8Array => moduleBytes(...before, section(10, 1, ...contents));

test("bodies say where their instructions stand and which locals they declare", () => {
  const { bodies } = decodeSections(...before, section(10, 1, 7, 2, 3, 0x7f, 1, 0x7e, 1, 0x0b));
  expect(bodies[0].locals).toEqual([
    { count: 3, type: I32 },
    { count: 1, type: I64 },
  ]);
  expect([...bodies[0].bytes.subarray(bodies[0].start, bodies[0].end)]).toEqual([1, 0x0b]);
});

test.each([
  [[3, 0, 0x0b], "unexpected end of section or function (in the code section, in function 0"],
  [[1, 0], "unexpected end of section or function"],
  [[2, 0, 1], "END opcode expected (in the code section, in function 0, at offset 0x"],
  [[3, 9, 1, 0x7f], "unexpected end"],
  [[4, 1, 1, 0x40, 0x0b], "malformed value type"],
  [[0], "unexpected end"],
  [[14, 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7e, 0x0b], "too many locals (in the"],
])("%j: %s", (contents, message) => {
  expect(refusal(code(...contents)).message).toContain(message);
});

test("limits", () => {
  // 50,000 locals and a parameter.
  expect(refusal(code(6, 1, 0xd0, 0x86, 0x03, 0x7f, 0x0b)).message).toContain(
    "too many locals: 50001 with the parameters",
  );
  expect(() => refusal(code(6, 1, 0xcf, 0x86, 0x03, 0x7f, 0x0b))).toThrow("was accepted");
  expect(refusal(code(0xb2, 0x97, 0xd3, 0x03)).message).toContain("function body too large: 7654322 bytes");
});

test("locals of a type whose feature is off", () => {
  expect(refusal(code(4, 1, 1, 0x7b, 0x0b), without("simd")).message).toContain('needs the feature "simd"');
});
