import { allFeatures } from "@wardian/runtime";
import {
  decodeModule,
  encodeModule,
  type FunctionBody,
  type GlobalDefinition,
  instructions,
} from "@wardian/runtime/formats";
import { Reader, readImmediates, readOpcode } from "@wardian/runtime/internal";

/*
 * Which instructions modules really execute, and not only hold: before each instruction the copy of a module that is made here sets a global of its own
 * for the instruction's name. Globals come last in their index space and constants leave the stack as it is, so nothing else of the module changes.
 */

const I32 = 0x7f;

/** What names the global of an instruction among a module's exports. */
const PREFIX = "executed ";

/** Instructions that code may not stand before, or that nothing executes. */
const silent: ReadonlySet<string> = new Set(["else", "end", "catch", "catch_all", "delegate"]);

function leb128(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

/** A copy of a module that notes what it executes. */
export function withCoverage(bytes: Uint8Array): Uint8Array {
  const module = decodeModule(bytes, allFeatures);
  const first = module.globals.length;
  const indices = new Map<string, number>();
  const bodies = module.bodies.map((body): FunctionBody => {
    const code: number[] = [];
    const reader = new Reader(body.bytes, body.start, body.end);
    while (reader.pos < body.end) {
      const at = reader.pos;
      const instruction = readOpcode(reader);
      readImmediates(reader, instruction);
      const { name } = instruction;
      if (!silent.has(name)) {
        let index = indices.get(name);
        if (index === undefined) {
          index = first + indices.size;
          indices.set(name, index);
        }
        code.push(0x41, 1, 0x24, ...leb128(index));
      }
      for (let i = at; i < reader.pos; i++) code.push(body.bytes[i]);
    }
    return { bytes: Uint8Array.from(code), start: 0, end: code.length, locals: body.locals };
  });
  const zero = Uint8Array.of(0x41, 0, 0x0b);
  const globals = [...indices].map(
    (): GlobalDefinition => ({ type: { type: I32, mutable: true }, init: { bytes: zero, start: 0, end: 3 } }),
  );
  const exports = [...indices].map(([name, index]) => ({ name: `${PREFIX}${name}`, kind: "global" as const, index }));
  return encodeModule({
    ...module,
    bodies,
    globals: [...module.globals, ...globals],
    exports: [...module.exports, ...exports],
  });
}

/** How many modules executed each instruction. */
export class Coverage {
  private readonly counts: Map<string, number> = new Map();

  /** Takes in what an instance of a module of {@link withCoverage} has executed. */
  add(exports: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(exports)) {
      if (!name.startsWith(PREFIX) || (value as { value: unknown }).value !== 1) continue;
      const instruction = name.slice(PREFIX.length);
      this.counts.set(instruction, (this.counts.get(instruction) ?? 0) + 1);
    }
  }

  /** Instructions that no module executed. */
  get missing(): string[] {
    return instructions.map(({ name }) => name).filter((name) => !silent.has(name) && !this.counts.has(name));
  }

  /** A line for each proposal: how many of its instructions were executed, and which were not. */
  report(): string[] {
    const groups = new Map<string, string[]>();
    for (const { name, feature } of instructions) {
      if (silent.has(name)) continue;
      const group = groups.get(feature ?? "WebAssembly 1.0") ?? [];
      group.push(name);
      groups.set(feature ?? "WebAssembly 1.0", group);
    }
    return [...groups].map(([feature, names]) => {
      const missing = names.filter((name) => !this.counts.has(name));
      const executed = names.length - missing.length;
      return `${feature}: ${executed} of ${names.length}${missing.length === 0 ? "" : `; not ${missing.join(", ")}`}`;
    });
  }
}
