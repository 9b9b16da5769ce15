import { readMemArg } from "../../binary/instruction-reader.ts";
import {
  simdLaneLoads,
  simdLaneStores,
  simdLoads,
  simdOperations,
  simdShifts,
  simdTests,
} from "../../numerics/simd.ts";
import { instructionOf } from "../../wasm/instructions.ts";
import { F32, F64, I32, I64, V128 } from "../../wasm/types.ts";
import { FLAG, type Operand } from "./operands.ts";
import { type Translation, Unsupported } from "./translate.ts";

/**
 * Translates vector instructions: a vector stands in two slots of the register file `V`, at `b`, the frame's base, and some. What is computed is a
 * call of the function of `numerics/simd.ts`.
 */
export class VectorTranslator {
  private readonly t: Translation;

  constructor(translation: Translation) {
    this.t = translation;
  }

  /** Makes room for the function's vectors. Locals that are no parameters are zero. */
  enter(): string {
    const { t } = this;
    const { ops } = t;
    t.need("V");
    const params = t.type.params.filter((type) => type === V128).length;
    const zeroes = ops.vectorLocals - params;
    const clear = zeroes > 0 ? ` ${t.need("vzero")}(b + ${2 * params}, b + ${2 * ops.vectorLocals});` : "";
    return `const b = V.top; V.top = b + ${2 * ops.vectors}; if (V.top > V.limit) ${t.need("vgrow")}();${clear}`;
  }

  /** Leaves results at the frame's beginning, and the frame. */
  leave(results: readonly string[]): void {
    const { t } = this;
    const { ops } = t;
    if (results.length === 1) ops.emit(`${t.need("vmove")}(b, ${results[0]});`);
    else if (results.length > 1) ops.emit(`${t.need("vmoves")}(b, [${results.join(", ")}]);`);
    // Only a function with vectors has moved the top.
    ops.emit(LEAVE);
  }

  select(): void {
    const { ops, t } = { ops: this.t.ops, t: this.t };
    const condition = ops.pop();
    const b = ops.pop();
    const a = ops.pop();
    const result = ops.pushVariable(V128);
    t.need("vmove");
    ops.emit(
      `vmove(${result.code}, ${condition.test === "" ? condition.code : condition.test} ? ${a.code} : ${b.code});`,
    );
    for (const { temps } of [condition, a, b]) ops.release(temps);
  }

  private finish(used: readonly Operand[]): void {
    for (const { temps } of used) this.t.ops.release(temps);
  }

  /** The function of `numerics/simd.ts` with a name, by its number in the list that `state.ts` makes of all. */
  private fn(name: string): string {
    return this.t.need(`simd_${name.replace(".", "_")}`);
  }

  translate(opcode: number): void {
    const { t } = this;
    const { ops, reader } = t;
    const { name, immediates, params } = instructionOf(opcode);
    if (immediates.includes("memarg")) {
      this.access(name);
      return;
    }
    if (name === "v128.const") {
      const at = reader.pos;
      reader.pos += 16;
      const view = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + at, 16);
      const words = [0, 4, 8, 12].map((i) => view.getInt32(i, true));
      const result = ops.pushVariable(V128);
      ops.emit(`${t.need("vconst")}(${result.code}, ${words.join(", ")});`);
      return;
    }
    if (name === "i8x16.shuffle") {
      const lanes = [...reader.take(16)];
      const b = ops.pop();
      const a = ops.pop();
      const result = ops.pushVariable(V128);
      ops.emit(`${t.need("vshuffle")}(${result.code}, ${a.code}, ${b.code}, [${lanes.join(", ")}]);`);
      this.finish([a, b]);
      return;
    }
    t.need("V");
    if (simdOperations[name] !== undefined) {
      const used = params!.map(() => ops.pop()).reverse();
      const result = ops.pushVariable(V128);
      const [a, b, c] = used;
      ops.emit(`${this.fn(name)}(V.views, ${result.code}, ${a.code}, ${b?.code ?? 0}, ${c?.code ?? 0});`);
      this.finish(used);
    } else if (simdShifts[name] !== undefined) {
      ops.atoms(1);
      const count = ops.pop();
      const a = ops.pop();
      const result = ops.pushVariable(V128);
      ops.emit(`${this.fn(name)}(V.views, ${result.code}, ${a.code}, ${count.code});`);
      this.finish([a, count]);
    } else if (simdTests[name] !== undefined) {
      const a = ops.pop();
      const result = ops.pushVariable(I32);
      ops.emit(`${result.code} = ${this.fn(name)}(V.views, ${a.code});`);
      this.finish([a]);
    } else this.lanes(name);
  }

  private lanes(name: string): void {
    const { t } = this;
    const { ops, reader } = t;
    const [shape, operation] = name.split(".");
    if (operation === "splat") {
      ops.atoms(1);
      const value = ops.pop();
      const result = ops.pushVariable(V128);
      if (shape === "i64x2") ops.emit(`${t.need("vsplat64")}(${result.code}, ${value.code}, ${value.high});`);
      else if (shape === "f64x2") ops.emit(`${t.need("vsplatF64")}(${result.code}, ${value.code});`);
      else ops.emit(`${this.fn(name)}(V.views, ${result.code}, ${this.bits(value)});`);
      this.finish([value]);
      return;
    }
    const lane = reader.byte();
    if (operation.startsWith("extract_lane")) {
      const a = ops.pop();
      if (shape === "i64x2") {
        const result = ops.pushVariable(I64);
        ops.emit(
          `${result.code} = V.views.i32[${double(a.code, 2 * lane)}]; ${result.high} = V.views.i32[${double(a.code, 2 * lane + 1)}];`,
        );
      } else if (shape === "f64x2") {
        const result = ops.pushVariable(F64);
        ops.emit(`${result.code} = V.views.f64[${a.code} + ${lane}];`);
      } else {
        const isFloat = shape === "f32x4";
        const result = ops.pushVariable(isFloat ? F32 : I32);
        const code = `${this.fn(name)}(V.views, ${a.code}, ${lane})`;
        ops.emit(`${result.code} = ${isFloat ? `${t.need("f32OfBits")}(${code})` : code};`);
      }
      this.finish([a]);
      return;
    }
    if (operation !== "replace_lane") throw new Unsupported(name);
    ops.atoms(1);
    const value = ops.pop();
    const a = ops.pop();
    const result = ops.pushVariable(V128);
    ops.emit(`${t.need("vmove")}(${result.code}, ${a.code});`);
    if (shape === "i64x2")
      ops.emit(
        `V.views.i32[${double(result.code, 2 * lane)}] = ${value.code}; V.views.i32[${double(result.code, 2 * lane + 1)}] = ${value.high};`,
      );
    else if (shape === "f64x2") ops.emit(`V.views.f64[${result.code} + ${lane}] = ${value.code};`);
    else ops.emit(`${this.fn(name)}(V.views, ${result.code}, ${lane}, ${this.bits(value)});`);
    this.finish([a, value]);
  }

  /** A scalar as the functions want it: f32 as bits. */
  private bits(value: Operand): string {
    return value.type === F32 ? `${this.t.need("bitsOfF32")}(${value.code})` : value.code;
  }

  private access(name: string): void {
    const { t } = this;
    const { ops, reader } = t;
    const memarg = readMemArg(reader);
    const view = t.memory.view(memarg.memory);
    t.need("V");
    if (name === "v128.store") {
      ops.flush(FLAG.memory | FLAG.traps, 2);
      const value = ops.pop();
      const a = ops.pop();
      ops.emit(`${t.need("vstore")}(${value.code}, ${view}, ${t.memory.address(a, memarg)});`);
      this.finish([a, value]);
    } else if (simdLoads[name] !== undefined) {
      ops.flush(FLAG.traps, 1);
      const a = ops.pop();
      const result = ops.pushVariable(V128);
      ops.emit(`${this.fn(name)}(V.views, ${result.code}, ${view}, ${t.memory.address(a, memarg)});`);
      this.finish([a]);
    } else if (simdLaneLoads[name] !== undefined) {
      const lane = reader.byte();
      ops.flush(FLAG.traps, 2);
      const value = ops.pop();
      const a = ops.pop();
      const result = ops.pushVariable(V128);
      ops.emit(`${t.need("vmove")}(${result.code}, ${value.code});`);
      ops.emit(`${this.fn(name)}(V.views, ${result.code}, ${view}, ${t.memory.address(a, memarg)}, ${lane});`);
      this.finish([a, value]);
    } else if (simdLaneStores[name] !== undefined) {
      const lane = reader.byte();
      ops.flush(FLAG.memory | FLAG.traps, 2);
      const value = ops.pop();
      const a = ops.pop();
      ops.emit(`${this.fn(name)}(V.views, ${value.code}, ${view}, ${t.memory.address(a, memarg)}, ${lane});`);
      this.finish([a, value]);
    } else throw new Unsupported(name);
  }
}

/** Stands where a function's vectors are given up, if it has any. */
export const LEAVE = "\u0000leave";

/** The index of a 32-bit word of the vector at a slot. */
function double(slot: string, more: number): string {
  return `2 * (${slot}) + ${more}`;
}
