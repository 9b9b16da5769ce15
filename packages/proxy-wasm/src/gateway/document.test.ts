import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readGatewayConfig } from "./config.ts";
import { parseDocument } from "./document.ts";
import { ConfigurationError } from "./reading.ts";
import { runGateway } from "./run.ts";

const N = 50_000;

test.each([
  ["lists", `${"[".repeat(N)}${"]".repeat(N)}`],
  ["lists that are not closed", "[".repeat(N)],
  ["objects", `a: ${"{a: ".repeat(N)}1${"}".repeat(N)}`],
  ["objects of JSON", `${'{"a":'.repeat(N)}1${"}".repeat(N)}`],
  ["compact lists", `${"- ".repeat(N)}1`],
  ["keys", `${"? ".repeat(N)}1`],
  ["blocks", Array.from({ length: 3000 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("")],
  ["a little too much", `${"[".repeat(101)}${"]".repeat(101)}`],
])("a configuration of nested %s is refused in one line", (_what, text) => {
  expect(() => parseDocument(text)).toThrow(ConfigurationError);
  expect(() => parseDocument(text)).toThrow(/^nested deeper than 100 levels$/);
});

test("aliases in aliases are refused", () => {
  const next = (_: unknown, i: number): string => `b${i}: &b${i} [*${i === 0 ? "a" : `b${i - 1}`}]\n`;
  const text = (length: number): string => `a: &a [1]\n${Array.from({ length }, next).join("")}`;
  expect(parseDocument(text(5))).toBeInstanceOf(Object);
  expect(() => parseDocument(text(150))).toThrow(ConfigurationError);
});

test("what is nested as plugins' configurations are is read", () => {
  expect(parseDocument(`${"[".repeat(99)}${"]".repeat(99)}`)).toBeInstanceOf(Array);
});

test.each([
  ["WasmPlugin", "istio"],
  ["EnvoyExtensionPolicy", "envoyGateway"],
])("a bare %s is not a configuration, and it is said where it belongs", (kind, key) => {
  const text = `apiVersion: example/v1\nkind: ${kind}\nmetadata: { name: p }\nspec: { url: file:///p.wasm }\n`;
  expect(() => readGatewayConfig(text)).toThrow(`the kind ${kind}`);
  expect(() => readGatewayConfig(text)).toThrow(`${key}: …`);
});

test("another resource is named", () => {
  expect(() => readGatewayConfig("apiVersion: v1\nkind: Pod\n")).toThrow("the kind Pod, and a gateway's configuration");
});

test("a configuration that cannot be read is named", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wardian-config-"));
  await expect(runGateway(join(folder, "nofile"))).rejects.toThrow("the configuration cannot be read: no such file");
  await expect(runGateway(join(folder, "nofile"), { workers: 1 })).rejects.toThrow("no such file");
  await expect(runGateway(folder)).rejects.toThrow("it is a folder");
  rmSync(folder, { recursive: true });
});
