/**
 * A fault of one line, as somebody might make it, and the unit tests that are expected to find it: the fewest and
 * quickest ones. None of them reads the official suites.
 */
export interface Mutant {
  /** What the fault is. */
  readonly name: string;
  /** Relative to the repository. */
  readonly file: string;
  /** What stands there, once in the file. */
  readonly text: string;
  readonly replacement: string;
  /** Filters of vitest, which run in one process. */
  readonly tests: readonly string[];
  /** Whether the interpreter's loops are to be generated again. */
  readonly generates?: boolean;
}

const RUNTIME = "packages/runtime/src";
const COMPILER = `${RUNTIME}/engines/compiler`;
const INTERPRETER = `${RUNTIME}/engines/interpreter`;
const REWRITER = `${RUNTIME}/engines/platform/rewrite`;
const WASI = "packages/wasi/src";

const PROGRAMS = "packages/runtime/test/small-programs.test.ts";
const compiler = [PROGRAMS];
const interpreter = [PROGRAMS];
const platform = [PROGRAMS];
const rewriter = [`${REWRITER}/rewrite.test.ts`];
const decoder = [
  ...["reader", "decode", "code-section"].map((name) => `${RUNTIME}/binary/${name}.test.ts`),
  "packages/runtime/test/binary/definition-sections.test.ts",
];
const validator = [`${RUNTIME}/validation`];
const descriptors = [`${WASI}/functions/fd.test.ts`];
const paths = [`${WASI}/functions/path.test.ts`];
const memoryFiles = [`${WASI}/filesystem/memory/memory-file-system.test.ts`];
const poll = [`${WASI}/functions/poll.test.ts`];

export const mutants: readonly Mutant[] = [
  // ---- the compiler to JavaScript
  {
    name: "a branch drops operands that may trap",
    file: `${COMPILER}/control.ts`,
    text: "    this.t.ops.flush(FLAG.traps, this.labelTypes(frame).length);\n",
    replacement: "",
    tests: compiler,
  },
  {
    name: "a branch hands its operands over in the reverse order",
    file: `${COMPILER}/control.ts`,
    text: "before it is read.\n      for (let i = 0; i < count; i++) ops.assign(variables[i], ops.top(count - 1 - i));",
    replacement: "before it is read.\n      for (let i = 0; i < count; i++) ops.assign(variables[i], ops.top(i));",
    tests: compiler,
  },
  {
    name: "a field is written before reads that precede the write",
    file: `${COMPILER}/aggregates.ts`,
    text: "ops.flush(FLAG.memory | FLAG.traps, 2);",
    replacement: "ops.flush(FLAG.traps, 2);",
    tests: compiler,
  },
  {
    name: "i64 comparisons forget that equality counts",
    file: `${COMPILER}/i64.ts`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    text: '${sign}${orEqual ? "=" : ""} ${u32(b.code)}',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    replacement: "${sign} ${u32(b.code)}",
    tests: compiler,
  },
  {
    name: "i64.sub borrows where the low halves are equal",
    file: `${COMPILER}/i64.ts`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    text: "- (${u32(a.code)} < ${u32(b.code)} | 0) | 0;",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    replacement: "- (${u32(a.code)} <= ${u32(b.code)} | 0) | 0;",
    tests: compiler,
  },
  {
    name: "f32.convert_i32_u is signed",
    file: `${COMPILER}/numeric.ts`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    text: "rule(OP.F32_CONVERT_I32_U, 1, F32, (a) => `fround(${a} >>> 0)`",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    replacement: "rule(OP.F32_CONVERT_I32_U, 1, F32, (a) => `fround(${a})`",
    tests: compiler,
  },
  {
    name: "a vector that does not fit is stored in part",
    file: `${COMPILER}/vectors.ts`,
    text: 'ops.emit(statements.reverse().join(" "));',
    replacement: 'ops.emit(statements.join(" "));',
    tests: compiler,
  },
  {
    name: "i32x4.min_u is signed",
    file: `${COMPILER}/vectors.ts`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    text: "`(min(${u32(a)}, ${u32(b)}) | 0)`",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    replacement: "`min(${a}, ${b})`",
    tests: compiler,
  },
  {
    name: "a 16-bit field that is read as signed is not",
    file: `${COMPILER}/aggregates.ts`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    text: "`(${code} << 16 >> 16)`",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    replacement: "`(${code} << 16 >>> 16)`",
    tests: compiler,
  },
  {
    name: "a cast to a type refuses its subtypes",
    file: `${COMPILER}/aggregates.ts`,
    text: "tests.push(final ? exact : ",
    replacement: "tests.push(!final ? exact : ",
    tests: compiler,
  },
  {
    name: "a handler leaves the call depth where the exception was thrown",
    file: `${COMPILER}/exceptions.ts`,
    text: '    if (this.control.countsDepth) ops.emit("U[1] = z;");\n',
    replacement: "",
    tests: compiler,
  },
  {
    name: "a call overtakes reads of globals before it",
    file: `${COMPILER}/calls.ts`,
    text: "ops.flush(FLAG.memory | FLAG.global | FLAG.traps, count);",
    replacement: "ops.flush(FLAG.memory | FLAG.traps, count);",
    tests: compiler,
  },
  {
    name: "f64.convert_i32_u is signed",
    file: `${COMPILER}/numeric.ts`,
    text: "rule(OP.F64_CONVERT_I32_U, 1, F64, (a) => u32(a));",
    replacement: "rule(OP.F64_CONVERT_I32_U, 1, F64, (a) => a);",
    tests: compiler,
  },
  {
    name: "f64.nearest rounds ties up",
    file: `${RUNTIME}/numerics/floats.ts`,
    text: "return x < TWO_52 ? x + TWO_52 - TWO_52 : x;",
    replacement: "return x < TWO_52 ? Math.round(x) : x;",
    tests: compiler,
  },
  {
    name: "f64.min of two zeroes is the right one",
    file: `${RUNTIME}/numerics/floats.ts`,
    text: "Math.min(x, y)",
    replacement: "(x < y ? x : y)",
    tests: compiler,
  },
  // ---- the interpreter
  {
    name: "i32.div_s does not see the overflow",
    file: `${INTERPRETER}/generator/integers.mjs`,
    text: "if (b === 0 || (b === -1 && a === -2147483648)) LEAVE(DIVISION)",
    replacement: "if (b === 0) LEAVE(DIVISION)",
    tests: interpreter,
    generates: true,
  },
  {
    name: "i32.ge_u forgets that equality counts",
    file: `${INTERPRETER}/generator/integers.mjs`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    text: "GeU: (a, b) => `${u(a)} >= ${u(b)}`",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    replacement: "GeU: (a, b) => `${u(a)} > ${u(b)}`",
    tests: interpreter,
    generates: true,
  },
  {
    name: "an i64 shifted right by 32 keeps its low half",
    file: `${INTERPRETER}/generator/integers.mjs`,
    text: "if (t >= 32) { a = ",
    replacement: "if (t > 32) { a = ",
    tests: interpreter,
    generates: true,
  },
  {
    name: "an instruction is fused with one that did not make its operand",
    file: `${INTERPRETER}/translation/fusions.ts`,
    text: "    if (!operands.isFresh(depth)) continue;\n",
    replacement: "",
    tests: interpreter,
  },
  {
    name: "a branch on a bit is taken when the bit is clear",
    file: `${INTERPRETER}/translation/condition.ts`,
    text: "this.condition = MACHINE_OP.brAndNonZero;",
    replacement: "this.condition = MACHINE_OP.brAndZero;",
    tests: interpreter,
  },
  {
    name: "a constant that is added to an address is taken for a register",
    file: `${INTERPRETER}/translation/select-memory.ts`,
    text: '[MACHINE_OP.i32AddImm, "AddImm", [2]],',
    replacement: '[MACHINE_OP.i32AddImm, "Add", [2, 3]],',
    tests: interpreter,
  },
  {
    name: "i32.trunc_f32_s and _f64_s refuse what is above the lowest integer by a fraction",
    file: `${INTERPRETER}/generator/floats.mjs`,
    text: "if (!(x > -2147483649 &&",
    replacement: "if (!(x >= -2147483648 &&",
    tests: interpreter,
    generates: true,
  },
  {
    name: "an f64 that a product is subtracted from is subtracted from it",
    file: `${INTERPRETER}/generator/floats.mjs`,
    text: '"d1 = d4 - d2 * d3;"',
    replacement: '"d1 = d2 * d3 - d4;"',
    tests: interpreter,
    generates: true,
  },
  // ---- metering, and the rewriter for the platform
  {
    name: "br_if costs nothing",
    file: `${RUNTIME}/metering/plan.ts`,
    text: "cost += 1 + (arities[target] >>> VALUES_PER_UNIT_LOG2);\n          branchTo(target, opcode === OP.BR_IF",
    replacement: "cost += arities[target] >>> VALUES_PER_UNIT_LOG2;\n          branchTo(target, opcode === OP.BR_IF",
    tests: platform,
  },
  {
    name: "fuel before a bulk instruction is charged twice",
    file: `${REWRITER}/charges.ts`,
    text: "  out.fuelLess(out.pending);\n  out.pending = 0;\n",
    replacement: "  out.fuelLess(out.pending);\n",
    tests: platform,
  },
  {
    name: "table.grow costs a unit for each element",
    file: `${REWRITER}/charges.ts`,
    text: "chargeGrowth(out, wide, 3);",
    replacement: "chargeGrowth(out, wide, 0);",
    tests: platform,
  },
  {
    name: "traps of tables have not paid for what came before",
    file: `${REWRITER}/may-trap.ts`,
    text: "|table\\.|",
    replacement: "|",
    tests: platform,
  },
  {
    name: "one of several memories grows past the limit",
    file: `${REWRITER}/rewrite.ts`,
    text: "if (memories.length !== 1 || importCounts.memory > memory) return undefined;",
    replacement: "if (importCounts.memory > memory) return undefined;",
    tests: rewriter,
  },
  {
    name: "an imported table grows past the limit",
    file: `${REWRITER}/rewrite.ts`,
    text: "if (tables.length !== 1 || importCounts.table > table) return undefined;",
    replacement: "if (tables.length !== 1) return undefined;",
    tests: platform,
  },
  {
    name: "a memory may grow as if the others were not there",
    file: `${RUNTIME}/store/sizes.ts`,
    text: "const most = limits.memory - others;",
    replacement: "const most = limits.memory;",
    tests: platform,
  },
  {
    name: "a call takes two frames of the call depth",
    file: `${REWRITER}/metered-code.ts`,
    text: "emit(code, OP.LOCAL_GET, this.depthLocal);\n      emitConstant(code, 1);",
    replacement: "emit(code, OP.LOCAL_GET, this.depthLocal);\n      emitConstant(code, 2);",
    tests: platform,
  },
  {
    name: "a tail call takes a frame of the call depth",
    file: `${REWRITER}/metered-code.ts`,
    text: "emit(this.code, OP.LOCAL_GET, this.depthLocal);\n    if (this.countsDepth) {",
    replacement: "emit(this.code, OP.LOCAL_GET, this.depthLocal);\n    if (!this.countsDepth) {",
    tests: platform,
  },
  // ---- the decoder
  {
    name: "an unsigned LEB128 may have bits past the 32nd",
    file: `${RUNTIME}/binary/reader.ts`,
    text: "if (shift === 28 && byte > 0x0f)",
    replacement: "if (shift === 28 && byte > 0x7f)",
    tests: decoder,
  },
  {
    name: "a signed LEB128 may have bits past its last that are not its sign",
    file: `${RUNTIME}/binary/reader.ts`,
    text: 'if (sign !== 0 && sign !== -1) this.fail("integer too large", start);',
    replacement: "",
    tests: decoder,
  },
  {
    name: "a section may come twice",
    file: `${RUNTIME}/binary/decode.ts`,
    text: "SECTION_ORDER.indexOf(id) <= SECTION_ORDER.indexOf(last)",
    replacement: "SECTION_ORDER.indexOf(id) < SECTION_ORDER.indexOf(last)",
    tests: decoder,
  },
  {
    name: "a section may be longer than what it holds",
    file: `${RUNTIME}/binary/decode.ts`,
    text: '    if (reader.pos !== end) reader.fail("section size mismatch");\n',
    replacement: "    reader.pos = end;\n",
    tests: decoder,
  },
  {
    name: "names may have surrogates",
    file: `${RUNTIME}/wasm/utf8.ts`,
    text: "(code >= 0xd800 && code < 0xe000))) return undefined;",
    replacement: "(code > 0xd800 && code < 0xe000))) return undefined;",
    tests: [`${RUNTIME}/wasm/utf8.test.ts`],
  },
  {
    name: "locals may be more than 2^32 - 1",
    file: `${RUNTIME}/binary/code-section.ts`,
    text: "if (total > 0xffffffff)",
    replacement: "if (total > 0x1ffffffff)",
    tests: decoder,
  },
  // ---- the validator
  {
    name: "memory.copy between memories of unlike addresses takes a long length",
    file: `${RUNTIME}/validation/memory-table.ts`,
    text: "state.pop(smaller(to, from));",
    replacement: "state.pop(to);",
    tests: validator,
  },
  {
    name: "a local that was set in a block counts as set after it",
    file: `${RUNTIME}/validation/body-state.ts`,
    text: "    this.sp = this.floor;\n    this.unsetLocals();\n",
    replacement: "    this.sp = this.floor;\n",
    tests: validator,
  },
  {
    name: "constant expressions read mutable globals",
    file: `${RUNTIME}/validation/constant.ts`,
    text: "if (module.globals[index].type.mutable)",
    replacement: "if (module.globals[index].type.mutable && index < module.importCounts.global)",
    tests: validator,
  },
  {
    name: "alignment may be larger than natural",
    file: `${RUNTIME}/validation/signature.ts`,
    text: "if (alignment > natural)",
    replacement: "if (alignment > natural + 1)",
    tests: validator,
  },
  {
    name: "atomics may be unaligned",
    file: `${RUNTIME}/validation/signature.ts`,
    text: "alignment !== natural",
    replacement: "alignment > natural",
    tests: validator,
  },
  {
    name: "the parameters of functions are subtypes as results are",
    file: `${RUNTIME}/validation/subtypes.ts`,
    text: "matches(b.params[i], type)",
    replacement: "matches(type, b.params[i])",
    tests: validator,
  },
  {
    name: "a field that is written may be narrower in a subtype",
    file: `${RUNTIME}/validation/subtypes.ts`,
    text: "(!a.mutable || matches(b.storage, a.storage))",
    replacement: "true",
    tests: validator,
  },
  {
    name: "a reference that may be null is one that is not",
    file: `${RUNTIME}/wasm/type-registry.ts`,
    text: "  if (isNullable(a) && !isNullable(b)) return false;\n",
    replacement: "",
    tests: validator,
  },
  // ---- WASI
  {
    name: "fd_pread wants no right to seek",
    file: `${WASI}/functions/fd-io.ts`,
    text: "Rights.FD_READ | Rights.FD_SEEK",
    replacement: "Rights.FD_READ",
    tests: descriptors,
  },
  {
    name: "fd_seek by 0 from the end wants only the right to tell",
    file: `${WASI}/functions/fd-io.ts`,
    text: 'const isTell = from === "current" && offset === 0n;',
    replacement: "const isTell = offset === 0n;",
    tests: descriptors,
  },
  {
    name: "a path leads above its directory",
    file: `${WASI}/filesystem/walk.ts`,
    text: "if (this.stack.length === 1) throw",
    replacement: "if (this.stack.length < 1) throw",
    tests: paths,
  },
  {
    name: "a path may have 39 links, not 40",
    file: `${WASI}/filesystem/walk.ts`,
    text: "if (++this.links > MOST_LINKS)",
    replacement: "if (++this.links >= MOST_LINKS)",
    tests: paths,
  },
  {
    name: "fd_allocate cuts a file",
    file: `${WASI}/functions/fd.ts`,
    text: "if (Number(descriptor.stat().size) < end) descriptor.resize(end);",
    replacement: "descriptor.resize(end);",
    tests: descriptors,
  },
  {
    name: "a descriptor gets rights to hand on that it did not have",
    file: `${WASI}/functions/fd.ts`,
    text: "(newBase & ~descriptor.rights) !== 0 || (newInheriting & ~descriptor.inheriting) !== 0",
    replacement: "(newBase & ~descriptor.rights) !== 0",
    tests: descriptors,
  },
  {
    name: "a time to set is read as signed",
    file: `${WASI}/functions/filestat.ts`,
    text: "BigInt.asUintN(64, time)",
    replacement: "BigInt.asIntN(64, time)",
    tests: [`${WASI}/functions/filestat.test.ts`],
  },
  {
    name: "a file's time of change is written where that of access is",
    file: `${WASI}/functions/filestat.ts`,
    text: "memory.writeU64(rest + 16, stat.mtim);",
    replacement: "memory.writeU64(rest + 16, stat.ctim);",
    tests: descriptors,
  },
  {
    name: "a file system holds one file more than allowed",
    file: `${WASI}/filesystem/memory/quota.ts`,
    text: "if (this.used.files + files > this.most.files)",
    replacement: "if (this.used.files + files > this.most.files + 1)",
    tests: memoryFiles,
  },
  {
    name: "a millisecond has 100,000 nanoseconds",
    file: `${WASI}/functions/poll.ts`,
    text: "const NANOSECONDS_PER_MILLISECOND = 1_000_000n;",
    replacement: "const NANOSECONDS_PER_MILLISECOND = 100_000n;",
    tests: poll,
  },
];
