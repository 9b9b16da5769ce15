import { describe, expect, it } from "vitest";
import { isLabel, type NameRules, parseExternName, splitVersion, uniqueKey } from "./extern-name.ts";

const plain: NameRules = { nestedNamespaces: false, canonicalVersions: false };

describe("names of imports and exports", () => {
  it.each(["a", "a-b-c", "a1-2-3", "A", "A-B-C", "m1x3d-4CR0NYMS", "is-XML"])("%s is a label", (name) => {
    expect(isLabel(name)).toBe(true);
  });

  it.each(["", "1-2-3", "a--b", "-a", "a-", "aB", "a_b", "é", "a.b"])("%j is no label", (name) => {
    expect(isLabel(name)).toBe(false);
    expect(parseExternName(name, plain)).toBeTypeOf("string");
  });

  it("are read for what they say", () => {
    expect(parseExternName("[constructor]foo", plain)).toEqual({ kind: "constructor", resource: "foo" });
    expect(parseExternName("[method]foo.bar", plain)).toEqual({ kind: "method", resource: "foo", label: "bar" });
    expect(parseExternName("[static]foo.bar", plain)).toEqual({ kind: "static", resource: "foo", label: "bar" });
    expect(parseExternName("wasi:http/types@0.2.1-rc.1+x", plain)).toEqual({
      kind: "interface",
      namespaces: ["wasi"],
      package: "http",
      projections: ["types"],
      version: "0.2.1-rc.1+x",
    });
  });

  it("take nested namespaces and canonical versions only where they are on", () => {
    expect(parseExternName("a:b:c/d/e", plain)).toMatch(/nested-namespaces/);
    expect(parseExternName("a:b:c/d/e", { ...plain, nestedNamespaces: true })).toMatchObject({
      namespaces: ["a", "b"],
    });
    expect(parseExternName("a:b/c@0.2", plain)).toMatch(/canonical-names/);
    expect(parseExternName("a:b/c@0.2", { ...plain, canonicalVersions: true })).toMatchObject({ version: "0.2" });
    expect(parseExternName("a:b/c@0", { ...plain, canonicalVersions: true })).toMatch(/not a valid semver/);
  });

  it("split versions where compatible ones are alike", () => {
    expect(splitVersion("1.2.3")).toEqual({ canonical: "1", suffix: ".2.3" });
    expect(splitVersion("0.2.6-rc.1")).toEqual({ canonical: "0.2", suffix: ".6-rc.1" });
    expect(splitVersion("0.0.1-alpha")).toEqual({ canonical: "0.0.1", suffix: "-alpha" });
    expect(splitVersion("1.2")).toBeUndefined();
  });

  it("have keys that alike names share", () => {
    const names = ["foo", "foo-bar", "[constructor]foo", "[method]foo.bar", "[static]foo.baz", "foo:bar/baz"];
    expect(new Set(names.map(uniqueKey)).size).toBe(names.length);
    const alike = ["FOO", "foo-BAR", "[constructor]FOO", "[method]foo.BAR", "[static]foo.bar", "[method]foo.foo"];
    for (const name of alike) expect(names.map(uniqueKey), name).toContain(uniqueKey(name));
  });
});
