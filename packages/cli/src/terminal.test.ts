import { afterEach, describe, expect, test, vi } from "vitest";
import { hasColors, printable, table, withProgress } from "./terminal.ts";

const { isTTY } = process.stderr;
afterEach(() => {
  Object.defineProperty(process.stderr, "isTTY", { value: isTTY, configurable: true });
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const stream = (isTTY: boolean): NodeJS.WriteStream => ({ isTTY }) as NodeJS.WriteStream;

describe("colours", () => {
  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: "1" }, false],
    [true, { NO_COLOR: "" }, true],
    [true, { TERM: "dumb" }, false],
    [false, { FORCE_COLOR: "1" }, true],
    [false, { FORCE_COLOR: "0" }, false],
    [true, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
  ])("terminal %s, %j: %s", (terminal, variables, colours) => {
    for (const name of ["NO_COLOR", "FORCE_COLOR", "TERM"]) vi.stubEnv(name, undefined);
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    expect(hasColors(stream(terminal))).toBe(colours);
  });
});

test("a table is as wide as it must be", () => {
  const rows = [
    ["name", "1", "first"],
    ["n", "1000", ""],
  ];
  expect(table(rows, [1])).toBe("name     1  first\nn     1000");
  expect(table([])).toBe("");
});

test("what a module says cannot move the cursor", () => {
  expect(printable("plain é 😀\n\ttext")).toBe("plain é 😀\n\ttext");
  expect(printable("\u001b[31m\r\u0007\u009b\u202e\u200b")).toBe("\\u{1b}[31m\\u{d}\\u{7}\\u{9b}\\u{202e}\\u{200b}");
});

describe("progress", () => {
  const watch = (terminal: boolean): string[] => {
    const written: string[] = [];
    vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    });
    Object.defineProperty(process.stderr, "isTTY", { value: terminal, configurable: true });
    vi.stubEnv("NO_COLOR", "1");
    return written;
  };

  test("is told on a terminal and leaves nothing behind", async () => {
    const written = watch(true);
    expect(await withProgress("Compiling", true, async () => 7)).toBe(7);
    expect(written).toEqual(["Compiling …", "\r\u001b[K"]);
  });

  test("leaves nothing behind when the work fails", async () => {
    const written = watch(true);
    await expect(withProgress("Compiling", true, () => Promise.reject(new Error("x")))).rejects.toThrow("x");
    expect(written).toHaveLength(2);
  });

  test("is not told of short work, nor where nobody looks", async () => {
    const written = watch(true);
    await withProgress("Compiling", false, async () => {});
    const elsewhere = watch(false);
    await withProgress("Compiling", true, async () => {});
    expect([...written, ...elsewhere]).toEqual([]);
  });
});
