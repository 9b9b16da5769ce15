import type { Feature } from "../../wasm/features.ts";
import { STRING_MODULE, STRING_SET } from "../../wasm/string-builtins.ts";
import { trapCodeOf } from "./trap-codes.ts";
import {
  type NativeCompileOptions,
  type NativeFunction,
  type NativeWebAssembly,
  nativeWebAssembly,
} from "./web-assembly.ts";

/** What the platform can do, found out once by trying: versions tell nothing about flags, patches and policies. */
export interface PlatformAbilities {
  readonly webAssembly: NativeWebAssembly;
  /** Features that its WebAssembly has, among those that not every platform has. */
  readonly features: ReadonlySet<Feature>;
  /** Tables with 64-bit indices came later than memories with 64-bit addresses. */
  readonly table64: boolean;
  /** JavaScript Promise Integration: a guest can be suspended while the event loop runs. */
  readonly suspends: boolean;
  /**
   * Whether branch hints are honoured. That cannot be seen; V8, whose optimising compiler it matters to, does so since the release that brought
   * JavaScript Promise Integration.
   */
  readonly hints: boolean;
  /** Whether the alignment of an atomic access is looked at before its bounds. */
  readonly alignsFirst: boolean;
  /** Whether it has builtin functions on strings, and string constants that are imported. */
  readonly stringBuiltins: boolean;
  readonly stringConstants: boolean;
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

function section(id: number, ...bytes: number[]): number[] {
  return [id, bytes.length, ...bytes];
}

const NO_TYPE = section(1, 1, 0x60, 0, 0);

/** A module with one function of type `() -> ()`, and sections before its code. */
function withCode(code: number[], ...sections: number[][]): number[] {
  return [...NO_TYPE, ...section(3, 1, 0), ...sections.flat(), ...section(10, 1, code.length + 2, 0, ...code, 0x0b)];
}

/** Reads atomically where it is neither aligned nor within the memory, which is empty. */
const MISALIGNED = [
  ...NO_TYPE,
  ...section(3, 1, 0),
  ...section(5, 1, 0, 0),
  ...section(7, 1, 1, 0x66, 0, 0),
  ...section(10, 1, 9, 0, 0x41, 1, 0xfe, 0x10, 2, 0, 0x1a, 0x0b),
];

const ZERO_VECTOR = [0xfd, 12, ...new Array(16).fill(0)];
const ZERO_I64 = [0x42, 0];

/** For each feature that a platform may lack, a module that needs it. */
const probes: readonly (readonly [Feature, number[]])[] = [
  ["multi-value", section(1, 1, 0x60, 0, 2, 0x7f, 0x7f)],
  ["bulk-memory", withCode([0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 0], section(5, 1, 0, 0))],
  ["reference-types", withCode([0xd0, 0x6f, 0x1a])],
  ["sign-extension", withCode([0x41, 0, 0xc0, 0x1a])],
  ["nontrapping-float-to-int", withCode([0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a])],
  ["simd", withCode([...ZERO_VECTOR, 0x1a])],
  ["relaxed-simd", withCode([...ZERO_VECTOR, ...ZERO_VECTOR, 0xfd, 0x80, 0x02, 0x1a])],
  ["tail-call", withCode([0x12, 0])],
  ["extended-const", section(6, 1, 0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b)],
  ["function-references", section(1, 2, 0x60, 0, 0, 0x60, 1, 0x64, 0, 0)],
  ["gc", section(1, 1, 0x5f, 0)],
  ["exceptions", withCode([0x1f, 0x40, 0, 0x0b])],
  ["legacy-exceptions", withCode([0x06, 0x40, 0x0b])],
  ["multi-memory", section(5, 2, 0, 0, 0, 0)],
  ["memory64", section(5, 1, 4, 0)],
  ["threads", withCode([0x41, 0, 0xfe, 0x10, 2, 0, 0x1a], section(5, 1, 3, 1, 1))],
  ["wide-arithmetic", withCode([...ZERO_I64, ...ZERO_I64, ...ZERO_I64, ...ZERO_I64, 0xfc, 0x13, 0x1a, 0x1a])],
];

let abilities: PlatformAbilities | string | undefined;

/** What the platform can do, or in words why nothing. */
export function platformAbilities(): PlatformAbilities | string {
  abilities ??= probe();
  return abilities;
}

function probe(): PlatformAbilities | string {
  const webAssembly = nativeWebAssembly();
  if (webAssembly === undefined) return "this platform has no WebAssembly";
  try {
    new webAssembly.Module(new Uint8Array(HEADER));
  } catch (error) {
    return `this platform refuses to compile WebAssembly at run time: ${(error as Error).message}`;
  }
  const has = (bytes: number[]): boolean => webAssembly.validate(new Uint8Array([...HEADER, ...bytes]));
  const features = new Set<Feature>();
  for (const [feature, bytes] of probes) if (has(bytes)) features.add(feature);
  if (!features.has("multi-value")) return "this platform's WebAssembly lacks functions with several results";
  const suspends = typeof webAssembly.Suspending === "function" && typeof webAssembly.promising === "function";
  const table64 = has(section(4, 1, 0x70, 4, 0));
  const alignsFirst = features.has("threads") && trapsAligned(webAssembly);
  // An import of a wrong type is an error only where its name means something.
  const names = (module: string, name: string): number[] =>
    [module, name].flatMap((text) => [text.length, ...Array.from(text, (character) => character.charCodeAt(0))]);
  const badFunction = [...NO_TYPE, ...section(2, 1, ...names(STRING_MODULE, "length"), 0, 0)];
  const badGlobal = section(2, 1, ...names("s", "x"), 3, 0x7f, 0);
  const knows = (bytes: number[], options: NativeCompileOptions): boolean =>
    has(bytes) && !webAssembly.validate(new Uint8Array([...HEADER, ...bytes]), options);
  const stringBuiltins = knows(badFunction, { builtins: [STRING_SET] });
  const stringConstants = knows(badGlobal, { importedStringConstants: "s" });
  const strings = { stringBuiltins, stringConstants };
  return { webAssembly, features, table64, suspends, hints: suspends, alignsFirst, ...strings };
}

function trapsAligned({ Module, Instance }: NativeWebAssembly): boolean {
  const { exports } = new Instance(new Module(new Uint8Array([...HEADER, ...MISALIGNED])), {});
  try {
    (exports.f as NativeFunction)();
  } catch (error) {
    return trapCodeOf((error as Error).message) === "unaligned-atomic";
  }
  return false;
}
