import type { WasmModule } from "../wasm/module.ts";
import { isPrefix, NUMERIC_PREFIX, prefixedSlot } from "../wasm/opcode-slots.ts";
import * as OP from "../wasm/opcodes.ts";
import { featureBits, lebAt, SHAPE, shapes, skipBlockType, skipImmediates, skipLeb } from "./instruction-shape.ts";
import { arityOf, FREE_LOCALS, type TypeWidths, VALUES_PER_UNIT_LOG2, widthsOf } from "./widths.ts";

/**
 * The metering plan: what a guest pays, where it pays it, and where it may be stopped. All engines follow this one text,
 * so a run consumes the same fuel on each, to the unit, also when it ends at a limit.
 *
 * ## Costs
 * Every instruction costs one unit, except those that only mark structure: `block`, `loop`, `else`, `end`, `nop`, `catch`,
 * `catch_all` and `delegate` are free. Constant expressions and the copying of active segments at instantiation are free.
 *
 * An instruction that handles many values costs one more unit for every eight of them, its *width* (see `widths.ts`). The width is
 *
 * | instruction | width |
 * |---|---|
 * | `call`, `call_indirect`, `call_ref` and their tail calls | parameters and results of the function type |
 * | `br`, `br_if`, `br_table`, `br_on_*`, `return` | values that the branch carries, also when it is not taken |
 * | `block`, `loop`, `if`, `try`, `try_table` | parameters and results of the block type; of `try_table` also one for each clause, and the values that the clause gives |
 * | `catch` | values of the tag; paid by the block behind it |
 * | `throw` | values of the tag |
 * | `struct.new`, `struct.new_default` | fields; one of type v128 counts twice |
 * | `array.new_fixed` | elements |
 * | a function's entry | declared locals beyond the first 32; paid by the first block |
 *
 * `memory.grow` and `table.grow` cost {@link GROW_COST} more, whether or not they are granted.
 *
 * Instructions whose work depends on an operand pay more, their *dynamic charge*:
 *
 * | instruction | further units | when |
 * |---|---|---|
 * | `memory.copy`, `memory.fill`, `memory.init` | length in bytes / 64 | before it runs, whether or not it then traps |
 * | `table.copy`, `table.fill`, `table.init`; `array.copy`, `array.fill`, `array.init_data`, `array.init_elem`; `array.new`, `array.new_default`, `array.new_data`, `array.new_elem` | length in elements / 8 | likewise |
 * | `memory.grow` | bytes added / 256 | after it; none when it is refused |
 * | `table.grow` | elements added / 8 | likewise |
 * | a call of a host function | what its host says, one by default | before it runs |
 * | a call of a builtin function on strings | one, and what `store/string-builtins.ts` says of its operands' lengths | likewise |
 *
 * While it runs, a host function may charge for the work that it does (`Meter.charge`). Those of WASI and proxy-wasm charge one unit for every
 * 64 bytes and one for every 8 entries that they handle, over all of a call, rounded down.
 *
 * A function of another instance is no host function: a call of it costs its own instance what it executes there, and nothing more here.
 * Divisions round down. A length counts as unsigned, and as 2^32 - 1 when it is more.
 *
 * ## Blocks
 * The whole cost of a basic block is charged when it is entered. A block begins
 *
 * - at the function's entry, after `loop`, after `if`, after `else`, at `catch` and `catch_all`
 * - after `br_if` and the `br_on_*` instructions, where they fall through
 * - after an `end` (or `delegate`) where control can arrive in more than one way: the end of a `block`, `try_table` or `try` to whose label there is
 *   a branch from reachable code, the end of every `if`, the end of a `try` with handlers.
 *
 * At any other `end` the block that arrives there goes on behind it. Calls do not end a block. Code that follows an unconditional branch
 * belongs to no block until the next `else`, handler or `end` that can be reached. A trap or an exception in the middle of a block has
 * paid for all of it. The plan lists the block at the entry and that of every loop head, even when they cost nothing, and others when they cost something.
 *
 * ## Checks
 * Fuel may fall below zero between checks. Where it is below zero at a check, the guest stops: it is given more (its slice had ended) or
 * traps with `fuel-exhausted`. There is a check
 *
 * - at a function's entry, after its first block is charged, when `entryCheck` says so; then, when `countsDepth` says so, that of the call depth
 * - at a branch to a loop's head (also one taken by `br_table`, `br_on_*` or a catch clause), after the head's block is charged again.
 *   Falling into a loop from above charges the head's block without a check
 * - after every dynamic charge, also one of nothing: so before a bulk instruction or a host function runs, and after a `grow`, granted or not.
 *   A builtin function whose work does not depend on lengths has no check
 * - when the outermost call returns.
 *
 * The position of a guest that a check has stopped is the same on every engine: see `stop-position.ts`.
 *
 * ## Depth
 * A frame counts against `callDepth` when its function makes calls that are no tail calls: others cannot recurse. The callee's frame is
 * counted at its entry, where it also traps; its first block is paid then. A tail call gives its frame up first.
 */
export interface FunctionPlan {
  /** Whether the entry checks the fuel. It need not in a small function without calls and loops: its caller's checks are near enough. */
  readonly entryCheck: boolean;
  /** Whether a frame of this function counts against the call depth. */
  readonly countsDepth: boolean;
  /** Where each block begins, ascending: offsets in the bytes of the body's expression, of the block's first instruction. */
  readonly offsets: Int32Array;
  /** What each block costs. */
  readonly costs: Int32Array;
  /** Whether there is a call of any kind. */
  readonly hasCalls: boolean;
  readonly hasLoops: boolean;
  /**
   * Proposals that its instructions belong to, as {@link featureBits} has them; those that every platform has may be missing, but
   * for instructions on references to functions.
   */
  readonly features: number;
  /** Whether there is a call through a table, tail calls included. */
  readonly hasIndirectCalls: boolean;
  /** Whether there is a tail call of any kind. */
  readonly hasTailCalls: boolean;
  /** Whether there is a tail call through a table or a function reference. */
  readonly hasIndirectTailCalls: boolean;
  /**
   * How branches from reachable code reach each label: first that of the function, then those of all its constructs in the order
   * of their opcodes, unreachable ones too. Bits of {@link LABEL}; 0 for a label that nothing branches to. Of a loop that is
   * branched to they also tell whether there is a call in it.
   */
  readonly labels: Uint8Array;
  /** Whether there is an instruction with a dynamic charge; calls of host functions are not among these. */
  readonly hasDynamicCharges: boolean;
}

/** What `memory.grow` and `table.grow` cost beside one unit and what they add: the platform's take that long when they add nothing. */
export const GROW_COST = 31;

/** A function without calls and loops goes unchecked when all its instructions together cost no more than this. */
export const UNCHECKED_COST = 200;

/** Ways to reach a label, as bits of {@link FunctionPlan.labels}. */
export const LABEL = {
  /** By `br` or `br_if`. */
  branch: 1,
  table: 2,
  /** By `br_on_*`: it depends on an operand, which the branch or the code behind it keeps. */
  operand: 4,
  /** By a clause of `try_table`. */
  catch: 8,
  /** No way, but that the loop whose label it is has a call in it, tail calls aside. */
  calls: 16,
} as const;

/** What lies on the control stack: `KIND` in the low bits, then flags. */
const BLOCK = 0;
const LOOP = 1;
const IF = 2;
const ELSE = 3;
const TRY = 4;
const HANDLER = 5;
const KIND = 7;
/** A branch to its label has been seen. */
const TARGETED = 8;
/** An arm or a handled part before the current one falls through to the end. */
const JOINED = 16;
/** The construct stands in code that cannot be reached. */
const DEAD = 32;

// Scratch memory, used again for each function: a large module has tens of thousands.
let control: Uint8Array = new Uint8Array(256);
/** The place in `labels` of each construct on the control stack. */
let ordinals: Int32Array = new Int32Array(256);
/** Values that a branch to each label on the control stack carries. */
let arities: Int32Array = new Int32Array(256);
/** How many calls there were before each loop on the control stack. */
let callsBefore: Int32Array = new Int32Array(256);
let labels: Uint8Array = new Uint8Array(256);
let offsets: Int32Array = new Int32Array(1024);
let costs: Int32Array = new Int32Array(1024);

function wider<T extends Uint8Array | Int32Array>(array: T): T {
  const result = new (array.constructor as new (length: number) => T)(array.length * 2);
  result.set(array);
  return result;
}

function makeRoom(height: number, constructs: number): void {
  if (height === control.length) {
    control = wider(control);
    ordinals = wider(ordinals);
    arities = wider(arities);
    callsBefore = wider(callsBefore);
  }
  if (constructs === labels.length) labels = wider(labels);
}

function branchTo(place: number, how: number): void {
  control[place] |= TARGETED;
  labels[ordinals[place]] |= how;
}

/** What the plan of a function depends on. */
export type PlannedModule = Pick<WasmModule, "types" | "functions" | "tags" | "bodies" | "importCounts">;

/**
 * Plans one function of a validated module.
 *
 * @param bodyIndex its place in `module.bodies`; the plan's offsets are offsets in the bytes of that body
 */
export function planFunction(module: PlannedModule, bodyIndex: number): FunctionPlan {
  const body = module.bodies[bodyIndex];
  const { bytes, end } = body;
  const { functions, tags } = module;
  const widths = widthsOf(module.types);
  const { params, results, fields } = widths;
  let pos = body.start;
  let height = 1;
  control[0] = BLOCK;
  ordinals[0] = 0;
  labels[0] = 0;
  arities[0] = results[functions[module.importCounts.func + bodyIndex]];
  let constructs = 1;
  let count = 0;
  /** The cost so far of the block `count - 1`, and whether the code at `pos` belongs to a block at all. */
  let cost = 0;
  let live = true;
  let total = 0;
  let plainCalls = 0;
  let tailCalls = false;
  let indirectCalls = false;
  let indirectTailCalls = false;
  let features = 0;
  let hasLoops = false;
  let dynamic = false;
  /** Whether block `count - 1` is listed even when it costs nothing. */
  let kept = true;
  offsets[0] = pos;
  count = 1;
  let locals = -FREE_LOCALS;
  for (const run of body.locals) locals += run.count;
  if (locals > 0) cost = locals >>> VALUES_PER_UNIT_LOG2;

  // Local variables: Node reads an imported constant more slowly, and this loop mostly runs before V8 has compiled it.
  const first = OP.DROP;
  const last = OP.REF_FUNC;
  const tryTable = OP.TRY_TABLE;
  const memoryGrow = OP.MEMORY_GROW;

  while (pos < end) {
    const opcode = bytes[pos++];
    // Loads, stores, constants and arithmetic: nearly everything.
    if (opcode >= first && opcode <= last && opcode !== tryTable) {
      if (live) cost++;
      const shape = shapes[opcode];
      if (shape !== SHAPE.none) {
        if (shape === SHAPE.leb) {
          features |= featureBits[opcode];
          while (bytes[pos++] >= 0x80);
        } else pos = skipImmediates(bytes, pos, shape);
      }
      if (opcode === memoryGrow && live) {
        dynamic = true;
        cost += GROW_COST;
      }
      continue;
    }
    features |= featureBits[opcode];
    /** Whether a new block begins behind this instruction. */
    let begins = false;
    let keep = false;
    /** What the new block costs before its first instruction. */
    let initial = 0;
    switch (opcode) {
      case 0x01: // nop
        break;
      case 0x02: // block
      case 0x06: // try
      case 0x1f: // try_table
        if (height === control.length || constructs === labels.length) makeRoom(height, constructs);
        labels[constructs] = 0;
        ordinals[height] = constructs++;
        arities[height] = arityOf(bytes, pos, results, 1);
        if (live) {
          let width = arityOf(bytes, pos, params, 0) + arities[height];
          // A throw looks at the clauses of each construct around it.
          if (opcode !== OP.BLOCK) cost++;
          if (opcode === OP.TRY_TABLE) width += targetCatches(bytes, pos, height);
          cost += width >>> VALUES_PER_UNIT_LOG2;
        }
        pos = opcode === OP.TRY_TABLE ? skipImmediates(bytes, pos, SHAPE.catches) : skipBlockType(bytes, pos);
        control[height++] = (opcode === OP.TRY ? TRY : BLOCK) | (live ? 0 : DEAD);
        break;
      case 0x03: // loop
        if (height === control.length || constructs === labels.length) makeRoom(height, constructs);
        labels[constructs] = 0;
        ordinals[height] = constructs++;
        arities[height] = arityOf(bytes, pos, params, 0);
        if (live) cost += (arities[height] + arityOf(bytes, pos, results, 1)) >>> VALUES_PER_UNIT_LOG2;
        pos = skipBlockType(bytes, pos);
        callsBefore[height] = plainCalls;
        control[height++] = LOOP | (live ? 0 : DEAD);
        if (live) {
          hasLoops = true;
          begins = true;
          keep = true;
        }
        break;
      case 0x04: // if
        if (height === control.length || constructs === labels.length) makeRoom(height, constructs);
        labels[constructs] = 0;
        ordinals[height] = constructs++;
        arities[height] = arityOf(bytes, pos, results, 1);
        if (live) cost += 1 + ((arityOf(bytes, pos, params, 0) + arities[height]) >>> VALUES_PER_UNIT_LOG2);
        pos = skipBlockType(bytes, pos);
        control[height++] = IF | (live ? 0 : DEAD);
        if (live) {
          begins = true;
        }
        break;
      case 0x05: {
        // else
        const frame = control[height - 1];
        control[height - 1] = (frame & ~KIND) | ELSE | (live ? JOINED : 0);
        live = (frame & DEAD) === 0;
        begins = live;
        break;
      }
      case 0x07: // catch
      case 0x19: {
        // catch_all
        if (opcode === OP.CATCH) {
          initial = params[tags[lebAt(bytes, pos)]] >>> VALUES_PER_UNIT_LOG2;
          pos = skipLeb(bytes, pos);
        }
        const frame = control[height - 1];
        control[height - 1] = (frame & ~KIND) | HANDLER | (live ? JOINED : 0);
        live = (frame & DEAD) === 0;
        begins = live;
        break;
      }
      case 0x18: // delegate, which closes its `try` as `end` does
      case 0x0b: {
        // end
        if (opcode === OP.DELEGATE) pos = skipLeb(bytes, pos);
        const frame = control[--height];
        const kind = frame & KIND;
        if ((frame & DEAD) !== 0) break;
        if (kind === LOOP) {
          if ((frame & TARGETED) !== 0 && plainCalls > callsBefore[height]) labels[ordinals[height]] |= LABEL.calls;
          break;
        }
        if (kind === IF || kind === ELSE || kind === HANDLER) {
          live = live || kind === IF || (frame & (JOINED | TARGETED)) !== 0;
          begins = live;
        } else if ((frame & TARGETED) !== 0) {
          live = true;
          begins = true;
        }
        break;
      }
      case 0x0c: // br
        if (live) {
          const target = height - 1 - lebAt(bytes, pos);
          cost += 1 + (arities[target] >>> VALUES_PER_UNIT_LOG2);
          branchTo(target, LABEL.branch);
        }
        pos = skipLeb(bytes, pos);
        live = false;
        break;
      case 0x0d: // br_if
      case 0xd5: // br_on_null
      case 0xd6: // br_on_non_null
        if (live) {
          const target = height - 1 - lebAt(bytes, pos);
          cost += 1 + (arities[target] >>> VALUES_PER_UNIT_LOG2);
          branchTo(target, opcode === OP.BR_IF ? LABEL.branch : LABEL.operand);
          begins = true;
        }
        pos = skipLeb(bytes, pos);
        break;
      case 0x0e: {
        // br_table
        let labels = lebAt(bytes, pos) + 1;
        pos = skipLeb(bytes, pos);
        // All its labels carry as many values.
        if (live) cost += 1 + (arities[height - 1 - lebAt(bytes, pos)] >>> VALUES_PER_UNIT_LOG2);
        while (labels-- > 0) {
          if (live) branchTo(height - 1 - lebAt(bytes, pos), LABEL.table);
          pos = skipLeb(bytes, pos);
        }
        live = false;
        break;
      }
      case 0x10: // call
      case 0x11: // call_indirect
      case 0x14: // call_ref
        if (live) {
          cost += 1 + callWidth(bytes, pos, opcode === OP.CALL ? functions : undefined, widths);
          plainCalls++;
          if (opcode === OP.CALL_INDIRECT) indirectCalls = true;
        }
        pos = skipImmediates(bytes, pos, shapes[opcode]);
        break;
      case 0x12: // return_call
      case 0x13: // return_call_indirect
      case 0x15: // return_call_ref
        if (live) {
          cost += 1 + callWidth(bytes, pos, opcode === OP.RETURN_CALL ? functions : undefined, widths);
          tailCalls = true;
          if (opcode !== OP.RETURN_CALL) indirectTailCalls = true;
          if (opcode === OP.RETURN_CALL_INDIRECT) indirectCalls = true;
        }
        pos = skipImmediates(bytes, pos, shapes[opcode]);
        live = false;
        break;
      case 0x00: // unreachable
      case 0x08: // throw
      case 0x09: // rethrow
      case 0x0a: // throw_ref
      case 0x0f: // return
        if (live) {
          cost++;
          if (opcode === OP.THROW) cost += params[tags[lebAt(bytes, pos)]] >>> VALUES_PER_UNIT_LOG2;
          if (opcode === OP.RETURN) cost += arities[0] >>> VALUES_PER_UNIT_LOG2;
        }
        pos = skipImmediates(bytes, pos, shapes[opcode]);
        live = false;
        break;
      default: {
        if (!isPrefix(opcode)) {
          if (live) cost++;
          pos = skipImmediates(bytes, pos, shapes[opcode]);
          break;
        }
        const number = lebAt(bytes, pos);
        const slot = prefixedSlot(opcode, number);
        features |= featureBits[slot];
        pos = skipLeb(bytes, pos);
        if (live) {
          cost++;
          if (opcode <= NUMERIC_PREFIX) {
            const prefixed = (opcode << 12) | number;
            if (prefixed === OP.STRUCT_NEW || prefixed === OP.STRUCT_NEW_DEFAULT)
              cost += fields[lebAt(bytes, pos)] >>> VALUES_PER_UNIT_LOG2;
            else if (prefixed === OP.ARRAY_NEW_FIXED)
              cost += lebAt(bytes, skipLeb(bytes, pos)) >>> VALUES_PER_UNIT_LOG2;
            else if (prefixed === OP.BR_ON_CAST || prefixed === OP.BR_ON_CAST_FAIL) {
              const target = height - 1 - lebAt(bytes, pos + 1);
              cost += arities[target] >>> VALUES_PER_UNIT_LOG2;
              branchTo(target, LABEL.operand);
              begins = true;
            } else if (hasDynamicCharge(prefixed)) {
              dynamic = true;
              if (prefixed === OP.TABLE_GROW) cost += GROW_COST;
            }
          }
        }
        pos = skipImmediates(bytes, pos, shapes[slot]);
      }
    }
    if (begins) {
      // What has ended is listed; the new block takes its place when it cost nothing.
      total += cost;
      if (cost === 0 && !kept) count--;
      else costs[count - 1] = cost;
      if (count === offsets.length) {
        offsets = wider(offsets);
        costs = wider(costs);
      }
      offsets[count++] = pos;
      cost = initial;
      kept = keep;
    }
  }
  total += cost;
  if (cost === 0 && !kept) count--;
  else costs[count - 1] = cost;

  const hasCalls = plainCalls > 0 || tailCalls;
  return {
    entryCheck: hasCalls || hasLoops || total > UNCHECKED_COST,
    countsDepth: plainCalls > 0,
    offsets: offsets.slice(0, count),
    costs: costs.slice(0, count),
    labels: labels.slice(0, constructs),
    hasCalls,
    hasLoops,
    features,
    hasIndirectCalls: indirectCalls,
    hasTailCalls: tailCalls,
    hasIndirectTailCalls: indirectTailCalls,
    hasDynamicCharges: dynamic,
  };
}

/** The plans of all functions of a module. */
export function planFunctions(module: PlannedModule): FunctionPlan[] {
  return module.bodies.map((_, i) => planFunction(module, i));
}

/** What the values of a call cost; `functions` are given for a call by function index, whose type is known by it. */
function callWidth(
  bytes: Uint8Array,
  pos: number,
  functions: readonly number[] | undefined,
  { params, results }: TypeWidths,
): number {
  const index = lebAt(bytes, pos);
  const type = functions === undefined ? index : functions[index];
  return (params[type] + results[type]) >>> VALUES_PER_UNIT_LOG2;
}

/** Marks the labels of a `try_table`'s clauses, which count from outside it. @returns the clauses and the values that they give */
function targetCatches(bytes: Uint8Array, pos: number, height: number): number {
  pos = skipBlockType(bytes, pos);
  let count = lebAt(bytes, pos);
  let width = count;
  pos = skipLeb(bytes, pos);
  while (count-- > 0) {
    const kind = bytes[pos++];
    if (kind < 2) pos = skipLeb(bytes, pos);
    const target = height - 1 - lebAt(bytes, pos);
    width += arities[target];
    branchTo(target, LABEL.catch);
    pos = skipLeb(bytes, pos);
  }
  return width;
}

/** Whether a prefixed instruction has a dynamic charge: it moves or makes as many bytes or elements as an operand says. */
function hasDynamicCharge(opcode: number): boolean {
  switch (opcode) {
    case OP.MEMORY_INIT:
    case OP.MEMORY_COPY:
    case OP.MEMORY_FILL:
    case OP.TABLE_INIT:
    case OP.TABLE_COPY:
    case OP.TABLE_GROW:
    case OP.TABLE_FILL:
      return true;
    default:
      return isArrayOfLength(opcode);
  }
}

/** Whether the instruction makes, fills or copies as many elements of an array as an operand says. */
export function isArrayOfLength(opcode: number): boolean {
  switch (opcode) {
    case OP.ARRAY_NEW:
    case OP.ARRAY_NEW_DEFAULT:
    case OP.ARRAY_NEW_DATA:
    case OP.ARRAY_NEW_ELEM:
    case OP.ARRAY_FILL:
    case OP.ARRAY_COPY:
    case OP.ARRAY_INIT_DATA:
    case OP.ARRAY_INIT_ELEM:
      return true;
    default:
      return false;
  }
}
