import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Babel, type Esbuild, require } from "./tools.ts";

const path = (entry: string): string => resolve(fileURLToPath(new URL(".", import.meta.url)), entry);

/**
 * The room and the built packages in one file.
 * @param format a script, or an ES module
 */
export async function bundle(entry: string, format: "iife" | "esm" = "iife"): Promise<string> {
  const { build } = require("esbuild") as Esbuild;
  const { outputFiles } = await build({
    entryPoints: [path(entry)],
    bundle: true,
    minify: true,
    format,
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0].text;
}

/** What Hermes 0.12 does not know and Babel puts in other words, as it does for React Native. The rest of ES2022 it understands. */
const forHermes = [
  "transform-async-to-generator",
  "transform-block-scoping",
  "transform-class-properties",
  "transform-class-static-block",
  "transform-classes",
  "transform-private-methods",
  "transform-private-property-in-object",
];

/** A script as Hermes understands it. */
export async function forHermesEngine(script: string): Promise<string> {
  const { transformAsync } = require("@babel/core") as Babel;
  const result = await transformAsync(script, {
    presets: [
      [require.resolve("@babel/preset-env"), { targets: { chrome: "110" }, modules: false, include: forHermes }],
    ],
    sourceType: "script",
    compact: true,
    configFile: false,
    babelrc: false,
  });
  return result?.code ?? "";
}
