import { casesOf, REASONS } from "./notation.mjs";

const branchTaken = `
      // A branch is taken. It pays what the straight line had pending beyond its target; a loop's head is where the guest may be stopped.
      fuel = (fuel - C[(pc + 2) | 0]) | 0;
      t = C[(pc + 1) | 0];
      if (fuel < 0 && t <= pc) { pc = t; why = ${REASONS.indexOf("FUEL")}; break; }
      pc = t;`;

const imports = `
import { clz64, ctz64, divU64, popcnt32, remU64 } from "../../../numerics/integers.ts";
import { nearest } from "../../../numerics/floats.ts";
import { truncSatS32, truncSatU32 } from "../../../numerics/conversions.ts";
import type { Loop, LoopParts } from "../machine/state.ts";
`;

const unpack = `
  const { arena, S, outOfLine, resolve } = parts;
  const { code, codeI64, codeF64, i32, f32, i64, f64, halves, refs, frames, registers, powers } = arena;`;

const locals =
  "C = code, KL = codeI64, KD = codeF64, I = i32, F = f32, L = i64, D = f64, P = halves, R = refs, K = frames, REGISTERS = registers, POWERS = powers";

const enter = `
    let pc = S.pc, fp = S.fp, sp = S.sp, fuel = S.fuel;
    const spLimit = S.spLimit, mem = S.view, limit = S.limit, globals = S.globals;
    let why = 0, a = 0, b = 0, c = 0, t = 0, x = 0.5, x1 = 0n, x2 = 0n;`;

const leave = `
    S.pc = pc; S.fp = fp; S.sp = sp; S.fuel = fuel;
    return why;`;

/** The loop of all instructions but those on vectors, for which it is left. */
export function mainLoop(ops) {
  return `${imports}
/**
 * Makes the dispatch loop over one arena. To be called once in a process.
 *
 * What keeps it hot, by measurement (see docs/decisions/interpreter-loop.md): the arena's arrays are constants of this closure, of which there is only one, copied to
 * locals before the loop, so that V8 folds their addresses and lengths into the code; every sum of indices ends in \`| 0\`; temporaries
 * are few and shared, and the whole stays below the 60 KB of bytecode above which V8 optimises no function; what is rare leaves
 * the loop for the driver with a reason, all state being in \`S\` then.
 */
export function makeLoop(parts: LoopParts): Loop {${unpack}
  return function loop(): number {
    const ${locals};${enter}
    leave: for (;;) {
      switch (C[pc]) {
${casesOf(ops, 0)}
default:
why = ${REASONS.indexOf("VECTORS")};
break leave;
      }${branchTaken}
    }${leave}
  };
}
`;
}

/** The loop of all instructions. */
export function vectorLoop(ops) {
  return `${imports.replace("{ nearest }", "{ floatsKeepBits, nearest }")}
/**
 * Makes the dispatch loop for code with vectors. To be called once in a process.
 *
 * The main loop cannot have vector instructions below the limit of V8. This one has all: it reads the first three operands before it knows the
 * instruction, which makes its bytecode a third shorter and scalar code a tenth slower.
 */
export function makeVectorLoop(parts: LoopParts): Loop {${unpack}
  const floats = floatsKeepBits();
  const { u32: lanesU32, f32: lanesF32, i16: lanesI16, u16: lanesU16, u8: lanesU8 } = arena.lanes;
  return function vectorLoop(): number {
    const ${locals}, U = lanesU32, X = lanesF32, H = lanesI16, Q = lanesU16, E = lanesU8, FLOATS = floats;${enter}
    const limit16 = limit < 8 ? -1 : limit - 8;
    const LANES = 0xffffff;
    const LOW8 = 0x7f7f7f7f, HIGH8 = ${0x80808080 | 0}, LOW16 = 0x7fff7fff, HIGH16 = ${0x80008000 | 0};
    let n1 = 0, n2 = 0, n3 = 0, o1 = 0, o2 = 0, o3 = 0, d = 0, e = 0, u = 0;
    leave: for (;;) {
      n1 = C[(pc + 1) | 0]; o1 = (fp + n1) | 0;
      n2 = C[(pc + 2) | 0]; o2 = (fp + n2) | 0;
      n3 = C[(pc + 3) | 0]; o3 = (fp + n3) | 0;
      switch (C[pc]) {
${casesOf(ops, 3)}
      }${branchTaken}
    }${leave}
  };
}
`;
}
