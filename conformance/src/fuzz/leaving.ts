import type { Random } from "./random.ts";

/*
 * Code out of which control leaves while operands are on the stack: by every kind of branch, by returns, tail calls,
 * exceptions and `unreachable`; and the code after it, which is valid whatever stands on its stack. Operands may trap,
 * blocks take parameters and have several results, and branches carry values past the operands that they leave.
 */

/** What the maker of modules has for this. */
export interface Surroundings<Kind extends string> {
  readonly random: Random;
  /** Kinds of values that a function of the module may use. */
  readonly kinds: readonly Kind[];
  readonly multiValue: boolean;
  readonly exceptions: boolean;
  readonly references: boolean;
  readonly gc: boolean;
  expression(kind: Kind, depth: number): string;
  statement(depth: number): string;
  /** An i32 that is small and mostly zero or one. */
  flag(depth: number): string;
  written(kind: Kind): string;
  label(): string;
  /** A new local for an i32. */
  counter(): string;
  /** A tail call of a function with the result, or undefined where none may be made. */
  tailCall(result: Kind): string | undefined;
  /** Code that may trap, and code without its operands, for which the stack does. */
  risky(kind: Kind, depth: number): string;
  bare(): { readonly code: string; readonly hasResult: boolean };
}

interface Scope<Kind> {
  readonly label: string;
  readonly kinds: readonly Kind[];
}

export class LeavingCode<Kind extends string> {
  private readonly around: Surroundings<Kind>;
  /** Blocks that are open, and what a branch to them carries. */
  private scopes: Scope<Kind>[] = [];
  private result: Kind | undefined;

  constructor(around: Surroundings<Kind>) {
    this.around = around;
  }

  /** A function is made. */
  begin(result: Kind): void {
    this.scopes = [];
    this.result = result;
  }

  /** An expression of the kind out of which control leaves. */
  expression(kind: Kind, depth: number): string {
    const { random } = this.around;
    switch (random.below(8)) {
      case 0:
        return this.loop(kind, depth);
      case 1:
        return this.around.exceptions ? this.throwing(kind, depth) : this.block(kind, depth);
      case 2:
        return this.around.references ? this.onReference(kind, depth) : this.block(kind, depth);
      case 3: {
        // Operands of the instructions around it are left on the stack.
        const type = this.around.written(kind);
        if (this.scopes.length === 0) return this.block(kind, depth);
        return `(if (result ${type}) ${this.around.flag(depth)} (then ${this.around.expression(kind, depth)}) (else ${this.escape(depth)}))`;
      }
      default:
        return this.block(kind, depth);
    }
  }

  private within<T>(scope: Scope<Kind>, make: () => T): T {
    this.scopes.push(scope);
    const made = make();
    this.scopes.pop();
    return made;
  }

  private some(most: number): Kind[] {
    const { random, kinds } = this.around;
    return Array.from({ length: random.below(most + 1) }, () => random.pick(kinds));
  }

  private value(kind: Kind, depth: number): string {
    const { random } = this.around;
    return random.chance(40) ? this.around.risky(kind, depth) : this.around.expression(kind, depth);
  }

  private values(kinds: readonly Kind[], depth: number): string {
    return kinds.map((kind) => this.value(kind, Math.min(depth, 1))).join(" ");
  }

  private types(word: "param" | "result", kinds: readonly Kind[]): string {
    return kinds.length === 0 ? "" : `(${word} ${kinds.map((kind) => this.around.written(kind)).join(" ")})`;
  }

  /** Operands with statements between them. @returns the code, and how many values it leaves */
  private operands(depth: number): { readonly code: string; readonly count: number } {
    const { random } = this.around;
    const kinds = this.some(3);
    const parts = kinds.map((kind) => {
      const operand = this.value(kind, depth);
      return random.chance(30) ? `${operand} ${this.around.statement(Math.min(depth, 1))}` : operand;
    });
    return { code: parts.join(" "), count: kinds.length };
  }

  /** Leaves for good: nothing arrives at what follows. */
  private escape(depth: number): string {
    const { random } = this.around;
    const scope = this.scopes.length === 0 ? undefined : random.pick(this.scopes.slice(-3));
    const pick = random.below(20);
    if (pick === 0) return "(unreachable)";
    if (pick < 4 || scope === undefined) {
      const result = this.result as Kind;
      return (
        (random.chance(50) ? this.around.tailCall(result) : undefined) ?? `(return ${this.values([result], depth)})`
      );
    }
    if (pick === 4 && this.around.exceptions) return `(throw $number ${this.around.risky("i32" as Kind, depth)})`;
    const carried = this.values(scope.kinds, depth);
    if (pick < 12) return `${carried} (br ${scope.label})`;
    const key = scope.kinds.join();
    const labels = this.scopes.filter(({ kinds }) => kinds.join() === key).map(({ label }) => label);
    const targets = Array.from({ length: random.below(3) }, () => random.pick(labels));
    return `${carried} (br_table ${[...targets, scope.label].join(" ")} ${this.around.flag(depth)})`;
  }

  /** Code that is never reached, on a stack that holds whatever it asks for. */
  private dead(depth: number): string {
    const { random } = this.around;
    const pieces = Array.from({ length: random.below(4) }, (): string => {
      switch (random.below(9)) {
        case 0:
          return "(drop)";
        case 1:
          return "(select) (drop)";
        case 2: {
          if (this.scopes.length === 0) return "(drop)";
          const { label, kinds } = random.pick(this.scopes);
          return random.chance(50) ? `(br ${label})` : `(br_if ${label}) ${kinds.map(() => "(drop)").join(" ")}`;
        }
        case 3:
          return "(block (result i32) (i32.const 1) (br 0)) (i32.add) (drop)";
        case 4:
          return `(if (result i64) (then (unreachable) (i64.add)) (else (i64.const 1))) (drop)`;
        case 5:
          return `(loop ${this.around.statement(0)} (br 0))`;
        case 6:
          return random.pick(["(return)", "(unreachable)", "(local.set $i320)", "(local.tee $i320) (drop)"]);
        case 7:
          return `(drop ${this.around.expression(random.pick(this.around.kinds), Math.min(depth, 1))})`;
        default: {
          const { code, hasResult } = this.around.bare();
          return hasResult ? `${code} (drop)` : code;
        }
      }
    });
    return pieces.join(" ");
  }

  /** A way that is taken or not, and after it the operands that were left are dropped. */
  private maybe(scope: Scope<Kind>, count: number, depth: number): string {
    const { random } = this.around;
    const carried = this.values(scope.kinds, depth);
    const drops = (more: number): string => new Array(more).fill("(drop)").join(" ");
    if (random.chance(50))
      return `${carried} (br_if ${scope.label} ${this.around.flag(depth)}) ${drops(scope.kinds.length + count)}`;
    return `(if ${this.around.flag(depth)} (then ${this.operands(depth).code} ${this.escape(depth)} ${this.dead(depth)})) ${drops(count)}`;
  }

  private block(kind: Kind, depth: number): string {
    const { around } = this;
    const { random, multiValue } = around;
    const results = [kind];
    const params: Kind[] = [];
    if (multiValue && random.chance(50)) {
      results.unshift(...this.some(2));
      results.push(...this.some(1));
      params.push(...this.some(2));
    }
    const scope = { label: around.label(), kinds: results };
    const begun = this.values(params, depth);
    const body = this.within(scope, () => {
      const { code, count } = this.operands(depth);
      const below = params.length + count;
      return random.chance(60)
        ? `${code} ${this.escape(depth)} ${this.dead(depth)}`
        : `${code} ${this.maybe(scope, below, depth)} ${this.values(results, depth)}`;
    });
    const block = `(block ${scope.label} ${this.types("param", params)} ${this.types("result", results)} ${body})`;
    return this.pick(kind, results, `${begun} ${block}`);
  }

  /** Of several results, the value of the kind. */
  private pick(kind: Kind, results: readonly Kind[], code: string): string {
    const type = this.around.written(kind);
    const at = results.lastIndexOf(kind);
    const above = results.slice(at + 1).map(() => "(drop)");
    const rest =
      at === 0 ? [] : [`(local.set $${kind}0)`, ...results.slice(0, at).map(() => "(drop)"), `(local.get $${kind}0)`];
    return `(block (result ${type}) ${[code, ...above, ...rest].join(" ")})`;
  }

  /** A loop with parameters that is branched to with operands left. */
  private loop(kind: Kind, depth: number): string {
    const { around } = this;
    const counter = around.counter();
    const label = around.label();
    const params = around.multiValue ? this.some(3) : [];
    const begun = this.values(params, depth);
    const { code } = this.operands(depth);
    const again = `(if (local.get ${counter}) (then (local.set ${counter} (i32.sub (local.get ${counter}) (i32.const 1))) ${code} ${this.values(params, depth)} (br ${label}) ${this.dead(depth)}))`;
    const kept = params.map((param) => (around.random.chance(50) ? `(local.set $${param}1)` : "(drop)")).reverse();
    const body = `${kept.join(" ")} ${around.statement(Math.min(depth, 1))} ${again} ${this.value(kind, depth)}`;
    return `(block (result ${around.written(kind)}) (local.set ${counter} (i32.const ${around.random.below(4)})) ${begun} (loop ${label} ${this.types("param", params)} (result ${around.written(kind)}) ${body}))`;
  }

  /** An exception leaves, and is caught around it. */
  private throwing(kind: Kind, depth: number): string {
    const { around } = this;
    const label = around.label();
    const { code } = this.operands(depth);
    const thrown = `${code} (throw $number ${around.risky("i32" as Kind, depth)}) ${this.dead(depth)}`;
    return `(block (result ${around.written(kind)}) (local.set $i320 (block ${label} (result i32) (try_table (catch $number ${label}) ${thrown}) (unreachable))) ${this.value(kind, depth)})`;
  }

  /** Branches that look at a reference. */
  private onReference(kind: Kind, depth: number): string {
    const { around } = this;
    const { random } = around;
    const type = around.written(kind);
    const outer = around.label();
    const label = around.label();
    const { code, count } = this.operands(depth);
    const drops = new Array(count).fill("(drop)").join(" ");
    const rest = this.value(kind, depth);
    const reference = `(select (result funcref) (ref.func $f0) (ref.null func) ${around.flag(depth)})`;
    const cast = `(select (result anyref) (ref.i31 (i32.const 3)) (ref.null any) ${around.flag(depth)})`;
    switch (random.below(around.gc ? 4 : 2)) {
      case 0:
        return `(block ${outer} (result ${type}) (block ${label} ${code} (br_on_null ${label} ${reference}) (drop) ${drops} ${this.values([kind], depth)} (br ${outer})) ${rest})`;
      case 1:
        return `(block ${outer} (result ${type}) (drop (block ${label} (result (ref func)) ${code} (br_on_non_null ${label} ${reference}) ${drops} ${this.values([kind], depth)} (br ${outer}))) ${rest})`;
      case 2:
        return `(block ${outer} (result ${type}) (drop (block ${label} (result (ref i31)) ${code} (br_on_cast ${label} anyref (ref i31) ${cast}) (drop) ${drops} ${this.values([kind], depth)} (br ${outer}))) ${rest})`;
      default:
        return `(block ${outer} (result ${type}) (drop (block ${label} (result anyref) ${code} (br_on_cast_fail ${label} anyref (ref i31) ${cast}) (drop) ${drops} ${this.values([kind], depth)} (br ${outer}))) ${rest})`;
    }
  }
}
