import type { Extern, InstanceOptions } from "./engine.ts";
import { Memory } from "./memory.ts";
import type { Module } from "./module.ts";
import { MAX_ELEMENTS, Table } from "./table.ts";
import { LinkError } from "./trap.ts";

/** Elements that all tables of an instance may have. Without a limit, as many as one table: a small module may ask for many tables. */
function tableLimit({ limits }: InstanceOptions): number {
  return Math.min(limits.tableElements, MAX_ELEMENTS);
}

/**
 * Checks what an instance has at first, its imports included, against its limits and those of its budget.
 * @throws LinkError that names the limit
 */
export function checkInitialSizes(module: Module, imports: readonly Extern[], options: InstanceOptions): void {
  const { limits, budget } = options;
  const { memories, tables, importCounts } = module.syntax;
  const imported = new Set(imports);
  let bytes = 0;
  let elements = 0;
  for (const { min, pageSizeLog2 } of memories.slice(importCounts.memory)) bytes += Number(min) * 2 ** pageSizeLog2;
  for (const { type } of tables.slice(importCounts.table)) elements += Number(type.min);
  if (budget !== undefined) {
    let newBytes = bytes;
    let newElements = elements;
    for (const extern of imported) {
      if (extern instanceof Memory && !budget.memories.has(extern)) newBytes += extern.bytes.length;
      else if (extern instanceof Table && !budget.tables.has(extern)) newElements += Number(extern.length);
    }
    budget.memories.require(newBytes, "memories", "bytes");
    budget.tables.require(newElements, "tables", "elements");
  }
  for (const extern of imports) {
    if (extern instanceof Memory) bytes += extern.bytes.length;
    else if (extern instanceof Table) elements += Number(extern.length);
  }
  if (bytes > limits.memory)
    throw new LinkError(`the module's memories need ${bytes} bytes at once, and limits.memory allows ${limits.memory}`);
  if (elements > tableLimit(options))
    throw new LinkError(
      `the module's tables need ${elements} elements at once, and limits.tableElements allows ${tableLimit(options)}`,
    );
}

/** The greatest size in bytes that a memory may have beside the others of its instance and of its budget. */
export function mostBytes(memory: Memory, all: readonly Memory[], { limits, budget }: InstanceOptions): number {
  let others = -memory.bytes.length;
  for (const { bytes } of all) others += bytes.length;
  const most = limits.memory - others;
  return budget === undefined ? most : Math.min(most, budget.memories.most(memory, memory.bytes.length));
}

/** The same in elements for a table. */
export function mostElements(table: Table, all: readonly Table[], options: InstanceOptions): number {
  let others = -Number(table.length);
  for (const { length } of all) others += Number(length);
  const most = tableLimit(options) - others;
  const { budget } = options;
  return budget === undefined ? most : Math.min(most, budget.tables.most(table, Number(table.length)));
}
