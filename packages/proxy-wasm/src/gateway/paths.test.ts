import fc from "fast-check";
import { expect, test } from "vitest";
import { type EscapedSlashesAction, normalisePath, type PathOptions } from "./paths.ts";

const options = (
  escapedSlashes: EscapedSlashesAction = "KEEP_UNCHANGED",
  normalizePath = true,
  mergeSlashes = false,
): PathOptions => ({ escapedSlashes, normalizePath, mergeSlashes });

const path = (target: string, chosen = options()): string => {
  const result = normalisePath(target, chosen);
  return result.kind === "path" ? result.path : `${result.kind}${"path" in result ? ` ${result.path}` : ""}`;
};

test.each([
  ["/", "/"],
  ["/a/b?c/../d", "/a/b?c/../d"],
  ["/pub/../admin/", "/admin/"],
  ["/pub/./x/.", "/pub/x/"],
  ["/pub/..", "/"],
  ["/../../etc", "/etc"],
  ["/pub/%2e%2E/admin", "/admin"],
  ["/pub/.%2e/admin", "/admin"],
  ["/pub/..\\admin", "/admin"],
  ["/a%7Eb%41%2D", "/a~bA-"],
  ["/a%252e%252e/b", "/a%252e%252e/b"],
  ["/a%2Fb%5Cc", "/a%2Fb%5Cc"],
  ["/%zz/%", "/%zz/%"],
  ["/...//.a/..b", "/...//.a/..b"],
  ["/a//b/..", "/a//"],
  ["*", "*"],
  ["/a%00b", "refused"],
  ["/a#b", "refused"],
  ["a/b", "refused"],
  ["", "refused"],
])("%s becomes %s", (target, expected) => expect(path(target)).toBe(expected));

test("each of Envoy's actions for escaped slashes", () => {
  const target = "/pub/..%2Fadmin%5cx?y=%2F";
  expect(path(target, options("KEEP_UNCHANGED"))).toBe(target);
  expect(path(target, options("REJECT_REQUEST"))).toBe("refused");
  expect(path(target, options("UNESCAPE_AND_FORWARD"))).toBe("/admin/x?y=%2F");
  expect(path(target, options("UNESCAPE_AND_REDIRECT"))).toBe("redirect /admin/x?y=%2F");
  expect(path("/a/b?%2F", options("REJECT_REQUEST"))).toBe("/a/b?%2F");
  expect(path("/%2Fevil.test/", options("UNESCAPE_AND_REDIRECT"))).toBe("redirect /.//evil.test/");
});

test("options that are off leave the path as it is", () => {
  expect(path("/a/../b//c", options("KEEP_UNCHANGED", false))).toBe("/a/../b//c");
  expect(path("/a/..//b///c?d//e", options("KEEP_UNCHANGED", true, true))).toBe("/b/c?d//e");
});

test("a normalised path has no dot segment, begins with one slash or more, and stays as it is", () => {
  const piece = fc.constantFrom("/", ".", "..", "%2e", "\\", "%2f", "%5C", "a", "%41", "//", "?", "%", "%25");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, merge) => {
      const chosen = options("UNESCAPE_AND_FORWARD", true, merge);
      const once = path(`/${pieces.join("")}`, chosen);
      expect(once.split("?")[0]).toMatch(/^\//);
      expect(once.split("?")[0].split("/")).not.toContain("..");
      expect(once.split("?")[0].split("/")).not.toContain(".");
      // An escape that came out of decoding is decoded by the next proxy alone.
      if (!pieces.includes("%25") && !pieces.includes("%")) expect(path(once, chosen)).toBe(once);
    }),
    { numRuns: 2_000, seed: 1 },
  );
});

test("a path of a megabyte takes linear work", () => {
  const result = path(`/${"../%2e/a//".repeat(100_000)}`, options("UNESCAPE_AND_FORWARD", true, true));
  expect(result.length).toBeLessThan(1_000_000);
});
