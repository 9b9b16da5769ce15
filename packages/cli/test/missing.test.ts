import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { file, folder, wardian } from "./command.ts";

/* Every command with a file that is missing, a folder, or a file of another kind: one line that names it, and no stack of JavaScript. */

const text = file("id.wat", '(module (func (export "id") (param i32) (result i32) local.get 0))');
file("plugin.yaml", "apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nspec: { url: file:///p.wasm }\n");
file("deep.yaml", `${"[".repeat(50_000)}${"]".repeat(50_000)}`);
file("page.html", "<!doctype html><title>Not found</title>");
mkdirSync(join(folder, "directory"));

function expectLine(args: readonly string[], message: string): void {
  const { code, stdout, stderr } = wardian(args);
  expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/^\s+at |node:internal|errno|ENOENT|EISDIR/m);
}

describe.each(["run", "validate", "parse", "print", "inspect", "compile -o out.mjs"])("wardian %s", (command) => {
  const words = command.split(" ");
  test.each([
    ["nofile.wasm", "cannot read nofile.wasm: no such file"],
    ["id.wat/x", "cannot read id.wat/x: no such file"],
    ["directory", "cannot read directory: is a directory, a module was expected"],
    ["page.html", "page.html is not valid"],
  ])("%s", (path, message) => expectLine([...words, path], message));
});

describe.each(["parse", "print"])("wardian %s, writing", (command) => {
  test.each([
    ["nowhere/out", "cannot write nowhere/out: no such folder"],
    ["directory", "cannot write directory: it is a directory"],
  ])("to %s", (path, message) => expectLine([command, text, "-o", path], message));
});

test("wardian compile, writing to a folder that is not there", () =>
  expectLine(["compile", text, "-o", "nowhere/out.mjs"], "cannot write nowhere/out.mjs: no such folder"));

describe("wardian gateway", () => {
  test.each([
    ["nofile", "nofile: the configuration cannot be read: no such file"],
    ["directory", "directory: the configuration cannot be read: it is a folder"],
    ["plugin.yaml", "plugin.yaml: the file is a resource of the kind WasmPlugin"],
    ["deep.yaml", "deep.yaml: nested deeper than 100 levels"],
  ])("-c %s", (path, message) => {
    expectLine(["gateway", "-c", path], message);
    expectLine(["gateway", "-c", path, "--workers", "1"], message);
  });
});
