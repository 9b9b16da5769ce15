import { allFeatures } from "@wardian/runtime";
import {
  decodeModule,
  encodeModule,
  type FunctionBody,
  type ImmediateKind,
  type Instruction,
  instructions,
  type WasmModule,
} from "@wardian/runtime/formats";
import { Reader, readImmediates, readOpcode } from "@wardian/runtime/internal";
import type { Random } from "./random.ts";

/** One change to a module. Those within a body count bytes from the body's start. */
export type Edit =
  | {
      readonly kind: "code";
      readonly body: number;
      readonly at: number;
      readonly remove: number;
      readonly insert: number[];
    }
  | { readonly kind: "byte"; readonly at: number; readonly value: number };

/** Applies edits to a module; undefined when the module they meet cannot be encoded any more. */
export function applyEdits(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const module = decodeModule(bytes, allFeatures);
  const bodies = module.bodies.map((body) => body.bytes.subarray(body.start, body.end));
  for (const edit of edits) {
    if (edit.kind !== "code") continue;
    const code = bodies[edit.body];
    bodies[edit.body] = Uint8Array.from([
      ...code.subarray(0, edit.at),
      ...edit.insert,
      ...code.subarray(edit.at + edit.remove),
    ]);
  }
  const changed: WasmModule = {
    ...module,
    bodies: module.bodies.map(
      (body, i): FunctionBody => ({ bytes: bodies[i], start: 0, end: bodies[i].length, locals: body.locals }),
    ),
  };
  const result = encodeModule(changed);
  for (const edit of edits) if (edit.kind === "byte" && edit.at < result.length) result[edit.at] = edit.value;
  return result;
}

/** Makes edits that leave most of the module as it is, so that what is wrong is found deep inside. */
export function makeEdits(random: Random, bytes: Uint8Array, module: WasmModule): Edit[] {
  const count = 1 + random.below(3);
  return Array.from({ length: count }, () => makeEdit(random, bytes, module));
}

function makeEdit(random: Random, bytes: Uint8Array, module: WasmModule): Edit {
  if (module.bodies.length === 0 || random.chance(25)) {
    // Bytes 0 to 7 are the header, about which there is little to find out.
    const at = 8 + random.below(bytes.length - 8);
    const value = random.chance(50) ? bytes[at] ^ (1 << random.below(8)) : random.next() & 0xff;
    return { kind: "byte", at, value };
  }
  const body = random.below(module.bodies.length);
  const starts = instructionStarts(module.bodies[body]);
  const which = random.below(starts.length);
  const at = starts[which];
  const length = (starts[which + 1] ?? module.bodies[body].end - module.bodies[body].start) - at;
  switch (random.below(4)) {
    case 0:
      return { kind: "code", body, at, remove: length, insert: [] };
    case 1:
      return { kind: "code", body, at, remove: length, insert: randomInstruction(random, module) };
    case 2:
      return { kind: "code", body, at: at + random.below(length), remove: 1, insert: [random.next() & 0xff] };
    default:
      return { kind: "code", body, at, remove: 0, insert: randomInstruction(random, module) };
  }
}

function instructionStarts(body: FunctionBody): number[] {
  const reader = new Reader(body.bytes, body.start, body.end);
  const starts: number[] = [];
  while (reader.pos < body.end) {
    starts.push(reader.pos - body.start);
    readImmediates(reader, readOpcode(reader));
  }
  return starts;
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

function randomInstruction(random: Random, module: WasmModule): number[] {
  const instruction = random.pick(instructions);
  const { opcode, immediates } = instruction;
  const code = opcode < 0x100 ? [opcode] : [opcode >>> 12, ...leb(opcode & 0xfff)];
  for (const kind of immediates) code.push(...randomImmediate(random, kind, instruction, module));
  if (immediates[0] === "blocktype") code.push(0x0b);
  return code;
}

/** An index that mostly exists. */
const index = (random: Random, count: number): number[] => leb(random.below(count + (random.chance(10) ? 2 : 0) || 1));

const valueTypes = [0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f, 0x6e, 0x6d, 0x6c, 0x6b, 0x6a, 0x69, 0x71, 0x72, 0x73];

function randomType(random: Random, module: WasmModule): number[] {
  if (random.chance(70)) return [random.pick(valueTypes)];
  return [random.pick([0x63, 0x64]), ...randomHeapType(random, module)];
}

function randomHeapType(random: Random, module: WasmModule): number[] {
  return random.chance(50)
    ? [random.pick(valueTypes.slice(5))]
    : leb(random.below(Math.min(module.types.length, 64) || 1));
}

function randomImmediate(
  random: Random,
  kind: ImmediateKind,
  { width, lanes }: Instruction,
  module: WasmModule,
): number[] {
  switch (kind) {
    case "blocktype":
      return random.chance(50) ? [0x40] : random.chance(50) ? randomType(random, module) : [random.below(64)];
    case "label":
      return [random.below(4)];
    case "labels":
      return [2, random.below(4), random.below(4), random.below(4)];
    case "catches": {
      const kindOfClause = random.below(4);
      return [1, kindOfClause, ...(kindOfClause < 2 ? index(random, module.tags.length) : []), random.below(3)];
    }
    case "func":
      return index(random, module.functions.length);
    case "type":
      return index(random, module.types.length);
    case "table":
      return index(random, module.tables.length);
    case "memory":
      return index(random, module.memories.length);
    case "global":
      return index(random, module.globals.length);
    case "local":
      return [random.below(8)];
    case "tag":
      return index(random, module.tags.length);
    case "data":
      return index(random, module.data.length);
    case "elem":
      return index(random, module.elements.length);
    case "field":
      return [random.below(4)];
    case "u32":
    case "i32":
    case "i64":
      return [random.below(128)];
    case "f32":
      return [...random.bytes(4)];
    case "f64":
      return [...random.bytes(8)];
    case "v128":
      return [...random.bytes(16)];
    case "memarg": {
      const alignment = random.chance(80) ? 31 - Math.clz32(width) : random.below(6);
      return random.chance(15)
        ? [alignment | 0x40, random.below(2), random.below(128)]
        : [alignment, random.below(128)];
    }
    case "lane":
      return [random.below(lanes + 1)];
    case "lanes":
      return [...random.bytes(16)].map((byte) => byte % (lanes + (random.chance(2) ? 1 : 0)));
    case "fence":
      return [random.chance(90) ? 0 : 1];
    case "heaptype":
      return randomHeapType(random, module);
    case "valtypes":
      return random.chance(90) ? [1, ...randomType(random, module)] : [2, 0x7f, 0x7f];
    case "castflags":
      return [random.below(5)];
  }
}
