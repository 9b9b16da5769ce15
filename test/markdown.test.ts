import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { markdownPages } from "../scripts/figures.mjs";
import { root } from "../scripts/places.mjs";
import { anchorsOf, type Line, linksOf, proseLines, sentencesOf } from "./markdown.ts";

/*
 * The form and the language of the documentation: lines of 120 columns, links that lead somewhere, sentences that a reader
 * takes in at once.
 */
const MAX_COLUMNS = 120;
const MAX_WORDS = 40;

/** Phrases that this project's documentation used for too many things. Each has a plain word. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [/\bstand(?:s|ing)? (?:in|at|once|for)\b|\bstood\b/i, "name what the thing does: is, holds, contains, replaces"],
  [/\b(?:nobody|somebody|anybody|whoever)\b/i, "name the reader, the host, the guest or the attacker"],
  [/\btold\b/i, "use: notified, reported, distinguished"],
  [/\b(?:say|says|said) (?:what|why|how|which)\b/i, "name the noun: the reason, the engine, the cost"],
  [/\bbehind\b(?! (?:a|the|this) (?:proxy|gateway|load balancer))/i, "use: after, or name the relation"],
  [/\bapart\b/i, "use: separate, distinguish, split"],
  [/\bmade anew\b/i, "use: recreated, compiled again"],
  [/\bthe house\b|\bis a room\b/i, "name the thing"],
];

const pages = markdownPages();
const read = (page: string): string => readFileSync(join(root, page), "utf8");

/** Where a fault is, in a form that editors open. */
const at = (page: string, line: Line, fault: string): string => `${page}:${line.number} ${fault}`;

describe("documentation", () => {
  it("is found", () => {
    expect(pages).toContain("README.md");
    expect(pages).toContain("docs/decisions/README.md");
  });

  it(`has lines of at most ${MAX_COLUMNS} columns outside of code, tables and links`, () => {
    const long = pages.flatMap((page) =>
      proseLines(read(page))
        // A line of one unbreakable word, such as a link, may be longer.
        .filter(
          ({ text }) =>
            text.length > MAX_COLUMNS &&
            text
              .trim()
              .replace(/\[[^\]]*\]\([^)]*\)/g, "")
              .includes(" "),
        )
        .map((line) => at(page, line, `has ${line.text.length} columns`)),
    );
    expect(long).toEqual([]);
  });

  it(`has sentences of at most ${MAX_WORDS} words`, () => {
    const long = pages.flatMap((page) =>
      sentencesOf(read(page))
        .filter(({ text }) => text.split(/\s+/).length > MAX_WORDS)
        .map((sentence) => at(page, sentence, sentence.text)),
    );
    expect(long).toEqual([]);
  });

  it("begins a sentence with What only to ask", () => {
    const found = pages.flatMap((page) =>
      sentencesOf(read(page))
        .filter(({ text }) => /^What\b/.test(text) && !text.endsWith("?"))
        .map((sentence) => at(page, sentence, sentence.text)),
    );
    expect(found).toEqual([]);
  });

  it("avoids phrases that have a plain word", () => {
    const found = pages.flatMap((page) =>
      proseLines(read(page), { tables: true }).flatMap((line) =>
        phrases
          .filter(([phrase]) => phrase.test(line.text.replace(/`[^`]*`/g, "")))
          .map(([phrase, advice]) => at(page, line, `"${phrase.exec(line.text)?.[0]}": ${advice}`)),
      ),
    );
    expect(found).toEqual([]);
  });

  it("links to files and headings that exist", () => {
    const dead = pages.flatMap((page) =>
      linksOf(read(page)).flatMap(({ target, ...line }) => {
        if (/^[a-z]+:/.test(target)) return [];
        const [path, anchor] = target.split("#");
        const file = path === "" ? page : join(dirname(page), path);
        if (!existsSync(join(root, file))) return [at(page, { ...line, text: target }, `no file: ${target}`)];
        if (anchor === undefined || statSync(join(root, file)).isDirectory()) return [];
        return anchorsOf(read(file)).has(anchor) ? [] : [at(page, { ...line, text: target }, `no heading: ${target}`)];
      }),
    );
    expect(dead).toEqual([]);
  });

  it("lists every decision in the index", () => {
    const listed = linksOf(read("docs/decisions/README.md")).map(({ target }) => `docs/decisions/${target}`);
    const decisions = pages.filter((page) => /^docs\/decisions\/(?!README)/.test(page));
    expect(listed.sort()).toEqual(decisions.sort());
    for (const page of decisions)
      expect(
        [...read(page).matchAll(/^#+ .*$/gm)].slice(1).map(([heading]) => heading),
        page,
      ).toEqual(["## Context", "## Decision", "## Alternatives tried", "## Cost"]);
  });

  it("lists every guide in the index", () => {
    const listed = new Set(linksOf(read("docs/README.md")).map(({ target }) => `docs/${target.split("#")[0]}`));
    const guides = pages.filter((page) => /^docs\/[^/]*$/.test(page) && page !== "docs/README.md");
    expect(guides.filter((page) => !listed.has(page))).toEqual([]);
  });
});
