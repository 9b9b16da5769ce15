import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/* Packs every package, installs the archives into an empty folder as a user's npm would, and uses them there. */
const root = fileURLToPath(new URL("..", import.meta.url));
const names = readdirSync(join(root, "packages"));
const folder = mkdtempSync(join(tmpdir(), "wardian-packed-"));
const archives = mkdtempSync(join(tmpdir(), "wardian-archives-"));

function run(command: string, args: string[], cwd = folder): string {
  return execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

beforeAll(() => {
  for (const name of names)
    run("npm", ["pack", "--silent", "--pack-destination", archives], join(root, "packages", name));
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
  run("npm", ["install", "--no-audit", "--no-fund", ...readdirSync(archives).map((file) => join(archives, file))]);
}, 300_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(archives, { recursive: true, force: true });
});

describe("the packed packages in an empty folder", () => {
  it("have no dependency at run time where none is allowed", () => {
    for (const name of ["runtime", "wasi"]) {
      const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
      const foreign = Object.keys(manifest.dependencies ?? {}).filter(
        (dependency) => !dependency.startsWith("@wardian/"),
      );
      expect(foreign, name).toEqual([]);
    }
  });

  it("say what they are and under which licence", () => {
    for (const name of names) {
      const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
      const files = readdirSync(join(folder, "node_modules", manifest.name));
      expect(files, name).toEqual(expect.arrayContaining(["LICENSE", "README.md"]));
      expect(manifest.keywords, name).toContain("webassembly");
    }
  });

  it("run a module under limits", () => {
    writeFileSync(
      join(folder, "use.js"),
      `import { Runtime, Trap } from "@wardian/runtime";
       const runtime = new Runtime({ limits: { fuel: 1000n } });
       const module = await runtime.compile('(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add) (func (export "spin") (loop br 0)))');
       const { exports } = await runtime.instantiate(module);
       console.log(exports.add(2, 3));
       try { exports.spin(); } catch (error) { console.log(error instanceof Trap, error.code); }`,
    );
    expect(run(process.execPath, ["use.js"])).toBe("5\ntrue fuel-exhausted\n");
  });

  it("bring the command", () => {
    writeFileSync(join(folder, "answer.wat"), '(module (func (export "answer") (result i32) i32.const 42))');
    expect(run("npx", ["--no-install", "wardian", "run", "--invoke", "answer", "answer.wat"]).trim()).toBe("42");
  });

  it("bring types for every entry", () => {
    for (const name of names) {
      const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
      for (const [entry, target] of Object.entries<Record<string, string>>(manifest.exports ?? {}))
        expect(JSON.stringify(target), `${name} ${entry}`).toContain(".d.ts");
    }
  });
});
