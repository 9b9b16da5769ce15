import type { EngineName, Extern, InstanceOptions } from "../../store/engine.ts";
import type { Func } from "../../store/function.ts";
import type { Module } from "../../store/module.ts";
import { InterpreterInstance } from "../interpreter/instance.ts";
import { interpreted } from "./bridge.ts";
import { codeOf } from "./code.ts";
import { CodeInPieces } from "./code-in-pieces.ts";
import { CompiledGuest, type CompiledInstance } from "./guest.ts";
import { PieceTranslation } from "./pieces.ts";
import { Trace } from "./positions.ts";
import { proposalFunctions, proposalTranslators } from "./proposals.ts";
import { useTraces } from "./state.ts";
import { untilHot } from "./until-hot.ts";

/**
 * An instance whose functions are translated to JavaScript. It is an instance of the interpreter, too: that runs the functions that are too large to
 * be translated, and every call that may be suspended. Both work on the same store and the same meter.
 */
export class CompilerInstance extends InterpreterInstance implements CompiledInstance {
  // Made when it is first needed, which may be while the constructor of the base class runs the start function.
  declare private compiled: CompiledGuest | undefined;

  constructor(module: Module, imports: readonly Extern[], options: InstanceOptions) {
    super(module, imports, options);
  }

  override get engine(): EngineName {
    return "compiler";
  }

  get guest(): CompiledGuest {
    if (this.compiled === undefined) {
      const depth = this.callDepth !== Number.POSITIVE_INFINITY;
      const { deterministic } = this;
      const parts = proposalTranslators;
      const code = codeOf(CodeInPieces, this.module, {
        depth,
        deterministic,
        alone: false,
        parts,
        pieces: PieceTranslation,
      });
      useTraces((trap, thrown) => new Trace(trap, thrown));
      this.compiled = new CompiledGuest(this, {
        translated: (index) => code.function(index),
        untranslated: (guest, cell) => untilHot(guest, cell, code),
        offsetsOf: (index, line, column) => code.offsetsOf(index, line, column),
        proposals: proposalFunctions,
        interpreted: (func) => (func.owner instanceof InterpreterInstance ? interpreted(func) : undefined),
      });
    }
    return this.compiled;
  }

  override invoke(func: Func, args: readonly unknown[]): unknown {
    return func.owner === this ? this.guest.invoke(func, args) : super.invoke(func, args);
  }

  override callRaw(func: Func, args: readonly unknown[]): unknown[] {
    return this.guest.callRaw(func, args);
  }
}
