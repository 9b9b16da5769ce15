import { lebAt, skipInstruction } from "../../../metering/instruction-shape.ts";
import * as OP from "../../../wasm/opcodes.ts";

/** More than these are spilled by the platform one way or the other. */
export const MAX_CARRIED = 12;
/** Of a loop that uses more locals than these nothing is carried: so nested loops take no more than linear time. */
const MAX_LOCALS = 64;

/** How code uses a local: it may read it first, and may set it. */
const SET_FIRST = 1;
const READ_FIRST = 2;
const HANDED_ON = 3;

/** A loop that is open: how it uses locals, undefined for too many, as far as its code has been read. */
interface OpenLoop {
  uses: Map<number, number> | undefined;
  readTo: number;
}

/**
 * Finds the locals that one round of a loop hands to the next: those that its code reads first and sets then. What is found is right for
 * code without branches, and for the rest a guess, which is good enough for what it is used for.
 */
export class HandedOn {
  private readonly loops: OpenLoop[] = [];

  /** Begins a function. */
  clear(): void {
    this.loops.length = 0;
  }

  /** Begins a loop in the innermost one. */
  begin(bytes: Uint8Array, pos: number): void {
    const outer = this.loops.at(-1);
    if (outer !== undefined) read(outer, bytes, pos);
    this.loops.push({ uses: new Map(), readTo: pos });
  }

  /** Ends the innermost loop. @returns what it hands on */
  end(bytes: Uint8Array, pos: number): number[] {
    const loop = this.loops.pop() as OpenLoop;
    read(loop, bytes, pos);
    const outer = this.loops.at(-1);
    if (outer !== undefined) {
      outer.readTo = pos;
      if (loop.uses === undefined) outer.uses = undefined;
      else for (const [local, use] of loop.uses) note(outer, local, use);
    }
    const found: number[] = [];
    for (const [local, use] of loop.uses ?? []) if (use === HANDED_ON && found.length < MAX_CARRIED) found.push(local);
    return found;
  }
}

/** Reads the code of a loop up to `end`. */
function read(loop: OpenLoop, bytes: Uint8Array, end: number): void {
  for (let pos = loop.readTo; pos < end && loop.uses !== undefined; pos = skipInstruction(bytes, pos)) {
    const opcode = bytes[pos];
    if (opcode === OP.LOCAL_GET) note(loop, lebAt(bytes, pos + 1), READ_FIRST);
    else if (opcode === OP.LOCAL_SET || opcode === OP.LOCAL_TEE) note(loop, lebAt(bytes, pos + 1), SET_FIRST);
  }
}

function note(loop: OpenLoop, local: number, use: number): void {
  const { uses } = loop;
  if (uses === undefined) return;
  const before = uses.get(local);
  if (before === READ_FIRST && use !== READ_FIRST) uses.set(local, HANDED_ON);
  if (before !== undefined) return;
  uses.set(local, use);
  if (uses.size > MAX_LOCALS) loop.uses = undefined;
}
