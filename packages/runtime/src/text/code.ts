import { Writer } from "../binary/writer.ts";
import { ValidationError } from "../wasm/errors.ts";
import type { Expression } from "../wasm/module.ts";
import * as OP from "../wasm/opcodes.ts";
import { IndexSpace, type ModuleContext } from "./context.ts";
import type { Cursor } from "./cursor.ts";
import {
  type CodeScope,
  parseBlockType,
  parseCatches,
  parseInstruction,
  type TextInstruction,
  textInstructions,
} from "./immediates.ts";
import { LabelScope } from "./labels.ts";
import { TOKEN } from "./lexer.ts";
import { setIndirect } from "./names.ts";

/** What a parenthesis or a block that is still open is, and so what may come next in it. */
const OPEN = {
  /** The instructions that the caller asked for. */
  root: 0,
  /** `block … end`, `loop … end`, `try_table … end`, `else … end` */
  block: 1,
  /** `if …`, before its `else` */
  if: 2,
  /** `try …`, before `catch` or `delegate` */
  try: 3,
  /** `catch …`, after which another may come */
  catch: 4,
  /** `(i32.add …)`: operands, then the instruction itself */
  operator: 5,
  /** `(block …)` */
  foldedBlock: 6,
  /** `(if …)` before `(then`, then between its arms */
  foldedIf: 7,
  foldedThen: 8,
  foldedElse: 9,
  /** `(try …)` before `(do`, behind it, and among its catch clauses */
  foldedTry: 10,
  foldedDo: 11,
  foldedCatch: 12,
  /** Behind `(catch_all …)`: nothing more */
  foldedEnd: 13,
  /** `(then …)`, `(else …)`, `(do …)`, `(catch …)`: instructions */
  arm: 14,
} as const;

interface Frame {
  kind: number;
  readonly label: string | undefined;
  /** Where in the pending bytes the instruction of a parenthesis begins, which is written after its operands. */
  readonly pending: number;
  /** Token of the instruction. */
  readonly token: number;
  readonly hint: number | undefined;
}

/** Words that are instructions of the table but belong to a block around them. */
const structureWords: ReadonlySet<string> = new Set(["else", "end", "catch", "catch_all", "delegate"]);

/** Instructions that begin a block. */
const blockWords: ReadonlySet<string> = new Set(["block", "loop", "if", "try", "try_table"]);

/**
 * Reads instructions, plain and folded (specification, 6.5), and writes their bytes.
 *
 * What is open stands on a stack of its own and not on JavaScript's, so that a text may nest as deep as it likes. A folded instruction
 * comes before its operands in the text and behind them in the bytes: until its parenthesis closes it waits among the pending bytes.
 */
export class CodeParser implements CodeScope {
  readonly context: ModuleContext;
  readonly cursor: Cursor;
  readonly labels: LabelScope = new LabelScope();
  locals: IndexSpace = new IndexSpace("local");
  private out: Writer = new Writer();
  private readonly pending: Writer = new Writer();
  private frames: Frame[] = [];
  private positions: number[] = [];
  private hints: number[] = [];
  private functionIndex: number | undefined;
  private blockCount = 0;

  constructor(context: ModuleContext) {
    this.context = context;
    this.cursor = context.cursor;
  }

  /** The code of function `index` up to the parenthesis that closes it. */
  functionBody(index: number, locals: IndexSpace): { code: Expression; hints: number[] } {
    this.locals = locals;
    this.functionIndex = index;
    this.blockCount = 0;
    const code = this.expression();
    const { hints } = this;
    this.locals = new IndexSpace("local");
    this.functionIndex = undefined;
    return { code, hints };
  }

  /** Instructions up to the parenthesis that closes what they stand in, and an `end`. */
  expression(): Expression {
    this.begin();
    this.run();
    return this.finish();
  }

  /** One folded instruction, and an `end`. */
  foldedExpression(): Expression {
    if (this.cursor.kind() !== TOKEN.open) this.cursor.unexpected("a folded instruction");
    this.begin();
    this.openParenthesis(this.frames[0]);
    this.run(1);
    return this.finish();
  }

  private begin(): void {
    this.out = new Writer();
    this.positions = [];
    this.hints = [];
    this.labels.clear();
    this.frames = [{ kind: OPEN.root, label: undefined, pending: 0, token: this.cursor.pos, hint: undefined }];
  }

  private finish(): Expression {
    this.note(this.cursor.pos);
    this.out.u8(OP.END);
    const bytes = this.out.finish();
    this.context.positions.set(bytes, Int32Array.from(this.positions));
    return { bytes, start: 0, end: bytes.length };
  }

  /** Notes that the instruction about to be written stands at a token. */
  private note(token: number): void {
    this.positions.push(this.out.length, this.cursor.offset(token));
  }

  /** Reads until only the root is open and its parenthesis closes, or as soon as `leave` frames are left. */
  private run(leave = 0): void {
    const { cursor, frames } = this;
    while (frames.length > leave) {
      const frame = frames[frames.length - 1];
      const kind = cursor.kind();
      if (kind === TOKEN.open) {
        this.openParenthesis(frame);
      } else if (kind === TOKEN.close) {
        if (frame.kind === OPEN.root) return;
        this.closeParenthesis(frame);
      } else if (kind === TOKEN.word && holdsInstructions(frame.kind)) {
        this.plain(frame);
      } else if (kind === TOKEN.end && frame.kind === OPEN.root) {
        return;
      } else {
        cursor.unexpected(holdsInstructions(frame.kind) ? "an instruction" : "a folded instruction or )");
      }
    }
  }

  private takeHint(): number | undefined {
    const { annotations } = this.cursor;
    if (annotations.isEmpty || this.functionIndex === undefined) return undefined;
    return annotations.takeBranchHint(this.cursor.pos);
  }

  private lookup(): TextInstruction {
    const { cursor } = this;
    const text = cursor.kind() === TOKEN.word ? textInstructions.get(cursor.word()) : undefined;
    return text ?? cursor.unexpected("an instruction");
  }

  /** Notes the hint for the instruction that is about to be written. */
  private applyHint(hint: number | undefined, opcode: number, token: number): void {
    if (hint === undefined) return;
    if (opcode !== OP.IF && opcode !== OP.BR_IF) {
      throw new ValidationError("@metadata.code.branch_hint annotation: invalid target", {
        position: this.cursor.source.positionAt(this.cursor.offset(token)),
      });
    }
    this.hints.push(this.out.length, hint);
  }

  private pushLabel(name: string | undefined): void {
    this.labels.push(name);
    const { functionIndex } = this;
    const block = this.blockCount++;
    if (functionIndex === undefined || name === undefined) return;
    setIndirect(this.context.names.labels, functionIndex, block, name);
  }

  private plain(frame: Frame): void {
    const { cursor, out } = this;
    const hint = this.takeHint();
    const token = cursor.pos;
    const text = this.lookup();
    const { instruction } = text;
    const { name, opcode } = instruction;
    cursor.pos++;
    if (structureWords.has(name)) {
      this.continueBlock(frame, name, token);
      return;
    }
    if (!blockWords.has(name)) {
      this.note(token);
      this.applyHint(hint, opcode, token);
      parseInstruction(this, out, text);
      return;
    }
    const label = cursor.optionalIdentifier();
    this.note(token);
    this.applyHint(hint, opcode, token);
    out.u8(opcode);
    this.blockHead(out, opcode, label);
    const kind = opcode === OP.IF ? OPEN.if : opcode === OP.TRY ? OPEN.try : OPEN.block;
    this.frames.push({ kind, label, pending: 0, token, hint: undefined });
  }

  /** The type of a block and its catch clauses, in which its own label does not stand yet. */
  private blockHead(writer: Writer, opcode: number, label: string | undefined): void {
    parseBlockType(this, writer);
    if (opcode === OP.TRY_TABLE) parseCatches(this, writer);
    this.pushLabel(label);
  }

  /** `end`, `else`, `catch`, `catch_all` or `delegate`, which the cursor has passed, in the block that `frame` is. */
  private continueBlock(frame: Frame, name: string, token: number): void {
    const { cursor, out, frames } = this;
    const { kind } = frame;
    if (!belongs(name, kind)) cursor.unexpected("an instruction", token);
    this.note(token);
    switch (name) {
      case "end":
        this.checkLabel(frame);
        out.u8(OP.END);
        break;
      case "else":
        this.checkLabel(frame);
        out.u8(OP.ELSE);
        frame.kind = OPEN.block;
        return;
      case "catch":
        out.u8(OP.CATCH);
        out.u32(this.context.tagSpace.resolve(cursor));
        frame.kind = OPEN.catch;
        return;
      case "catch_all":
        out.u8(OP.CATCH_ALL);
        frame.kind = OPEN.block;
        return;
      case "delegate":
        this.labels.pop();
        frames.pop();
        out.u8(OP.DELEGATE);
        out.u32(this.labels.resolve(cursor));
        return;
    }
    this.labels.pop();
    frames.pop();
  }

  /** A label behind `end` or `else` must be that of the block. */
  private checkLabel(frame: Frame): void {
    const { cursor } = this;
    if (cursor.kind() !== TOKEN.identifier) return;
    const name = cursor.identifierName();
    if (name !== frame.label) cursor.fail(`mismatching label $${name}`);
    cursor.pos++;
  }

  private openParenthesis(frame: Frame): void {
    const { cursor, frames, out, pending } = this;
    if (frame.kind >= OPEN.foldedTry && frame.kind <= OPEN.foldedCatch) {
      this.openClause(frame);
      return;
    }
    if (frame.kind === OPEN.foldedIf || frame.kind === OPEN.foldedThen) {
      if (this.openArm(frame)) return;
      if (frame.kind === OPEN.foldedThen) cursor.unexpected("(else or )", cursor.pos);
    }
    if (frame.kind === OPEN.foldedElse || frame.kind === OPEN.foldedEnd) cursor.unexpected(")");
    const hint = this.takeHint();
    cursor.pos++;
    const token = cursor.pos;
    const text = this.lookup();
    const { name, opcode } = text.instruction;
    if (structureWords.has(name)) cursor.unexpected("an instruction");
    cursor.pos++;
    const at = pending.length;
    if (!blockWords.has(name)) {
      parseInstruction(this, pending, text);
      frames.push({ kind: OPEN.operator, label: undefined, pending: at, token, hint });
      return;
    }
    const label = cursor.optionalIdentifier();
    if (opcode === OP.IF) {
      pending.u8(OP.IF);
      parseBlockType(this, pending);
      frames.push({ kind: OPEN.foldedIf, label, pending: at, token, hint });
      return;
    }
    this.note(token);
    this.applyHint(hint, opcode, token);
    out.u8(opcode);
    this.blockHead(out, opcode, label);
    const kind = opcode === OP.TRY ? OPEN.foldedTry : OPEN.foldedBlock;
    frames.push({ kind, label, pending: at, token, hint: undefined });
  }

  /** Writes what waited since the frame was opened. */
  private release(frame: Frame): void {
    this.note(frame.token);
    this.applyHint(frame.hint, this.pending.slice(frame.pending, frame.pending + 1)[0], frame.token);
    this.out.bytes(this.pending.slice(frame.pending));
    this.pending.truncate(frame.pending);
  }

  /** `(then` or `(else` of a folded `if`, when one of them comes next. */
  private openArm(frame: Frame): boolean {
    const { cursor } = this;
    if (frame.kind === OPEN.foldedIf && cursor.takeOpen("then")) {
      this.release(frame);
      this.pushLabel(frame.label);
      frame.kind = OPEN.foldedThen;
    } else if (frame.kind === OPEN.foldedThen && cursor.takeOpen("else")) {
      this.note(cursor.pos - 1);
      this.out.u8(OP.ELSE);
      frame.kind = OPEN.foldedElse;
    } else {
      return false;
    }
    this.openInstructions();
    return true;
  }

  private openInstructions(): void {
    const token = this.cursor.pos - 1;
    this.frames.push({ kind: OPEN.arm, label: undefined, pending: this.pending.length, token, hint: undefined });
  }

  /** `(do`, `(catch`, `(catch_all` or `(delegate` of a folded `try`. */
  private openClause(frame: Frame): void {
    const { cursor, out } = this;
    if (frame.kind === OPEN.foldedTry) {
      cursor.open("do");
      frame.kind = OPEN.foldedDo;
      this.openInstructions();
      return;
    }
    const token = cursor.pos + 1;
    if (cursor.takeOpen("catch")) {
      this.note(token);
      out.u8(OP.CATCH);
      out.u32(this.context.tagSpace.resolve(cursor));
      frame.kind = OPEN.foldedCatch;
      this.openInstructions();
    } else if (cursor.takeOpen("catch_all")) {
      this.note(token);
      out.u8(OP.CATCH_ALL);
      frame.kind = OPEN.foldedEnd;
      this.openInstructions();
    } else if (frame.kind === OPEN.foldedDo && cursor.takeOpen("delegate")) {
      this.labels.pop();
      this.note(token);
      out.u8(OP.DELEGATE);
      out.u32(this.labels.resolve(cursor));
      cursor.close();
      // A `try` with `delegate` has no `end`: the parenthesis is all that is left to close.
      cursor.close();
      this.frames.pop();
    } else {
      cursor.unexpected(
        frame.kind === OPEN.foldedDo ? "(catch, (catch_all, (delegate or )" : "(catch, (catch_all or )",
        token,
      );
    }
  }

  private closeParenthesis(frame: Frame): void {
    const { cursor, out } = this;
    switch (frame.kind) {
      case OPEN.operator:
        this.release(frame);
        break;
      case OPEN.arm:
        break;
      case OPEN.foldedBlock:
      case OPEN.foldedThen:
      case OPEN.foldedElse:
      case OPEN.foldedDo:
      case OPEN.foldedCatch:
      case OPEN.foldedEnd:
        this.note(cursor.pos);
        out.u8(OP.END);
        this.labels.pop();
        break;
      case OPEN.foldedIf:
        cursor.unexpected("(then");
        break;
      case OPEN.foldedTry:
        cursor.unexpected("(do");
        break;
      default:
        cursor.unexpected("end");
    }
    cursor.pos++;
    this.frames.pop();
  }
}

/** Whether plain instructions may stand in what is open, and not only folded ones. */
function holdsInstructions(kind: number): boolean {
  return kind <= OPEN.catch || kind === OPEN.foldedBlock || kind === OPEN.arm;
}

/** Whether a plain `end`, `else`, `catch`, `catch_all` or `delegate` may stand in what is open. */
function belongs(name: string, kind: number): boolean {
  switch (name) {
    case "end":
      return kind >= OPEN.block && kind <= OPEN.catch;
    case "else":
      return kind === OPEN.if;
    case "delegate":
      return kind === OPEN.try;
    default:
      return kind === OPEN.try || kind === OPEN.catch;
  }
}
