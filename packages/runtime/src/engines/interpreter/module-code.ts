import type { Module } from "../../module.ts";
import type { Arena } from "./arena.ts";
import type { CodeTrace } from "./emitter.ts";
import type { Handler } from "./labels.ts";
import { FLAG, HEADER, Translator } from "./translator.ts";

/** Slots that no frame has room for, so that a function's stub is never entered. */
const NEVER = 0x3fffffff;

/** Functions in the arena by the address where they begin, ascending: what a program counter belongs to. */
const starts: number[] = [];
const owners: { readonly code: ModuleCode; readonly index: number; readonly start: number }[] = [];
/** The first words are the machine's own. */
let top = 4;

/** Reserves words of the arena for good. @throws RangeError when it is full */
export function reserve(arena: Arena, words: number): number {
  if (top + words > arena.code.length)
    throw new RangeError("the interpreter's code memory is full: too much code has been prepared in this process");
  const at = top;
  // Constants stand at even words.
  top += (words + 1) & ~1;
  return at;
}

/** The function that an address of the arena belongs to. */
export function functionAt(
  pc: number,
): { readonly code: ModuleCode; readonly index: number; readonly start: number } | undefined {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= pc) low = middle;
    else high = middle - 1;
  }
  if (starts.length === 0 || starts[low] > pc) return undefined;
  return owners[low];
}

const noHandlers: readonly Handler[] = [];

/** A place in a function: the offset of the instruction in the module, and the fuel pending at it. */
export interface CodePlace {
  readonly offset: number;
  readonly pending: number;
}

/**
 * The prepared code of one module, shared by its instances. A function is translated when it is first called; until then its entry is a
 * stub that no call can enter, so that the driver is asked.
 */
export class ModuleCode {
  readonly module: Module;
  /** By index of function less the imported ones. */
  readonly entries: Int32Array;
  private readonly handlers: Map<number, readonly Handler[]> = new Map();
  private readonly arena: Arena;
  private readonly translator: Translator;
  private readonly imported: number;

  constructor(module: Module, arena: Arena) {
    this.module = module;
    this.arena = arena;
    const { functions, importCounts } = module.syntax;
    this.imported = importCounts.func;
    const count = functions.length - this.imported;
    this.entries = new Int32Array(count);
    const { code } = arena;
    let at = reserve(arena, count * HEADER);
    for (let i = 0; i < count; i++, at += HEADER) {
      code[at + 1] = NEVER;
      code[at + 2] = FLAG.stub | (i << 3);
      this.entries[i] = at;
      starts.push(at);
      owners.push({ code: this, index: this.imported + i, start: at });
    }
    this.translator = new Translator(module.syntax, this);
  }

  /** The entry of a function of the module itself, by its index in the index space. */
  entry(index: number): number {
    return this.entries[index - this.imported];
  }

  /** Translates a function if that has not been done. @returns its entry */
  prepare(index: number): number {
    const { code } = this.arena;
    const place = index - this.imported;
    const entry = this.entries[place];
    if ((code[entry + 2] & FLAG.stub) === 0) return entry;
    const length = this.translator.translate(index, top);
    const base = reserve(this.arena, length);
    code.set(this.translator.emitter.words.subarray(0, length), base);
    this.entries[place] = base;
    const { handlers } = this.translator;
    if (handlers.length > 0) this.handlers.set(index, handlers);
    starts.push(base);
    owners.push({ code: this, index, start: base });
    return base;
  }

  /** The exception handlers of a prepared function. */
  handlersOf(index: number): readonly Handler[] {
    return this.handlers.get(index) ?? noHandlers;
  }

  /**
   * Where in the guest's code the machine is, found by translating the function once more.
   * @param pc an address in the code of function `index`, which begins at `start`
   * @param isReturn whether `pc` is a return address: the call before it is meant
   */
  place(index: number, start: number, pc: number, isReturn: boolean): CodePlace {
    const trace: CodeTrace = { entries: [] };
    this.translator.translate(index, start, trace);
    const { entries } = trace;
    const wanted = pc - start - (isReturn ? 1 : 0);
    let found = 0;
    for (let i = 0; i < entries.length && entries[i] <= wanted; i += 3) found = i;
    return { offset: entries[found + 1], pending: entries[found + 2] };
  }
}
