// The size of the interpreter's loops in V8's bytecode.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./places.mjs";

/** V8 optimises no function with more bytecode than this: `--max-optimized-bytecode-size`. */
export const LIMIT = 60 * 1024;

/** The generated loops: their file, the function that makes the loop, and the loop's name. */
export function findLoops() {
  const folder = join(root, "packages/runtime/src/engines/interpreter/generated");
  return {
    loop: { file: join(folder, "loop.ts"), maker: "makeLoop", name: "loop" },
    vectorLoop: { file: join(folder, "vector-loop.ts"), maker: "makeVectorLoop", name: "vectorLoop" },
  };
}

/** Compiles a loop by running it on one instruction that leaves it. @returns the bytes of its bytecode */
export function measureLoop({ file, maker, name }) {
  const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
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
