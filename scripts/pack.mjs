// Makes the archives that are published: `npm run pack -- folder`. In the repository a package's `dist` has a file for each source, which takes Node
// longer to find and load than to compile. What is packed has few: the entries and what they share, bundled from those files.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The files of a folder and those below it. */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * The files that a package is entered by, below `dist`, and what they are called in the package. Threads and processes of its own are found
 * beside whatever starts them, so they stand where all that is shared does.
 */
function entriesOf(manifest, dist) {
  const entries = Object.values(manifest.exports ?? {}).map((target) => relative("dist", target.default));
  if (manifest.bin !== undefined) entries.push("main.js");
  const named = Object.fromEntries(entries.map((path) => [path.replace(/\.js$/, ""), join(dist, path)]));
  for (const file of filesOf(dist)) {
    const [, name] = /([\w-]+-main)\.js$/.exec(file) ?? [];
    if (name !== undefined) named[name] = file;
  }
  return named;
}

/** Gives the bundler the compiler's source maps, with the sources, so that those of the bundle lead to them. */
const withMaps = {
  name: "source maps",
  load(id) {
    const map = JSON.parse(readFileSync(`${id}.map`, "utf8"));
    const sourcesContent = map.sources.map((source) => readFileSync(resolve(dirname(id), source), "utf8"));
    return { code: readFileSync(id, "utf8"), map: { ...map, sourcesContent } };
  },
};

/**
 * What several entries share stands in files of its own: a class is the same one whichever entry it comes from. Not with esbuild, which makes `var` of `const`
 * at the top of a module: V8 then no longer knows the arrays that helpers of translated code work on.
 */
async function bundle(input, source, dir) {
  const external = (id) => !/^[./]/.test(id);
  // Sources are named as if they stood beside the package's dist.
  const placed = (path, mapPath) => {
    const folder = dirname(mapPath);
    return relative(folder, join(dir, "..", relative(source, resolve(folder, path))));
  };
  const built = await rolldown({ input, external, platform: "neutral", plugins: [withMaps] });
  await built.write({
    dir,
    format: "esm",
    sourcemap: true,
    sourcemapPathTransform: placed,
    entryFileNames: "[name].js",
    chunkFileNames: "shared-[hash].js",
  });
  await built.close();
}

/**
 * Declarations as they are packed: without the map, whose sources are not in the archive, and with the types of arrays as TypeScript before
 * 5.7 knows them, without a type of their buffer.
 */
function packedDeclarations(text) {
  return text
    .replace(/\n\/\/# sourceMappingURL=.*\n?$/, "\n")
    .replace(/\b((?:Big)?(?:Uint|Int|Float)\d+(?:Clamped)?Array|DataView)<ArrayBuffer(?:Like)?>/g, "$1");
}

/** Writes into `stage` what the archive of a package is to hold. */
async function stagePackage(source, stage) {
  const { devDependencies, scripts, ...manifest } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  const dist = join(source, "dist");
  if (!existsSync(dist)) throw new Error(`${dist} is missing: npm run build comes first`);
  mkdirSync(stage, { recursive: true });
  writeFileSync(join(stage, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  for (const name of ["LICENSE", "README.md", "bin"])
    if (existsSync(join(source, name))) cpSync(join(source, name), join(stage, name), { recursive: true });
  await bundle(entriesOf(manifest, dist), source, join(stage, "dist"));
  for (const file of filesOf(dist)) {
    if (!file.endsWith(".d.ts")) continue;
    const target = join(stage, "dist", relative(dist, file));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, packedDeclarations(readFileSync(file, "utf8")));
  }
}

/** Packs every package. @returns the archives' paths */
export async function packAll(destination) {
  const stages = mkdtempSync(join(tmpdir(), "wardian-pack-"));
  mkdirSync(destination, { recursive: true });
  try {
    const archives = [];
    for (const name of readdirSync(join(root, "packages"))) {
      const stage = join(stages, name);
      await stagePackage(join(root, "packages", name), stage);
      const args = ["pack", "--silent", "--pack-destination", destination];
      archives.push(join(destination, execFileSync("npm", args, { cwd: stage, encoding: "utf8" }).trim()));
    }
    return archives;
  } finally {
    rmSync(stages, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const archive of await packAll(resolve(process.argv[2] ?? "."))) console.log(archive);
