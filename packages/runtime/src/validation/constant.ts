import { readImmediates, readOpcode } from "../binary/instruction-reader.ts";
import { Reader } from "../binary/reader.ts";
import { type ErrorPlace, ValidationError } from "../wasm/errors.ts";
import { type Expression, type SECTION, sectionNames } from "../wasm/module.ts";
import { switchedOff } from "../wasm/type-features.ts";
import type { ValueType } from "../wasm/types.ts";
import { validateCode } from "./body.ts";
import type { BodyState } from "./body-state.ts";
import type { ModuleContext } from "./context.ts";

/** Instructions that constant expressions may consist of, beside `global.get` and the arithmetic below (specification, 3.4.13). */
const constants: ReadonlySet<string> = new Set([
  "i32.const",
  "i64.const",
  "f32.const",
  "f64.const",
  "v128.const",
  "ref.null",
  "ref.func",
  "ref.i31",
  "struct.new",
  "struct.new_default",
  "array.new",
  "array.new_default",
  "array.new_fixed",
  "any.convert_extern",
  "extern.convert_any",
]);

const extendedConstants: ReadonlySet<string> = new Set([
  "i32.add",
  "i32.sub",
  "i32.mul",
  "i64.add",
  "i64.sub",
  "i64.mul",
]);

/**
 * Validates a constant expression, and notes the functions that it names as declared.
 *
 * @param globals the number of globals that it may read: those before it
 */
export function validateConstant(
  state: BodyState,
  code: Expression,
  type: ValueType,
  globals: number,
  section: (typeof SECTION)[keyof typeof SECTION],
): void {
  const place = { section: sectionNames[section] };
  checkConstant(state.context, code, globals, place);
  validateCode(state, code, { kind: "func", params: [], results: [type] }, [], place);
}

/** Walks the expression once for what it consists of; its types are then checked as those of a body are. */
function checkConstant(context: ModuleContext, code: Expression, globals: number, place: ErrorPlace): void {
  const reader = new Reader(code.bytes, code.start, code.end);
  reader.place = place;
  while (reader.pos < code.end) {
    const offset = reader.pos;
    const instruction = readOpcode(reader);
    const { name } = instruction;
    const [immediate] = readImmediates(reader, instruction);
    if (name === "end") return;
    if (name === "global.get") checkGlobal(context, immediate as number, globals, { ...place, offset });
    else if (name === "ref.func") {
      if ((immediate as number) < context.declared.length) context.declared[immediate as number] = 1;
    } else if (extendedConstants.has(name) && !context.has("extended-const")) {
      const reason = switchedOff(`${name} in a constant expression`, "extended-const");
      throw new ValidationError(`constant expression required: ${reason}`, { ...place, offset });
    } else if (!constants.has(name) && !extendedConstants.has(name))
      throw new ValidationError(`constant expression required: ${name} is not constant`, { ...place, offset });
  }
}

function checkGlobal({ module, features }: ModuleContext, index: number, globals: number, place: ErrorPlace): void {
  // Before garbage collection came, only imported globals could be read.
  const visible = features.has("gc") ? globals : Math.min(globals, module.importCounts.global);
  if (index >= visible && index < globals)
    throw new ValidationError(
      `unknown global ${index}: ${switchedOff("a global of the module's own in a constant expression", "gc")}`,
      place,
    );
  if (index >= visible) throw new ValidationError(`unknown global ${index}: ${visible} come before`, place);
  if (module.globals[index].type.mutable)
    throw new ValidationError(`constant expression required: global ${index} is mutable`, place);
}
