/**
 * Writes `machine-opcodes.ts`, `loop.ts` and `vector-loop.ts`: `node packages/runtime/src/engines/interpreter/generate.mjs`, then Biome on them.
 *
 * V8 turns a `switch` into a jump table only when its labels are literal numbers, and the several hundred cases repeat a few patterns,
 * so they are made from the lists in `generator/` rather than typed. A test checks that the files are up to date.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineCalls, defineControl } from "./generator/control.mjs";
import { defineFloats } from "./generator/floats.mjs";
import { defineComparisons, defineIntegers } from "./generator/integers.mjs";
import { mainLoop, vectorLoop } from "./generator/loops.mjs";
import { defineMemory } from "./generator/memory.mjs";
import { makeList } from "./generator/notation.mjs";
import { tables } from "./generator/tables.mjs";
import { defineVectors } from "./generator/vectors.mjs";

const list = makeList();
// V8 compiles the cases in this order, and it matters: with the comparisons behind the calls, `binarytrees` took 1.2 times as long.
defineControl(list);
defineComparisons(list);
defineCalls(list);
defineIntegers(list);
defineFloats(list);
defineMemory(list);
const scalar = [...list.ops];
defineVectors(list);

const texts = {
  "machine-opcodes.ts": tables(list.ops, scalar.length),
  "loop.ts": mainLoop(scalar),
  "vector-loop.ts": vectorLoop(list.ops),
};

/** The files before they are formatted, each with a digest of its text, by which a test sees whether they are up to date. */
export const files = Object.entries(texts).map(([name, body]) => {
  const text = `// Made by generate.mjs; change that and run it again.\n${body}`;
  const digest = `// Digest: ${createHash("sha256").update(text).digest("hex")}\n`;
  return { name, digest, text: digest + text };
});

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const { name, text } of files) writeFileSync(new URL(name, import.meta.url), text);
