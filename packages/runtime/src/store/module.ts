import { type NameSection, namesOf } from "../binary/names.ts";
import type { ValidModule } from "../validation/validate.ts";
import type { CustomSection, ExternKind, WasmModule } from "../wasm/module.ts";
import type { DefinedType } from "../wasm/type-registry.ts";

/** An entry of `Module.imports` or `Module.exports`, as the platform's API has it. */
export interface ModuleImport {
  readonly module: string;
  readonly name: string;
  readonly kind: ModuleExternKind;
}

export interface ModuleExport {
  readonly name: string;
  readonly kind: ModuleExternKind;
}

/** The platform's API writes `function` where the formats write `func`. */
export type ModuleExternKind = "function" | "table" | "memory" | "global" | "tag";

const apiKind = (kind: ExternKind): ModuleExternKind => (kind === "func" ? "function" : kind);

/**
 * A compiled module: decoded, valid, and immutable. One module makes any number of instances, on any engine.
 * Made by `Runtime.compile`.
 */
export class Module {
  /** The module in the binary format. For one compiled from text, what the text was assembled to. */
  readonly bytes: Uint8Array;
  /** For the engines: the decoded module and its types. */
  readonly valid: ValidModule;
  /** What engines prepared once for all instances, by engine or by engine and options. */
  readonly prepared: Map<unknown, unknown> = new Map();
  private nameSection: NameSection | undefined;

  constructor(bytes: Uint8Array, valid: ValidModule) {
    this.bytes = bytes;
    this.valid = valid;
  }

  /** What its host must give it: builtin functions and string constants that it was compiled with are not among them. */
  get imports(): ModuleImport[] {
    const { supplied } = this.valid;
    return this.syntax.imports
      .filter((item) => supplied?.imports.has(item) !== true)
      .map(({ module, name, kind }) => ({ module, name, kind: apiKind(kind) }));
  }

  get exports(): ModuleExport[] {
    return this.syntax.exports.map(({ name, kind }) => ({ name, kind: apiKind(kind) }));
  }

  /**
   * A type of the module, for what a host makes: a `StructRef`, an `ArrayRef`, a `Tag`. Types are equal by structure (specification, 3.1.4), so one from
   * a module that holds nothing but types is that of every module that declares the same.
   *
   * @param name what the text calls it, without the `$` (a module of bytes needs a name section for that), or its index
   * @throws TypeError when there is no such type
   */
  type(name: string | number): DefinedType {
    const { types } = this.valid;
    if (typeof name === "number") {
      if (types[name] === undefined) throw new TypeError(`there is no type ${name}; the module has ${types.length}`);
      return types[name];
    }
    for (const [index, known] of this.names.types) if (known === name) return types[index];
    throw new TypeError(`the module names no type "${name}"`);
  }

  /** The contents of all custom sections of this name, copied. */
  customSections(name: string): ArrayBuffer[] {
    return this.syntax.custom
      .filter((section: CustomSection) => section.name === name)
      .map((section) => section.bytes.slice().buffer as ArrayBuffer);
  }

  /** What the module calls its functions and other things, decoded from its name section when first asked for. */
  get names(): NameSection {
    this.nameSection ??= namesOf(this.syntax);
    return this.nameSection;
  }

  /** The module as data. */
  get syntax(): WasmModule {
    return this.valid.module;
  }
}
