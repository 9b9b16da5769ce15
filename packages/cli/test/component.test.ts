import { encodeComponent } from "@wardian/component";
import { parseComponent } from "@wardian/component/text";
import { describe, expect, test } from "vitest";
import { file, wardian } from "./command.ts";

const text = `(component
  (import "demo:log/log@1.0.0" (instance
    (export "entry" (type $entry (sub resource)))
    (export "write" (func (param "line" string) (result (own $entry))))))
  (core module (func (export "f") (param i32) (result i32) (local.get 0)))
  (core instance $m (instantiate 0))
  (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f"))))
`;
file("app.wat", text);
file("app.wasm", encodeComponent(parseComponent(text).component));

describe("component print", () => {
  test("prints what is read as the same component", () => {
    const printed = wardian(["component", "print", "app.wasm", "--exact"]).stdout;
    expect(printed).toContain("(core module (;0;)");
    expect(encodeComponent(parseComponent(printed).component)).toEqual(encodeComponent(parseComponent(text).component));
    expect(wardian(["component", "print", "-"], { input: text }).stdout).toBe(printed);
  });

  test("says what is wrong with bytes that are none", () => {
    file("module.wat", "(module)");
    expect(wardian(["component", "print", "module.wat"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/1:2/),
    });
  });
});

describe("component validate", () => {
  test("tells valid components from others, and shows the line", () => {
    file("bad.wat", '(component\n  (import "a" (func))\n  (import "A" (func)))');
    const { code, stdout, stderr } = wardian(["component", "validate", "app.wat", "bad.wat", "app.wasm"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/valid {2}app\.wat \(text, \d+ definitions\)\nvalid {2}app\.wasm \(bytes/);
    expect(stderr).toContain("import name `A` conflicts with previous name `a`");
    expect(stderr).toContain('  3 |   (import "A" (func)))\n');
  });

  test("switches features", () => {
    file("list.wat", "(component (type (list u8 4)))");
    expect(wardian(["component", "validate", "list.wat"]).stderr).toContain('needs the feature "fixed-length-lists"');
    expect(wardian(["component", "validate", "list.wat", "--enable", "fixed-length-lists", "-q"])).toMatchObject({
      code: 0,
      stdout: "",
    });
    expect(wardian(["component", "validate", "list.wat", "--enable", "lists"]).code).not.toBe(0);
  });
});

describe("inspect", () => {
  test("shows a component's imports, exports, types and features", () => {
    const { stdout } = wardian(["inspect", "app.wasm"]);
    expect(stdout).toMatch(/app\.wasm: a component, .*1 core module/);
    expect(stdout).toMatch(/func +demo:log\/log@1\.0\.0 write +func\(line: string\) -> own<entry>/);
    expect(stdout).toMatch(/func +f +func\(x: u32\) -> u32/);
    expect(JSON.parse(wardian(["inspect", "--json", "app.wat"]).stdout)).toMatchObject({
      kind: "component",
      format: "text",
      exports: [{ name: "f", sort: "func", type: "func(x: u32) -> u32" }],
      features: [],
    });
  });

  test("shows no component that is not valid", () => {
    file("unsound.wat", '(component (export "a" (func 0)))');
    expect(wardian(["inspect", "unsound.wat"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/unknown function/),
    });
  });
});
