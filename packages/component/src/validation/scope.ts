import type { FeatureSet } from "@wardian/runtime/internal";
import {
  type DefinedType,
  type ErrorPlace,
  type SourcePosition,
  type SubType,
  ValidationError,
  type ValidModule,
} from "@wardian/runtime/internal";
import { ComponentFeatureError } from "../errors.ts";
import type { CoreModuleDefinition } from "../model/definitions.ts";
import type { ExternName, NameRules } from "../model/extern-name.ts";
import type { ComponentFeature, ComponentFeatureSet } from "../model/features.ts";
import type { CoreSort, Sort } from "../model/sorts.ts";
import type {
  AnyType,
  ComponentType,
  CoreExternType,
  CoreInstanceType,
  ExternType,
  FunctionType,
  InstanceType,
  ModuleType,
} from "../types/extern.ts";
import type { Resource, ResourceBinding } from "../types/resource.ts";
import type { ValueType } from "../types/value.ts";
import { Budget } from "./budget.ts";
import { NameSpace } from "./names.ts";
import { Subtyping } from "./subtyping.ts";
import { NamedTypes } from "./visibility.ts";

/** What the validation of one outermost component has in common for all that is inside. */
export class Validation {
  readonly features: FeatureSet;
  readonly componentFeatures: ComponentFeatureSet;
  readonly budget: Budget = new Budget();
  readonly subtyping: Subtyping = new Subtyping(this.budget);
  readonly rules: NameRules;
  /** The line and column of a definition's `at`, for a component from text. */
  private readonly positionAt: ((at: number) => SourcePosition) | undefined;
  /** Decodes and validates a core module. */
  readonly compileModule: (definition: CoreModuleDefinition) => ValidModule;
  /** What is being validated, for errors. */
  private section: string | undefined;
  private at = 0;

  constructor(
    features: FeatureSet,
    componentFeatures: ComponentFeatureSet,
    positionAt: ((at: number) => SourcePosition) | undefined,
    compileModule: (definition: CoreModuleDefinition) => ValidModule,
  ) {
    this.features = features;
    this.componentFeatures = componentFeatures;
    this.positionAt = positionAt;
    this.compileModule = compileModule;
    this.rules = {
      nestedNamespaces: componentFeatures.has("nested-namespaces"),
      canonicalVersions: componentFeatures.has("canonical-names"),
    };
  }

  /** Notes what is validated from now on. */
  enter(section: string, at: number): void {
    this.section = section;
    this.at = at;
  }

  place(): ErrorPlace {
    if (this.positionAt !== undefined) return { position: this.positionAt(this.at) };
    return { section: this.section, offset: this.at };
  }

  fail(reason: string): never {
    throw new ValidationError(reason, this.place());
  }

  /** The attributes of a name need their features. */
  checkAttributes({ attributes }: ExternName): void {
    for (const { kind } of attributes)
      this.need(kind === "versionsuffix" ? "canonical-names" : "implements", `the attribute \`${kind}\``);
  }

  need(feature: ComponentFeature, what: string): void {
    if (!this.componentFeatures.has(feature)) throw new ComponentFeatureError(feature, what, this.place());
  }
}

/** An entry of the value index space, each of which is used just once. */
export interface ValueEntry {
  readonly type: ValueType;
  used: boolean;
}

export type ScopeKind = "component" | "component type" | "instance type";

/** The index spaces of a component, or of a component or instance type, while it is validated. */
export class Scope {
  readonly validation: Validation;
  readonly kind: ScopeKind;
  readonly parent: Scope | undefined;

  readonly coreFuncs: DefinedType[] = [];
  readonly coreTables: CoreExternType[] = [];
  readonly coreMemories: CoreExternType[] = [];
  readonly coreGlobals: CoreExternType[] = [];
  readonly coreTags: DefinedType[] = [];
  readonly coreTypes: CoreTypeSpace = new CoreTypeSpace();
  readonly coreModules: ModuleType[] = [];
  readonly coreInstances: CoreInstanceType[] = [];
  readonly funcs: FunctionType[] = [];
  readonly values: ValueEntry[] = [];
  readonly types: AnyType[] = [];
  readonly components: ComponentType[] = [];
  readonly instances: InstanceType[] = [];

  readonly imports: Map<string, ExternType> = new Map();
  readonly exports: Map<string, ExternType> = new Map();
  readonly importNames: NameSpace = new NameSpace("import");
  readonly exportNames: NameSpace = new NameSpace("export");
  readonly importedTypes: NamedTypes;
  readonly exportedTypes: NamedTypes;
  readonly importedResources: ResourceBinding[] = [];
  /** The resource types that exports bring, in types; in a component they are found at its end. */
  readonly exportedResources: ResourceBinding[] = [];
  /** The resource types that the component itself defines. */
  readonly localResources: Set<Resource> = new Set();

  constructor(validation: Validation, kind: ScopeKind, parent: Scope | undefined) {
    this.validation = validation;
    this.kind = kind;
    this.parent = parent;
    this.importedTypes = new NamedTypes(validation.budget);
    this.exportedTypes = new NamedTypes(validation.budget);
  }

  fail(reason: string): never {
    return this.validation.fail(reason);
  }

  /** An entry of an index space. */
  private entry<Type>(space: readonly Type[], index: number, what: string): Type {
    if (index >= space.length) this.fail(`unknown ${what} ${index}: ${what} index out of bounds`);
    return space[index];
  }

  type(index: number): AnyType {
    return this.entry(this.types, index, "type");
  }

  func(index: number): FunctionType {
    return this.entry(this.funcs, index, "function");
  }

  instance(index: number): InstanceType {
    return this.entry(this.instances, index, "instance");
  }

  component(index: number): ComponentType {
    return this.entry(this.components, index, "component");
  }

  coreModule(index: number): ModuleType {
    return this.entry(this.coreModules, index, "module");
  }

  coreInstance(index: number): CoreInstanceType {
    return this.entry(this.coreInstances, index, "core instance");
  }

  coreFunc(index: number): DefinedType {
    return this.entry(this.coreFuncs, index, "core function");
  }

  /** A value, which is used by that. */
  takeValue(index: number): ValueType {
    const entry = this.entry(this.values, index, "value");
    if (entry.used) this.fail(`value ${index} cannot be used more than once`);
    entry.used = true;
    return entry.type;
  }

  coreType(index: number): DefinedType | ModuleType {
    if (index >= this.coreTypes.length) this.fail(`unknown type ${index}: type index out of bounds`);
    return this.coreTypes.at(index);
  }

  /** What a core definition of a sort that can be exported is. */
  coreExtern(sort: CoreSort, index: number): CoreExternType {
    switch (sort) {
      case "func":
        return { kind: "func", type: this.coreFunc(index) };
      case "tag":
        return { kind: "tag", type: this.entry(this.coreTags, index, "tag") };
      case "table":
        return this.entry(this.coreTables, index, "table");
      case "memory":
        return this.entry(this.coreMemories, index, "memory");
      case "global":
        return this.entry(this.coreGlobals, index, "global");
      default:
        return this.fail(`a core ${sort} is not valid to be exported by a core instance`);
    }
  }

  addCoreExtern(item: CoreExternType): void {
    switch (item.kind) {
      case "func":
        this.coreFuncs.push(item.type);
        break;
      case "tag":
        this.coreTags.push(item.type);
        break;
      case "table":
        this.coreTables.push(item);
        break;
      case "memory":
        this.coreMemories.push(item);
        break;
      case "global":
        this.coreGlobals.push(item);
    }
  }

  /** What a definition is, for an import, an export or an argument. */
  extern(sort: Sort, index: number): ExternType {
    switch (sort) {
      case "func":
        return { sort, type: this.func(index) };
      case "type":
        return { sort, type: this.type(index) };
      case "instance":
        return { sort, type: this.instance(index) };
      case "component":
        return { sort, type: this.component(index) };
      case "core module":
        return { sort, type: this.coreModule(index) };
      case "value":
        return { sort, type: this.takeValue(index) };
      default:
        return this.fail(`a ${sort} is not valid here: of the core there can only be a module`);
    }
  }

  /** Appends to the index space that something belongs to. */
  add(item: ExternType): void {
    switch (item.sort) {
      case "func":
        this.funcs.push(item.type);
        break;
      case "type":
        this.types.push(item.type);
        break;
      case "instance":
        this.instances.push(item.type);
        break;
      case "component":
        this.components.push(item.type);
        break;
      case "core module":
        this.coreModules.push(item.type);
        break;
      case "value":
        this.values.push({ type: item.type, used: false });
    }
  }
}

/** A core type index space: types of the core, and of modules. */
export class CoreTypeSpace {
  /** By index, what the core's own checks look at; holes where there is a module type. */
  readonly defined: DefinedType[] = [];
  private readonly modules: Map<number, ModuleType> = new Map();

  get length(): number {
    return this.defined.length;
  }

  at(index: number): DefinedType | ModuleType {
    return this.modules.get(index) ?? this.defined[index];
  }

  isModule(index: number): boolean {
    return this.modules.has(index);
  }

  addModule(type: ModuleType): void {
    this.modules.set(this.defined.length, type);
    this.defined.length++;
  }
}

export type { SubType };
