import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";

/** Above this V8 never optimises a function: `--max-optimized-bytecode-size`. */
const LIMIT = 60 * 1024;

/** Bytes that V8's interpreter makes of a dispatch loop, which is run on one instruction that leaves it. */
function bytecodeOf(file: string, maker: string, name: string): number {
  const source = readFileSync(new URL(file, import.meta.url), "utf8");
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  const program = `const floatsKeepBits = () => true;
    ${outputText.replace(/^import .*$/gm, "").replace("export function", "function")}
    ${maker}({ arena: { code: new Int32Array(8), lanes: {} }, S: {} })();`;
  const listing = execFileSync(
    process.execPath,
    ["--print-bytecode", `--print-bytecode-filter=${name}`, "--input-type=module", "-"],
    { input: program, encoding: "utf8", maxBuffer: 1 << 28 },
  );
  return Number(/Bytecode length: (\d+)/.exec(listing)?.[1]);
}

test.each([
  ["loop.ts", "makeLoop", "loop"],
  ["vector-loop.ts", "makeVectorLoop", "vectorLoop"],
])("%s is small enough to be optimised", (file, maker, name) => {
  const length = bytecodeOf(file, maker, name);
  expect(length).toBeGreaterThan(30_000);
  expect(length).toBeLessThan(LIMIT);
});
