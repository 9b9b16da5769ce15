import { describe, expect, test } from "vitest";
import { contents, file, wardian } from "./command.ts";

file(
  "app.wit",
  "package demo:app;\ninterface log { write: func(line: string); }\nworld app { import log; export run: func(); }\n",
);
file("app/app.wit", "package demo:app;\nworld app { import demo:log/log; }\n");
file("app/deps/log.wit", "package demo:log;\ninterface log { @unstable(feature = fancy) fancy: func(); }\n");

describe("component wit", () => {
  test("prints a file, and a folder with what it depends on", () => {
    expect(wardian(["component", "wit", "app.wit"]).stdout).toContain(
      "world app {\n  import log;\n  export run: func();\n}\n",
    );
    expect(wardian(["component", "wit", "app", "--dependencies", "--features", "fancy"]).stdout).toContain(
      "fancy: func();",
    );
    expect(wardian(["component", "wit", "app", "--dependencies"]).stdout).not.toContain("fancy: func();");
  });

  test("writes a package as a component, and reads it", () => {
    expect(wardian(["component", "wit", "app.wit", "--wasm", "-o", "app.wasm"]).code).toBe(0);
    expect(wardian(["component", "wit", "app.wasm"]).stdout).toBe(wardian(["component", "wit", "app.wit"]).stdout);
  });

  test("shows the line of an error", () => {
    file("bad.wit", "package demo:bad;\ninterface i { f: func() -> nothing; }\n");
    const { code, stderr } = wardian(["component", "wit", "bad.wit"]);
    expect(code).toBe(1);
    expect(stderr).toContain("name `nothing` does not exist");
    expect(stderr).toContain("--> bad.wit:2:28\n");
    expect(stderr).toContain("    2 | interface i { f: func() -> nothing; }\n");
  });

  test("says which file is missing", () => {
    expect(wardian(["component", "wit", "none.wit"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/none\.wit: no such file/),
    });
  });
});

describe("types", () => {
  test("of a world go to a file", () => {
    expect(wardian(["types", "app.wit", "-o", "app.d.ts"])).toMatchObject({ code: 0, stdout: "" });
    expect(Buffer.from(contents("app.d.ts")).toString()).toContain(
      "export interface DemoAppLog {\n  write(line: string): void;\n}",
    );
  });

  test("of a guest are modules", () => {
    expect(wardian(["types", "app.wit", "--guest"]).stdout).toContain('declare module "demo:app/log" {');
  });

  test("need the name of a world when there are several", () => {
    file("two.wit", "package a:b;\nworld one {}\nworld two {}\n");
    expect(wardian(["types", "two.wit"]).stderr).toMatch(/several worlds.*one, two/);
    expect(wardian(["types", "two.wit", "--world", "two"]).stdout).toContain("export interface Two");
  });
});
