import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as component from "@wardian/component";
import * as componentText from "@wardian/component/text";
import * as wit from "@wardian/component/wit";
import * as proxyWasm from "@wardian/proxy-wasm";
import * as gateway from "@wardian/proxy-wasm/gateway";
import * as runtime from "@wardian/runtime";
import * as node from "@wardian/runtime/node";
import * as wasi from "@wardian/wasi";
import ts from "typescript";
import { expect, test } from "vitest";
import { root } from "../scripts/places.mjs";

/** The first cells of the table below a heading of docs/errors.md. */
function codesBelow(heading: string): string[] {
  const section = readFileSync(join(root, "docs/errors.md"), "utf8").split(`## ${heading}\n`)[1].split("\n## ")[0];
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, code]) => code);
}

/** The members of a union of strings, as its source declares them. */
function membersOf(file: string, type: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.ES2022);
  const alias = source.statements.find(
    (statement): statement is ts.TypeAliasDeclaration =>
      ts.isTypeAliasDeclaration(statement) && statement.name.text === type,
  );
  if (alias === undefined || !ts.isUnionTypeNode(alias.type)) throw new Error(`${file} has no union ${type}`);
  return alias.type.types.map((member) => {
    if (!ts.isLiteralTypeNode(member) || !ts.isStringLiteral(member.literal))
      throw new Error(`${type} is no union of strings`);
    return member.literal.text;
  });
}

test("the documentation lists every trap code, in the order of the type", () => {
  expect(codesBelow("Trap codes")).toEqual(membersOf("packages/runtime/src/store/trap.ts", "TrapCode"));
});

test("the documentation lists every code of a PluginError", () => {
  expect(codesBelow("Plugin error codes")).toEqual(
    membersOf("packages/proxy-wasm/src/abi/errors.ts", "PluginErrorCode"),
  );
});

test("the documentation lists every error class that a package exports", () => {
  const isError = ([, value]: [string, unknown]): boolean =>
    typeof value === "function" && (value.prototype instanceof Error || value === runtime.Exception);
  const exported = [runtime, node, wasi, component, componentText, wit, proxyWasm, gateway].flatMap((entry) =>
    Object.entries(entry)
      .filter(isError)
      .map(([name]) => name),
  );
  expect(codesBelow("Error classes").sort()).toEqual([...new Set(exported)].sort());
});
