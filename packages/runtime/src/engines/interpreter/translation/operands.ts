import { F32, I32, isReference, V128, type ValueType } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import type { Emitter } from "./emitter.ts";

/** Which registers hold a value: one of 32 bits, one of 64, one for references, or two of 64 in a row. */
export const CLASS = { word: 0, long: 1, reference: 2, vector: 3 } as const;

export function classOf(type: ValueType): number {
  if (type === I32 || type === F32) return CLASS.word;
  if (type === V128) return CLASS.vector;
  return isReference(type) ? CLASS.reference : CLASS.long;
}

export function slotsOf(valueClass: number): number {
  return valueClass === CLASS.vector ? 2 : 1;
}

/** Where a value on the operand stack is: in its own slot, in a local that has not changed since, or nowhere as it is a constant. */
export const KIND = { slot: 0, local: 1, constant: 2 } as const;

/**
 * The operand stack while a function is translated. Every entry has a slot of its own, which follows from the heights below it, but
 * is only put there when it must be: a local is read where it lies, a constant is an operand of the instruction that uses it.
 */
export class Operands {
  readonly emitter: Emitter;
  height = 0;
  kinds: Uint8Array = new Uint8Array(256);
  classes: Uint8Array = new Uint8Array(256);
  /** The slot that an entry has of its own. */
  slots: Int32Array = new Int32Array(256);
  /** The local's slot, or the constant's (low) word; null is 0. */
  values: Int32Array = new Int32Array(256);
  highs: Int32Array = new Int32Array(256);
  /** First slot behind the locals, and behind all entries so far. */
  localSlots = 0;
  maxSlot = 0;
  /** Slots that have held references: from here to there. */
  firstReference = 0;
  endReference = 0;
  /** How many entries stand for each local, by slot. */
  private uses: Int32Array = new Int32Array(256);
  /** How many entries stand for any. */
  private localEntries = 0;
  /** The word that says where the last instruction puts its result, for the entry on top; valid while the emitter stands where it did. */
  private resultWord = -1;
  private resultEnd = -1;
  private resultEntry = -1;

  constructor(emitter: Emitter) {
    this.emitter = emitter;
  }

  reset(localSlots: number): void {
    this.height = 0;
    this.localEntries = 0;
    this.localSlots = localSlots;
    this.maxSlot = localSlots;
    this.firstReference = 0x7fffffff;
    this.endReference = 0;
    if (this.uses.length < localSlots) this.uses = new Int32Array(localSlots * 2);
    else this.uses.fill(0, 0, localSlots);
    this.resultEnd = -1;
  }

  /** The slot that the next entry gets. */
  nextSlot(): number {
    const { height } = this;
    return height === 0 ? this.localSlots : this.slots[height - 1] + slotsOf(this.classes[height - 1]);
  }

  noteReference(slot: number): void {
    if (slot < this.firstReference) this.firstReference = slot;
    if (slot >= this.endReference) this.endReference = slot + 1;
  }

  private push(kind: number, valueClass: number, value: number, high: number): number {
    const at = this.height;
    if (at === this.kinds.length) this.grow();
    const slot = this.nextSlot();
    this.kinds[at] = kind;
    this.classes[at] = valueClass;
    this.slots[at] = slot;
    this.values[at] = value;
    this.highs[at] = high;
    this.height = at + 1;
    const end = slot + slotsOf(valueClass);
    if (end > this.maxSlot) this.maxSlot = end;
    if (valueClass === CLASS.reference) this.noteReference(slot);
    return slot;
  }

  private grow(): void {
    const size = this.kinds.length * 2;
    const widen = <T extends Uint8Array | Int32Array>(array: T): T => {
      const wider = new (array.constructor as new (length: number) => T)(size);
      wider.set(array);
      return wider;
    };
    this.kinds = widen(this.kinds);
    this.classes = widen(this.classes);
    this.slots = widen(this.slots);
    this.values = widen(this.values);
    this.highs = widen(this.highs);
  }

  pushLocal(slot: number, valueClass: number): void {
    this.push(KIND.local, valueClass, slot, 0);
    this.uses[slot]++;
    this.localEntries++;
  }

  pushConstant(valueClass: number, low: number, high: number): void {
    this.push(KIND.constant, valueClass, low, high);
  }

  /** Pushes a value that stands in its own slot. @returns the slot */
  pushSlot(valueClass: number): number {
    return this.push(KIND.slot, valueClass, 0, 0);
  }

  /** Says that the instruction just emitted puts the entry on top where its word `at` says. */
  result(at: number): void {
    this.resultWord = at;
    this.resultEnd = this.emitter.length;
    this.resultEntry = this.height - 1;
  }

  /** Whether the entry at `depth` was made by the last instruction, which can still be changed. */
  isFresh(depth = 0): boolean {
    const at = this.height - 1 - depth;
    return (
      this.resultEnd === this.emitter.length &&
      this.resultEntry === at &&
      this.emitter.last >= 0 &&
      this.kinds[at] === KIND.slot
    );
  }

  /** Forgets how entries came about: control can arrive here from elsewhere. */
  fence(): void {
    this.resultEnd = -1;
    this.emitter.fence();
  }

  isConstant(depth: number): boolean {
    return this.kinds[this.height - 1 - depth] === KIND.constant;
  }

  isLocal(depth: number): boolean {
    return this.kinds[this.height - 1 - depth] === KIND.local;
  }

  constant(depth: number): number {
    return this.values[this.height - 1 - depth];
  }

  constantHigh(depth: number): number {
    return this.highs[this.height - 1 - depth];
  }

  /** The slot that the entry at `depth` has of its own. */
  slot(depth: number): number {
    return this.slots[this.height - 1 - depth];
  }

  classAt(depth: number): number {
    return this.classes[this.height - 1 - depth];
  }

  /** Where the entry at `depth` can be read. A constant is put into the entry's slot for that; its instruction stands behind all others then. */
  register(depth: number): number {
    return this.registerAt(this.height - 1 - depth);
  }

  private registerAt(at: number): number {
    if (this.kinds[at] === KIND.local) return this.values[at];
    if (this.kinds[at] === KIND.constant) this.settle(at);
    return this.slots[at];
  }

  pop(): void {
    const at = --this.height;
    if (this.kinds[at] === KIND.local) {
      this.uses[this.values[at]]--;
      this.localEntries--;
    }
  }

  popMany(count: number): void {
    for (let i = 0; i < count; i++) this.pop();
  }

  /** Drops entries until `height`. */
  truncate(height: number): void {
    while (this.height > height) this.pop();
  }

  /** Puts an entry into its own slot. */
  settle(at: number): void {
    const kind = this.kinds[at];
    if (kind === KIND.slot) return;
    this.store(at, this.slots[at]);
    if (kind === KIND.local) {
      this.uses[this.values[at]]--;
      this.localEntries--;
    }
    this.kinds[at] = KIND.slot;
  }

  /** Puts the topmost `count` entries into their slots. */
  settleTop(count: number): void {
    for (let at = this.height - count; at < this.height; at++) this.settle(at);
  }

  /**
   * Puts all entries that are locals into their slots, but for the topmost `except`. The search goes down no further than to the last one, so
   * that what lies below is not looked through again and again.
   */
  settleLocals(except = 0): void {
    let left = this.localEntries;
    let at = this.height - 1;
    for (const first = this.height - except; at >= first; at--) if (this.kinds[at] === KIND.local) left--;
    for (; left > 0; at--) {
      if (this.kinds[at] !== KIND.local) continue;
      this.settle(at);
      left--;
    }
  }

  /** Before the local at `slot` changes: entries that stand for its old value keep that. */
  beforeSet(slot: number, except: number): void {
    let left = this.uses[slot];
    const standsFor = (at: number): boolean => this.kinds[at] === KIND.local && this.values[at] === slot;
    let at = this.height - 1;
    for (const first = this.height - except; at >= first && left > 0; at--) if (standsFor(at)) left--;
    for (; left > 0; at--) {
      if (!standsFor(at)) continue;
      this.settle(at);
      left--;
    }
  }

  /** Emits what copies the entry at stack position `at` to `target`. */
  private store(at: number, target: number): void {
    const valueClass = this.classes[at];
    if (this.kinds[at] !== KIND.constant) {
      this.move(valueClass, target, this.kinds[at] === KIND.local ? this.values[at] : this.slots[at]);
      return;
    }
    if (valueClass === CLASS.reference) {
      this.emitter.emit3(MACHINE_OP.nullRefs, target, target + 1);
    } else if (valueClass === CLASS.word) {
      this.emitter.emit3(MACHINE_OP.const32, target, this.values[at]);
    } else this.constant64(target, this.values[at], this.highs[at]);
  }

  constant64(target: number, low: number, high: number): void {
    const at = this.emitter.emit3(MACHINE_OP.const64, target, 0);
    this.emitter.constant(at + 2, low, high);
  }

  move(valueClass: number, target: number, source: number): void {
    if (target === source) return;
    const { emitter } = this;
    switch (valueClass) {
      case CLASS.word: {
        const { last, words } = emitter;
        if (last >= 0 && emitter.length === last + 3 && words[last] === MACHINE_OP.move32) {
          const firstTarget = words[last + 1];
          const firstSource = words[last + 2];
          emitter.takeBack();
          emitter.emit5(MACHINE_OP.move32x2, firstTarget, firstSource, target, source);
        } else emitter.emit3(MACHINE_OP.move32, target, source);
        break;
      }
      case CLASS.long:
        emitter.emit3(MACHINE_OP.move64, target, source);
        break;
      case CLASS.reference:
        emitter.emit3(MACHINE_OP.moveRef, target, source);
        break;
      default:
        emitter.emit3(MACHINE_OP.move128, target, source);
    }
  }

  /** Moves the entry on top to `target`, if possible by changing where the instruction that made it puts it. Does not pop it. */
  moveTop(target: number): void {
    const at = this.height - 1;
    if (this.isFresh()) {
      this.emitter.words[this.resultWord] = target;
      this.resultEnd = -1;
    } else this.store(at, target);
  }

  /**
   * Copies the topmost `count` entries to the slots from `target` on, as branches and returns do. The entries stay as they are.
   * @param inLocals whether the target slots may be locals'
   */
  copyTop(count: number, target: number, inLocals: boolean): void {
    if (count === 0) return;
    if (count === 1) {
      const at = this.height - 1;
      if (this.kinds[at] !== KIND.slot || this.slots[at] !== target) this.moveTop(target);
      return;
    }
    // Every target lies at or below its source's own slot, so going upwards overwrites nothing that is still to be read.
    if (inLocals)
      for (let at = this.height - count; at < this.height; at++) if (this.kinds[at] === KIND.local) this.settle(at);
    let slot = target;
    for (let at = this.height - count; at < this.height; at++) {
      if (this.kinds[at] !== KIND.slot || this.slots[at] !== slot) this.store(at, slot);
      slot += slotsOf(this.classes[at]);
    }
  }
}
