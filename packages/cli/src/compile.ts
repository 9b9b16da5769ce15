import { CompileError, type CompileOptions, type Module, type Runtime } from "@wardian/runtime";
import type { Input } from "./input.ts";
import { InvalidModule } from "./report.ts";
import { withProgress } from "./terminal.ts";
import { formatSize } from "./units.ts";

/** Modules above this take long enough for a person to notice. */
const LONG = 2 * 1024 * 1024;

/** Compiles a module that was read. @throws InvalidModule */
export async function compile(runtime: Runtime, input: Input, options: CompileOptions = {}): Promise<Module> {
  try {
    return await withProgress(`Compiling ${input.label} (${formatSize(input.size)})`, input.size > LONG, () =>
      runtime.compile(input.source, options),
    );
  } catch (error) {
    if (error instanceof CompileError) throw new InvalidModule(error, input);
    throw error;
  }
}
