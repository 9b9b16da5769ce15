import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { lacksNode26, node26 } from "../../../../test/node26.ts";
import { createWebAssembly } from "../../src/webassembly/index.ts";
import { assembleAll } from "./modules.ts";
import { answer, newerQuestions, type Question, questions } from "./questions.ts";

/* The namespace is asked what the platform's own is asked, on this Node and on Node 26, and must give the same answers. */

/** Where V8 does not do what the JavaScript API says, or what it does cannot be done in JavaScript: our answer, and why. */
const deviations: Readonly<Record<string, readonly [answer: string, why: string]>> = {
  "WebAssembly.Exception": ['"w-c function Exception/2"', "its payload is required (5.8); older V8s say 1"],
  "members of Memory.prototype": [
    '["Symbol(Symbol.toStringTag): --c string", "buffer: ec get get buffer/0 set none", "constructor: w-c function Memory/1", "grow: wec function grow/1"]',
    "a memory is no resizable buffer here: toFixedLengthBuffer and toResizableBuffer are missing",
  ],
  "the prototype of Module": ["true", "V8 has AbstractModuleSource of another proposal between"],
  "a class that extends Tag calls it": ['"true"', "V8 forgets new.target"],
  "Memory with initial -0.5": ["a buffer of 0", "[EnforceRange] takes the integer part first (Web IDL, 3.2.4.9)"],
  "Memory with maximum -0.5": ["a buffer of 0", "likewise"],
  "Table with initial -0.5": ["0", "likewise"],
  "grow by -0.5": ['["1", a buffer of 65536]', "likewise"],
  "a buffer cannot be transferred": ["a buffer of 65536", "buffers of JavaScript have no detach key"],
  "Module of a part of a buffer": ["[a Module, a Module, false]", "a DataView is a BufferSource (Web IDL, 4.1)"],
  "a response of type APPLICATION/WASM": ['"a Module"', "the type is compared without case (Web API, 4)"],
  "Tag, 4": ["a Tag", "a sequence is any iterable (Web IDL, 3.2.21)"],
  "Exception of []": ["throws TypeError", "the payload has as many values as the tag (5.8); older V8s do not look"],
  "Exception of [1]": ["throws TypeError", "likewise"],
  "Exception of [1, 2n, 3]": ["throws TypeError", "likewise"],
  "set without an argument": ["undefined", "the value is then undefined (Web IDL; the suite tests it)"],
};

const modules = assembleAll();

function expectRight(name: string, ours: string, platforms: string): void {
  expect(ours, name).toBe(deviations[name]?.[0] ?? platforms);
}

describe.each(["compiler", "interpreter"] as const)("the namespace over the %s", (engine) => {
  const namespace = createWebAssembly({ engine });
  it.each(questions.map((question) => [question[0], question] as const))("%s", async (name, question) => {
    expectRight(name, await answer(question, namespace, modules), await answer(question, WebAssembly, modules));
  });
});

describe.skipIf(lacksNode26)("the namespace beside Node 26's", () => {
  it("answers what only newer platforms have, and all the rest again", { timeout: 120_000 }, async () => {
    const program = `
      const { answer, newerQuestions, questions } = await import(${JSON.stringify(new URL("questions.ts", import.meta.url).href)});
      const modules = Object.fromEntries(JSON.parse(process.argv[1]).map(([name, bytes]) => [name, new Uint8Array(bytes)]));
      const answers = [];
      for (const question of [...questions, ...newerQuestions]) answers.push(await answer(question, WebAssembly, modules));
      console.log(JSON.stringify(answers));`;
    const given = JSON.stringify(Object.entries(modules).map(([name, bytes]) => [name, [...bytes]]));
    const output = execFileSync(node26, ["--input-type=module", "--eval", program, given], { encoding: "utf8" });
    const answers = JSON.parse(output) as string[];
    const namespace = createWebAssembly();
    const all: readonly Question[] = [...questions, ...newerQuestions];
    for (const [i, question] of all.entries())
      expectRight(question[0], await answer(question, namespace, modules), answers[i]);
  });

  it("has no deviation that is none", () => {
    const names = new Set([...questions, ...newerQuestions].map(([name]) => name));
    for (const name of Object.keys(deviations)) expect(names).toContain(name);
  });
});
