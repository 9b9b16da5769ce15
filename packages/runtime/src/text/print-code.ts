import {
  type BlockType,
  type CatchClause,
  type Immediate,
  type MemArg,
  readImmediates,
  readOpcode,
} from "../binary/instruction-reader.ts";
import { Reader } from "../binary/reader.ts";
import type { ImmediateKind, Instruction } from "../wasm/instructions.ts";
import type { Expression, WasmModule } from "../wasm/module.ts";
import * as OP from "../wasm/opcodes.ts";
import type { FunctionType } from "../wasm/types.ts";
import type { Arm, Item } from "./print-lines.ts";
import { Identifiers, identifier, type ModuleIdentifiers, type TypePrinter } from "./print-names.ts";
import { f32Text, f64Text } from "./print-numbers.ts";

/** A block that is open while code is read. */
interface Block {
  readonly item: Item;
  arm: Arm;
  /** Values that a branch to the block takes. */
  readonly arity: number;
  readonly label: string | undefined;
  readonly opcode: number;
}

const catchWords: readonly string[] = ["catch", "catch_ref", "catch_all", "catch_all_ref"];

/** Operands and results of instructions that pop and push as many whatever their immediates are, and have no row of types. */
const stackEffects: ReadonlyMap<string, readonly [operands: number, results: number]> = new Map([
  ["drop", [1, 0]],
  ["select", [3, 1]],
  ["local.get", [0, 1]],
  ["local.set", [1, 0]],
  ["local.tee", [1, 1]],
  ["global.get", [0, 1]],
  ["global.set", [1, 0]],
  ["table.get", [1, 1]],
  ["table.set", [2, 0]],
  ["table.grow", [2, 1]],
  ["table.size", [0, 1]],
  ["table.fill", [3, 0]],
  ["table.copy", [3, 0]],
  ["table.init", [3, 0]],
  ["memory.copy", [3, 0]],
  ["memory.fill", [3, 0]],
  ["memory.init", [3, 0]],
  ["ref.null", [0, 1]],
  ["ref.is_null", [1, 1]],
  ["ref.func", [0, 1]],
  ["ref.as_non_null", [1, 1]],
  ["ref.test", [1, 1]],
  ["ref.cast", [1, 1]],
  ["any.convert_extern", [1, 1]],
  ["extern.convert_any", [1, 1]],
  ["throw_ref", [1, 0]],
  ["struct.new_default", [0, 1]],
  ["struct.get", [1, 1]],
  ["struct.get_s", [1, 1]],
  ["struct.get_u", [1, 1]],
  ["struct.set", [2, 0]],
  ["array.new", [2, 1]],
  ["array.new_default", [1, 1]],
  ["array.new_data", [2, 1]],
  ["array.new_elem", [2, 1]],
  ["array.get", [2, 1]],
  ["array.get_s", [2, 1]],
  ["array.get_u", [2, 1]],
  ["array.set", [3, 0]],
  ["array.fill", [4, 0]],
  ["array.copy", [5, 0]],
  ["array.init_data", [4, 0]],
  ["array.init_elem", [4, 0]],
]);

/** What a function's body needs beyond its module: its locals and labels by name, and how many values it returns. */
export interface FunctionScope {
  readonly locals: Identifiers;
  /** Names of blocks in the order in which they begin. */
  readonly labels: ReadonlyMap<number, string>;
  readonly results: number;
}

const noLocals = new Identifiers(undefined, 0);

/** The scope of code outside of functions. */
export const constantScope: FunctionScope = { locals: noLocals, labels: new Map(), results: 1 };

/** Code as trees of instructions: each folded with its operands, as far as they can be told, or each alone. */
export class CodePrinter {
  private readonly module: WasmModule;
  private readonly names: ModuleIdentifiers;
  private readonly types: TypePrinter;
  private readonly fold: boolean;
  private scope: FunctionScope = constantScope;
  private blocks: Block[] = [];
  private blockCount = 0;
  /** Depths of the open blocks that have a label, by label, the innermost last. */
  private labels: Map<string, number[]> = new Map();
  /** Whether any code named a data segment. */
  usesData = false;

  constructor(module: WasmModule, names: ModuleIdentifiers, types: TypePrinter, fold: boolean) {
    this.module = module;
    this.names = names;
    this.types = types;
    this.fold = fold;
  }

  /**
   * The instructions of an expression, without its `end`.
   * @returns them, and how many blocks are among them
   * @throws MalformedError when the code does not follow the grammar
   */
  expression({ bytes, start, end }: Expression, scope: FunctionScope, fold: boolean = this.fold): [Item[], number] {
    const reader = new Reader(bytes, start, end);
    const top: Item = { text: "", results: 0, operands: [], arms: [{ head: undefined, items: [] }], width: 0 };
    this.scope = scope;
    this.blockCount = 0;
    this.labels = new Map();
    this.blocks = [{ item: top, arm: top.arms![0], arity: scope.results, label: undefined, opcode: OP.BLOCK }];
    while (this.blocks.length > 0) {
      const at = reader.pos;
      const instruction = readOpcode(reader);
      const immediates = readImmediates(reader, instruction);
      if (!this.structure(reader, at, instruction, immediates, fold)) this.plain(instruction, immediates, fold);
    }
    if (reader.pos !== end) reader.fail("operators remaining after end of function");
    return [top.arms![0].items, this.blockCount];
  }

  /** Instructions that open, part or close a block. @returns whether it is one */
  private structure(
    reader: Reader,
    at: number,
    instruction: Instruction,
    immediates: readonly Immediate[],
    fold: boolean,
  ): boolean {
    const { opcode, name } = instruction;
    const block = this.blocks[this.blocks.length - 1];
    switch (opcode) {
      case OP.BLOCK:
      case OP.LOOP:
      case OP.IF:
      case OP.TRY:
      case OP.TRY_TABLE:
        this.openBlock(instruction, immediates, fold);
        return true;
      case OP.ELSE:
        if (block.opcode !== OP.IF || block.item.arms!.length > 1) reader.fail("unexpected else", at);
        this.openArm(block, name);
        return true;
      case OP.CATCH:
      case OP.CATCH_ALL:
        if (block.opcode !== OP.TRY || block.arm.head === "catch_all") reader.fail(`unexpected ${name}`, at);
        this.openArm(block, opcode === OP.CATCH ? `catch ${this.names.tags.reference(immediates[0] as number)}` : name);
        return true;
      case OP.DELEGATE: {
        if (block.opcode !== OP.TRY || block.item.arms!.length > 1) reader.fail("unexpected delegate", at);
        this.closeBlock();
        block.item.arms!.push({ head: `delegate ${this.label(immediates[0] as number)}`, items: [] });
        return true;
      }
      case OP.END:
        this.closeBlock();
        return true;
      default:
        return false;
    }
  }

  private openBlock(instruction: Instruction, immediates: readonly Immediate[], fold: boolean): void {
    const { name, opcode } = instruction;
    const type = immediates[0] as BlockType;
    const { params, results, text } = this.blockType(type);
    const labelName = this.scope.labels.get(this.blockCount++);
    const label = labelName === undefined || labelName === "" ? undefined : identifier(labelName);
    let head = `${name}${label === undefined ? "" : ` ${label}`}${text}`;
    if (opcode === OP.TRY_TABLE) head += this.catches(immediates[1] as readonly CatchClause[]);
    const first = opcode === OP.IF ? "then" : opcode === OP.TRY ? "do" : undefined;
    const arm: Arm = { head: first, items: [] };
    const item: Item = { text: head, results, operands: [], arms: [arm], width: Number.POSITIVE_INFINITY };
    this.place(item, opcode === OP.IF ? 1 : 0, fold);
    this.blocks.push({ item, arm, arity: opcode === OP.LOOP ? params : results, label, opcode });
    if (label === undefined) return;
    const depths = this.labels.get(label);
    if (depths === undefined) this.labels.set(label, [this.blocks.length - 1]);
    else depths.push(this.blocks.length - 1);
  }

  private openArm(block: Block, head: string): void {
    block.arm = { head, items: [] };
    block.item.arms!.push(block.arm);
  }

  private closeBlock(): void {
    const { label } = this.blocks.pop()!;
    if (label !== undefined) this.labels.get(label)!.pop();
  }

  private plain(instruction: Instruction, immediates: readonly Immediate[], fold: boolean): void {
    const text = this.instruction(instruction, immediates);
    const [operands, results] = this.effect(instruction, immediates);
    const item: Item = { text, results, operands: [], arms: undefined, width: text.length + 2 };
    this.place(item, operands, fold);
  }

  /** Puts an instruction behind those before it, or takes the last of these for its operands when they give just as many values. */
  private place(item: Item, operands: number, fold: boolean): void {
    const { items } = this.blocks[this.blocks.length - 1].arm;
    if (fold && operands > 0) {
      let first = items.length;
      let missing = operands;
      while (missing > 0 && first > 0 && items[first - 1].results > 0 && items[first - 1].results <= missing)
        missing -= items[--first].results;
      if (missing === 0) {
        item.operands = items.splice(first);
        for (const { width } of item.operands) item.width += width + 1;
      }
    }
    items.push(item);
  }

  private functionType(index: number): FunctionType | undefined {
    const composite = this.module.types[index]?.composite;
    return composite?.kind === "func" ? composite : undefined;
  }

  private blockType(type: BlockType): { params: number; results: number; text: string } {
    if (type.kind === "empty") return { params: 0, results: 0, text: "" };
    if (type.kind === "value") return { params: 0, results: 1, text: ` (result ${this.types.value(type.type)})` };
    const { text, signature } = this.typeUse(type.index);
    return { params: signature?.params.length ?? 0, results: signature?.results.length ?? 0, text };
  }

  /** `(type $t) (param …) (result …)`. */
  private typeUse(index: number): { text: string; signature: FunctionType | undefined } {
    const signature = this.functionType(index);
    const text = ` (type ${this.names.types.reference(index)})`;
    return { text: signature === undefined ? text : text + this.types.signature(signature), signature };
  }

  private catches(clauses: readonly CatchClause[]): string {
    return clauses
      .map(({ kind, tag, label }) => {
        const of = kind < 2 ? ` ${this.names.tags.reference(tag)}` : "";
        return ` (${catchWords[kind]}${of} ${this.label(label)})`;
      })
      .join("");
  }

  /** The block that a depth means; undefined beyond the outermost. */
  private target(depth: number): Block | undefined {
    return this.blocks[this.blocks.length - 1 - depth];
  }

  /** A branch's target: by name where an inner block has not the same, by depth otherwise. */
  private label(depth: number): string {
    const label = this.target(depth)?.label;
    const innermost = label === undefined ? undefined : this.labels.get(label)?.at(-1);
    return label !== undefined && innermost === this.blocks.length - 1 - depth ? label : String(depth);
  }

  private instruction(instruction: Instruction, immediates: readonly Immediate[]): string {
    const { name, opcode, immediates: kinds } = instruction;
    const types = this.types;
    switch (name) {
      case "select":
        return opcode === OP.SELECT_TYPED ? name + resultList(types, immediates[0] as readonly number[]) : name;
      case "ref.test":
      case "ref.cast":
        return `${name} ${types.reference((opcode & 1) === 1, immediates[0] as number)}`;
      case "br_on_cast":
      case "br_on_cast_fail": {
        const [flags, label, from, to] = immediates as number[];
        return `${name} ${this.label(label)} ${types.reference((flags & 1) !== 0, from)} ${types.reference((flags & 2) !== 0, to)}`;
      }
      case "call_indirect":
      case "return_call_indirect": {
        const [type, table] = immediates as number[];
        return `${name}${table === 0 ? "" : ` ${this.names.tables.reference(table)}`}${this.typeUse(type).text}`;
      }
      case "table.init":
      case "memory.init": {
        const [segment, target] = immediates as number[];
        const ofMemory = name === "memory.init";
        if (ofMemory) this.usesData = true;
        const space = ofMemory ? this.names.memories : this.names.tables;
        const segments = ofMemory ? this.names.data : this.names.elements;
        return `${name}${target === 0 ? "" : ` ${space.reference(target)}`} ${segments.reference(segment)}`;
      }
      case "table.copy":
      case "memory.copy": {
        const [to, from] = immediates as number[];
        const space = name === "memory.copy" ? this.names.memories : this.names.tables;
        return to === 0 && from === 0 ? name : `${name} ${space.reference(to)} ${space.reference(from)}`;
      }
    }
    let text = name;
    for (let i = 0; i < kinds.length; i++) text += this.immediate(instruction, kinds[i], immediates[i], immediates[0]);
    return text;
  }

  /** One immediate with a space before it, or nothing where it is what it would be by itself. */
  private immediate(instruction: Instruction, kind: ImmediateKind, value: Immediate, first: Immediate): string {
    const { names } = this;
    switch (kind) {
      case "local":
        return ` ${this.scope.locals.reference(value as number)}`;
      case "label":
        return ` ${this.label(value as number)}`;
      case "labels":
        return (value as readonly number[]).map((label) => ` ${this.label(label)}`).join("");
      case "func":
        return ` ${names.functions.reference(value as number)}`;
      case "type":
        return ` ${names.types.reference(value as number)}`;
      case "global":
        return ` ${names.globals.reference(value as number)}`;
      case "tag":
        return ` ${names.tags.reference(value as number)}`;
      case "elem":
        return ` ${names.elements.reference(value as number)}`;
      case "data":
        this.usesData = true;
        return ` ${names.data.reference(value as number)}`;
      case "table":
        return value === 0 ? "" : ` ${names.tables.reference(value as number)}`;
      case "memory":
        return value === 0 ? "" : ` ${names.memories.reference(value as number)}`;
      case "field":
        return ` ${names.fields.get(first as number)?.reference(value as number) ?? value}`;
      case "f32":
        return ` ${f32Text(value as number)}`;
      case "f64":
        return ` ${f64Text(value as bigint)}`;
      case "v128":
        return ` i32x4${words(value as Uint8Array)}`;
      case "lanes":
        return [...(value as Uint8Array)].map((lane) => ` ${lane}`).join("");
      case "memarg":
        return this.memArg(instruction, value as MemArg);
      case "heaptype":
        return ` ${this.types.heap(value as number)}`;
      case "fence":
        return "";
      default:
        return ` ${value}`;
    }
  }

  private memArg({ width }: Instruction, { align, memory, offset }: MemArg): string {
    let text = memory === 0 ? "" : ` ${this.names.memories.reference(memory)}`;
    if (offset !== 0n) text += ` offset=${offset}`;
    if (2 ** align !== width) text += ` align=${1n << BigInt(align)}`;
    return text;
  }

  /** How many values an instruction takes and gives. One that is wrong costs the folding its sense, never the text its meaning. */
  private effect(instruction: Instruction, immediates: readonly Immediate[]): readonly [number, number] {
    const { name, params, results } = instruction;
    if (params !== undefined && results !== undefined) return [params.length, results.length];
    const fixed = stackEffects.get(name);
    if (fixed !== undefined) return fixed;
    const { module } = this;
    const [first, second] = immediates as readonly number[];
    switch (name) {
      case "call":
        return effectOf(this.functionType(module.functions[first]), 0);
      case "return_call":
        return [effectOf(this.functionType(module.functions[first]), 0)[0], 0];
      case "call_indirect":
      case "call_ref":
        return effectOf(this.functionType(first), 1);
      case "return_call_indirect":
      case "return_call_ref":
        return [effectOf(this.functionType(first), 1)[0], 0];
      case "throw":
        return [effectOf(this.functionType(module.tags[first]), 0)[0], 0];
      case "return":
        return [this.scope.results, 0];
      case "br":
        return [this.target(first)?.arity ?? 0, 0];
      case "br_if": {
        const arity = this.target(first)?.arity ?? 0;
        return [arity + 1, arity];
      }
      case "br_table": {
        const labels = immediates[0] as readonly number[];
        return [1 + (this.target(labels[labels.length - 1])?.arity ?? 0), 0];
      }
      case "br_on_null": {
        const arity = this.target(first)?.arity ?? 0;
        return [arity + 1, arity + 1];
      }
      case "br_on_non_null": {
        const arity = this.target(first)?.arity ?? 1;
        return [arity, arity - 1];
      }
      case "br_on_cast":
      case "br_on_cast_fail": {
        const arity = this.target(second)?.arity ?? 1;
        return [arity, arity];
      }
      case "struct.new": {
        const composite = module.types[first]?.composite;
        return [composite?.kind === "struct" ? composite.fields.length : 0, 1];
      }
      case "array.new_fixed":
        return [second, 1];
      default:
        return [0, 0];
    }
  }
}

function effectOf(type: FunctionType | undefined, more: number): readonly [number, number] {
  return [(type?.params.length ?? 0) + more, type?.results.length ?? 0];
}

function resultList(types: TypePrinter, results: readonly number[]): string {
  return results.length === 0 ? " (result)" : types.list("result", results);
}

/** Sixteen bytes as four words in hexadecimal. */
function words(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < 16; i += 4) {
    const word = (bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24)) >>> 0;
    text += ` 0x${word.toString(16).padStart(8, "0")}`;
  }
  return text;
}
