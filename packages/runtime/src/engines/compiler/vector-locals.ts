import { Reader } from "../../binary/reader.ts";
import { shapes, skipImmediates } from "../../metering/instruction-shape.ts";
import type { FunctionBody } from "../../wasm/module.ts";
import { isPrefix, opcodeSlot, VECTOR_PREFIX } from "../../wasm/opcode-slots.ts";
import * as OP from "../../wasm/opcodes.ts";
import { V128, type ValueType } from "../../wasm/types.ts";
import { leaning } from "./vectors.ts";

/** With more locals that hold vectors their values are not told apart. */
const MAX_LOCALS = 64;

const noSlots: ReadonlyMap<number, number> = new Map();

interface Frame {
  readonly isLoop: boolean;
  /** For each local the value that it holds at the label; undefined until somebody branches there. */
  label: number[] | undefined;
  /** What locals hold where the other arm of an `if` begins. */
  otherArm: number[] | undefined;
}

/**
 * What the locals of a function that hold vectors are kept in. Compilers use a local for several vectors that have nothing to do with each other, here floats
 * and there bytes. So a local is split into *webs*: writes whose values may arrive at a common read belong together. Each web has
 * variables of its own, and is kept as f32 or as integers, whichever its instructions want more often.
 *
 * One pass over the code: where paths join, what a local holds on them becomes one.
 */
export class VectorLocals {
  /** By the offset behind an instruction that reads or writes a local. */
  private readonly at: Map<number, number> = new Map();
  /** Union-find: webs that turned out to be one. The first are those that locals hold at the beginning. */
  private readonly parents: number[] = [];
  private readonly votes: number[] = [];
  /** Numbers of the locals among those that hold vectors. */
  private readonly slots: ReadonlyMap<number, number>;

  constructor(body: FunctionBody, locals: readonly ValueType[]) {
    if (!locals.includes(V128)) {
      this.slots = noSlots;
      return;
    }
    const vectors = locals.flatMap((type, index) => (type === V128 ? [index] : []));
    this.slots = new Map(vectors.map((local, slot) => [local, slot]));
    if (vectors.length <= MAX_LOCALS && this.walk(body, true)) return;
    this.at.clear();
    this.parents.length = 0;
    this.votes.length = 0;
    this.walk(body, false);
  }

  /** The web that a local holds at the function's beginning. */
  entry(local: number): number {
    return this.find(this.slots.get(local)!);
  }

  /** The web that an instruction reads or writes. @param end the offset behind the instruction */
  web(end: number): number {
    return this.find(this.at.get(end)!);
  }

  isFloat(web: number): boolean {
    return this.votes[web] > 0;
  }

  /** All webs. */
  get webs(): readonly number[] {
    return this.parents.flatMap((parent, web) => (parent === web ? [web] : []));
  }

  private make(): number {
    this.votes.push(0);
    return this.parents.push(this.parents.length) - 1;
  }

  private find(web: number): number {
    let root = web;
    while (this.parents[root] !== root) root = this.parents[root];
    this.parents[web] = root;
    return root;
  }

  private join(a: number, b: number): void {
    const [x, y] = [this.find(a), this.find(b)];
    if (x === y) return;
    // The lower number stays, so that what a local holds at the beginning keeps its.
    const [root, child] = x < y ? [x, y] : [y, x];
    this.parents[child] = root;
    this.votes[root] += this.votes[child];
  }

  /** @param apart whether to tell webs apart. @returns false when that cannot be done: control may arrive at a handler from anywhere */
  private walk({ bytes, start, end }: FunctionBody, apart: boolean): boolean {
    const reader = new Reader(bytes, start, end);
    let current = [...this.slots.values()].map(() => this.make());
    let live = true;
    const frames: Frame[] = [{ isLoop: false, label: undefined, otherArm: undefined }];
    const arrive = (frame: Frame): void => {
      if (frame.label === undefined) frame.label = [...current];
      else
        frame.label.forEach((web, slot) => {
          this.join(web, current[slot]);
        });
    };
    const branch = (): void => {
      arrive(frames[frames.length - 1 - reader.u32()]);
    };
    /** Webs that were read since the last instruction on vectors. */
    let read: number[] = [];
    let previous = 0;
    while (reader.pos < end) {
      const first = bytes[reader.pos++];
      const opcode = isPrefix(first) ? (first << 12) | reader.u32() : first;
      const immediates = reader.pos;
      const shape = shapes[opcodeSlot(opcode)];
      const next = skipImmediates(bytes, immediates, shape);
      switch (opcode) {
        case 0x02: // block
        case 0x03: // loop
        case 0x04: // if
          frames.push({
            isLoop: opcode === OP.LOOP,
            label: opcode === OP.LOOP ? [...current] : undefined,
            otherArm: opcode === OP.IF ? [...current] : undefined,
          });
          break;
        case 0x05: {
          // else
          const frame = frames[frames.length - 1];
          if (live) arrive(frame);
          current = frame.otherArm!;
          frame.otherArm = undefined;
          live = true;
          break;
        }
        case 0x06: // try
        case 0x1f: // try_table
          if (apart) return false;
          frames.push({ isLoop: false, label: undefined, otherArm: undefined });
          break;
        case 0x0b: // end
        case 0x18: {
          // delegate
          const frame = frames.pop()!;
          if (frame.isLoop) break;
          if (live) arrive(frame);
          if (frame.otherArm !== undefined) {
            current = frame.otherArm;
            arrive(frame);
          }
          if (frame.label !== undefined) current = frame.label;
          live = frame.label !== undefined;
          break;
        }
        case 0x0c: // br
        case 0x0d: // br_if
        case 0xd5: // br_on_null
        case 0xd6: // br_on_non_null
          if (live) branch();
          live &&= opcode !== OP.BR;
          break;
        case 0xfb018: // br_on_cast
        case 0xfb019: // br_on_cast_fail
          reader.byte();
          if (live) branch();
          break;
        case 0x0e: // br_table
          if (live) for (let i = reader.u32(); i >= 0; i--) branch();
          live = false;
          break;
        case 0x00: // unreachable
        case 0x08: // throw
        case 0x09: // rethrow
        case 0x0a: // throw_ref
        case 0x0f: // return
        case 0x12: // return_call
        case 0x13: // return_call_indirect
        case 0x15: // return_call_ref
          live = false;
          break;
        case 0x20: // local.get
        case 0x21: // local.set
        case 0x22: {
          // local.tee
          const slot = this.slots.get(reader.u32());
          if (slot === undefined || (!live && apart)) break;
          if (opcode !== OP.LOCAL_GET) {
            if (apart) current[slot] = this.make();
            if (previous >>> 12 === 0xfd) this.votes[this.find(current[slot])] += leaning(previous);
          } else read.push(current[slot]);
          this.at.set(next, current[slot]);
          break;
        }
        default:
          if (opcode >>> 12 === VECTOR_PREFIX) {
            const leans = leaning(opcode);
            if (leans !== 0) {
              for (const web of read) this.votes[this.find(web)] += leans;
              read = [];
            }
          }
      }
      previous = opcode;
      reader.pos = next;
    }
    return true;
  }
}
