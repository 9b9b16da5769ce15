import type { ElementSegment, Expression, ExternKind } from "../wasm/module.ts";
import type { DefinedType } from "../wasm/type-registry.ts";
import { I32 } from "../wasm/types.ts";
import { evaluateConstant, makeGlobal } from "./constant.ts";
import type { EngineInstance, Extern, InstanceOptions } from "./engine.ts";
import { Func } from "./function.ts";
import type { aggregateConstant } from "./gc-constant.ts";
import { Global } from "./global.ts";
import { Memory } from "./memory.ts";
import type { Module } from "./module.ts";
import type { Reference } from "./references.ts";
import { checkInitialSizes, mostBytes, mostElements } from "./sizes.ts";
import { Table } from "./table.ts";
import { Tag } from "./tag.ts";
import { LinkError, Trap } from "./trap.ts";

/** Fields and elements that constant expressions may allocate, which cost no fuel and of which a small module may have many. */
const CONSTANT_ELEMENTS = 1 << 24;

/** The index spaces of an instance, with imports first. */
interface IndexSpaces {
  readonly func: Func[];
  readonly table: Table[];
  readonly memory: Memory[];
  readonly global: Global[];
  readonly tag: Tag[];
}

/**
 * An instance whose parts live in this store: what the interpreter and the compiler execute (specification, 4.2.5).
 * The platform's engine has its parts in the platform's own store instead.
 */
export class StoreInstance {
  readonly module: Module;
  readonly types: readonly DefinedType[];
  readonly functions: Func[];
  readonly tables: Table[];
  readonly memories: Memory[];
  readonly globals: Global[];
  readonly tags: Tag[];
  /** Contents of element segments; empty once dropped. */
  readonly elements: (readonly Reference[])[] = [];
  /** Contents of data segments; empty once dropped. */
  readonly data: Uint8Array[] = [];
  readonly exports: Map<string, Extern> = new Map();
  private readonly options: InstanceOptions;
  /** Executes constant instructions of garbage collection, where there are any. */
  readonly aggregates: typeof aggregateConstant | undefined;
  private constantElements = 0;

  /**
   * Allocates an instance and initialises its globals and tables; segments and the start function come with {@link initialise}.
   *
   * @param owner whose functions the module's own become
   * @param imports as `resolveImports` gives them
   * @throws LinkError when it does not fit into its limits
   */
  constructor(
    owner: EngineInstance,
    module: Module,
    imports: readonly Extern[],
    options: InstanceOptions,
    aggregates?: typeof aggregateConstant,
  ) {
    this.aggregates = aggregates;
    const { module: syntax, types } = module.valid;
    this.module = module;
    this.types = types;
    this.options = options;
    const spaces: IndexSpaces = { func: [], table: [], memory: [], global: [], tag: [] };
    syntax.imports.forEach((item, i) => {
      const extern = imports[i];
      if ((extern instanceof Table || extern instanceof Global) && extern.storage !== undefined)
        throw new LinkError(
          `import "${item.module}" "${item.name}": the ${item.kind} lives in the platform's own WebAssembly; make both instances on one engine`,
        );
      (spaces[item.kind] as Extern[]).push(imports[i]);
    });
    checkInitialSizes(module, imports, options);
    this.functions = spaces.func;
    this.tables = spaces.table;
    this.memories = spaces.memory;
    this.globals = spaces.global;
    this.tags = spaces.tag;
    for (let i = syntax.importCounts.func; i < syntax.functions.length; i++)
      this.functions.push(new Func(types[syntax.functions[i]], owner, i));
    for (let i = syntax.importCounts.tag; i < syntax.tags.length; i++) this.tags.push(new Tag(types[syntax.tags[i]]));
    this.allocateMemories();
    for (let i = syntax.importCounts.global; i < syntax.globals.length; i++)
      this.globals.push(makeGlobal(syntax.globals[i], this));
    this.allocateTables();
    for (const item of syntax.exports) this.exports.set(item.name, this.extern(item.kind, item.index));
  }

  private extern(kind: ExternKind, index: number): Extern {
    switch (kind) {
      case "func":
        return this.functions[index];
      case "table":
        return this.tables[index];
      case "memory":
        return this.memories[index];
      case "global":
        return this.globals[index];
      case "tag":
        return this.tags[index];
    }
  }

  private allocateMemories(): void {
    const { memories, importCounts } = this.module.syntax;
    for (let i = importCounts.memory; i < memories.length; i++) {
      const type = memories[i];
      try {
        this.memories.push(new Memory(type));
      } catch (error) {
        throw new LinkError(`memory ${i} cannot be allocated: ${(error as Error).message}`);
      }
    }
    const { budget } = this.options;
    if (budget !== undefined) for (const memory of this.memories) memory.countIn(budget.memories);
  }

  private allocateTables(): void {
    const { tables, importCounts } = this.module.syntax;
    for (let i = importCounts.table; i < tables.length; i++) {
      const { type, init } = tables[i];
      const value = init === undefined ? null : evaluateConstant(init, this);
      try {
        this.tables.push(new Table(type, value, this.types));
      } catch (error) {
        throw new LinkError(`table ${i} cannot be allocated: ${(error as Error).message}`);
      }
    }
    const { budget } = this.options;
    if (budget !== undefined) for (const table of this.tables) table.countIn(budget.tables);
  }

  /**
   * Copies the active segments into tables and memories, in the order of the specification (4.7.2), and keeps the passive ones.
   * @throws Trap `out-of-bounds-table` or `out-of-bounds-memory`; what was copied before stays
   */
  initialise(): void {
    const { elements, data } = this.module.syntax;
    for (const segment of elements) {
      const items = this.elementItems(segment);
      this.elements.push(segment.mode === "passive" ? items : []);
      if (segment.mode !== "active") continue;
      const offset = Number(evaluateConstant(segment.offset as Expression, this));
      const table = this.tables[segment.table];
      const start = table.type.address === I32 ? offset >>> 0 : offset;
      if (start < 0 || start + items.length > table.elements.length) throw new Trap("out-of-bounds-table");
      for (let i = 0; i < items.length; i++) table.elements[start + i] = items[i];
    }
    for (const segment of data) {
      this.data.push(segment.mode === "passive" ? segment.bytes : new Uint8Array(0));
      if (segment.mode !== "active") continue;
      const offset = Number(evaluateConstant(segment.offset as Expression, this));
      const memory = this.memories[segment.memory];
      const start = memory.type.address === I32 ? offset >>> 0 : offset;
      if (start < 0 || start + segment.bytes.length > memory.bytes.length) throw new Trap("out-of-bounds-memory");
      memory.bytes.set(segment.bytes, start);
    }
  }

  private elementItems(segment: ElementSegment): Reference[] {
    if (segment.mode === "declarative") return [];
    return segment.kind === "functions"
      ? (segment.items as readonly number[]).map((index) => this.functions[index])
      : (segment.items as readonly Expression[]).map((item) => evaluateConstant(item, this));
  }

  /** `memory.grow` under the instance's limit and its budget's. @returns the size before in pages, or -1 */
  growMemory(memory: Memory, delta: number): number {
    return memory.tryGrow(delta, mostBytes(memory, this.memories, this.options));
  }

  /** `table.grow` under the instance's limit and its budget's. @returns the length before, or -1 */
  growTable(table: Table, delta: number, value: Reference): number {
    return table.tryGrow(delta, value, mostElements(table, this.tables, this.options));
  }

  /** Counts what constant expressions allocate. @throws Trap `allocation-size-too-large` */
  countConstants(elements: number): void {
    this.constantElements += elements;
    if (this.constantElements > CONSTANT_ELEMENTS)
      throw new Trap("allocation-size-too-large", {
        detail: `constant expressions with more than ${CONSTANT_ELEMENTS} fields and elements in all`,
      });
  }
}
