import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { commandText, file, folder, wardian } from "./command.ts";

const factorial = fileURLToPath(new URL("../../../examples/factorial.wat", import.meta.url));

file(
  "functions.wat",
  `(module
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "half") (param f64) (result f64) (f64.div (local.get 0) (f64.const 2)))
    (func (export "narrow") (param f32) (result f32) (local.get 0))
    (func (export "both") (param i64) (result i64 i32) (local.get 0) (i32.wrap_i64 (local.get 0)))
    (func (export "nothing"))
    (func (export "vector") (param v128))
    (func (export "null") (result funcref) (ref.null func)))`,
);

test("--cache keeps what was made of a module, and the next run takes it", () => {
  const cache = join(folder, "cache");
  const args = [
    "run",
    "--engine",
    "platform",
    "--cache",
    cache,
    "--invoke",
    "add",
    join(folder, "functions.wat"),
    "--",
    "1",
    "2",
  ];
  for (let i = 0; i < 2; i++) {
    expect(wardian(args)).toEqual({ code: 0, stdout: "3\n", stderr: "" });
    expect(readdirSync(cache)).toHaveLength(1);
  }
});

describe("--invoke", () => {
  test("the factorial of the examples", () => {
    const outcome = wardian(["run", "--invoke", "factorial", factorial, "--", "20"]);
    expect(outcome).toEqual({ code: 0, stdout: "2432902008176640000\n", stderr: "" });
  });

  test.each([
    [["add", "2", "40"], "42\n"],
    [["add", "0xffffffff", "1"], "0\n"],
    [["add", "-5", "2147483647"], "2147483642\n"],
    [["half", "-0"], "-0\n"],
    [["half", "1e3"], "500\n"],
    [["half", "-inf"], "-Infinity\n"],
    [["narrow", "0.1"], "0.10000000149011612\n"],
    [["narrow", "nan"], "NaN\n"],
    [["both", "-1"], "-1\n-1\n"],
    [["both", "18446744073709551615"], "-1\n-1\n"],
    [["nothing"], ""],
    [["null"], "null\n"],
  ])("%j prints %j", ([name, ...args], stdout) => {
    expect(wardian(["run", "--invoke", name, "functions.wat", "--", ...args])).toEqual({ code: 0, stdout, stderr: "" });
  });

  test.each([
    [
      ["add", "2"],
      "error: add takes 2 arguments, (i32, i32) -> i32, and 1 came\nhint: call it as wardian run --invoke add functions.wat -- <i32> <i32>\n",
    ],
    [["add", "2", "x"], 'error: argument 2 of add: a whole number (i32) was expected, not "x"\n'],
    [["add", "2", "4294967296"], 'error: argument 2 of add: an i32 was expected, not "4294967296"\n'],
    [["half", ""], 'error: argument 1 of half: a number (f64) was expected, not ""\n'],
    [
      ["missing"],
      "error: functions.wat exports no function missing\nhint: choose one of its functions with --invoke: add (i32, i32) -> i32, ",
    ],
  ])("%j is a mistake", ([name, ...args], stderr) => {
    const outcome = wardian(["run", "--invoke", name, "functions.wat", "--", ...args]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr.startsWith(stderr), outcome.stderr).toBe(true);
  });

  test("values that cannot be written", () => {
    const outcome = wardian(["run", "--invoke", "vector", "functions.wat", "--", "1"]);
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("is of type v128, which cannot be written"),
    });
  });
});

describe("a command", () => {
  test("prints, and passes its exit code on", () => {
    file(
      "exit.wat",
      commandText(
        `(call $write (i32.const 1) (i32.const 1024) (i32.const 4))
         (call $write (i32.const 2) (i32.const 1028) (i32.const 4))
         (call $proc_exit (i32.const 7))`,
        "out\\0aerr\\0a",
      ),
    );
    expect(wardian(["run", "exit.wat"])).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
  });

  test("gets its name, its arguments and nothing of the command's own", () => {
    file(
      "args.wat",
      commandText(`
        (drop (call $args_sizes_get (i32.const 16) (i32.const 20)))
        (drop (call $args_get (i32.const 2048) (i32.const 4096)))
        (call $write (i32.const 1) (i32.const 4096) (i32.load (i32.const 20)))`),
    );
    const text = (...args: string[]): string => wardian(["run", ...args]).stdout.replaceAll("\0", "|");
    expect(text("args.wat", "a", "--fuel", "b c")).toBe("args.wat|a|--fuel|b c|");
    expect(text("--fuel", "10_000", "args.wat", "--", "--help", "--")).toBe("args.wat|--help|--|");
  });

  test("gets the environment that it is given", () => {
    file(
      "env.wat",
      commandText(`
        (drop (call $environ_sizes_get (i32.const 16) (i32.const 20)))
        (drop (call $environ_get (i32.const 2048) (i32.const 4096)))
        (call $write (i32.const 1) (i32.const 4096) (i32.load (i32.const 20)))`),
    );
    const env = { SECRET: "s", SHARED: "from outside" };
    expect(wardian(["run", "env.wat"], { env }).stdout).toBe("");
    const given = ["--env", "A=1=2", "--env", "SHARED", "--env", "NOT_THERE", "--env", "EMPTY="];
    expect(wardian(["run", ...given, "env.wat"], { env }).stdout).toBe("A=1=2\0SHARED=from outside\0EMPTY=\0");
  });

  const echo = commandText(`
    (i32.store (i32.const 0) (i32.const 4096))
    (i32.store (i32.const 4) (i32.const 1000))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $write (i32.const 1) (i32.const 4096) (i32.load (i32.const 8)))`);

  test("reads standard input", () => {
    file("echo.wat", echo);
    expect(wardian(["run", "echo.wat"], { input: "hello" }).stdout).toBe("hello");
  });

  test("is read from standard input itself, which is then at its end", () => {
    expect(wardian(["run", "-"], { input: echo })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  describe("with folders", () => {
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "data/greeting.txt"), "hello from a file");
    // Opens greeting.txt in the first folder with rights to read (2) or to write (64), prints it, and exits with the errno.
    const open = (rights: number): string =>
      commandText(
        `(drop (call $fd_prestat_get (i32.const 3) (i32.const 16)))
         (drop (call $fd_prestat_dir_name (i32.const 3) (i32.const 64) (i32.load (i32.const 20))))
         (call $write (i32.const 2) (i32.const 64) (i32.load (i32.const 20)))
         (local.set $a (call $path_open (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const 12) (i32.const 0)
           (i64.const ${rights}) (i64.const 0) (i32.const 0) (i32.const 32)))
         (if (local.get $a) (then (call $proc_exit (local.get $a))))
         (i32.store (i32.const 0) (i32.const 4096))
         (i32.store (i32.const 4) (i32.const 1000))
         (drop (call $fd_read (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 8)))
         (call $write (i32.const 1) (i32.const 4096) (i32.load (i32.const 8)))`,
        "greeting.txt",
      );
    file("read.wat", open(2));
    file("write.wat", open(64));

    test("reads", () => {
      expect(wardian(["run", "--dir", "data::/guest", "read.wat"])).toEqual({
        code: 0,
        stdout: "hello from a file",
        stderr: "/guest",
      });
      expect(wardian(["run", "--dir", "data", "read.wat"]).stderr).toBe("data");
    });

    test("writes, unless the folder is for reading", () => {
      expect(wardian(["run", "--dir", "data::/", "write.wat"]).code).toBe(0);
      // 69: rofs.
      expect(wardian(["run", "--dir", "data::/:ro", "write.wat"])).toMatchObject({ code: 69, stderr: "/" });
      expect(wardian(["run", "--dir", "data:ro", "write.wat"])).toMatchObject({ code: 69, stderr: "data" });
      expect(wardian(["run", "--dir", "data::/:rw", "write.wat"])).toMatchObject({ code: 0, stderr: "/" });
    });

    test("a misspelt mode does not make a folder writable", () => {
      const { code, stderr } = wardian(["run", "--dir", "data::/:r0", "write.wat"]);
      expect(code).toBe(2);
      expect(stderr).toContain("A folder is given as :ro or :rw, not as :r0.");
    });

    test("nothing that was not given", () => {
      // 8: badf.
      expect(wardian(["run", "read.wat"]).code).toBe(8);
    });

    test("that are not there", () => {
      const outcome = wardian(["run", "--dir", "missing::/", "read.wat"]);
      expect(outcome).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("cannot give the guest the folder missing"),
      });
    });
  });
});

test("--deterministic gives the same time and random numbers in every run", () => {
  file(
    "chance.wat",
    `(module
      (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\\40\\00\\00\\00\\10\\00\\00\\00")
      (func (export "_start")
        (drop (call $time (i32.const 0) (i64.const 1) (i32.const 64)))
        (drop (call $random (i32.const 72) (i32.const 8)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))))`,
  );
  const run = (...options: string[]): string => wardian(["run", ...options, "chance.wat"]).stdout;
  expect(run("--deterministic")).not.toBe("");
  expect(run("--deterministic")).toBe(run("--deterministic", "--engine", "interpreter"));
  expect(run()).not.toBe(run());
});

describe("limits", () => {
  file("spin.wat", '(module $app (func $spin (export "spin") (loop (br 0))) (func (export "_start") (call $spin)))');
  file("deep.wat", '(module (func $deep (export "_start") (call $deep)))');
  file(
    "grow.wat",
    '(module (memory (export "memory") 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))',
  );

  test("fuel", () => {
    const { code, stdout, stderr } = wardian(["run", "--fuel", "100_000", "spin.wat"]);
    expect({ code, stdout }).toEqual({ code: 134, stdout: "" });
    expect(stderr).toMatch(/^trap: all fuel consumed: .*\(fuel-exhausted\)\n {2}#0 app!spin/);
    expect(stderr).toContain("#1 app!function 1");
    expect(stderr).toMatch(/\nhint: give it more with --fuel, .*\n$/);
  });

  test("time", () => {
    const { code, stderr } = wardian(["run", "--timeout", "50ms", "spin.wat"]);
    expect(code).toBe(134);
    expect(stderr).toContain("trap: deadline exceeded: the call ran longer than --timeout (deadline-exceeded)\n");
    expect(stderr).toContain("\nhint: give it longer with --timeout\n");
  });

  test("depth of calls", () => {
    const { code, stderr } = wardian(["run", "--max-call-depth", "100", "deep.wat"]);
    expect(code).toBe(134);
    expect(stderr).toContain("(call-stack-exhausted)");
    expect(stderr).toContain("more …");
  });

  test("memory", () => {
    const grow = (size: string, pages: string): string =>
      wardian(["run", "--max-memory", size, "--invoke", "grow", "grow.wat", "--", pages]).stdout;
    expect(grow("128KiB", "1")).toBe("1\n");
    expect(grow("128KiB", "2")).toBe("-1\n");
    const outcome = wardian(["run", "--max-memory", "1K", "--invoke", "grow", "grow.wat", "--", "1"]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^error: .*memor/);
  });

  test.each([
    ["--fuel", "1.5"],
    ["--fuel", "-1"],
    ["--timeout", "2 weeks"],
    ["--max-memory", "64XB"],
    ["--engine", "steam"],
    ["--env", "=x"],
    ["--dir", "a::b::c"],
    ["--dir", "a:rx"],
    ["--enable", "everything"],
  ])("%s %s makes no sense", (option, value) => {
    const { code, stderr } = wardian(["run", option, value, "spin.wat"]);
    expect(code).toBe(2);
    expect(stderr).toContain(option);
  });
});

test("a trap", () => {
  file("trap.wat", '(module $m (func $inner unreachable) (func $outer (export "_start") (call $inner)))');
  const { code, stderr } = wardian(["run", "trap.wat"]);
  expect(code).toBe(134);
  expect(stderr).toMatch(/^trap: unreachable \(unreachable\)\n {2}#0 m!inner.*\n {2}#1 m!outer.*\n$/);
});

test("a guest's names cannot write to the terminal", () => {
  file("evil.wat", '(module (func (@name "\\1b[2J\\u{202e}") (export "_start") unreachable))');
  const { stderr } = wardian(["run", "evil.wat"]);
  expect(stderr).toContain("\\u{1b}[2J\\u{202e}");
  expect(stderr).not.toContain("\u001b");
});

test("statistics", () => {
  const args = ["--stats", "--fuel", "1000", "--engine", "interpreter", "--invoke", "grow", "grow.wat", "--", "1"];
  const { code, stdout, stderr } = wardian(["run", ...args]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "1\n" });
  expect(stderr).toMatch(/^engine +interpreter \(.*\)\n/);
  expect(stderr).toMatch(/\nfuel +\d+ of 1,000\n/);
  expect(stderr).toMatch(/\npeak memory +128 KiB\n/);
  expect(stderr).toMatch(/\ntime +.*, after .* of compiling\n$/);
});

test("statistics of a guest that was stopped", () => {
  const { code, stderr } = wardian(["run", "--stats", "--fuel", "1000", "spin.wat"]);
  expect(code).toBe(134);
  expect(stderr).toMatch(
    /fuel +1,\d{3} of 1,000; code is charged a block at a time, and the guest is stopped at the next check\n/,
  );
});

describe("what cannot be run", () => {
  test("a module without _start says what to call", () => {
    const { code, stderr } = wardian(["run", factorial]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: ${factorial} is not a command: it exports no function _start\n` +
        `hint: call its function with wardian run --invoke factorial ${factorial} -- <i64>\n`,
    );
  });

  test("a module whose start section does the work runs", () => {
    file("start.wat", "(module (func $f) (start $f))");
    expect(wardian(["run", "start.wat"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("a module with builtin functions on strings and string constants", () => {
    file(
      "strings.wat",
      `(module (import "wasm:js-string" "length" (func $length (param externref) (result i32)))
        (import "text" "four" (global $four externref))
        (func (export "length") (result i32) (call $length (global.get $four))))`,
    );
    const options = ["--builtins", "js-string", "--imported-string-constants", "text"];
    const invoke = ["--invoke", "length", "strings.wat"];
    expect(wardian(["run", ...options, ...invoke])).toEqual({ code: 0, stdout: "4\n", stderr: "" });
    expect(wardian(["run", ...invoke]).stderr).toMatch(/function wasm:js-string\.length, global text\.four/);
    expect(wardian(["run", "--builtins", "js-strings", ...invoke]).code).toBe(2);
    file("wrong.wat", '(module (import "wasm:js-string" "length" (func)))');
    expect(wardian(["validate", "--builtins", "js-string", "wrong.wat"]).code).toBe(1);
  });

  test("a module that imports what is not there", () => {
    file("import.wat", '(module (import "env" "f" (func)) (import "env" "m" (memory 1)) (func (export "_start")))');
    const { code, stderr } = wardian(["run", "import.wat"]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: import.wat imports what this command does not have: function env.f, memory env.m\n" +
        "hint: guests get WASI preview 1 here; a program of your own gives them other imports with @wardian/runtime\n",
    );
  });

  test("a module gets nothing of the host's prototypes, as a module's or a function's name", () => {
    file("modules.wat", '(module (import "constructor" "freeze" (func (param externref))) (func (export "_start")))');
    const { code, stderr } = wardian(["run", "modules.wat"]);
    expect([code, stderr.split("\n")[0]]).toEqual([
      1,
      "error: modules.wat imports what this command does not have: function constructor.freeze",
    ]);
    file(
      "inherited.wat",
      `(module (import "wasi_snapshot_preview1" "constructor" (func $f (result i32))) (memory (export "memory") 1)
        (func (export "_start") (if (i32.ne (call $f) (i32.const 52)) (then unreachable))))`,
    );
    expect(wardian(["run", "inherited.wat"])).toEqual({ code: 0, stdout: "", stderr: "" });
    for (const name of ["constructor", "toString", "__proto__"])
      expect(wardian(["run", "--invoke", name, "start.wat"]).code).not.toBe(0);
  });

  test("functions that WASI does not have fail when they are called, and not before", () => {
    file(
      "extra.wat",
      '(module (import "wasi_snapshot_preview1" "sock_open" (func (param i32 i32 i32) (result i32))) (memory (export "memory") 1) (func (export "_start")))',
    );
    expect(wardian(["run", "extra.wat"]).code).toBe(0);
  });

  test("a file that is not there, is empty, or is nothing of the kind", () => {
    file("empty.wasm", "");
    file("image.png", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0xff));
    expect(wardian(["run", "none.wasm"])).toMatchObject({
      code: 1,
      stderr: "error: cannot read none.wasm: no such file\n",
    });
    expect(wardian(["run", "."]).stderr).toBe("error: cannot read .: is a directory, a module was expected\n");
    expect(wardian(["run", "empty.wasm"]).stderr).toContain("empty.wasm is empty");
    expect(wardian(["run", "image.png"]).stderr).toContain("image.png is no WebAssembly module");
  });
});
