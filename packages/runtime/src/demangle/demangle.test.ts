import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Runtime, Trap } from "../index.ts";
import { demangle } from "./demangle.ts";

test.each([
  ["_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad"],
  [
    "_ZN58_$LT$alloc..string..String$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
    "<alloc::string::String as core::fmt::Debug>::fmt",
  ],
  ["_RNvCs1234_7mycrate3foo", "mycrate::foo"],
  ["_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"],
  ["_RINvCs1_7mycrate4testlE", "mycrate::test::<i32>"],
  ["_RNCNvCs1_7mycrate3foo0B3_", "mycrate::foo::{closure#0}"],
  ["_RNvXCs1_7mycrateNtB2_3FooNtNtCs2_4core3fmt5Debug3fmt", "<mycrate::Foo as core::fmt::Debug>::fmt"],
  ["_RINvNtCs1_4core3mem4swapRShE", "core::mem::swap::<&[u8]>"],
  ["_RNvCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y", "utf8_idents::საჭმელად_გემრიელი_სადილი"],
  ["_Z3addii", "add(int, int)"],
  ["_ZN3foo3barEv", "foo::bar()"],
  ["_ZNK3foo3barEi", "foo::bar(int) const"],
  ["_ZN3fooC1Ev", "foo::foo()"],
  ["_ZN1BIiED2Ev", "B<int>::~B()"],
  ["_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<int, std::allocator<int>>::push_back(int const&)"],
  [
    "_ZNSt3__212basic_stringIcNS_11char_traitsIcEENS_9allocatorIcEEE6appendEPKcm",
    "std::__2::basic_string<char, std::__2::char_traits<char>, std::__2::allocator<char>>::append(char const*, unsigned long)",
  ],
  ["_Z4funcIiEvT_", "void func<int>(int)"],
  ["_Z1fIJidEEvDpRKT_", "void f<int, double>(int const&, double const&)"],
  ["_ZN12_GLOBAL__N_13fooEv", "(anonymous namespace)::foo()"],
  ["_ZplRK1AS1_", "operator+(A const&, A const&)"],
  ["_ZN1AcvbEv", "A::operator bool()"],
  ["_Z3fooPFivE", "foo(int (*)())"],
  ["_Z3fooRA3_i", "foo(int (&) [3])"],
  ["_Z1fM1AFviE", "f(void (A::*)(int))"],
  ["_ZZ3foovENKUlvE_clEv", "foo()::{lambda()#1}::operator()() const"],
  ["_ZTV3Foo", "vtable for Foo"],
  ["_Z1fILi5EEvv", "void f<5>()"],
  ["main", undefined],
  ["_start", undefined],
  ["Z3addii", undefined],
  ["_Z", undefined],
  ["_R", undefined],
  ["_Z999999999999x", undefined],
  ["_Z3fo\u001b", undefined],
])("%s is %s", (mangled, name) => {
  expect(demangle(mangled)).toBe(name);
});

describe("a hostile name is given up soon", () => {
  const doubled = (first: string, step: (i: number) => string): string =>
    first + Array.from({ length: 400 }, (_, i) => step(i)).join("");
  test.each([
    ["nested pointers", `_Z1f${"P".repeat(8000)}i`],
    ["nested templates", `_Z${"1aI".repeat(2500)}`],
    ["nested names", `_R${"Nv".repeat(4000)}`],
    ["tuples of tuples", `_RINvC1a1b${"T".repeat(4000)}`],
    [
      "references that double",
      `_Z1fI1a${doubled("", (i) => `S${i.toString(36).toUpperCase()}_IS${i.toString(36).toUpperCase()}_S${i.toString(36).toUpperCase()}_E`)}`,
    ],
    [
      "types that double",
      `_Z1f${doubled("1aIiiE", (i) => `1bIS${i === 0 ? "" : (i - 1).toString(36).toUpperCase()}_S${i === 0 ? "" : (i - 1).toString(36).toUpperCase()}_E`)}`,
    ],
    ["back references that double", `_RINvC1a1bTll${"TB7_B7_E".repeat(500)}E`],
    ["a back reference to itself", "_RNvB_1a"],
    ["digits", `_Z${"9".repeat(8000)}`],
    ["arrays of arrays", `_Z1f${"A9_".repeat(2700)}i`],
    ["a name too long", `_Z3add${"i".repeat(100_000)}`],
  ])("%s", (_what, name) => {
    const before = process.cpuUsage();
    const found = demangle(name);
    expect((found ?? "").length).toBeLessThanOrEqual(4096);
    // Bounded by counts, so that this is far from it on any machine.
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });

  test("whatever it is", () => {
    const token = fc.constantFrom(
      ..."N E I S_ S0_ St T_ T0_ P K R F v i L J Dp C1 D2 Ul Z _ 1a 3foo B_ B0_ X Y M Cs_ s_ G_ D A T p K j 0 u".split(
        " ",
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom("_Z", "_R", "_ZN", "_RNv", "_RI"),
        fc.array(token, { maxLength: 200 }),
        (start, rest) => {
          const found = demangle(start + rest.join(""));
          return found === undefined || (found.length < 10_000 && /^[\x20-\x7e]*$/.test(found));
        },
      ),
      { numRuns: 5000 },
    );
  });
});

test.each(["interpreter", "compiler", "platform"] as const)(
  "frames have names of the source language on %s",
  (engine) => {
    const names = ["_ZN3foo3barEv", "_RNvCs1234_7mycrate3foo", "plain", "_Zstrange"];
    const functions = names.map(
      (name, i) =>
        `(func $"${name}" ${i === 0 ? '(export "run")' : ""} ${i + 1 < names.length ? `(call ${i + 1})` : "unreachable"} nop)`,
    );
    const runtime = new Runtime({ engine });
    const instance = runtime.instantiateSync(runtime.compileSync(`(module ${functions.join(" ")})`));
    try {
      instance.exports.run();
      expect.unreachable();
    } catch (error) {
      const frames = (error as Trap).frames.map(({ functionName, mangledName }) => [functionName, mangledName]);
      expect(error).toBeInstanceOf(Trap);
      expect(frames).toEqual([
        ["_Zstrange", undefined],
        ["plain", undefined],
        ["mycrate::foo", "_RNvCs1234_7mycrate3foo"],
        ["foo::bar()", "_ZN3foo3barEv"],
      ]);
    }
  },
);
