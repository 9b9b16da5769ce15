// The figures in Markdown that a program prints: `<!-- figure: NAME -->VALUE<!-- /figure -->`.
// `npm run figures` writes those that do not depend on the machine's speed. Benchmarks write theirs with
// `npm run bench -- NAME --write`.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { findLoops, LIMIT, measureLoop } from "./loop-bytecode.mjs";
import { root } from "./places.mjs";

const pattern = /<!-- figure: ([\w-]+) -->(.*?)<!-- \/figure -->/g;

/** The paths of all Markdown files of the repository, relative to its root, with slashes. */
export function markdownPages() {
  const pages = [];
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === "node_modules" || entry.name === "dist" || entry.name === "build" || /^\./.test(entry.name))
        continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (entry.name.endsWith(".md")) pages.push(relative(root, path).replaceAll("\\", "/"));
    }
  };
  visit(root);
  return pages.sort();
}

/** Every figure of the documentation: its name, its value as printed, and the page. */
export function printedFigures() {
  return markdownPages().flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(pattern)].map(([, name, value]) => ({ name, value, page })),
  );
}

/**
 * Writes figures between their markers, on every page.
 * @param figures values by name; names that no page has are ignored
 * @returns the names that were written
 */
export function writeFigures(figures) {
  const written = new Set();
  for (const page of markdownPages()) {
    const path = join(root, page);
    const text = readFileSync(path, "utf8");
    const result = text.replace(pattern, (whole, name) => {
      if (!Object.hasOwn(figures, name)) return whole;
      written.add(name);
      return `<!-- figure: ${name} -->${figures[name]}<!-- /figure -->`;
    });
    if (result !== text) writeFileSync(path, result);
  }
  return [...written].sort();
}

const grouped = (number) => number.toLocaleString("en-US");

/** The bytecode of the interpreter's loops. They depend on V8: the documentation has those of Node 20. */
export function loopFigures() {
  const { loop, vectorLoop } = findLoops();
  const vectors = measureLoop(vectorLoop);
  return {
    "interpreter-loop-bytes": grouped(measureLoop(loop)),
    "interpreter-vector-loop-bytes": grouped(vectors),
    "interpreter-vector-loop-bytes-left": grouped(LIMIT - vectors),
  };
}

/** The weights of the runtime's entries in kilobytes. @throws when the bundler is not installed (`npm run hosts`) */
export async function bundleFigures() {
  const { measure, entries } = await import("../test/hosts/sizes.mjs");
  const figures = {};
  for (const entry of entries) {
    const { minified, gzipped } = await measure(entry);
    const name = entry.replace(/\/index$/, "");
    figures[`bundle-${name}-minified`] = (minified / 1000).toFixed(1);
    figures[`bundle-${name}-gzipped`] = (gzipped / 1000).toFixed(1);
  }
  return figures;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.versions.node.startsWith("20.")) console.log(writeFigures(loopFigures()).join("\n"));
  else console.log("The sizes of the loops are left out: they are written with Node 20.");
  try {
    console.log(writeFigures(await bundleFigures()).join("\n"));
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    console.log("The sizes of bundles are left out: the bundler is not installed (npm run hosts).");
  }
}
