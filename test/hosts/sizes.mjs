// What the entries of the runtime weigh in a program's bundle: bundled by esbuild, minified by terser, gzipped. `npm run sizes` prints it.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const require = createRequire(import.meta.url);
const dist = new URL("../../packages/runtime/dist/", import.meta.url);

/** What a program uses of each entry. */
const uses = {
  ahead: "instantiateCompiled",
  compiler: "Runtime",
  interpreter: "Runtime",
  index: "Runtime",
  "webassembly/index": "WebAssembly",
};

/** The entries that can be measured. */
export const entries = Object.keys(uses);

/**
 * Bundles a program that uses one entry.
 * @returns its bytes minified, and gzipped as well; and the source files that are in it, below `dist`
 */
export async function measure(entry) {
  const { build } = require("esbuild");
  const { minify } = require("terser");
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `export { ${uses[entry]} } from "./${entry}.js";`,
      resolveDir: fileURLToPath(dist),
    },
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const [{ inputs }] = Object.values(metafile.outputs);
  const files = Object.entries(inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path.replace(/^.*packages\/runtime\/dist\//, ""));
  const { code } = await minify(outputFiles[0].text, { module: true, compress: { passes: 2 } });
  return { minified: code.length, gzipped: gzipSync(code, { level: 9 }).length, files };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kilobytes = (bytes) => (bytes / 1000).toFixed(1).padStart(8);
  try {
    require.resolve("esbuild");
  } catch {
    console.error("The bundler is not installed: npm run hosts");
    process.exit(1);
  }
  console.log("entry              minified  gzipped (kB)");
  for (const entry of entries) {
    const { minified, gzipped } = await measure(entry);
    console.log(
      `${entry.replace(/\/?index$/, "").padEnd(16) || ".".padEnd(16)} ${kilobytes(minified)} ${kilobytes(gzipped)}`,
    );
  }
}
