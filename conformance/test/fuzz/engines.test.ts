import { allFeatures, type EngineName } from "@wardian/runtime";
import { expect, test } from "vitest";
import { platformFeatures } from "../../src/fuzz/features.ts";
import { generateOperations } from "../../src/fuzz/operations.ts";
import { Random } from "../../src/fuzz/random.ts";
import { firstDifference, firstUnlike, makeGuest, type Trace, trace } from "../../src/fuzz/run.ts";
import { engineSubject, platformSubject } from "../../src/fuzz/subjects.ts";

/*
 * The same modules each time, few enough for a unit test. The whole test runs more of them with the fuzzer's command.
 */

const parts = [0, 1, 2, 3, 4, 5];
const MODULES_IN_PART = 25;

/** Compares what modules do on engines, the first of which is right. */
function compare(part: number, make: (seed: number) => Trace[], names: readonly string[]): void {
  for (let seed = part; seed < parts.length * MODULES_IN_PART; seed += parts.length) {
    const [expected, ...others] = make(seed);
    others.forEach((actual, i) => {
      const difference = firstDifference(expected, actual) ?? firstUnlike(others[0], actual);
      expect(`${seed}, ${names[i]}: ${difference}`).toBe(`${seed}, ${names[i]}: undefined`);
    });
  }
}

test.each(parts)("modules made at random do the same on all engines and on the platform itself, part %i", (part) => {
  const features = platformFeatures();
  const names: readonly EngineName[] = ["interpreter", "compiler", "platform"];
  const subjects = [platformSubject(), ...names.map((name) => engineSubject(name, features))];
  const make = (seed: number): Trace[] => {
    const guest = makeGuest(generateOperations(new Random(seed), features));
    return subjects.map((subject) => trace(subject, guest, new Random(seed)));
  };
  compare(part, make, names);
});

test.each(parts)("modules with every feature do the same on the interpreter and the compiler, part %i", (part) => {
  const [interpreter, compiler] = [engineSubject("interpreter", allFeatures), engineSubject("compiler", allFeatures)];
  const make = (seed: number): Trace[] => {
    const guest = makeGuest(generateOperations(new Random(seed + 1000), allFeatures));
    const [a, b] = [interpreter, compiler].map((subject) => trace(subject, guest, new Random(seed)));
    return [a, a, b];
  };
  compare(part, make, ["interpreter", "compiler"]);
});
