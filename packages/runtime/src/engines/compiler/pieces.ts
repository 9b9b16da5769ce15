import { skipInstruction } from "../../metering/instruction-shape.ts";
import type { FunctionBody } from "../../wasm/module.ts";
import * as OP from "../../wasm/opcodes.ts";
import { F32, F64, I32, I64, type ValueType } from "../../wasm/types.ts";
import { type ControlFrame, ControlTranslator, KIND } from "./control.ts";
import type { Variables } from "./operands.ts";
import { FRAME_SLOTS } from "./piece-parts.ts";
import { MAX_CODE, Translation, Unsupported } from "./translate.ts";

/** A ladder has so many rungs. */
const LEAST_RUNGS = 16;
const MOST_RUNGS = 20_000;
/** Characters that all pieces of a function may have: the largest function of a Go program of 12 MB has two million. */
const MOST_CODE = 8_000_000;
/** A piece ends with the segment that makes it longer than this, in characters, or gives it more segments than that: V8 optimises it quickly, and it nests no deeper. */
const LARGEST_PIECE = 40_000;
const MOST_SEGMENTS = 200;
/** Constructs that may be open within a segment. */
const MOST_NESTED = 90;
/** Locals that a function may have: each takes two words or a float. */
const MOST_LOCALS = 500;
/** Operands that a branch out of the ladder may take along. */
const MOST_OPERANDS = 10;

const highOf = (place: string): string => place.replace(/\d+/, (word) => String(Number(word) + 1));
const isFloat = (type: ValueType): boolean => type === F32 || type === F64;
const isNumber = (type: ValueType): boolean => type === I32 || type === I64 || type === F32 || type === F64;

/** What a piece returns: the rung whose segment comes next, or one of these. Negative for a branch to what stands around the ladder: see `exits`. */
const AFTER = 1;
const RETURNED = 0;

/** Lines that are settled when a piece is complete: a jump to a rung, forward or by the loop around the ladder. */
const FORWARD = "\u0000forward ";
const BACKWARD = "\u0000backward ";
/** Stand for what the function itself writes and reads around the calls of its pieces. */
const WRITES = "\u0000writes";
const READS = "\u0000reads";

/** Segments of a ladder that become one function. */
interface Piece {
  /** The rung whose segment comes first; those of lower numbers follow. */
  readonly first: number;
  /** Where it begins in the output, and how much had been emitted before. */
  readonly startsAt: number;
  readonly sizeBefore: number;
  /** Where in the output each segment begins. */
  readonly segments: number[];
}

/** Where a ladder begins in the bytes of a module, and how many rungs it has. */
interface Ladder {
  readonly start: number;
  readonly rungs: number;
}

/** The longest run of blocks without parameters and results, each the first instruction in the one before. */
function longestLadder({ bytes, start, end }: FunctionBody): Ladder {
  let longest: Ladder = { start: -1, rungs: 0 };
  for (let pos = start; pos < end; pos = skipInstruction(bytes, pos)) {
    const from = pos;
    while (bytes[pos] === OP.BLOCK && bytes[pos + 1] === 0x40) pos += 2;
    const rungs = (pos - from) / 2;
    if (rungs > longest.rungs) longest = { start: from, rungs };
  }
  return longest;
}

/** Of a ladder that begins with nothing but a table of branches: the local that says where to, and the rungs. */
interface BranchTable {
  readonly local: number;
  readonly rungs: readonly number[];
  readonly fallback: number;
}

/**
 * The control of a function that is translated to several. What stands inside of a ladder's innermost block, its head, stays in the function itself; between
 * pieces the variable `n` has the number of the rung that comes next: 1 for the outermost.
 */
class PieceControl extends ControlTranslator {
  /** The blocks of the ladder that are open, the outermost first: the rung of number `i + 1` at `i`. */
  private readonly rungs: ControlFrame[] = [];
  private readonly ladder: Ladder;
  /** Their numbers, those of closed ones too, and the frames outside of the ladder. */
  private readonly numbers: Map<ControlFrame, number> = new Map();
  private outside: ReadonlySet<ControlFrame> = new Set();
  private toOpen = 0;
  private piece: Piece | undefined;
  /** Of the function itself. */
  private variables: Variables | undefined;
  /** The complete pieces: the rung that each begins with, and its text. */
  private readonly pieces: { readonly first: number; readonly text: string }[] = [];
  /** Frames outside of the ladder that pieces branch to: the first by returning -1. */
  private readonly exits: ControlFrame[] = [];
  private table: BranchTable | undefined;
  /** The loop around a ladder with a table, if there is nothing else in it before the ladder. */
  private whole: ControlFrame | undefined;

  constructor(translation: Translation) {
    super(translation);
    this.ladder = longestLadder(translation.body);
  }

  /** What stands before the function: the table that pieces read, and they themselves. */
  get text(): string {
    const table = this.table === undefined ? "" : `const T = [${this.table.rungs.join()}];\n`;
    return `${table}${this.pieces.map(({ text }) => `${text}\n`).join("")}`;
  }

  get hasLadder(): boolean {
    return this.ladder.rungs >= LEAST_RUNGS && this.ladder.rungs <= MOST_RUNGS;
  }

  get openRungs(): number {
    return this.rungs.length;
  }

  override translate(opcode: number): boolean {
    const { ladder, rungs, frames, t } = this;
    if (opcode === OP.TRY || opcode === OP.TRY_TABLE) throw new Unsupported("exceptions");
    if (opcode === OP.BLOCK && t.reader.pos === ladder.start + 1) this.beginLadder();
    if (opcode === OP.BLOCK && this.toOpen > 0) {
      t.reader.pos++;
      this.openRung();
    } else if (opcode === OP.END && rungs.length > 0 && frames[frames.length - 1] === rungs[rungs.length - 1]) {
      t.forgetLocals();
      this.endRung();
    } else if (
      opcode === OP.BR_TABLE &&
      this.table !== undefined &&
      this.piece === undefined &&
      rungs.length === ladder.rungs
    )
      this.branchByTable();
    else return super.translate(opcode);
    return true;
  }

  // ---- the ladder

  private beginLadder(): void {
    const { ops } = this.t;
    const { start, rungs } = this.ladder;
    if (ops.height > 0) throw new Unsupported("operands below a ladder");
    this.toOpen = rungs;
    this.outside = new Set(this.frames);
    this.findTable(start + 2 * rungs);
    ops.emit("H: {");
  }

  private findTable(start: number): void {
    const { reader, ops } = this.t;
    const { bytes, pos } = reader;
    if (bytes[start] !== OP.LOCAL_GET) return;
    reader.pos = start + 1;
    const local = reader.u32();
    if (bytes[reader.pos++] === OP.BR_TABLE) {
      const depths = Array.from({ length: reader.u32() + 1 }, () => reader.u32());
      if (bytes[reader.pos] === OP.END && depths.every((depth) => depth < this.ladder.rungs)) {
        const rungs = depths.map((depth) => this.ladder.rungs - depth);
        this.table = { local, fallback: rungs.pop() as number, rungs };
        const outer = this.frames[this.frames.length - 1];
        const isWhole = outer.kind === KIND.loop && outer.type.params.length === 0 && outer.line === ops.out.length - 1;
        if (isWhole) this.whole = outer;
      }
    }
    reader.pos = pos;
  }

  private openRung(): void {
    const frame: ControlFrame = {
      kind: KIND.block,
      id: 0,
      height: 0,
      type: { kind: "func", params: [], results: [] },
      line: -1,
      variables: undefined,
      position: 0,
      targeted: false,
      joined: false,
      arguments: [],
      cost: 0,
    };
    this.rungs.push(frame);
    this.numbers.set(frame, this.rungs.length);
    this.frames.push(frame);
    this.toOpen--;
  }

  private endRung(): void {
    const { ops } = this.t;
    const number = this.rungs.length;
    const { targeted } = this.rungs.pop() as ControlFrame;
    this.frames.pop();
    const falls = this.live;
    ops.truncate(0, falls);
    this.live = falls || targeted;
    if (this.piece === undefined) {
      // The head ends.
      if (falls) ops.emit(`n = ${number};`);
      ops.emit("}");
    } else {
      const { sizeBefore, segments } = this.piece;
      if (number > AFTER && ops.size - sizeBefore <= LARGEST_PIECE && segments.length < MOST_SEGMENTS) {
        segments.push(ops.out.length);
        return;
      }
      this.complete(this.piece, number + 1, falls);
    }
    if (number > AFTER) {
      const before = ops.exchange();
      if (this.piece === undefined) this.variables = before;
      this.piece = { first: number, startsAt: ops.out.length, sizeBefore: ops.size, segments: [ops.out.length] };
    } else {
      this.piece = undefined;
      ops.exchange(this.variables);
      this.dispatch();
    }
  }

  // ---- branches

  protected override emitBranch(frame: ControlFrame): void {
    const { ops } = this.t;
    const rung = this.numbers.get(frame);
    if (rung !== undefined) {
      frame.targeted = true;
      if (this.piece === undefined) ops.emit(`n = ${rung}; break H;`);
      else ops.out.push(FORWARD + rung);
    } else if (this.piece === undefined || !this.outside.has(frame)) super.emitBranch(frame);
    else if (frame.kind === KIND.function) this.returnFromPiece();
    else if (frame === this.whole) this.branchBack(frame);
    else {
      const types = this.labelTypes(frame);
      this.passed(types).forEach((place, i) => {
        const { code, high } = ops.top(types.length - 1 - i);
        ops.emit(this.write(place, code));
        if (types[i] === I64) ops.emit(this.write(highOf(place), high));
      });
      if (!this.exits.includes(frame)) this.exits.push(frame);
      ops.out.push(`${FORWARD}${-1 - this.exits.indexOf(frame)}`);
    }
  }

  /** Where operands of a branch out of the ladder stand, behind the locals: words or floats. */
  private passed(types: readonly ValueType[]): string[] {
    if (types.length > MOST_OPERANDS || !types.every(isNumber))
      throw new Unsupported("operands that pieces do not hand over");
    const { words, floats } = this.sizes;
    return types.map((type, i) => (isFloat(type) ? `N[b + ${floats + i}]` : `Z[b + ${words + 2 * i}]`));
  }

  /** To the head of the loop, which only says where to go on. */
  private branchBack(frame: ControlFrame): void {
    const { t } = this;
    const { ops } = t;
    const { local, rungs, fallback } = this.table as BranchTable;
    frame.targeted = true;
    // Go sets the local right before; what stands before the segment is not all that may have.
    const { segments } = this.piece as Piece;
    const before = ops.out.length > segments[segments.length - 1] ? ops.out[ops.out.length - 1] : "";
    const [, name, value] = /(?:^|»)(l\d+) = (\d+);$/.exec(before) ?? [];
    const charge = frame.cost === 0 ? "" : `g = g - ${frame.cost} | 0; `;
    ops.emitCheck(frame.position, `${charge}if (g < 0) g = ${t.need("R")}(g) | 0;`);
    ops.emit(name === t.local(local).code ? `n = ${rungs[Number(value)] ?? fallback};` : this.lookup);
    ops.out.push(BACKWARD);
  }

  /** The table of branches itself, in the head. */
  private branchByTable(): void {
    const { reader, ops } = this.t;
    for (let left = reader.u32() + 1; left > 0; left--) this.target(reader.u32()).targeted = true;
    ops.pop();
    ops.emit(`${this.lookup} break H;`);
    this.die();
  }

  /** Looks up in the table where to go. */
  private get lookup(): string {
    const { local, rungs, fallback } = this.table as BranchTable;
    const { code } = this.t.local(local);
    return `n = ${code} >>> 0 < ${rungs.length} ? T[${code}] : ${fallback};`;
  }

  private returnFromPiece(): void {
    const { t } = this;
    const { ops } = t;
    const [result] = t.type.results;
    if (result !== undefined) {
      const { code, high } = ops.top();
      ops.emit(`Z[b] = ${code};`);
      if (result === I64) ops.emit(`${t.need("X")}[1] = ${high};`);
    }
    t.giveFuel();
    ops.emit(`return ${RETURNED};`);
  }

  // ---- the text

  /** How many words and floats the locals take, of which the first word is the result. */
  get sizes(): { readonly words: number; readonly floats: number } {
    const { locals } = this.t;
    const floats = locals.filter(isFloat).length;
    return { words: 1 + 2 * (locals.length - floats), floats };
  }

  private write(place: string, code: string): string {
    const [array, index] = place.slice(0, -1).split("[");
    return `${array === "N" ? this.t.writeF64("N", index, code) : `${place} = ${code}`};`;
  }

  /** Reads or writes the locals that a text names. They stand in arrays between pieces. */
  private moves(writes: boolean, text: string): string {
    const { t } = this;
    const used = new Set(text.match(/\b[lh]\d+\b/g));
    const moves: string[] = [];
    let word = 1;
    let float = 0;
    t.locals.forEach((type, i) => {
      const { code, high } = t.local(i);
      const move = (name: string, place: string): void => {
        if (used.has(name)) moves.push(writes ? this.write(place, name) : `${name} = ${place};`);
      };
      if (isFloat(type)) move(code, `N[b + ${float++}]`);
      else {
        move(code, `Z[b + ${word++}]`);
        if (type === I64) move(high, `Z[b + ${word++}]`);
      }
    });
    return moves.join(" ");
  }

  /** Settles what the function itself hands over. */
  settle(text: string): string {
    // Declarations name all locals; parameters it has in any case.
    const { params } = this.t.type;
    const used = `${text.replace(/^let .*$/gm, "")} ${params.map((_, i) => `l${i} h${i}`).join(" ")}`;
    return text.replace(WRITES, this.moves(true, used)).replace(READS, this.moves(false, used));
  }

  private get fuelOut(): string {
    return this.t.localFuel ? " U[0] = g;" : "";
  }

  /** Makes a function of a piece. @param last the rung whose segment it ends with @param falls whether control arrives at the end of that */
  private complete({ first, startsAt, segments }: Piece, last: number, falls: boolean): void {
    const { t } = this;
    const { ops } = t;
    const leave = (next: number): string => `n = ${next}; break B;`;
    const settled = (line: string): string => {
      if (line === BACKWARD) return `if (n >= ${last} && n <= ${first}) continue B; break B;`;
      if (!line.startsWith(FORWARD)) return line;
      const rung = Number(line.slice(FORWARD.length));
      return rung >= last ? `break A${rung};` : leave(rung);
    };
    const lines = ops.out.splice(startsAt);
    if (falls) lines.push(leave(last - 1));
    const text: string[] = [];
    for (let rung = last; rung <= first; rung++) text.push(`A${rung}: {`);
    text.push("switch (n) {");
    for (let rung = last; rung < first; rung++) text.push(`case ${rung}: break A${rung};`);
    text.push(`default: break A${first};`, "}");
    lines.forEach((line, i) => {
      for (let k = 0; k < segments.length; k++) if (segments[k] === startsAt + i) text.push("}");
      if (line !== "") text.push(settled(line));
    });
    for (let k = 0; k < segments.length; k++) if (segments[k] >= startsAt + lines.length) text.push("}");
    const code = text.join("\n");
    if (code.length > MAX_CODE && !t.marking) throw new Unsupported("too large a segment");
    const names = [...new Set(code.match(/\b[lh]\d+\b/g))].map((name) => `${name} = 0`);
    const entry = [names.length === 0 ? "" : `let ${names.join(", ")};`, this.moves(false, code), ops.declarations()];
    if (t.localFuel) entry.push("let g = U[0];");
    for (const memory of t.memory.used) entry.push(`const v${memory} = ${t.need(`M${memory}`)};`);
    if (this.countsDepth) entry.push("const z = U[1];");
    // It has the name of the function, by which a stack is read.
    this.pieces.push({
      first,
      text: `const p${this.pieces.length} = (function f${t.index}(n, b) {\n${entry.join("\n")}\ntry {\nB: for (;;) {\n${code}\n}\n${this.moves(true, code)}${this.fuelOut} return n;\n} catch (e) { throw ${t.need("unwind")}(e, ${t.index}, ${t.fuel}); }\n});`,
    });
  }

  /** The calls of the pieces, in the place of the ladder's segments. */
  private dispatch(): void {
    const { t } = this;
    const { ops } = t;
    const calls = this.pieces.map((_, i) =>
      i + 1 < this.pieces.length ? `n > ${this.pieces[i + 1].first} ? p${i}(n, b) : ` : `p${i}(n, b)`,
    );
    ops.emit(`${WRITES}${this.fuelOut} s = 1;`);
    ops.emit(`while (n > ${AFTER}) n = ${calls.join("")};`);
    ops.emit(`${READS}${t.localFuel ? " g = U[0];" : ""} s = 0;`);
    const depth = this.countsDepth ? "U[1] = z - 1; " : "";
    ops.emit(`if (n === ${RETURNED}) { ${depth}return${t.type.results.length > 0 ? " Z[b]" : ""}; }`);
    this.exits.forEach((frame, i) => {
      ops.emit(`if (n === ${-1 - i}) {`);
      const types = this.labelTypes(frame);
      this.passed(types).forEach((place, i) => {
        const { code, high } = ops.pushVariable(types[i]);
        ops.emit(`${code} = ${place};${types[i] === I64 ? ` ${high} = ${highOf(place)};` : ""}`);
      });
      this.branch(frame);
      ops.truncate(ops.height - types.length, true);
      ops.emit("}");
    });
  }
}

/**
 * Translates a function that is too large for one of JavaScript to several. Compilers write large switches, and Go all control, as a ladder: blocks that begin at one place, so that a
 * table of branches inside the innermost of them, or any branch after it, goes to what follows the end of one, its segment. Runs of segments become functions, which
 * take the number of the rung to begin with and return that of the next; between them locals stand in arrays of the instance. What the ladder stands in remains
 * the function itself, which calls the pieces in a loop.
 */
export class PieceTranslation extends Translation {
  protected override makeControl(): ControlTranslator {
    return new PieceControl(this);
  }

  /** @throws Unsupported for a function without a ladder, or with what does not go together with pieces */
  override translate(): string {
    const { type, locals } = this;
    const [result] = type.results;
    if (type.results.length > 1 || (result !== undefined && result !== I32 && result !== I64))
      throw new Unsupported("a result that pieces do not hand over");
    if (!locals.every(isNumber) || locals.length > MOST_LOCALS)
      throw new Unsupported("locals that pieces do not hand over");
    const control = this.control as PieceControl;
    if (!control.hasLadder) throw new Unsupported("no ladder");
    const text = super.translate();
    if (this.hasTailCalls) throw new Unsupported("tail calls");
    return `${control.text}${control.settle(text)}`;
  }

  override get nesting(): number {
    return (this.control as PieceControl).openRungs + MOST_NESTED;
  }

  protected override get maxDraft(): number {
    return MOST_CODE;
  }

  protected override get variables(): string {
    const { words, floats } = (this.control as PieceControl).sizes;
    const size = Math.max(words + 2 * MOST_OPERANDS, floats + MOST_OPERANDS);
    for (const name of ["Z", "N", "tooDeep"]) this.need(name);
    return `let n = 0, s = 0;
const b = Z[0];
if (b > ${FRAME_SLOTS - size}) throw tooDeep();
Z.fill(0, b, b + ${size}); N.fill(0, b, b + ${size});
Z[0] = b + ${size};`;
  }

  protected override get last(): string {
    return " finally { Z[0] = b; }";
  }

  protected override get rethrow(): string {
    return `s === 1 ? ${this.need("passed")}(e, ${this.index}, ${this.fuel}) : ${super.rethrow}`;
  }
}
