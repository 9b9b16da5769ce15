import type { ValidModule } from "../validation/validate.ts";
import { ValidationError } from "../wasm/errors.ts";
import type { Import } from "../wasm/module.ts";
import {
  STRING_MODULE,
  STRING_SET,
  type StringBuiltin,
  stringBuiltinNamed,
  stringBuiltinType,
} from "../wasm/string-builtins.ts";
import { isDefinedSubtype } from "../wasm/type-registry.ts";
import { HEAP_EXTERN, heapTypeOf, isReference } from "../wasm/types.ts";
import { type Builtin, builtinFunction } from "./string-builtins.ts";

/** What a module may import without its host giving it (JavaScript API, section "Builtins"). */
export interface SupplyOptions {
  /**
   * Sets of builtin functions that the module may import. There is one, `"js-string"`: functions on the strings of JavaScript, imported from
   * the module name `wasm:js-string`.
   */
  readonly builtins?: readonly string[];
  /** A module name: a global imported from it is a string, namely the name of the import. */
  readonly importedStringConstants?: string;
}

/** The imports of a module that need nothing of its host. */
export interface Supplies extends SupplyOptions {
  readonly imports: ReadonlyMap<Import, Supplied>;
}

/** What an import is: a builtin function, or a string that a global holds. */
export type Supplied =
  | { readonly builtin: Builtin; readonly constant?: undefined }
  | { readonly builtin?: undefined; readonly constant: string };

/** @throws TypeError for a set of builtins that does not exist, or is there twice */
function checkBuiltins({ builtins }: SupplyOptions): void {
  if (builtins === undefined) return;
  const unknown = builtins.find((name) => name !== STRING_SET);
  if (unknown !== undefined) throw new TypeError(`unknown set of builtins "${unknown}"; there is "${STRING_SET}"`);
  if (builtins.length > 1) throw new TypeError(`the set of builtins "${STRING_SET}" is there twice`);
}

/**
 * Finds the imports of a module that these options supply, and checks their types.
 *
 * @returns the module with them, or the same module where nothing is supplied
 * @throws ValidationError for an import of another type than what it names
 */
export function supplyImports(valid: ValidModule, options: SupplyOptions): ValidModule {
  const { builtins, importedStringConstants } = options;
  const strings = builtins?.includes(STRING_SET) === true;
  if (!strings && importedStringConstants === undefined) return valid;
  const imports = new Map<Import, Supplied>();
  valid.module.imports.forEach((item, entry) => {
    if (item.module === importedStringConstants) imports.set(item, constant(valid, item, entry));
    else if (strings && item.module === STRING_MODULE) {
      const name = stringBuiltinNamed(item.name);
      if (name !== undefined) imports.set(item, builtin(valid, item, entry, name));
    }
  });
  return { ...valid, supplied: { builtins, importedStringConstants, imports } };
}

function constant({ module }: ValidModule, item: Import, entry: number): Supplied {
  const type = item.kind === "global" ? module.globals[item.index].type : undefined;
  const isString =
    type !== undefined && !type.mutable && isReference(type.type) && heapTypeOf(type.type) === HEAP_EXTERN;
  if (!isString)
    throw mismatch(item, entry, `a string constant must be an immutable global of type externref or (ref extern)`);
  return { constant: item.name };
}

function builtin({ module, types }: ValidModule, item: Import, entry: number, name: StringBuiltin): Supplied {
  const type = item.kind === "func" ? types[module.functions[item.index]] : undefined;
  if (type === undefined || !isDefinedSubtype(stringBuiltinType(name), type))
    throw mismatch(item, entry, `the type is not that of the builtin function ${name}`);
  return { builtin: builtinFunction(name) };
}

function mismatch({ module, name }: Import, entry: number, problem: string): ValidationError {
  return new ValidationError(`incompatible import type: import "${module}" "${name}": ${problem}`, {
    section: "import",
    entry,
  });
}

/** What a runtime needs to compile modules with options that supply imports. */
export const supplies: { readonly check: typeof checkBuiltins; readonly supply: typeof supplyImports } = {
  check: checkBuiltins,
  supply: supplyImports,
};
