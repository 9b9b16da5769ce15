import { type MemArg, readMemArg } from "../../binary/instruction-reader.ts";
import { NAN, type NanKind } from "../../numerics/canonical-nans.ts";
import { CANONICAL_HIGH } from "../../numerics/floats.ts";
import { simdLaneLoads, simdLoads, simdOperations, simdShifts, simdTests } from "../../numerics/simd.ts";
import { instructionOf } from "../../wasm/instructions.ts";
import { F32, F64, I32, I64, V128 } from "../../wasm/types.ts";
import { u32 } from "./numeric.ts";
import { constant, FLAG, isAtom, isConstant, isRounded, type Operand } from "./operands.ts";
import { type Translation, Unsupported } from "./translate.ts";

const four = [0, 1, 2, 3] as const;

/** Instructions on four f32 lanes: each lane of the result from those of the operands. */
const floatLanes: Readonly<Record<string, readonly [(a: string, b: string) => string, ...string[]]>> = {
  "f32x4.add": [(a, b) => `fround(${a} + ${b})`, "fround"],
  "f32x4.sub": [(a, b) => `fround(${a} - ${b})`, "fround"],
  "f32x4.mul": [(a, b) => `fround(${a} * ${b})`, "fround"],
  "f32x4.div": [(a, b) => `fround(${a} / ${b})`, "fround"],
  "f32x4.min": [(a, b) => `fround(minimum(${a}, ${b}))`, "fround", "minimum"],
  "f32x4.max": [(a, b) => `fround(maximum(${a}, ${b}))`, "fround", "maximum"],
  "f32x4.sqrt": [(a) => `fround(sqrt(${a}))`, "fround", "sqrt"],
  "f32x4.ceil": [(a) => `fround(ceil(${a}))`, "fround", "ceil"],
  "f32x4.floor": [(a) => `fround(floor(${a}))`, "fround", "floor"],
  "f32x4.trunc": [(a) => `fround(trunc(${a}))`, "fround", "trunc"],
  "f32x4.nearest": [(a) => `fround(nearest(${a}))`, "fround", "nearest"],
};

const mask = (sign: string) => (a: string, b: string) => `(-(${a} ${sign} ${b} | 0) | 0)`;
const unsignedMask = (sign: string) => (a: string, b: string) => `(-(${u32(a)} ${sign} ${u32(b)} | 0) | 0)`;

/** Comparisons of four f32 lanes, whose result is integers. */
const floatTests: Readonly<Record<string, (a: string, b: string) => string>> = {
  "f32x4.eq": mask("==="),
  "f32x4.ne": mask("!=="),
  "f32x4.lt": mask("<"),
  "f32x4.gt": mask(">"),
  "f32x4.le": mask("<="),
  "f32x4.ge": mask(">="),
};

/** Instructions on four integer lanes. */
const intLanes: Readonly<Record<string, readonly [(a: string, b: string) => string, ...string[]]>> = {
  "v128.not": [(a) => `(~${a})`],
  "v128.and": [(a, b) => `(${a} & ${b})`],
  "v128.andnot": [(a, b) => `(${a} & ~${b})`],
  "v128.or": [(a, b) => `(${a} | ${b})`],
  "v128.xor": [(a, b) => `(${a} ^ ${b})`],
  "i32x4.add": [(a, b) => `(${a} + ${b} | 0)`],
  "i32x4.sub": [(a, b) => `(${a} - ${b} | 0)`],
  "i32x4.mul": [(a, b) => `imul(${a}, ${b})`, "imul"],
  "i32x4.neg": [(a) => `(0 - ${a} | 0)`],
  "f32x4.neg": [(a) => `(${a} ^ -2147483648)`],
  "f32x4.abs": [(a) => `(${a} & 2147483647)`],
  "i32x4.min_s": [(a, b) => `min(${a}, ${b})`, "min"],
  "i32x4.max_s": [(a, b) => `max(${a}, ${b})`, "max"],
  "i32x4.min_u": [(a, b) => `(min(${u32(a)}, ${u32(b)}) | 0)`, "min"],
  "i32x4.max_u": [(a, b) => `(max(${u32(a)}, ${u32(b)}) | 0)`, "max"],
  "i32x4.eq": [mask("===")],
  "i32x4.ne": [mask("!==")],
  "i32x4.lt_s": [mask("<")],
  "i32x4.gt_s": [mask(">")],
  "i32x4.le_s": [mask("<=")],
  "i32x4.ge_s": [mask(">=")],
  "i32x4.lt_u": [unsignedMask("<")],
  "i32x4.gt_u": [unsignedMask(">")],
  "i32x4.le_u": [unsignedMask("<=")],
  "i32x4.ge_u": [unsignedMask(">=")],
};

/** Sums and differences of lanes in one word, the highest bit of each lane apart from the others, so that nothing is carried across. */
const sumIn = (low: number, high: number) => (a: string, b: string) =>
  `((${a} & ${low}) + (${b} & ${low}) ^ (${a} ^ ${b}) & ${high})`;
const differenceIn = (low: number, high: number) => (a: string, b: string) =>
  `((${a} | ${high}) - (${b} & ${low}) ^ (${a} ^ ~${b}) & ${high})`;
const [LOW8, HIGH8] = [0x7f7f7f7f, 0x80808080 | 0];
const [LOW16, HIGH16] = [0x7fff7fff, 0x80008000 | 0];
/** The highest bits of the bytes in which two words differ. */
const differing = (a: string, b: string): string => `((${a} ^ ${b}) & ${LOW8}) + ${LOW8} | ${a} ^ ${b}`;

/** Instructions on bytes and 16-bit lanes, several in a word; operands are written more than once. */
const packedLanes: Readonly<Record<string, (a: string, b: string) => string>> = {
  "i8x16.add": sumIn(LOW8, HIGH8),
  "i8x16.sub": differenceIn(LOW8, HIGH8),
  "i16x8.add": sumIn(LOW16, HIGH16),
  "i16x8.sub": differenceIn(LOW16, HIGH16),
  "i8x16.ne": (a, b) => `imul((${differing(a, b)}) >>> 7 & 16843009, 255)`,
  "i8x16.eq": (a, b) => `imul(~(${differing(a, b)}) >>> 7 & 16843009, 255)`,
  // Where a byte is carried out of, all its bits are set.
  "i8x16.add_sat_u": (a, b) => {
    // Small constants leave a byte's highest bit to the other operand.
    if (/^\d+$/.test(b) && (Number(b) & HIGH8) === 0) {
      const small = `(((${a} & ${LOW8}) + ${b}) ^ ${a} & ${HIGH8})`;
      return `(${small} | imul((${a} & ~${small}) >>> 7 & 16843009, 255))`;
    }
    const sum = sumIn(LOW8, HIGH8)(a, b);
    return `(${sum} | imul((${a} & ${b} | (${a} | ${b}) & ~${sum}) >>> 7 & 16843009, 255))`;
  },
};

const shiftSigns: Readonly<Record<string, (a: string, n: string) => string>> = {
  "i32x4.shl": (a, n) => `(${a} << ${n})`,
  "i32x4.shr_s": (a, n) => `(${a} >> ${n})`,
  "i32x4.shr_u": (a, n) => `(${a} >>> ${n} | 0)`,
};

/** Where the functions of `numerics/simd.ts` find operands and leave results: slots of `VS`, and the words there. */
const SLOTS = [0, 2, 4];
const RESULT = { slot: 6, word: 12 };

/**
 * Translates vector instructions. A vector is four variables, one a lane of 32 bits: integers, or f32 where arithmetic on floats made it. The usual
 * instructions are an expression for each lane; the others go through memory to the functions of `numerics/simd.ts`.
 */
export class VectorTranslator {
  private readonly t: Translation;

  constructor(translation: Translation) {
    this.t = translation;
  }

  select(): void {
    const { ops } = this.t;
    ops.atoms(3);
    const condition = ops.pop();
    const b = ops.pop();
    const a = ops.pop();
    const test = condition.test === "" ? condition.code : condition.test;
    const floats = a.floats === true && b.floats === true;
    const [x, y] = [ops.lanes(a, floats), ops.lanes(b, floats)];
    ops.deriveVector(
      four.map((i) => `(${test} ? ${x[i]} : ${y[i]})`),
      floats,
      [a, b, condition],
    );
  }

  translate(opcode: number): void {
    const { t } = this;
    const { ops, reader } = t;
    const { name, immediates, params, results } = instructionOf(opcode);
    if (immediates.includes("memarg")) {
      this.access(name);
      return;
    }
    if (name === "v128.const") {
      const at = reader.pos;
      reader.pos += 16;
      const view = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + at, 16);
      ops.push({ ...constant(V128, ""), lanes: four.map((i) => String(view.getInt32(4 * i, true))), floats: false });
    } else if (floatLanes[name] !== undefined || floatTests[name] !== undefined) {
      const [make, ...names] = floatLanes[name] ?? [floatTests[name]];
      for (const helper of names) t.need(helper);
      this.lanewise(make, params!.length, true, floatLanes[name] !== undefined);
    } else if (intLanes[name] !== undefined) {
      const [make, ...names] = intLanes[name];
      for (const helper of names) t.need(helper);
      this.lanewise(make, params!.length, false, false);
    } else if (packedLanes[name] !== undefined) {
      t.need("imul");
      this.ownInts(2);
      const [a, b] = [ops.top(1), ops.top()].map((operand) => operand.lanes!);
      this.lanewise(packedLanes[name], 2, false, false);
      if (name === "i8x16.ne") {
        // Some lane differs when some bit does.
        const anyTest = `(${four.map((i) => `${a[i]} ^ ${b[i]}`).join(" | ")}) !== 0`;
        ops.push({ ...ops.pop(), anyTest });
      }
    } else if (shiftSigns[name] !== undefined) {
      ops.atoms(1);
      const count = ops.pop();
      const a = ops.pop();
      const lanes = ops.lanes(a, false);
      const n = isConstant(count) ? String(Number(count.code) & 31) : count.code;
      ops.deriveVector(
        lanes.map((lane) => shiftSigns[name](lane, n)),
        false,
        [a, count],
      );
    } else if (name === "v128.bitselect" || name.endsWith("relaxed_laneselect")) {
      ops.atoms(3);
      const [a, b, c] = this.pop(3);
      const [x, y, z] = [a, b, c].map((operand) => ops.lanes(operand, false));
      ops.deriveVector(
        four.map((i) => `(${x[i]} & ${z[i]} | ${y[i]} & ~${z[i]})`),
        false,
        [a, b, c],
      );
    } else if (name === "v128.any_true") {
      const a = ops.pop();
      const test = a.anyTest ?? `(${ops.lanes(a, false).join(" | ")}) !== 0`;
      ops.derive(I32, `(${test} | 0)`, [a], 0, test);
    } else if (name === "i8x16.shuffle") this.shuffle([...reader.take(16)]);
    else if (simdOperations[name] !== undefined) {
      const used = this.pass(params!.length);
      ops.emit(`${this.fn(name)}(VS, ${RESULT.slot}, 0, 2, 4);`);
      this.result(used);
    } else if (simdShifts[name] !== undefined) {
      ops.atoms(1);
      const count = ops.pop();
      const used = this.pass(1);
      ops.emit(`${this.fn(name)}(VS, ${RESULT.slot}, 0, ${count.code});`);
      this.result([...used, count]);
    } else if (simdTests[name] !== undefined) {
      const used = this.pass(1);
      const variable = ops.variable(results![0]);
      ops.emit(`${variable.code} = ${this.fn(name)}(VS, 0);`);
      this.release(used);
      ops.push(variable);
    } else this.lane(name);
  }

  /** Makes the topmost vectors names or literals of integers. */
  private ownInts(count: number): void {
    const { ops } = this.t;
    ops.atoms(count);
    for (let at = ops.height - count; at < ops.height; at++) {
      const operand = ops.stack[at];
      if (operand.floats !== true) continue;
      const variable = ops.variable(V128);
      ops.assign(variable, operand);
      ops.release(operand.temps);
      ops.stack[at] = variable;
    }
  }

  /** Makes NaNs in lanes of the topmost vector canonical. */
  canonicalise(kind: NanKind): void {
    const { t } = this;
    const { ops } = t;
    if (kind === NAN.f32x4) {
      const a = ops.pop();
      const floats = a.floats === true;
      const make = t.need(floats ? "canonicalNumber" : "canonicalF32");
      ops.deriveVector(
        ops.lanes(a, floats, floats ? "raw" : "exact").map((lane) => `${make}(${lane})`),
        floats,
        [a],
      );
      if (floats) ops.push({ ...ops.pop(), rounded: true });
      return;
    }
    this.ownInts(1);
    const a = ops.pop();
    t.need("isNaN64");
    const lanes = ops.lanes(a, false);
    const each = (i: number): string[] => {
      const test = `isNaN64(${lanes[i]}, ${lanes[i + 1]})`;
      return [`(${test} ? 0 : ${lanes[i]})`, `(${test} ? ${CANONICAL_HIGH} : ${lanes[i + 1]})`];
    };
    ops.deriveVector([...each(0), ...each(2)], false, [a]);
  }

  private pop(count: number): Operand[] {
    const used: Operand[] = [];
    for (let i = 0; i < count; i++) used.unshift(this.t.ops.pop());
    return used;
  }

  private release(used: readonly Operand[]): void {
    for (const { temps } of used) this.t.ops.release(temps);
  }

  private lanewise(make: (a: string, b: string) => string, count: number, floats: boolean, toFloats: boolean): void {
    const { ops } = this.t;
    const used = this.pop(count);
    const lanes = used.map((operand) => ops.lanes(operand, floats, "raw"));
    ops.deriveVector(
      four.map((i) => make(lanes[0][i], lanes[1]?.[i] ?? "")),
      toFloats,
      used,
    );
    if (toFloats) ops.push({ ...ops.pop(), rounded: true });
  }

  /** The name of a function of `numerics/simd.ts`. */
  private fn(name: string): string {
    this.t.need("VS");
    return this.t.need(`simd_${name.replace(".", "_")}`);
  }

  /** Pops vectors and leaves them where the functions find them. */
  private pass(count: number): Operand[] {
    const { ops } = this.t;
    // What may trap is evaluated now.
    ops.flush(FLAG.traps, count);
    const used = this.pop(count);
    this.t.need("VI");
    used.forEach((operand, i) => {
      this.put(operand, 2 * SLOTS[i]);
    });
    return used;
  }

  private put(operand: Operand, word: number): void {
    const { ops } = this.t;
    this.t.need("VI");
    ops.emit(
      ops
        .lanes(operand, false)
        .map((lane, k) => `VI[${word + k}] = ${lane};`)
        .join(" "),
    );
  }

  /** Pushes what a function has left. */
  private result(used: readonly Operand[]): void {
    const { ops } = this.t;
    this.t.need("VI");
    this.release(used);
    const variable = ops.pushVariable(V128);
    ops.emit(variable.lanes!.map((lane, k) => `${lane} = VI[${RESULT.word + k}];`).join(" "));
  }

  /** Bytes in an order that is known become shifted pieces of words: as many as there are runs of neighbours. */
  private shuffle(order: readonly number[]): void {
    const { ops } = this.t;
    ops.atoms(2);
    const [a, b] = this.pop(2);
    const words = [...ops.lanes(a, false), ...ops.lanes(b, false)];
    const lanes = four.map((word) => {
      const pieces: string[] = [];
      for (let byte = 0; byte < 4; ) {
        const from = order[4 * word + byte];
        let length = 1;
        while (byte + length < 4 && order[4 * word + byte + length] === from + length && (from + length) % 4 !== 0)
          length++;
        const source = words[from >> 2];
        const [right, left] = [8 * (from & 3), 8 * byte];
        if (length === 4) pieces.push(source);
        else {
          // What lies above the piece is shifted out at the top or masked away.
          const shifted = right === 0 ? source : `${source} >>> ${right}`;
          const isTop = byte + length === 4;
          const isWhole = (from & 3) + length === 4;
          const piece = isTop || isWhole ? shifted : `(${shifted}) & ${2 ** (8 * length) - 1}`;
          pieces.push(left === 0 ? `(${piece})` : `(${piece}) << ${left}`);
        }
        byte += length;
      }
      return pieces.length === 1 && !/[ (]/.test(pieces[0]) ? pieces[0] : `(${pieces.join(" | ")} | 0)`;
    });
    ops.deriveVector(lanes, false, [a, b]);
  }

  /** Splats, and instructions that read or set one lane. */
  private lane(name: string): void {
    const { t } = this;
    const { ops, reader } = t;
    const [shape, operation] = name.split(".");
    if (operation === "splat") {
      ops.atoms(1);
      const value = ops.pop();
      ops.deriveVector(this.splat(shape, value), shape === "f32x4", [value]);
      return;
    }
    const lane = reader.byte();
    if (operation.startsWith("extract_lane")) {
      const isFloat = shape === "f32x4";
      if (shape === "i64x2" || shape === "f64x2") ops.atoms(1);
      else if ((ops.top().flags & FLAG.traps) !== 0) ops.settle(ops.height - 1);
      const a = ops.pop();
      const lanes = ops.lanes(a, isFloat);
      if (shape === "i64x2") ops.derive(I64, lanes[2 * lane], [a], 0, "", lanes[2 * lane + 1]);
      else if (shape === "f64x2")
        ops.derive(F64, `${t.need("f64OfBits")}(${lanes[2 * lane]}, ${lanes[2 * lane + 1]})`, [a]);
      else if (isFloat) ops.derive(F32, lanes[lane], [a]);
      else if (shape === "i32x4") ops.derive(I32, lanes[lane], [a]);
      else {
        const bits = shape === "i8x16" ? 8 : 16;
        const perWord = 32 / bits;
        const at = (lane % perWord) * bits;
        const word = lanes[Math.floor(lane / perWord)];
        const up = 32 - bits - at;
        const code = operation.endsWith("_s")
          ? `(${word} << ${up} >> ${32 - bits})`
          : `(${word} >>> ${at} & ${2 ** bits - 1})`;
        ops.derive(I32, code, [a]);
      }
      return;
    }
    if (operation !== "replace_lane") throw new Unsupported(name);
    ops.atoms(2);
    const [a, value] = this.pop(2);
    const floats = shape === "f32x4" && a.floats === true;
    const lanes = [...ops.lanes(a, floats)];
    const splat =
      shape === "f32x4" && !floats ? four.map(() => `${t.need("bitsOfF32")}(${value.code})`) : this.splat(shape, value);
    if (shape === "i64x2" || shape === "f64x2") {
      lanes[2 * lane] = splat[0];
      lanes[2 * lane + 1] = splat[1];
    } else if (shape === "i32x4" || shape === "f32x4") lanes[lane] = splat[0];
    else {
      const bits = shape === "i8x16" ? 8 : 16;
      const perWord = 32 / bits;
      const at = (lane % perWord) * bits;
      const hole = ~((2 ** bits - 1) << at);
      const word = Math.floor(lane / perWord);
      lanes[word] = `(${lanes[word]} & ${hole} | (${value.code} & ${2 ** bits - 1}) << ${at})`;
    }
    ops.deriveVector(lanes, floats, [a, value]);
  }

  /** The lanes of a vector of one value, which is a name or a literal. */
  private splat(shape: string, value: Operand): string[] {
    const { t } = this;
    const { code, high } = value;
    switch (shape) {
      case "i8x16":
        return four.map(() => `${t.need("imul")}(${code} & 255, 16843009)`);
      case "i16x8":
        return four.map(() => `(${code} << 16 | ${code} & 65535)`);
      case "i64x2":
        return [code, high, code, high];
      case "f64x2": {
        const [low, upper] = [`${t.need("lowWordOfF64")}(${code})`, `${t.need("highOfF64")}(${code})`];
        return [low, upper, low, upper];
      }
      default:
        return four.map(() => code);
    }
  }

  // ---- memory

  private access(name: string): void {
    const { t } = this;
    const { ops, reader } = t;
    const memarg = readMemArg(reader);
    const view = t.memory.view(memarg.memory);
    if (name === "v128.load" || name === "v128.store") {
      if (name === "v128.load") this.load(memarg, view);
      else this.store(memarg, view);
      return;
    }
    if (simdLoads[name] !== undefined) {
      ops.flush(FLAG.traps, 1);
      const a = ops.pop();
      const address = t.memory.address(a, memarg);
      const lanes = this.wordLoad(name, view, address);
      if (lanes !== undefined) {
        const variable = ops.variable(V128);
        ops.emit(variable.lanes!.map((lane, i) => `${lane} = ${lanes[i]};`).join(" "));
        this.release([a]);
        ops.push(variable);
        return;
      }
      ops.emit(`${this.fn(name)}(VS, ${RESULT.slot}, ${view}, ${address});`);
      this.result([a]);
      return;
    }
    const lane = reader.byte();
    const isLoad = simdLaneLoads[name] !== undefined;
    ops.flush(isLoad ? FLAG.traps : FLAG.memory | FLAG.traps, 2);
    ops.atoms(2);
    const [a, value] = this.pop(2);
    const address = t.memory.address(a, memarg);
    this.put(value, isLoad ? RESULT.word : 0);
    if (name === "v128.store64_lane") ops.emit(`${t.need("vcheck")}(${view}, ${address}, 8);`);
    ops.emit(`${this.fn(name)}(VS, ${isLoad ? RESULT.slot : 0}, ${view}, ${address}, ${lane});`);
    if (isLoad) this.result([a, value]);
    else this.release([a, value]);
  }

  /** Loads of one word, as expressions for the lanes; the first is evaluated first. */
  private wordLoad(name: string, view: string, address: string): string[] | undefined {
    if (name === "v128.load32_zero") return [`${view}.getInt32(${address}, true)`, "0", "0", "0"];
    return undefined;
  }

  private load(memarg: MemArg, view: string): void {
    const { ops, memory } = this.t;
    ops.atoms(1);
    const a = ops.pop();
    ops.derive(V128, "", [a], FLAG.memory | FLAG.traps);
    const operand = ops.pop();
    const addresses = four.map((i) => memory.address(a, memarg, 4 * i));
    ops.push({ ...operand, lanes: [], floats: false, memory: { view, addresses, mark: ops.mark } });
  }

  /** The last word first: where it does not fit nothing has been written. */
  private store(memarg: MemArg, view: string): void {
    const { t } = this;
    const { ops, memory } = t;
    ops.flush(FLAG.memory | FLAG.traps, 2);
    if (!isAtom(ops.top(1))) ops.settle(ops.height - 2);
    // Lanes are evaluated one after the other, between writes.
    if ((ops.top().flags & (FLAG.traps | FLAG.memory)) !== 0) ops.settle(ops.height - 1);
    const [a, value] = this.pop(2);
    const statements = four.map((i) => {
      const address = memory.address(a, memarg, 4 * i);
      const lane = value.lanes![i];
      return value.floats === true
        ? memory.storeFloat(view, address, lane, isRounded(value))
        : `${view}.setInt32(${address}, ${lane}, true);`;
    });
    ops.emit(statements.reverse().join(" "));
    this.release([a, value]);
  }
}

/** Whether an instruction works on f32 lanes (1), on others (-1), or only moves vectors (0). */
export function leaning(opcode: number): number {
  const { name } = instructionOf(opcode);
  if (floatLanes[name] !== undefined || floatTests[name] !== undefined || name === "f32x4.splat") return 1;
  return /^v128\.(load|store|const)/.test(name) || name.endsWith("_lane") ? 0 : -1;
}
