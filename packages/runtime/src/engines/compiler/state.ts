import {
  makeSimdViews,
  type SimdViews,
  simdLaneLoads,
  simdLaneStores,
  simdLoads,
  simdOperations,
  simdShifts,
  simdTests,
} from "../../numerics/simd.ts";
import type { EngineInstance } from "../../store/engine.ts";
import { frameName } from "../../store/frame-name.ts";
import type { Func } from "../../store/function.ts";
import { ElsewhereError, moveWithin } from "../../store/gc.ts";
import type { Global } from "../../store/global.ts";
import { isStackOverflow } from "../../store/host-stack.ts";
import type { Memory } from "../../store/memory.ts";
import type { Meter } from "../../store/meter.ts";
import { GROWN_BYTES_PER_UNIT } from "../../store/meter.ts";
import type { Reference } from "../../store/references.ts";
import type { StoreInstance } from "../../store/store-instance.ts";
import type { Table } from "../../store/table.ts";
import { Exception, jsTag, type Tag } from "../../store/tag.ts";
import { type Frame, MAX_FRAMES, RuntimeError, Trap, type TrapCode } from "../../store/trap.ts";
import { type DefinedType, isDefinedSubtype } from "../../wasm/type-registry.ts";
import type { Paid } from "./aggregate-functions.ts";
import type { CodeSource } from "./guest.ts";
import type { Trace } from "./positions.ts";
import { support } from "./support.ts";

/** A function as translated code calls it: an i64 is two arguments, a vector none. */
export type Callable = (...args: unknown[]) => unknown;

/**
 * How translated code of one instance calls a function. Cells never change but for their two functions, so that V8 embeds a cell's address in its code;
 * `f` and `body` are at first what translates the function and puts itself in their place.
 */
export interface Cell {
  /** Calls it. */
  f: Callable;
  /** Begins it: what it returns may be `next`, a wish to go on with a tail call. */
  body: Callable;
  readonly type: DefinedType;
  readonly func: Func;
  readonly state: State;
}

export const next: { cell: Cell | undefined; args: unknown[] } = { cell: undefined, args: [] };

/** Asks for a tail call. Rest parameters are never an array of doubles, in which a platform may change a NaN. */
function tail(cell: Cell, ...args: unknown[]): void {
  next.cell = cell;
  next.args = args;
}

/** What is on its way out of guest code and has been seen by a function that it left; the meters are exact then. */
let thrown: unknown;

/** Of the last trap that left a function. */
let trace: Trace | undefined;

let makeTrace: ((trap: unknown, thrown?: unknown) => Trace) | undefined;

/** Has the places of functions noted that a trap leaves. Bundles that never give the offsets of frames do without. */
export function useTraces(make: typeof makeTrace): void {
  makeTrace = make;
}

/** Says that the meters are exact for what is about to be thrown. */
export function noteThrown(error: unknown): void {
  thrown = error;
  if (error instanceof Trap && trace?.trap !== error) trace = makeTrace?.(error);
}

/** Something leaves a function of JavaScript that is no frame of its own. @returns false for what nobody has seen yet */
export function skipFrame(error: unknown): boolean {
  if (thrown !== error) return false;
  if (trace !== undefined && trace.trap === error) trace.skip();
  return true;
}

/**
 * What an instance's code throws by itself, as the trap that it means: a view's RangeError is an access out of bounds, a TypeError the reading of
 * a property of null.
 */
export function trapOf(error: unknown): unknown {
  if (isStackOverflow(error)) return new Trap("call-stack-exhausted");
  if (error instanceof RangeError) return new Trap("out-of-bounds-memory");
  return error instanceof TypeError && !(error instanceof ElsewhereError) ? new Trap("null-reference") : error;
}

/** What leaves guest code for its host. @param last whether no other call is under way */
export function leaveGuest(error: unknown, last: boolean): unknown {
  // A function that cannot throw has no handler, but its call may still find the stack full.
  const known = thrown === error;
  if (last) {
    thrown = undefined;
    trace = undefined;
  }
  return known ? error : trapOf(error);
}

/** Registers for the functions of `numerics/simd.ts`: three operands and a result. */
const VS: SimdViews = makeSimdViews(new ArrayBuffer(64));

const bytesOfVector = new Uint8Array(16);
const wordsOfVector = new Int32Array(bytesOfVector.buffer);

/** The sixteen bytes of a vector in words. */
export function vbytes(a: number, b: number, c: number, d: number): Uint8Array {
  wordsOfVector[0] = a;
  wordsOfVector[1] = b;
  wordsOfVector[2] = c;
  wordsOfVector[3] = d;
  return bytesOfVector.slice();
}

/** Leaves the words of a vector in `Q`, from `at` on. */
export function vwords(bytes: Uint8Array, at = 0): void {
  bytesOfVector.set(bytes);
  support.Q.set(wordsOfVector, at);
}

const vectorFunctions = {
  VS,
  VI: VS.i32,
  vbytes,
  vwords,
  vcheck(view: DataView, address: number, width: number): void {
    if (address + width > view.byteLength) throw new Trap("out-of-bounds-memory");
  },
};

/** The functions of `numerics/simd.ts` by the names that translated code has for them. */
const simdFunctions: Readonly<Record<string, unknown>> = Object.fromEntries(
  [simdOperations, simdShifts, simdTests, simdLoads, simdLaneLoads, simdLaneStores].flatMap((list) =>
    Object.entries(list).map(([name, fn]) => [`simd_${name.replace(".", "_")}`, fn]),
  ),
);

/** What a {@link State} asks of its instance. */
export interface StateOwner {
  readonly instance: EngineInstance;
  readonly store: StoreInstance;
  readonly meter: Meter;
  readonly callDepth: number;
  /** Knows where in the guest's code a function was, and what translated code calls for further proposals. */
  readonly code: Pick<CodeSource, "offsetsOf" | "proposals">;
  /** Puts what calls its function into a new cell. */
  fill(cell: Cell): void;
}

/** A length as the metering plan counts it. */
function units(length: number, divisor: number): number {
  return Math.floor(Math.min(length, 0xffffffff) / divisor);
}

/** A function that V8 does not inline into the loops that call it now and then: their registers are worth more than its call. */
function outOfLine<F extends (...args: never[]) => unknown>(fn: F): F {
  return new Proxy(fn, {});
}

const notYet: Callable = () => {
  throw new Error("the cell is still empty");
};

/**
 * What translated functions of one instance are functions of: everything outside them that they may touch, by the names that they have for
 * it. Those named here the engine uses as well.
 */
export interface State {
  readonly [name: string]: unknown;
  /** How to call a function of the index space. */
  cell(index: number): Cell;
  /** How to call a function that came from anywhere. */
  cellOf(reference: Reference): Cell;
  /** Pays for something that depends on an operand, and checks. */
  charge(cost: number): void;
  readonly memories: readonly Memory[];
  readonly tables: readonly Table[];
  readonly globals: readonly Global[];
  readonly tags: readonly Tag[];
  readonly types: readonly DefinedType[];
  readonly functions: readonly Func[];
}

/** Makes the state of an instance whose parts have been allocated. */
export function makeState(owner: StateOwner): State {
  const { store, meter: M } = owner;
  const cells: (Cell | undefined)[] = [];
  const foreign: Map<Func, Cell> = new Map();

  const framesOf = (index: number, inlined: number): Frame[] => {
    const { names } = store.module;
    const frame: Frame = {
      functionIndex: index,
      ...frameName(names.functions.get(index)),
      moduleName: names.module,
      offset: undefined,
    };
    return trace?.frames(frame, owner.code.offsetsOf, inlined) ?? new Array<Frame>(inlined + 1).fill(frame);
  };

  const makeCell = (func: Func): Cell => {
    const cell: Cell = { f: notYet, body: notYet, type: func.type, func, state };
    owner.fill(cell);
    return cell;
  };

  /** A trap of something that has been paid for. */
  const paid = (code: TrapCode): Trap => {
    const trap = new Trap(code);
    thrown = trap;
    return trap;
  };

  const refuel = outOfLine((): void => {
    try {
      M.unspent = M.refuel(M.unspent);
    } catch (error) {
      thrown = error;
      throw error;
    }
  });

  /** Pays for something that depends on an operand, and checks. */
  const charge = (cost: number): void => {
    let left = cost;
    while (left > 0x1fffffff) {
      M.unspent = (M.unspent - 0x1fffffff) | 0;
      left -= 0x1fffffff;
      if (M.unspent < 0) refuel();
    }
    M.unspent = (M.unspent - left) | 0;
    if (M.unspent < 0) refuel();
  };

  /** Pays for elements, then runs what was paid for. */
  const paidFor: Paid = (elements, run) => {
    charge(units(elements, 8));
    try {
      return run();
    } catch (error) {
      thrown = trapOf(error);
      throw thrown;
    }
  };

  const state = {
    ...support,
    ...vectorFunctions,
    ...simdFunctions,
    ...owner.code.proposals?.(store, paidFor),
    next,
    tail,
    U: M.counters,
    charge,
    callDepth: owner.callDepth,
    memories: store.memories as readonly Memory[],
    tables: store.tables as readonly Table[],
    globals: store.globals as readonly Global[],
    tags: store.tags as readonly Tag[],
    types: store.types,
    functions: store.functions as readonly Func[],

    /** How to call a function of the index space. */
    cell(index: number): Cell {
      const known = cells[index];
      if (known !== undefined) return known;
      const func = store.functions[index];
      const cell = func.owner === owner.instance && func.index !== index ? state.cell(func.index) : makeCell(func);
      cells[index] = cell;
      if (func.owner === owner.instance) func.engineData = cell;
      return cell;
    },

    /** How to call a function that came from anywhere. */
    cellOf(reference: Reference): Cell {
      if (reference === null) throw new Trap("null-reference");
      const func = reference as Func;
      const cell = func.engineData as Cell | undefined;
      if (cell !== undefined && cell.state === state) return cell;
      if (func.owner === owner.instance) return state.cell(func.index);
      let found = foreign.get(func);
      if (found === undefined) {
        found = makeCell(func);
        foreign.set(func, found);
      }
      return found;
    },

    /** What a table holds, checked against the type that a call expects. */
    indirect(elements: readonly Reference[], index: number, type: DefinedType): Cell {
      const func = elements[index] as Func | null | undefined;
      if (func !== undefined && func !== null) {
        const cell = func.engineData as Cell | undefined;
        if (cell !== undefined && cell.type === type && cell.state === state) return cell;
      }
      return state.indirectSlowly(elements, index, type);
    },

    indirectSlowly(elements: readonly Reference[], index: number, type: DefinedType): Cell {
      if (!(index < elements.length))
        throw new Trap("undefined-element", { detail: `index ${index} of ${elements.length}` });
      const func = elements[index] as Func | null;
      if (func === null) throw new Trap("uninitialized-element", { detail: `index ${index}` });
      if (func.type !== type && !isDefinedSubtype(func.type, type)) throw new Trap("indirect-call-type-mismatch");
      return state.cellOf(func);
    },

    /** A check has found the counter below zero: the counter in the meter, or one that a function keeps for itself. */
    refuel,
    R: outOfLine((unspent: number): number => M.refuel(unspent)),

    tooDeep(): Trap {
      return new Trap("call-stack-exhausted");
    },

    /**
     * Something leaves a function by being thrown.
     * @param fuel the function's counter, which counts if nobody that it called has handed its own over
     * @param inlined how many of its calls of itself were under way in their places
     * @returns what to throw on
     */
    unwind(error: unknown, index: number, fuel: number, inlined = 0): unknown {
      const original = error;
      if (thrown !== error) {
        M.unspent = fuel;
        error = trapOf(error);
        thrown = error;
      }
      if (error instanceof Trap && error.frames.length < MAX_FRAMES) {
        if (trace?.trap !== error) trace = makeTrace?.(error, original);
        error.frames = [...error.frames, ...framesOf(index, inlined)].slice(0, MAX_FRAMES);
      }
      return error;
    },

    /**
     * Something arrives at a handler of the guest. @returns the exception that it is to the guest
     * @throws what the guest cannot catch
     */
    guest(error: unknown, fuel: number): Exception {
      const isNew = thrown !== error;
      if (isNew) M.unspent = fuel;
      if (error instanceof Exception) {
        thrown = undefined;
        return error;
      }
      // What this function's own code threw is a trap or will be one; what came from elsewhere is a trap or a host's.
      if (isNew || error instanceof Trap || error instanceof RuntimeError) throw error;
      thrown = undefined;
      return new Exception(jsTag(), [], [error]);
    },

    /** A handler throws again what it caught, or an exception reference. The meter holds the counter. */
    again(error: unknown): unknown {
      thrown = error;
      return error;
    },

    growMemory(index: number, delta: number): number {
      const memory = store.memories[index];
      const before = store.growMemory(memory, delta);
      charge(before < 0 ? 0 : Math.floor((delta * 2 ** memory.type.pageSizeLog2) / GROWN_BYTES_PER_UNIT));
      return before;
    },

    memoryCopy(to: number, from: number, target: number, source: number, length: number): void {
      charge(units(length, 64));
      const a = store.memories[to].bytes;
      const b = store.memories[from].bytes;
      if (target + length > a.length || source + length > b.length) throw paid("out-of-bounds-memory");
      if (a === b) a.copyWithin(target, source, source + length);
      else a.set(b.subarray(source, source + length), target);
    },

    memoryFill(index: number, target: number, value: number, length: number): void {
      charge(units(length, 64));
      const { bytes } = store.memories[index];
      if (target + length > bytes.length) throw paid("out-of-bounds-memory");
      bytes.fill(value, target, target + length);
    },

    memoryInit(index: number, segment: number, target: number, source: number, length: number): void {
      charge(units(length, 64));
      const { bytes } = store.memories[index];
      const data = store.data[segment];
      if (target + length > bytes.length || source + length > data.length) throw paid("out-of-bounds-memory");
      bytes.set(data.subarray(source, source + length), target);
    },

    dropData(segment: number): void {
      store.data[segment] = new Uint8Array(0);
    },

    growTable(index: number, delta: number, value: Reference): number {
      const before = store.growTable(store.tables[index], delta, value);
      charge(before < 0 ? 0 : units(delta, 8));
      return before;
    },

    tableCopy(to: number, from: number, target: number, source: number, length: number): void {
      charge(units(length, 8));
      const a = store.tables[to].elements;
      const b = store.tables[from].elements;
      if (target + length > a.length || source + length > b.length) throw paid("out-of-bounds-table");
      if (a === b) moveWithin(a, target, source, length);
      else for (let i = 0; i < length; i++) a[target + i] = b[source + i];
    },

    tableFill(index: number, target: number, value: Reference, length: number): void {
      charge(units(length, 8));
      const { elements } = store.tables[index];
      if (target + length > elements.length) throw paid("out-of-bounds-table");
      elements.fill(value, target, target + length);
    },

    tableInit(index: number, segment: number, target: number, source: number, length: number): void {
      charge(units(length, 8));
      const { elements } = store.tables[index];
      const items = store.elements[segment];
      if (target + length > elements.length || source + length > items.length) throw paid("out-of-bounds-table");
      for (let i = 0; i < length; i++) elements[target + i] = items[source + i];
    },

    dropElements(segment: number): void {
      store.elements[segment] = [];
    },
  };
  return state;
}
