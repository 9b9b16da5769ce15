import { Runtime } from "@wardian/runtime";
import { processorTime } from "../measure.ts";
import { yosys } from "./suite.ts";

const held: unknown[] = [];

/**
 * Loads the module in this process, which does nothing else.
 * @param collect forces a garbage collection
 * @returns bytes of heap and buffers that the compiled module holds, its own bytes included
 */
export function loadForMeasure(collect: () => void): number {
  const bytes = yosys();
  const used = (): number => {
    collect();
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  held.push(new Runtime({ engine: "interpreter" }).compileSync(bytes));
  return used() - before;
}

/** Milliseconds of processor time to decode and validate the module for the first time in this process. */
export function timeFirstLoad(): number {
  const bytes = yosys();
  const runtime = new Runtime({ engine: "interpreter" });
  const start = processorTime();
  runtime.compileSync(bytes);
  return processorTime() - start;
}
