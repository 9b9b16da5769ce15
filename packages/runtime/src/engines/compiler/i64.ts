import * as OP from "../../wasm/opcodes.ts";
import { F32, F64, I32, I64 } from "../../wasm/types.ts";
import { u32 } from "./numeric.ts";
import { constant, FLAG, isConstant, type Operand, type Operands } from "./operands.ts";

/**
 * 64-bit integers as two 32-bit halves, each a signed number: the one place that says how. Against BigInts that V8 keeps in machine words,
 * halves never become objects, whatever happens to them: across calls, in locals, in branches, on platforms that know no such
 * optimisation. What takes more than a few operators is a function of `support.ts` that returns the low half and leaves the high one in `X[1]`.
 */
export const HIGH_RESULT = "X[1]";

/** Comparisons from 0x53 on: the sign, whether unsigned, whether equality counts. */
const orders: readonly (readonly ["<" | ">", boolean, boolean])[] = [
  ["<", false, false],
  ["<", true, false],
  [">", false, false],
  [">", true, false],
  ["<", false, true],
  ["<", true, true],
  [">", false, true],
  [">", true, true],
];

const difference = (a: string, b: string): string => (a === "0" ? b : b === "0" ? a : `(${a} ^ ${b})`);

const divisions = ["div64s", "div64u", "rem64s", "rem64u"] as const;
const truncations = ["trunc64s", "trunc64u", "trunc64s", "trunc64u"] as const;
const saturating = ["truncSat64s", "truncSat64u", "truncSat64s", "truncSat64u"] as const;

/** Translates the instructions on i64 that are neither constants nor accesses to memory. */
export class LongTranslator {
  private readonly ops: Operands;
  private readonly need: (name: string) => void;

  constructor(ops: Operands, need: (name: string) => void) {
    this.ops = ops;
    this.need = need;
  }

  /** @returns false for an instruction that is none of these */
  translate(opcode: number): boolean {
    const { ops } = this;
    if (opcode >= OP.I64_LT_S && opcode <= OP.I64_GE_U) this.order(opcode);
    else if (opcode >= OP.I64_DIV_S && opcode <= OP.I64_REM_U) this.division(divisions[opcode - OP.I64_DIV_S]);
    else if (opcode >= OP.I64_TRUNC_F32_S && opcode <= OP.I64_TRUNC_F64_U)
      this.truncation(truncations[opcode - OP.I64_TRUNC_F32_S], true);
    else if (opcode >= OP.I64_TRUNC_SAT_F32_S && opcode <= OP.I64_TRUNC_SAT_F64_U)
      this.truncation(saturating[opcode - OP.I64_TRUNC_SAT_F32_S], false);
    else
      switch (opcode) {
        case 0x50: {
          // i64.eqz
          const a = ops.pop();
          this.test(a.high === "0" ? `${a.code} === 0` : `(${a.code} | ${a.high}) === 0`, [a]);
          break;
        }
        case 0x51: // i64.eq
        case 0x52: {
          // i64.ne
          const b = ops.pop();
          const a = ops.pop();
          // One comparison, and so one branch.
          const differences = `(${difference(a.code, b.code)} | ${difference(a.high, b.high)})`;
          this.test(`${differences} ${opcode === OP.I64_EQ ? "===" : "!=="} 0`, [a, b]);
          break;
        }
        case 0x79: // i64.clz
          this.need("clz32");
          ops.atoms(1);
          this.count((low, high) => `(${high} === 0 ? 32 + clz32(${low}) : clz32(${high}))`);
          break;
        case 0x7a: // i64.ctz
          this.need("ctz64");
          this.count((low, high) => `ctz64(${low}, ${high})`);
          break;
        case 0x7b: // i64.popcnt
          this.need("popcnt32");
          this.count((low, high) => `(popcnt32(${low}) + popcnt32(${high}))`);
          break;
        case 0x7c: // i64.add
        case 0x7d: // i64.sub
          this.sum(opcode === OP.I64_ADD);
          break;
        case 0x7e: // i64.mul
          this.product();
          break;
        case 0x83: // i64.and
        case 0x84: // i64.or
        case 0x85: // i64.xor
          this.bitwise(opcode === OP.I64_AND ? "&" : opcode === OP.I64_OR ? "|" : "^");
          break;
        case 0x86: // i64.shl
        case 0x87: // i64.shr_s
        case 0x88: // i64.shr_u
          this.shift(opcode);
          break;
        case 0x89: // i64.rotl
        case 0x8a: // i64.rotr
          this.rotation(opcode === OP.I64_ROTL);
          break;
        case 0xa7: {
          // i32.wrap_i64
          const a = ops.pop();
          ops.push({ ...a, type: I32, high: "" });
          break;
        }
        case 0xac: {
          // i64.extend_i32_s
          ops.atoms(1);
          const a = ops.pop();
          if (isConstant(a)) ops.push(constant(I64, a.code, Number(a.code) < 0 ? "-1" : "0"));
          else ops.derive(I64, a.code, [a], 0, "", `(${a.code} >> 31)`);
          break;
        }
        case 0xad: {
          // i64.extend_i32_u
          const a = ops.pop();
          // A name stays one: it need not be copied to be written twice.
          if (isConstant(a)) ops.push(constant(I64, a.code, "0"));
          else ops.derive(I64, a.code, [a], a.flags & FLAG.atom, "", "0");
          break;
        }
        case 0xb4: // f32.convert_i64_s
        case 0xb5: {
          // f32.convert_i64_u
          const a = ops.pop();
          const name = opcode === OP.F32_CONVERT_I64_S ? "f32OfI64" : "f32OfU64";
          this.need(name);
          ops.derive(F32, `${name}(${a.code}, ${a.high})`, [a]);
          break;
        }
        case 0xb9: // f64.convert_i64_s
        case 0xba: {
          // f64.convert_i64_u
          const a = ops.pop();
          const high = opcode === OP.F64_CONVERT_I64_S ? a.high : u32(a.high);
          ops.derive(F64, high === "0" ? u32(a.code) : `(${high} * 4294967296 + ${u32(a.code)})`, [a]);
          break;
        }
        case 0xbd: {
          // i64.reinterpret_f64
          this.need("lowOfF64");
          const a = ops.pop();
          this.call(`lowOfF64(${a.code})`, [a]);
          break;
        }
        case 0xbf: {
          // f64.reinterpret_i64
          this.need("f64OfBits");
          const a = ops.pop();
          ops.derive(F64, `f64OfBits(${a.code}, ${a.high})`, [a]);
          break;
        }
        case 0xc2: // i64.extend8_s
        case 0xc3: {
          // i64.extend16_s
          const bits = opcode === OP.I64_EXTEND8_S ? 24 : 16;
          ops.atoms(1);
          const a = ops.pop();
          ops.derive(I64, `(${a.code} << ${bits} >> ${bits})`, [a], 0, "", `(${a.code} << ${bits} >> 31)`);
          break;
        }
        case 0xc4: {
          // i64.extend32_s
          ops.atoms(1);
          const a = ops.pop();
          ops.derive(I64, a.code, [a], 0, "", `(${a.code} >> 31)`);
          break;
        }
        default:
          return false;
      }
    return true;
  }

  /** A comparison, and, where it is to be a number, without a branch, for those that nobody can predict. */
  private test(condition: string, used: readonly Operand[], number = `(${condition} | 0)`): void {
    this.ops.derive(I32, number, used, 0, condition);
  }

  private order(opcode: number): void {
    const { ops } = this;
    const [sign, isUnsigned, orEqual] = orders[opcode - OP.I64_LT_S];
    ops.atoms(2);
    const b = ops.pop();
    const a = ops.pop();
    // Against zero the high half alone decides.
    if (!isUnsigned && b.code === "0" && b.high === "0" && (sign === "<") !== orEqual) {
      this.test(`${a.high} ${sign === "<" ? "<" : ">="} 0`, [a, b]);
      return;
    }
    const ah = isUnsigned ? u32(a.high) : a.high;
    const bh = isUnsigned ? u32(b.high) : b.high;
    const low = `${u32(a.code)} ${sign}${orEqual ? "=" : ""} ${u32(b.code)}`;
    this.test(
      `(${ah} ${sign} ${bh} || ${ah} === ${bh} && ${low})`,
      [a, b],
      `(${ah} ${sign} ${bh} | ${ah} === ${bh} & ${low})`,
    );
  }

  private count(make: (low: string, high: string) => string): void {
    const a = this.ops.pop();
    this.ops.derive(I64, make(a.code, a.high), [a], 0, "", "0");
  }

  private sum(isAddition: boolean): void {
    const { ops } = this;
    ops.atoms(2);
    const b = ops.pop();
    const a = ops.pop();
    const r = ops.variable(I64);
    if (isAddition) {
      ops.emit(
        `${r.code} = ${a.code} + ${b.code} | 0; ${r.high} = ${a.high} + ${b.high} + (${u32(r.code)} < ${u32(isConstant(b) ? b.code : a.code)} | 0) | 0;`,
      );
    } else {
      ops.emit(
        `${r.code} = ${a.code} - ${b.code} | 0; ${r.high} = ${a.high} - ${b.high} - (${u32(a.code)} < ${u32(b.code)} | 0) | 0;`,
      );
    }
    ops.release(a.temps);
    ops.release(b.temps);
    ops.push(r);
  }

  private product(): void {
    const { ops } = this;
    this.need("imul");
    ops.atoms(2);
    const b = ops.pop();
    const a = ops.pop();
    const r = ops.variable(I64);
    const cross: string[] = [];
    if (b.high !== "0") cross.push(`imul(${a.code}, ${b.high})`);
    if (a.high !== "0") cross.push(`imul(${a.high}, ${b.code})`);
    // The product of the low halves as a double has lost its last bits, which are those of the exact low half: what is left, rounded, is the
    // exact high half.
    ops.emit(
      `${r.code} = imul(${a.code}, ${b.code}); ${r.high} = ${[`((${u32(a.code)} * ${u32(b.code)} - ${u32(r.code)}) * 2.3283064365386963e-10 + 0.5 >>> 0)`, ...cross].join(" + ")} | 0;`,
    );
    ops.release(a.temps);
    ops.release(b.temps);
    ops.push(r);
  }

  private bitwise(sign: string): void {
    const { ops } = this;
    // A half may be left out of the result, but not what it would have trapped on.
    if (((ops.top().flags | ops.top(1).flags) & FLAG.traps) !== 0) ops.atoms(2);
    const b = ops.pop();
    const a = ops.pop();
    const half = (x: string, y: string): string =>
      sign === "&"
        ? x === "0" || y === "0"
          ? "0"
          : x === "-1"
            ? y
            : y === "-1"
              ? x
              : `(${x} & ${y})`
        : x === "0"
          ? y
          : y === "0"
            ? x
            : `(${x} ${sign} ${y})`;
    ops.derive(I64, half(a.code, b.code), [a, b], 0, "", half(a.high, b.high));
  }

  private shift(opcode: number): void {
    const { ops } = this;
    ops.atoms(2);
    const b = ops.pop();
    const a = ops.pop();
    const { code: l, high: h } = a;
    if (isConstant(b)) {
      const n = Number(b.code) & 63;
      if (n === 0) {
        ops.push(a);
        return;
      }
      const k = n & 31;
      const isWide = n >= 32;
      let low: string;
      let high: string;
      if (opcode === OP.I64_SHL) {
        low = isWide ? "0" : `(${l} << ${k})`;
        high = isWide ? (k === 0 ? l : `(${l} << ${k})`) : `(${h} << ${k} | ${l} >>> ${32 - k})`;
      } else {
        const isSigned = opcode === OP.I64_SHR_S;
        const shift = isSigned ? ">>" : ">>>";
        low = isWide
          ? k === 0
            ? h
            : `(${h} ${shift} ${k}${isSigned ? "" : " | 0"})`
          : h === "0"
            ? `(${l} >>> ${k} | 0)`
            : `(${l} >>> ${k} | ${h} << ${32 - k})`;
        high =
          h === "0"
            ? "0"
            : isWide
              ? isSigned
                ? `(${h} >> 31)`
                : "0"
              : `(${h} ${shift} ${k}${isSigned ? "" : " | 0"})`;
      }
      ops.derive(I64, low, [a, b], 0, "", high);
      return;
    }
    // Counts are taken modulo 32, so shifting by one and then by the count's complement is shifting by 32 less the count, for 0 too.
    const n = b.code;
    if (opcode === OP.I64_SHL)
      ops.derive(
        I64,
        `(${n} & 32 ? 0 : ${l} << ${n})`,
        [a, b],
        0,
        "",
        `(${n} & 32 ? ${l} << ${n} : ${h} << ${n} | ${l} >>> 1 >>> ~${n})`,
      );
    else if (opcode === OP.I64_SHR_S)
      ops.derive(
        I64,
        `(${n} & 32 ? ${h} >> ${n} : ${l} >>> ${n} | ${h} << 1 << ~${n})`,
        [a, b],
        0,
        "",
        `(${n} & 32 ? ${h} >> 31 : ${h} >> ${n})`,
      );
    else
      ops.derive(
        I64,
        `((${n} & 32 ? ${h} >>> ${n} : ${l} >>> ${n} | ${h} << 1 << ~${n}) | 0)`,
        [a, b],
        0,
        "",
        `(${n} & 32 ? 0 : ${h} >>> ${n} | 0)`,
      );
  }

  private rotation(isLeft: boolean): void {
    const { ops } = this;
    ops.atoms(2);
    const b = ops.pop();
    const a = ops.pop();
    const { code: l, high: h } = a;
    if (isConstant(b)) {
      const n = (isLeft ? Number(b.code) : -Number(b.code)) & 63;
      const [low, high] = n & 32 ? [h, l] : [l, h];
      const k = n & 31;
      if (k === 0) ops.derive(I64, low, [a, b], 0, "", high);
      else
        ops.derive(
          I64,
          `(${low} << ${k} | ${high} >>> ${32 - k})`,
          [a, b],
          0,
          "",
          `(${high} << ${k} | ${low} >>> ${32 - k})`,
        );
      return;
    }
    const n = ops.temporary("i");
    const low = ops.temporary("i");
    const high = ops.temporary("i");
    ops.emit(
      `${n} = ${isLeft ? b.code : `-${b.code}`}; if (${n} & 32) { ${low} = ${h}; ${high} = ${l}; } else { ${low} = ${l}; ${high} = ${h}; }`,
    );
    const r = ops.variable(I64);
    ops.emit(
      `${r.code} = ${low} << ${n} | ${high} >>> 1 >>> ~${n}; ${r.high} = ${high} << ${n} | ${low} >>> 1 >>> ~${n};`,
    );
    ops.release([n, low, high, ...a.temps, ...b.temps]);
    ops.push(r);
  }

  private division(name: string): void {
    const { ops } = this;
    this.need(name);
    ops.flush(FLAG.traps, 2);
    const b = ops.pop();
    const a = ops.pop();
    this.call(`${name}(${a.code}, ${a.high}, ${b.code}, ${b.high})`, [a, b]);
  }

  private truncation(name: string, traps: boolean): void {
    const { ops } = this;
    this.need(name);
    if (traps) ops.flush(FLAG.traps, 1);
    const a = ops.pop();
    this.call(`${name}(${a.code})`, [a]);
  }

  /** A call that leaves its high half where `HIGH_RESULT` says. */
  private call(code: string, used: readonly Operand[]): void {
    const { ops } = this;
    // What may trap was put off before what comes now.
    for (const { flags } of used) if ((flags & FLAG.traps) !== 0) ops.flush(FLAG.traps);
    const r = ops.variable(I64);
    this.need("X");
    ops.emit(`${r.code} = ${code}; ${r.high} = ${HIGH_RESULT};`);
    for (const { temps } of used) ops.release(temps);
    ops.push(r);
  }
}
