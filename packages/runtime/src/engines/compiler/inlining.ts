import { lebAt, skipInstruction } from "../../metering/instruction-shape.ts";
import type { FunctionPlan } from "../../metering/plan.ts";
import type { FunctionBody } from "../../wasm/module.ts";
import * as OP from "../../wasm/opcodes.ts";
import { type FunctionType, V128 } from "../../wasm/types.ts";

/**
 * How a function calls itself. JavaScript engines put small functions in the place of their calls by themselves, but never a function into itself: so
 * that is done here.
 */
export interface Recursion {
  /** Whether the function calls itself, and ends no call by a tail call. */
  readonly isDirect: boolean;
  /**
   * How many levels of its calls of itself are to be replaced by its body: with 2, those of the function, and those in what took their
   * place. Such a function handles no exceptions, has few locals and results, and no vectors among its locals.
   */
  readonly levels: number;
}

/** Bytes of code above which a function is not looked at. */
const LARGEST_BODY = 250;
/** Bytes of code that a function may have with all that is put into it: few enough that nothing nests too deep. */
const LARGEST_WHOLE = 600;
const MOST_LEVELS = 3;
/** Locals and results that a function may have: each copy of it has its own. */
const MOST_VALUES = 50;

const NONE: Recursion = { isDirect: false, levels: 0 };

/** Finds out how the function with this index calls itself. */
export function recursionOf(
  body: FunctionBody,
  plan: FunctionPlan,
  { params, results }: FunctionType,
  functionIndex: number,
): Recursion {
  const { bytes, start, end } = body;
  if (!plan.countsDepth || end - start > LARGEST_BODY) return NONE;
  let calls = 0;
  let handles = false;
  for (let pos = start; pos < end; pos = skipInstruction(bytes, pos)) {
    switch (bytes[pos]) {
      case OP.CALL:
        if (lebAt(bytes, pos + 1) === functionIndex) calls++;
        break;
      case OP.TRY:
      case OP.TRY_TABLE:
        handles = true;
        break;
      case OP.RETURN_CALL:
      case OP.RETURN_CALL_INDIRECT:
      case OP.RETURN_CALL_REF:
        return NONE;
    }
  }
  if (calls === 0) return NONE;
  let values = params.length + results.length;
  for (const { count } of body.locals) values += count;
  const hasVectors = params.includes(V128) || body.locals.some(({ type }) => type === V128);
  if (handles || hasVectors || values > MOST_VALUES) return { isDirect: true, levels: 0 };
  let levels = 0;
  let copies = 1;
  let added = calls;
  while (levels < MOST_LEVELS && (copies + added) * (end - start) <= LARGEST_WHOLE) {
    levels++;
    copies += added;
    added *= calls;
  }
  return { isDirect: true, levels };
}
