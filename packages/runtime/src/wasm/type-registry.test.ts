import { describe, expect, test } from "vitest";
import { defineTypes, isDefinedSubtype, isHeapSubtype, isSubtype } from "./type-registry.ts";
import {
  ANYREF,
  BOTTOM,
  type CompositeType,
  EQREF,
  FUNCREF,
  HEAP_NOFUNC,
  HEAP_NONE,
  heapTypeOfIndex,
  I32,
  I64,
  referenceType,
  type SubType,
} from "./types.ts";

interface Shape {
  final?: boolean;
  supertype?: number;
  composite: CompositeType;
}

function group(start: number, ...shapes: Shape[]): SubType[] {
  return shapes.map(({ final = true, supertype, composite }) => ({
    final,
    supertypes: supertype === undefined ? [] : [supertype],
    composite,
    groupStart: start,
    groupSize: shapes.length,
  }));
}

const func = (params: number[], results: number[] = []): CompositeType => ({ kind: "func", params, results });
const struct = (...storages: number[]): CompositeType => ({
  kind: "struct",
  fields: storages.map((storage) => ({ storage, mutable: false })),
});
const ref = (index: number): number => referenceType(true, heapTypeOfIndex(index));

describe("defined types", () => {
  test("one structure is one object, whichever module it comes from and at whichever index", () => {
    const [a] = defineTypes(group(0, { composite: func([I32], [I64]) }));
    const [b, c] = defineTypes([
      ...group(0, { composite: func([I64]) }),
      ...group(1, { composite: func([I32], [I64]) }),
    ]);
    expect(c).toBe(a);
    expect(b).not.toBe(a);
    expect(b.id).not.toBe(a.id);
  });

  test("references out of a group count by what they mean, not by their index", () => {
    const first = defineTypes([...group(0, { composite: struct(I32) }), ...group(1, { composite: struct(ref(0)) })]);
    const second = defineTypes([
      ...group(0, { composite: struct(I64) }),
      ...group(1, { composite: struct(I32) }),
      ...group(2, { composite: struct(ref(1)) }),
      ...group(3, { composite: struct(ref(0)) }),
    ]);
    expect(second[2]).toBe(first[1]);
    expect(second[3]).not.toBe(first[1]);
  });

  test("two indices of one type are alike in a key", () => {
    const once = defineTypes([
      ...group(0, { composite: struct() }),
      ...group(1, { composite: struct(ref(0), ref(0)) }),
    ]);
    const twice = defineTypes([
      ...group(0, { composite: struct() }),
      ...group(1, { composite: struct() }),
      ...group(2, { composite: struct(ref(0), ref(1)) }),
    ]);
    expect(twice[2]).toBe(once[1]);
  });

  test("recursion is relative to the group, and its size is part of the type", () => {
    const alone = defineTypes(group(0, { composite: struct(ref(0)) }))[0];
    const later = defineTypes([...group(0, { composite: func([]) }), ...group(1, { composite: struct(ref(1)) })])[1];
    const pair = defineTypes(group(0, { composite: struct(ref(0)) }, { composite: struct(ref(1)) }));
    expect(later).toBe(alone);
    expect(pair[0]).not.toBe(alone);
    expect(pair[0]).not.toBe(pair[1]);
    expect(alone.context[0]).toBe(alone);
  });

  test("a reference within the group differs from one to an equal type outside", () => {
    const [outside] = defineTypes(group(0, { composite: struct(ref(0)) }));
    const [, unrolled] = defineTypes([
      ...group(0, { composite: struct(ref(0)) }),
      ...group(1, { composite: struct(ref(0)) }),
    ]);
    expect(unrolled).not.toBe(outside);
    expect(unrolled.context).toHaveLength(2);
    expect(unrolled.context[1]).toBe(outside);
  });

  test("supertypes, finality and mutability tell types apart", () => {
    const base = group(0, { final: false, composite: struct(I32) });
    const [top, sub] = defineTypes([...base, ...group(1, { supertype: 0, composite: struct(I32) })]);
    expect(sub.supertype).toBe(top);
    expect(sub.ancestors).toEqual([top, sub]);
    expect(isDefinedSubtype(sub, top)).toBe(true);
    expect(isDefinedSubtype(top, sub)).toBe(false);
    expect(defineTypes(group(0, { composite: struct(I32) }))[0]).not.toBe(top);
    const mutable = defineTypes(
      group(0, { final: false, composite: { kind: "struct", fields: [{ storage: I32, mutable: true }] } }),
    );
    expect(mutable[0]).not.toBe(top);
  });
});

describe("subtyping", () => {
  const types = defineTypes([
    ...group(0, { final: false, composite: struct(I32) }),
    ...group(1, { supertype: 0, composite: struct(I32, I32) }),
    ...group(2, { composite: func([]) }),
  ]);
  const sub = (a: number, b: number): boolean => isSubtype(a, types, b, types);

  test("numbers are only themselves, bottom is everything", () => {
    expect(sub(I32, I32)).toBe(true);
    expect(sub(I32, I64)).toBe(false);
    expect(sub(BOTTOM, I64)).toBe(true);
    expect(sub(I32, ANYREF)).toBe(false);
  });

  test("null is never where it may not be", () => {
    expect(sub(referenceType(false, heapTypeOfIndex(0)), ref(0))).toBe(true);
    expect(sub(ref(0), referenceType(false, heapTypeOfIndex(0)))).toBe(false);
  });

  test("defined types stand below the abstract type of their kind and above its bottom", () => {
    expect(sub(ref(1), ref(0))).toBe(true);
    expect(sub(ref(0), ref(1))).toBe(false);
    expect(sub(ref(1), EQREF)).toBe(true);
    expect(sub(ref(2), EQREF)).toBe(false);
    expect(sub(ref(2), FUNCREF)).toBe(true);
    expect(sub(referenceType(true, HEAP_NONE), ref(1))).toBe(true);
    expect(sub(referenceType(true, HEAP_NONE), ref(2))).toBe(false);
    expect(sub(referenceType(true, HEAP_NOFUNC), ref(2))).toBe(true);
    expect(sub(EQREF, ANYREF)).toBe(true);
    expect(sub(ANYREF, EQREF)).toBe(false);
  });

  test("indices of two modules are compared by what they mean", () => {
    const others = defineTypes([
      ...group(0, { composite: func([]) }),
      ...group(1, { final: false, composite: struct(I32) }),
    ]);
    expect(isHeapSubtype(heapTypeOfIndex(1), types, heapTypeOfIndex(1), others)).toBe(true);
    expect(isHeapSubtype(heapTypeOfIndex(0), types, heapTypeOfIndex(0), others)).toBe(false);
    expect(isSubtype(ref(0), types, ref(0), others)).toBe(false);
  });
});
