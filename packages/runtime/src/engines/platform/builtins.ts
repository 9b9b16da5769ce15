import { type CodeArray, stringFunctions } from "../../store/string-builtins.ts";
import { STRING_MODULE, stringBuiltins, stringBuiltinType } from "../../wasm/string-builtins.ts";
import type { DefinedType } from "../../wasm/type-registry.ts";
import { type FunctionType, isTypeIndex, typeIndexOf } from "../../wasm/types.ts";
import { accessOf, theKinds } from "./aggregate-access.ts";
import { thrownByHost } from "./failures.ts";
import { platformAbilities } from "./probe.ts";
import type { Finder } from "./references.ts";
import { NAMES } from "./rewrite/layout.ts";
import type { Variant } from "./variant.ts";
import type { NativeFunction } from "./web-assembly.ts";

/** The imports of builtin functions and string constants, as far as the platform does not supply them itself. */
export function suppliedByUs({ module, options }: Variant, finder: Finder): Record<string, Record<string, unknown>> {
  const abilities = platformAbilities();
  if (typeof abilities === "string") return {};
  const imports: Record<string, Record<string, unknown>> = {};
  if (!abilities.stringBuiltins && options.builtins.some((builtin) => builtin !== undefined))
    imports[STRING_MODULE] = builtinFunctions(finder);
  if (!abilities.stringConstants && options.stringConstants !== undefined) {
    const strings: Record<string, unknown> = Object.create(null);
    for (const { module: from, name } of module.syntax.imports)
      if (from === options.stringConstants) strings[name] = name;
    imports[NAMES.strings] = strings;
  }
  return imports;
}

function builtinFunctions(finder: Finder): Record<string, NativeFunction> {
  const functions: Record<string, NativeFunction> = {};
  for (const name of stringBuiltins) {
    const { run } = stringFunctions[name];
    const type = stringBuiltinType(name);
    const { params } = type.composite as FunctionType;
    const array = params.findIndex(isTypeIndex);
    const arrayType = type.context[typeIndexOf(params[array] ?? 0)];
    functions[name] = (...args: unknown[]) => {
      try {
        if (array >= 0 && args[array] !== null) args[array] = codesOf(args[array] as object, arrayType);
        return run(args[0], args[1], args[2]);
      } catch (error) {
        throw thrownByHost(error, finder);
      }
    };
  }
  return functions;
}

/** An array of the platform's, for the builtin functions. */
function codesOf(native: object, type: DefinedType): CodeArray {
  const { get, set } = accessOf(type);
  return {
    elements: [],
    length: theKinds().lengthOf(native),
    get: (index) => get(native, index),
    set: (index, value) => set(native, index, value),
  };
}
