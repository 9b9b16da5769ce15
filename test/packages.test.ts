import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTool, root } from "../scripts/places.mjs";
import { lacks } from "./needs.ts";

/* Packs every package, installs the archives into an empty folder as a user's npm would, and uses them there. */
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
  run(process.execPath, [join(root, "scripts/pack.mjs"), archives]);
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

  it("have one copy of each class, whichever entry it comes from", () => {
    writeFileSync(
      join(folder, "identity.js"),
      `import * as whole from "@wardian/runtime";
       import * as compiler from "@wardian/runtime/compiler";
       import * as interpreter from "@wardian/runtime/interpreter";
       import { compileAhead, Runtime, Trap, Module } from "@wardian/runtime";
       import { WebAssembly } from "@wardian/runtime/webassembly";
       import { WASI } from "@wardian/wasi";
       const differ = Object.keys(compiler).filter((name) => name !== "Runtime" && (compiler[name] !== whole[name] || interpreter[name] !== whole[name]));
       const module = new Runtime().compileSync('(module (func (export "f") unreachable))');
       let trapped;
       try { new interpreter.Runtime().instantiateSync(module).exports.f(); } catch (error) { trapped = error instanceof Trap; }
       console.log(differ.length, Object.keys(compiler).length > 20, module instanceof Module, trapped, typeof compileAhead, typeof WebAssembly.Memory, typeof WASI);`,
    );
    expect(run(process.execPath, ["identity.js"])).toBe("0 true true true function function function\n");
  });

  it("have few files for an import to load, whose maps lead to the sources", () => {
    for (const name of ["runtime", "component", "wasi", "proxy-wasm"]) {
      const installed = join(folder, "node_modules/@wardian", name, "dist");
      const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
      expect(files.filter((file) => file.endsWith(".js")).length, name).toBeLessThan(40);
      const maps = files.filter((file) => file.endsWith(".js.map"));
      const sources = maps.flatMap((file) => {
        const map = JSON.parse(readFileSync(join(installed, file), "utf8")) as {
          sources: string[];
          sourcesContent: string[];
        };
        expect(map.sourcesContent.length, file).toBe(map.sources.length);
        return map.sources.map((source) => join(root, "packages", name, "dist", file, "..", source));
      });
      expect(sources.length, name).toBeGreaterThan(10);
      expect(
        sources.filter((source) => !existsSync(source)),
        name,
      ).toEqual([]);
    }
  });

  it("find the threads of plugins", () => {
    writeFileSync(
      join(folder, "threads.js"),
      `import { PluginHost } from "@wardian/proxy-wasm";
       const code = '(module (memory (export "memory") 1) (func (export "proxy_abi_version_0_2_1")) (func (export "malloc") (param i32) (result i32) (i32.const 1024)))';
       const host = new PluginHost();
       await host.load({ code, threads: 1 });
       console.log(host.vms.map(({ thread }) => thread).join());
       host.close();`,
    );
    expect(run(process.execPath, ["threads.js"])).toBe("1\n");
  });

  it("bring the command", () => {
    writeFileSync(join(folder, "answer.wat"), '(module (func (export "answer") (result i32) i32.const 42))');
    expect(run("npx", ["--no-install", "wardian", "run", "--invoke", "answer", "answer.wat"]).trim()).toBe("42");
  });

  /** The entries of packages, as they are imported. */
  function entriesOf(...packages: string[]): string[] {
    return packages.flatMap((name) => {
      const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
      return Object.keys(manifest.exports ?? {}).map((entry) => join(manifest.name, entry));
    });
  }

  const compilers = {
    "TypeScript 5.4": findTool("typescript-5.4/bin/tsc"),
    "this repository's TypeScript": join(root, "node_modules/typescript/bin/tsc"),
  };
  const lacksOlder = lacks("TypeScript 5.4 (npm run tools)", compilers["TypeScript 5.4"] !== undefined);
  const versions = Object.entries(compilers).filter(([, path]) => path !== undefined || !lacksOlder);
  it.each(versions)("bring types that %s takes, with those of every library checked", (_name, tsc) => {
    const check = (packages: string[], ...flags: string[]): void => {
      const imports = entriesOf(...packages).map((entry, i) => `export * as entry${i} from "${entry}";\n`);
      expect(imports.length).toBeGreaterThan(2);
      writeFileSync(join(folder, "consumer.ts"), imports.join(""));
      const how = ["--noEmit", "--strict", "--skipLibCheck", "false", "--module", "NodeNext", "--target", "ES2022"];
      run(process.execPath, [tsc ?? "", ...how, ...flags, "consumer.ts"]);
    };
    // Alone, without types of Node or of a browser.
    check(["runtime", "component", "wasi"], "--lib", "ES2022");
    for (const name of ["@types/node", "undici-types"])
      cpSync(join(root, "node_modules", name), join(folder, "node_modules", name), { recursive: true });
    check(["runtime", "wasi", "proxy-wasm"], "--lib", "ES2022", "--types", "node");
    check(["runtime", "wasi", "proxy-wasm"], "--lib", "ES2022,DOM", "--types", "node");
    rmSync(join(folder, "node_modules/@types"), { recursive: true });
  });

  it("bring types for every entry", () => {
    for (const name of names) {
      const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
      for (const [entry, target] of Object.entries<Record<string, string>>(manifest.exports ?? {}))
        expect(JSON.stringify(target), `${name} ${entry}`).toContain(".d.ts");
    }
  });
});
