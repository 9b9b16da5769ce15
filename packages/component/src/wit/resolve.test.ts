import { describe, expect, it } from "vitest";
import { resolveWit } from "./resolve.ts";
import { WitError } from "./source.ts";

function resolve(text: string, features?: string[]): ReturnType<typeof resolveWit> {
  return resolveWit([{ path: "a.wit", text }], { features });
}

function errorOf(text: string): WitError {
  try {
    resolve(text);
  } catch (error) {
    expect(error).toBeInstanceOf(WitError);
    return error as WitError;
  }
  throw new Error("the text was accepted");
}

describe("an error", () => {
  it("shows the source line and a caret under what is wrong", () => {
    expect(errorOf("package a:b;\ninterface i {\n  type foo = barr;\n}\n").message).toBe(
      "type `barr` does not exist\n" +
        "     --> a.wit:3:14\n" +
        "      |\n" +
        "    3 |   type foo = barr;\n" +
        "      |              ^---",
    );
  });

  it("counts columns in characters, also beyond the first plane", () => {
    const { location } = errorOf("package a:b;\n/* 😀 */ interface {}");
    expect(location).toEqual({ path: "a.wit", line: 2, column: 19 });
  });

  it.each([
    ["a record with a field twice", "record r { a: u8, a: u8 }", "field `a` is defined more than once"],
    ["labels that differ in case alone", "enum e { a-b, A-B }", "case `A-B` is defined more than once"],
    ["functions that differ in case alone", "a: func();\n A: func();", "`A` conflicts with `a`"],
    ["a label that is not kebab case", "type fooBar = u8;", "`fooBar` is not in kebab case"],
    ["a word that ends with a hyphen", "type a- = u8;", "`a-` is not in kebab case"],
    ["a parameter called self in a method", "resource r { m: func(self: u8); }", "param `self` is defined more"],
    ["two gates that exclude each other", "@since(version = 1.0.0) @unstable(feature = x) type t = u8;", "not both"],
    ["`@deprecated` alone", "@deprecated(version = 1.0.0) type t = u8;", "needs `@since`"],
    ["an unknown attribute", "@other(x = y) type t = u8;", "unknown attribute"],
    ["a version with a leading zero", "@since(version = 1.00.0) type t = u8;", "not a semantic version"],
    ["a list of length zero", "type t = list<u8, 0>;", "the length of a list"],
    ["a bidirectional override", "type t = u8; // \u202e", "U+202E is not allowed"],
    ["a cycle through a list", "record a { b: list<c> }\n record c { a: option<a> }", "depends on itself"],
  ])("is given for %s", (_, members, reason) => {
    expect(errorOf(`package a:b@1.0.0;\ninterface i {\n ${members}\n}`).reason).toContain(reason);
  });
});

describe("feature gates", () => {
  const text = `package a:b@1.2.0;
interface i {
  @unstable(feature = fancy)
  fancy: func();
  @since(version = 1.1.0)
  plain: func();
}`;

  it("leave out what is unstable unless its feature is on", () => {
    expect([...(resolve(text).main.interfaces.get("i")?.functions.keys() ?? [])]).toEqual(["plain"]);
    expect([...(resolve(text, ["fancy"]).main.interfaces.get("i")?.functions.keys() ?? [])]).toEqual([
      "fancy",
      "plain",
    ]);
    const all = resolveWit([{ path: "a.wit", text }], { features: "all" });
    expect(all.main.interfaces.get("i")?.functions.size).toBe(2);
  });

  it.each([
    ["1.0.0-rc.1", "1.0.0", true],
    ["1.0.0", "1.0.0-rc.1", false],
    ["1.0.0-rc.2", "1.0.0-rc.10", true],
    ["9007199254740993.0.0", "9007199254740992.0.0", false],
    ["1.0.0-1", "1.0.0-a", true],
    ["1.0.0+later", "1.0.0", true],
  ])("compare versions: %s is in %s: %s", (since, version, accepted) => {
    const gated = `package a:b@${version};\n@since(version = ${since})\ninterface i {}`;
    if (accepted) expect(resolve(gated).main.interfaces.size).toBe(1);
    else expect(errorOf(gated).reason).toContain("unreleased version");
  });
});

describe("worlds", () => {
  it("import what their items use, before the items", () => {
    const { main } = resolve(`package a:b;
interface types { resource r; }
interface api { use types.{r}; get: func() -> r; }
world w { import api; }`);
    expect([...(main.worlds.get("w")?.imports.keys() ?? [])]).toEqual(["a:b/types", "a:b/api"]);
  });

  it("give an interface another name with `implements`", () => {
    const { main } = resolve(`package a:b;
interface store { get: func() -> string; }
world w { import one: store; import two: store; }`);
    const imports = main.worlds.get("w")?.imports;
    expect([...(imports?.keys() ?? [])]).toEqual(["one", "two"]);
    expect(imports?.get("one")).toMatchObject({ kind: "interface", interface: { name: "store" } });
  });

  it("read `a:b` as a package and `a: b` as a name and an interface", () => {
    expect(errorOf("package a:b;\ninterface b {}\nworld w { import a:b; }").reason).toContain("expected '/'");
  });
});

describe("hostile texts", () => {
  it("end with an error when a chain of includes multiplies the imports", () => {
    const worlds = Array.from({ length: 2000 }, (_, i) =>
      i === 0 ? "world w0 {}" : `world w${i} { include w${i - 1}; import fn-${i}: func(); }`,
    );
    expect(errorOf(`package a:b;\n${worlds.join("\n")}`).reason).toContain("more than 262144 imports");
  });

  it("resolve diamonds of includes without following each path", () => {
    const worlds = Array.from({ length: 200 }, (_, i) =>
      i === 0
        ? "world a0 { import i; }\nworld b0 { import i; }"
        : `world a${i} { include a${i - 1}; include b${i - 1}; }\nworld b${i} { include a${i - 1}; include b${i - 1}; }`,
    );
    const { main } = resolve(`package a:b;\ninterface i {}\n${worlds.join("\n")}`);
    expect(main.worlds.get("b199")?.imports.size).toBe(1);
  });

  it("resolve types that name each other a hundred levels deep, twice in each", () => {
    const types = Array.from({ length: 100 }, (_, i) =>
      i === 0 ? "type t0 = u8;" : `type t${i} = tuple<t${i - 1}, t${i - 1}>;`,
    );
    const { main } = resolve(`package a:b;\ninterface i {\n${types.join("\n")}\nf: func() -> t99;\n}`);
    expect(main.interfaces.get("i")?.types.size).toBe(100);
  });

  it("bound chains of interfaces that use each other", () => {
    const chain = (length: number): string => {
      const items = Array.from({ length }, (_, i) =>
        i === 0 ? "interface i0 { type t = u8; }" : `interface i${i} { use i${i - 1}.{t}; }`,
      );
      return `package a:b;\n${items.join("\n")}\nworld w { export i${length - 1}; }`;
    };
    expect(resolve(chain(900)).main.worlds.get("w")?.imports.size).toBe(899);
    expect(errorOf(chain(5000)).reason).toContain("in a chain of more than 1000");
  });

  it("bound the nesting of types, packages and comments", () => {
    const nested = `${"list<".repeat(200_000)}u8${">".repeat(200_000)}`;
    expect(errorOf(`package a:b;\ninterface i { type t = ${nested}; }`).reason).toBe("type nesting too deep");
    expect(errorOf(`package a:b;\n${"package a:c {\n".repeat(100_000)}`).reason).toBe("package nesting too deep");
    expect(errorOf(`package a:b;\n${"/*".repeat(500_000)}`).reason).toBe("unterminated block comment");
  });
});
