import { describe, expect, it } from "vitest";
import { decodeModule } from "../binary/decode.ts";
import { encodeModule } from "../binary/encode.ts";
import { parseModule } from "../text/parser.ts";
import { allFeatures } from "./features.ts";
import { declareTypes } from "./type-declarations.ts";
import { type DefinedType, defineTypes } from "./type-registry.ts";

function typesOf(text: string): DefinedType[] {
  const bytes = encodeModule(parseModule(`(module ${text})`, allFeatures).module);
  return defineTypes(decodeModule(bytes, allFeatures).types);
}

describe("declareTypes", () => {
  it.each([
    ["a type alone", "(type (struct (field (mut i8)) (field v128)))"],
    ["one that uses another", "(type $a (array (mut f32))) (type (struct (field (ref $a)) (field (ref null $a))))"],
    ["a group that uses itself", "(rec (type $a (sub (struct (field (ref null $b))))) (type $b (array (ref $a))))"],
    [
      "supertypes in other groups",
      "(type $a (sub (struct))) (type $b (sub $a (struct (field i32)))) (rec (type (sub final $b (struct (field i32) (field (ref $a))))) (type (func (param (ref $b)))))",
    ],
  ])("declares %s so that it is defined as the same", (_, text) => {
    const types = typesOf(text);
    for (const type of types) {
      const { types: declared, indices } = declareTypes([type]);
      expect(defineTypes(declared)[indices.get(type) as number]).toBe(type);
    }
    const { types: declared, indices } = declareTypes(types);
    const again = defineTypes(declared);
    expect(types.map((type) => again[indices.get(type) as number])).toEqual(types);
  });

  it("takes a chain of groups longer than the stack", () => {
    const links = Array.from({ length: 20_000 }, (_, i) => `(type (struct (field (ref null ${i}))))`);
    const types = typesOf(`(type (struct)) ${links.join(" ")}`);
    expect(declareTypes([types[types.length - 1]]).types).toHaveLength(20_001);
  });
});
