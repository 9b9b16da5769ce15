import { stopPosition } from "../../../metering/stop-position.ts";
import type { Module } from "../../../store/module.ts";
import { RuntimeError } from "../../../store/trap.ts";
import { lengths, MACHINE_OP } from "../generated/machine-opcodes.ts";
import type { CodeTrace } from "../translation/emitter.ts";
import type { Handler } from "../translation/labels.ts";
import { Translator } from "../translation/translator.ts";
import { type Arena, TRAINING_WORDS } from "./arena.ts";
import { type Block, CodeMemory } from "./code-memory.ts";
import { FLAG, HEADER } from "./header.ts";

/** Slots that no frame has room for, so that the stub of a function that is not prepared is never entered. */
const NEVER = 0x3fffffff;
/** A stub: a header, and a jump to the function for whoever has its address. */
const STUB_WORDS = HEADER + 2;
/** The first words of the code memory are the machine's own. */
const OWN_WORDS = 4;

/** Where a program counter is: a function of a module, and where its code or its stub begins. */
export interface CodeOwner {
  readonly code: ModuleCode;
  readonly index: number;
  readonly start: number;
}

/** Which check of the metering plan a guest is at: that of a function's entry, or of a loop's head. */
export const CHECK = { none: 0, entry: 1, head: 2 } as const;
export type Check = (typeof CHECK)[keyof typeof CHECK];

const noHandlers: readonly Handler[] = [];

/** A place in a function: the offset of the instruction in the module, and the fuel pending at it. */
export interface CodePlace {
  readonly offset: number;
  readonly pending: number;
}

/** The prepared code of all modules, and who is to be asked which functions are running when it must make room. */
export class CodeStore {
  readonly arena: Arena;
  readonly memory: CodeMemory<ModuleCode>;
  private readonly running: () => Iterable<number>;

  /** @param running addresses in the code of all functions that are on the stack */
  constructor(arena: Arena, running: () => Iterable<number>) {
    this.arena = arena;
    this.memory = new CodeMemory(OWN_WORDS, arena.code.length - TRAINING_WORDS);
    this.running = running;
  }

  /** The function that an address belongs to. */
  functionAt(pc: number): CodeOwner | undefined {
    const block = this.memory.at(pc);
    const code = block?.owner();
    if (block === undefined || code === undefined) return undefined;
    if (block.index >= 0) return { code, index: block.index, start: block.start };
    const place = Math.floor((pc - block.start) / STUB_WORDS);
    return { code, index: code.imported + place, start: block.start + place * STUB_WORDS };
  }

  /** Reserves words, at the price of prepared code that is not running if need be. @throws RuntimeError when that is not enough */
  reserve(words: number, owner: ModuleCode, index: number): Block<ModuleCode> {
    let block = this.memory.reserve(words, owner, index);
    if (block === undefined) {
      this.evict();
      block = this.memory.reserve(words, owner, index);
    }
    if (block === undefined)
      throw new RuntimeError(
        "the interpreter's code memory is full: the functions that are running leave no room for another",
      );
    return block;
  }

  /** Forgets the code of all functions that are not on a stack; each is translated again when it is next called. */
  private evict(): void {
    const { memory, arena } = this;
    const live = new Set<Block<ModuleCode>>();
    for (const pc of this.running()) {
      const block = memory.at(pc);
      if (block !== undefined) live.add(block);
    }
    const isGone = (block: Block<ModuleCode>): boolean =>
      block.index >= 0 && !live.has(block) && block.owner()?.isPinned(block.index) !== true;
    for (const block of memory.all()) if (isGone(block)) block.owner()?.forget(block.index);
    // What stays must not jump into what is gone.
    const { code } = arena;
    for (const block of memory.all()) {
      if (block.index < 0 || isGone(block)) continue;
      const end = block.start + (block.owner()?.codeEnd(block.index) ?? 0);
      for (let pc = block.start + HEADER; pc < end; pc += lengthAt(code, pc)) {
        const op = code[pc];
        if (op !== MACHINE_OP.call && op !== MACHINE_OP.returnCall && op !== MACHINE_OP.returnCallReferences) continue;
        const target = this.functionAt(code[pc + 1]);
        if (target !== undefined) code[pc + 1] = target.code.entry(target.index);
      }
    }
    memory.release(isGone);
  }
}

/** Words of the instruction at an address. */
export function lengthAt(code: Int32Array, pc: number): number {
  const op = code[pc];
  const length = lengths[op];
  if (length !== 0) return length;
  switch (op) {
    case MACHINE_OP.extended:
    case MACHINE_OP.pure:
    case MACHINE_OP.driver:
      return code[pc + 2];
    case MACHINE_OP.extendedBranch:
      return code[pc + 4];
    case MACHINE_OP.brTable:
      return 3 + 2 * (code[pc + 2] + 1);
    default:
      return 0;
  }
}

/** What is kept of a function while it is prepared. */
interface Prepared {
  readonly handlers: readonly Handler[];
  /** Where its instructions end and its constants begin. */
  readonly end: number;
}

/**
 * The prepared code of one module, shared by its instances. A function is translated when it is first called; until then its entry is a
 * stub that no call can enter, so that the driver is asked.
 */
export class ModuleCode {
  readonly module: Module;
  readonly imported: number;
  /** By index of function less the imported ones. */
  readonly entries: Int32Array;
  private readonly store: CodeStore;
  private readonly stubs: number;
  private readonly prepared: Map<number, Prepared> = new Map();
  /** Frames of suspended calls, by function: their code must stay. */
  private readonly pins: Map<number, number> = new Map();
  private readonly translator: Translator;

  /** @param deterministic see `InstanceOptions.deterministic` */
  constructor(module: Module, store: CodeStore, deterministic: boolean) {
    this.module = module;
    this.store = store;
    const { functions, importCounts } = module.syntax;
    this.imported = importCounts.func;
    const count = functions.length - this.imported;
    this.entries = new Int32Array(count);
    this.stubs = count === 0 ? 0 : store.reserve(count * STUB_WORDS, this, -1).start;
    for (let i = 0; i < count; i++) this.forget(this.imported + i);
    this.translator = new Translator(module.syntax, this, deterministic);
  }

  /** The entry of a function of the module itself, by its index in the index space. */
  entry(index: number): number {
    return this.entries[index - this.imported];
  }

  /** Translates a function if that has not been done. @returns its entry */
  prepare(index: number): number {
    const { store, translator } = this;
    const { code } = store.arena;
    const place = index - this.imported;
    const stub = this.stubs + place * STUB_WORDS;
    if (this.entries[place] !== stub) return this.entries[place];
    const range = store.memory.likely;
    let length = translator.translate(index, range.start);
    let block = store.memory.reserveIn(range, length, this, index);
    if (block === undefined) {
      block = store.reserve(length, this, index);
      length = translator.translate(index, block.start);
    }
    code.set(translator.emitter.words.subarray(0, length), block.start);
    this.entries[place] = block.start;
    code.copyWithin(stub, block.start, block.start + HEADER);
    code[stub + HEADER] = MACHINE_OP.jump;
    code[stub + HEADER + 1] = block.start + HEADER;
    this.prepared.set(index, { handlers: translator.handlers.list, end: translator.emitter.codeEnd });
    return block.start;
  }

  /** The exception handlers of a prepared function. */
  handlersOf(index: number): readonly Handler[] {
    return this.prepared.get(index)?.handlers ?? noHandlers;
  }

  /** Words of a prepared function before its constants. */
  codeEnd(index: number): number {
    return this.prepared.get(index)?.end ?? 0;
  }

  /** Bytes of the prepared code of the functions that have run, their constants included, and of the bodies that it was made of. */
  footprint(): { readonly code: number; readonly bodies: number } {
    let code = 0;
    let bodies = 0;
    for (const index of this.prepared.keys()) {
      const block = this.store.memory.at(this.entry(index));
      const body = this.module.syntax.bodies[index - this.imported];
      if (block !== undefined) code += 4 * (block.end - block.start);
      bodies += body.end - body.start;
    }
    return { code, bodies };
  }

  /** Makes a function's stub its entry again. */
  forget(index: number): void {
    const place = index - this.imported;
    const stub = this.stubs + place * STUB_WORDS;
    this.entries[place] = stub;
    this.store.arena.code.set([0, NEVER, FLAG.stub], stub);
    this.prepared.delete(index);
  }

  /** A call that stands in a function is suspended, or goes on. */
  pin(index: number, change: 1 | -1): void {
    const count = (this.pins.get(index) ?? 0) + change;
    if (count === 0) this.pins.delete(index);
    else this.pins.set(index, count);
  }

  isPinned(index: number): boolean {
    return this.pins.has(index);
  }

  /**
   * Where in the guest's code the machine is, found by translating the function once more.
   * @param pc an address in the code of function `index`, which begins at `start`
   * @param isReturn whether `pc` is a return address: the call before it is meant
   * @param check the check that has stopped the guest, if one has
   */
  place(index: number, start: number, pc: number, isReturn: boolean, check: Check = CHECK.none): CodePlace {
    const trace: CodeTrace = { entries: [], heads: [] };
    this.translator.translate(index, start, trace);
    const { entries, heads } = trace;
    const wanted = pc - start - (isReturn ? 1 : 0);
    let found = 0;
    for (let i = 0; i < entries.length && entries[i] <= wanted; i += 3) found = i;
    const pending = entries[found + 2];
    if (check === CHECK.entry) {
      const { bytes, start: first } = this.module.syntax.bodies[index - this.imported];
      return { offset: stopPosition(bytes, first), pending };
    }
    if (check === CHECK.head)
      for (let i = 0; i < heads.length; i += 2) if (heads[i] === wanted) return { offset: heads[i + 1], pending };
    return { offset: entries[found + 1], pending };
  }
}

/** What the functions of a module that have run take on the interpreter: see {@link ModuleCode.footprint}. */
export function preparedBytes(module: Module): { readonly code: number; readonly bodies: number } {
  const code = module.prepared.get("interpreter") as ModuleCode | undefined;
  return code?.footprint() ?? { code: 0, bodies: 0 };
}
