import type { Supplies } from "../store/supplied.ts";
import { ValidationError } from "../wasm/errors.ts";
import type { FeatureSet } from "../wasm/features.ts";
import { type ElementSegment, type Expression, type ExternKind, SECTION, type WasmModule } from "../wasm/module.ts";
import type { DefinedType } from "../wasm/type-registry.ts";
import { type FunctionType, I32, isDefaultable, type Limits, type MemoryType, typeName } from "../wasm/types.ts";
import { type AggregateRules, aggregateRules } from "./aggregate-rules.ts";
import { validateCode } from "./body.ts";
import { BodyState } from "./body-state.ts";
import { validateConstant } from "./constant.ts";
import { ModuleContext, type Where } from "./context.ts";
import { validateTypes } from "./types.ts";

/** A module that {@link validateModule} has accepted, with what it found out. */
export interface ValidModule {
  readonly module: WasmModule;
  /** What the module's type indices mean. */
  readonly types: readonly DefinedType[];
  readonly features: FeatureSet;
  /** Functions that a compiler may need much memory for; undefined where the bodies were validated elsewhere. */
  readonly crowded?: readonly CrowdedFunction[];
  /** The imports that need nothing of the module's host; undefined where that was not asked for. */
  readonly supplied?: Supplies;
}

/** A function with many values at its control instructions: see {@link BodyState.controlValues}. */
export interface CrowdedFunction {
  readonly index: number;
  readonly controlValues: number;
}

/** Functions with fewer are not listed in {@link ValidModule.crowded}. */
const MANY_CONTROL_VALUES = 1_000_000;

/**
 * Validates a module (specification, chapter 3), function bodies included.
 *
 * @param module as the decoder gives it, which has checked the features of declarations and the structural limits
 * @param features those that the module was decoded with
 * @throws ValidationError where the module is not valid
 * @throws MalformedError where instructions do not follow the grammar, which the decoder does not look at
 * @throws CompileError where an instruction's feature is switched off
 */
export function validateModule(module: WasmModule, features: FeatureSet): ValidModule {
  return validate(module, features, aggregateRules);
}

/** As {@link validateModule}, where `features` has no garbage collection. */
export function validateWithoutAggregates(module: WasmModule, features: FeatureSet): ValidModule {
  return validate(module, features, undefined);
}

function validate(module: WasmModule, features: FeatureSet, aggregates: AggregateRules | undefined): ValidModule {
  const { context, state } = validateDeclarations(module, features, aggregates);
  const crowded = validateBodies(context, state);
  return { module, types: context.types, features, crowded };
}

/** As {@link validateModule} for a module whose function bodies are known to be valid, since this program has validated them before. */
export function revalidateModule(module: WasmModule, features: FeatureSet): ValidModule {
  return { module, types: validateDeclarations(module, features, aggregateRules).context.types, features };
}

function validateDeclarations(
  module: WasmModule,
  features: FeatureSet,
  aggregates: AggregateRules | undefined,
): { readonly context: ModuleContext; readonly state: BodyState } {
  const context = new ModuleContext(module, features);
  const state = new BodyState(context, aggregates);
  validateTypes(context, aggregates?.subtypes);
  declareFunctions(context);
  declareTags(context);
  validateMemories(context);
  validateTables(context, state);
  validateGlobals(context, state);
  validateExports(context);
  validateStart(context);
  validateElements(context, state);
  validateData(context, state);
  return { context, state };
}

function declareFunctions(context: ModuleContext): void {
  context.functions = context.module.functions.map((type, i) =>
    context.functionType(type, context.declaration("func", i, SECTION.function)),
  );
}

function declareTags(context: ModuleContext): void {
  context.tags = context.module.tags.map((index, i) => {
    const where = context.declaration("tag", i, SECTION.tag);
    const type = context.functionType(index, where);
    if (type.results.length > 0)
      throw new ValidationError(`non-empty tag result type: tag ${i} has results`, where.errorPlace());
    return type;
  });
}

function checkLimits({ min, max }: Limits, limit: bigint, tooLarge: string, where: Where): void {
  if (max !== undefined && min > max)
    throw new ValidationError(
      `size minimum must not be greater than maximum: ${min}, the maximum is ${max}`,
      where.errorPlace(),
    );
  const largest = max ?? min;
  if (largest > limit) throw new ValidationError(`${tooLarge}, not ${largest}`, where.errorPlace());
}

/** The most pages that addresses of the memory's type reach, and how an error says it. */
function memoryLimit({ address, pageSizeLog2 }: MemoryType): [bigint, string] {
  const bits = address === I32 ? 32n : 64n;
  const size = 1n << (bits - BigInt(pageSizeLog2));
  // All bytes of the address space cannot be counted by an address.
  const limit = pageSizeLog2 === 0 ? size - 1n : size;
  return [limit, `memory size must be at most ${limit} pages${limit === 65536n ? " (4GiB)" : ""}`];
}

function validateMemories(context: ModuleContext): void {
  const { memories } = context.module;
  memories.forEach((type, i) => {
    const where = context.declaration("memory", i, SECTION.memory);
    if (type.pageSizeLog2 !== 0 && type.pageSizeLog2 !== 16)
      throw new ValidationError(
        `invalid custom page size: 2**${type.pageSizeLog2} bytes, where 1 and 65536 are allowed`,
        where.errorPlace(),
      );
    const [limit, message] = memoryLimit(type);
    checkLimits(type, limit, message, where);
    if (type.shared && type.max === undefined)
      throw new ValidationError(`shared memory must have maximum: memory ${i} has none`, where.errorPlace());
  });
  context.memories = memories.map((type) => type.address);
}

function validateTables(context: ModuleContext, state: BodyState): void {
  const { tables, importCounts } = context.module;
  tables.forEach(({ type, init }, i) => {
    const isImport = i < importCounts.table;
    const where = context.declaration("table", i, SECTION.table);
    const limit = type.address === I32 ? 0xffff_ffffn : 0xffff_ffff_ffff_ffffn;
    checkLimits(type, limit, `table size must be at most ${limit}`, where);
    context.checkType(type.element, where);
    // Tables come before globals, so that they see imported ones alone.
    if (init !== undefined) validateConstant(state, init, type.element, importCounts.global, SECTION.table);
    else if (!isImport && !isDefaultable(type.element))
      throw new ValidationError(
        `type mismatch: table ${i} of ${typeName(type.element)} has no initial value, and the type no default`,
        where.errorPlace(),
      );
  });
}

function validateGlobals(context: ModuleContext, state: BodyState): void {
  context.module.globals.forEach(({ type, init }, i) => {
    context.checkType(type.type, context.declaration("global", i, SECTION.global));
    if (init !== undefined) validateConstant(state, init, type.type, i, SECTION.global);
  });
}

/** How messages name the kinds of what can be exported. */
const kindNames: Readonly<Record<ExternKind, string>> = {
  func: "function",
  table: "table",
  memory: "memory",
  global: "global",
  tag: "tag",
};

function validateExports(context: ModuleContext): void {
  const { functions, tables, memories, globals, tags, exports } = context.module;
  const counts: Readonly<Record<ExternKind, number>> = {
    func: functions.length,
    table: tables.length,
    memory: memories.length,
    global: globals.length,
    tag: tags.length,
  };
  const section = context.section(SECTION.export);
  const names = new Set<string>();
  exports.forEach(({ name, kind, index }, i) => {
    const where = section.at(i);
    if (index >= counts[kind])
      throw new ValidationError(
        `unknown ${kindNames[kind]} ${index}: export ${JSON.stringify(name)} names it`,
        where.errorPlace(),
      );
    if (names.has(name)) throw new ValidationError(`duplicate export name ${JSON.stringify(name)}`, where.errorPlace());
    names.add(name);
    if (kind === "func") context.declared[index] = 1;
  });
}

function validateStart(context: ModuleContext): void {
  const { start } = context.module;
  if (start === undefined) return;
  const place = context.section(SECTION.start).at(0).errorPlace();
  const type: FunctionType | undefined = context.functions[start];
  if (type === undefined) throw new ValidationError(`unknown function ${start}: it is the start function`, place);
  if (type.params.length > 0 || type.results.length > 0)
    throw new ValidationError(`start function ${start} must have neither parameters nor results`, place);
}

function validateElements(context: ModuleContext, state: BodyState): void {
  const { tables, elements } = context.module;
  const section = context.section(SECTION.element);
  elements.forEach((segment, i) => {
    const where = section.at(i);
    context.checkType(segment.type, where);
    if (segment.mode === "active") {
      const table = tables[segment.table];
      if (table === undefined)
        throw new ValidationError(`unknown table ${segment.table}: element segment ${i} names it`, where.errorPlace());
      if (!context.matches(segment.type, table.type.element))
        throw new ValidationError(
          `type mismatch: element segment ${i} holds ${typeName(segment.type)}, its table ${typeName(table.type.element)}`,
          where.errorPlace(),
        );
      validateConstant(state, segment.offset!, table.type.address, context.module.globals.length, SECTION.element);
    }
    validateItems(context, state, segment, where);
  });
}

function validateItems(context: ModuleContext, state: BodyState, segment: ElementSegment, where: Where): void {
  const { functions, globals } = context.module;
  if (segment.kind === "expressions") {
    for (const item of segment.items as readonly Expression[])
      validateConstant(state, item, segment.type, globals.length, SECTION.element);
    return;
  }
  for (const index of segment.items as readonly number[]) {
    if (index >= functions.length)
      throw new ValidationError(`unknown function ${index}: an element segment names it`, where.errorPlace());
    context.declared[index] = 1;
  }
}

function validateData(context: ModuleContext, state: BodyState): void {
  const { data, globals } = context.module;
  data.forEach((segment, i) => {
    if (segment.mode === "passive") return;
    const address = context.memories[segment.memory];
    if (address === undefined)
      throw new ValidationError(
        `unknown memory ${segment.memory}: data segment ${i} names it`,
        context.section(SECTION.data).at(i).errorPlace(),
      );
    validateConstant(state, segment.offset!, address, globals.length, SECTION.data);
  });
}

function validateBodies(context: ModuleContext, state: BodyState): CrowdedFunction[] {
  const { bodies, importCounts } = context.module;
  const crowded: CrowdedFunction[] = [];
  for (let i = 0; i < bodies.length; i++) {
    const functionIndex = importCounts.func + i;
    const body = bodies[i];
    validateCode(state, body, context.functions[functionIndex], body.locals, { section: "code", functionIndex });
    const { controlValues } = state;
    if (controlValues > MANY_CONTROL_VALUES) crowded.push({ index: functionIndex, controlValues });
  }
  return crowded;
}
