/** Branches. */
export function defineControl({ op, branch }) {
  op("trapUnreachable", 1, "LEAVE(UNREACHABLE)");
  /** [charge]: fuel of a loop that is entered from above. */
  op("charge", 2, "fuel = (fuel - c1) | 0;");
  /** [target, charge] */
  op("br", 3, "TAKE");
  /** [target]: from a stub to its function, without a charge or a check. */
  op("jump", 2, "pc = c1;\ncontinue;");
  branch("brNonZero", 4, "i3 !== 0");
  branch("brZero", 4, "i3 === 0");
  branch("brAndNonZero", 5, "(i3 & c4) !== 0");
  branch("brAndZero", 5, "(i3 & c4) === 0");
  /** [index, count, then count + 1 times (target, charge)] */
  op(
    "brTable",
    0,
    `
  a = i1; b = c2;
  if (a < 0 || a > b) a = b;
  pc = (pc + 2 + (a << 1)) | 0;
  TAKE`,
  );
}

/** Calls, moves, globals, and the ways out of the loop. */
export function defineCalls({ op }) {
  // ---- calls
  /** The frame's base, its return address and the callee's entry check, for a callee at `target`. */
  const enter = (target, cost, delta, length) => `
  b = ${target};
  K[sp] = (pc + ${length}) | 0;
  sp = (sp + 1) | 0;
  fp = (fp + ${delta}) | 0;
  fuel = (fuel - ${cost} - C[b]) | 0;
  pc = (b + 3) | 0;
  if ((fuel | (spLimit - sp) | (REGISTERS - fp - C[(b + 1) | 0])) < 0) LEAVE(ENTRY)
  continue;`;
  /** [target, charge, delta] */
  op("call", 4, enter("c1", "c2", "c3", 4));
  /** [function, charge, delta]: of an imported function. */
  op("callImport", 4, "LEAVE(CALL_IMPORT)");
  /** [index, charge, table, type, delta] */
  op(
    "callIndirect",
    6,
    `
  t = resolve(pc, i1);
  if (t < 0) LEAVE(CALL_INDIRECT)
  ${enter("t", "c2", "c5", 6)}`,
  );
  /** [reference, charge, delta] */
  op("callRef", 4, "LEAVE(CALL_REF)");
  /** [charge] */
  op(
    "return",
    2,
    `
  fuel = (fuel - c1) | 0;
  sp = (sp - 1) | 0;
  pc = K[sp];
  fp = (fp - C[(pc - 1) | 0]) | 0;
  continue;`,
  );
  /** [charge, from]: returns a function's only result, an i32 or f32. */
  op(
    "return32",
    3,
    `
  fuel = (fuel - c1) | 0;
  I[fp] = i2;
  sp = (sp - 1) | 0;
  pc = K[sp];
  fp = (fp - C[(pc - 1) | 0]) | 0;
  continue;`,
  );
  /** [target, charge, from, slots]: arguments move down to the frame's base, and the callee takes the frame. */
  op(
    "returnCall",
    5,
    `
  b = (fp + c3) | 0; t = (fp + c4) | 0;
  for (a = fp; a < t; a = (a + 1) | 0) { I[a] = I[b]; L[a] = L[b]; b = (b + 1) | 0; }
  b = c1;
  fuel = (fuel - c2 - C[b]) | 0;
  pc = (b + 3) | 0;
  if ((fuel | (spLimit - sp) | (REGISTERS - fp - C[(b + 1) | 0])) < 0) LEAVE(ENTRY)
  continue;`,
  );
  /** The same in a function that holds references or hands some on. */
  op("returnCallReferences", 5, "LEAVE(RETURN_CALL)");
  /** [function, charge, from, slots] */
  op("returnCallImport", 5, "LEAVE(RETURN_CALL_IMPORT)");
  /** [index, charge, table, type, from, slots] */
  op("returnCallIndirect", 7, "LEAVE(RETURN_CALL_INDIRECT)");
  /** [reference, charge, from, slots] */
  op("returnCallRef", 5, "LEAVE(RETURN_CALL_REF)");
  /** What a call into the machine returns to. */
  op("exit", 1, "LEAVE(EXIT)");
  /** What a call from another instance returns to. */
  op("restore", 1, "LEAVE(RESTORE)");
  /** [number, length, charge, …]: an instruction that the driver executes: one that charges by an operand, grows, throws. */
  op("driver", 0, "LEAVE(DRIVER)");
  /** [number, length, …]: calls an out-of-line function. It reads the state `S`, and may throw a trap. */
  op(
    "extended",
    0,
    `
  S.pc = pc; S.fp = fp; S.sp = sp; S.fuel = fuel;
  outOfLine[c1](pc, fp);
  fuel = S.fuel;
  pc = (pc + c2) | 0;
  continue;`,
  );
  /** [number, length, …]: the same for one that neither traps nor looks at the state. */
  op(
    "pure",
    0,
    `
  outOfLine[c1](pc, fp);
  pc = (pc + c2) | 0;
  continue;`,
  );
  /** [number, length, …, then target and charge last]: the same for one that branches when its function answers true. */
  op(
    "extendedBranch",
    0,
    `
  S.pc = pc; S.fp = fp; S.sp = sp; S.fuel = fuel;
  if (outOfLine[c3](pc, fp)) TAKE
  pc = (pc + c4) | 0;
  continue;`,
  );

  // ---- moves and constants
  op("move32", 3, "i1 = i2;");
  op("move64", 3, "l1 = l2;");
  op("moveRef", 3, "r1 = r2;");
  op("const32", 3, "i1 = c2;");
  op("const64", 3, "l1 = kl2;");
  op("move32x2", 5, "i1 = i2; i3 = i4;");
  op("move32x4", 9, "i1 = i2; i3 = i4; i5 = i6; i7 = i8;");
  /** [first, end]: zeroes declared locals. */
  op(
    "zero32",
    3,
    `
  b = (fp + c2) | 0;
  for (a = (fp + c1) | 0; a < b; a = (a + 1) | 0) I[a] = 0;`,
  );
  op(
    "zeroAll",
    3,
    `
  b = (fp + c2) | 0;
  for (a = (fp + c1) | 0; a < b; a = (a + 1) | 0) { I[a] = 0; L[a] = 0n; }`,
  );
  op(
    "nullRefs",
    3,
    `
  b = (fp + c2) | 0;
  for (a = (fp + c1) | 0; a < b; a = (a + 1) | 0) R[a] = null;`,
  );
  /** [result, condition, if so, if not] */
  op("select32", 5, "i1 = i2 !== 0 ? i3 : i4;");
  op("select64", 5, "l1 = i2 !== 0 ? l3 : l4;");
  op("selectRef", 5, "r1 = i2 !== 0 ? r3 : r4;");

  // ---- globals of one word or two: [register, global]
  op("globalGet32", 3, "i1 = globals[c2].i32[0];");
  op("globalSet32", 3, "globals[c2].i32[0] = i1;");
  op("globalGet64", 3, "l1 = globals[c2].i64[0];");
  op("globalSet64", 3, "globals[c2].i64[0] = l1;");
}
