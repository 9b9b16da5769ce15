import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { allFeatures, type EngineName, type Feature } from "@wardian/runtime";
import { decodeModule } from "@wardian/runtime/formats";
import { Coverage, withCoverage } from "./coverage.ts";
import { platformFeatures } from "./features.ts";
import { generateModule, wasmOpt } from "./generate.ts";
import { applyEdits, type Edit, makeEdits } from "./mutate.ts";
import { generateOperations } from "./operations.ts";
import { platform } from "./platform.ts";
import { Random } from "./random.ts";
import { firstDifference, firstUnlike, makeGuest, type Subject, trace } from "./run.ts";
import { engineSubject, platformSubject } from "./subjects.ts";
import { compareVerdicts, judge } from "./verdicts.ts";

/**
 * One module of so many is made by `wasm-opt`: its modules are of every shape, and execute few instructions; those of our own are the other way round, and made in a
 * thousandth of the time.
 */
const WASM_OPT = 8;

const usage = `usage: npm run fuzz -- --seconds N [--seed S] [--engine NAME]... [--mutants N] [--out DIR]

Makes modules at random and compares this runtime with the platform's own WebAssembly: whether a module is valid, as it
was made and with bytes and instructions changed; and what a valid module returns, logs and traps on.
Run by a newer Node, such as that of "npm run node26", it covers the proposals that Node has.

  --seconds N    how long
  --seed S       the first module's number, 32 bits (default: by the clock); a failure names its own, to repeat it alone
  --modules N    how many modules at most
  --engine NAME  an engine to run modules on: interpreter, compiler, platform, or none to judge modules only
                 (default: interpreter); may be given several times
  --without NAME a feature that modules are made without; may be given several times
  --mutants N    changed modules to judge for each module that was made (default: 300)
  --wasm-opt N   one module of N is made by wasm-opt, the others by a generator of our own (default: 8, or 0 where it is not installed; 0 for none)
  --deterministic  run modules with NaNs and relaxed instructions on deterministic engines, and compare these with each other
                 alone, NaNs in memories by their bits; all three engines if none is named
  --coverage     count which instructions the modules execute, and print which they do not
  --out DIR      where to write modules that failed (default: fuzz-failures)
`;

interface Options {
  readonly seconds: number;
  readonly seed: number;
  readonly modules: number;
  readonly engines: readonly EngineName[];
  readonly mutants: number;
  readonly without: readonly Feature[];
  readonly wasmOpt: number;
  readonly coverage: boolean;
  readonly deterministic: boolean;
  readonly out: string;
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

/** The option `--wasm-opt`, or 0 where the program is not installed and was not asked for. */
function everyWasmOpt(every: number, asked: boolean): number {
  if (every === 0 || wasmOpt !== undefined) return every;
  const lack = "the package binaryen, which has wasm-opt, is not installed: npm run tools";
  if (asked || process.env.CI === "true") throw new Error(lack);
  process.stderr.write(`No modules of wasm-opt: ${lack}\n`);
  return 0;
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: "string" },
        seed: { type: "string" },
        modules: { type: "string" },
        engine: { type: "string", multiple: true },
        mutants: { type: "string" },
        without: { type: "string", multiple: true },
        "wasm-opt": { type: "string" },
        coverage: { type: "boolean" },
        deterministic: { type: "boolean" },
        out: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      process.exit(0);
    }
    const number = (name: string, text: string | undefined, otherwise: number): number => {
      const value = text === undefined ? otherwise : Number(text);
      if (!(value >= 0)) throw new Error(`--${name} must be a number, not "${text}"`);
      return value;
    };
    const deterministic = values.deterministic ?? false;
    const usual = deterministic ? ["interpreter", "compiler", "platform"] : ["interpreter"];
    const engines = (values.engine ?? usual).filter((engine) => engine !== "none");
    for (const engine of engines)
      if (!["interpreter", "compiler", "platform"].includes(engine)) throw new Error(`unknown engine "${engine}"`);
    const without = values.without ?? [];
    for (const name of without) if (!allFeatures.has(name as Feature)) throw new Error(`unknown feature "${name}"`);
    return {
      seconds: number("seconds", values.seconds, 60),
      seed: number("seed", values.seed, Date.now() >>> 0),
      modules: number("modules", values.modules, Number.POSITIVE_INFINITY),
      engines: engines as EngineName[],
      mutants: number("mutants", values.mutants, 300),
      without: without as Feature[],
      deterministic,
      // Modules of wasm-opt have their NaNs made zero, and so does what the platform runs.
      wasmOpt: deterministic
        ? 0
        : everyWasmOpt(number("wasm-opt", values["wasm-opt"], WASM_OPT), values["wasm-opt"] !== undefined),
      coverage: values.coverage ?? false,
      out: values.out ?? "fuzz-failures",
    };
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${usage}`);
  }
}

class Fuzzer {
  private readonly options: Options;
  /** What modules are judged and run with: all that the platform has. */
  private readonly features: Set<Feature> = platformFeatures();
  /** What they are made with. */
  private readonly used: ReadonlySet<Feature>;
  private readonly judge = judge(this.features);
  private readonly platform: Subject = platformSubject();
  private readonly engines: readonly Subject[];
  private readonly coverage: Coverage = new Coverage();
  private modules = 0;
  private mutants = 0;
  private runs = 0;
  private lines = 0;
  private endless = 0;
  private failures = 0;

  constructor(options: Options) {
    this.options = options;
    this.used = new Set([...this.features].filter((feature) => !options.without.includes(feature)));
    const { deterministic } = options;
    this.engines = options.engines.map((engine) => engineSubject(engine, this.features, deterministic));
  }

  async run(): Promise<number> {
    const { seconds, seed, modules } = this.options;
    const without = [...allFeatures].filter((feature) => !this.features.has(feature));
    process.stderr.write(
      `Seed ${seed}, Node ${process.version}; without what this platform lacks: ${without.join(", ") || "nothing"}\n`,
    );
    const folder = await mkdtemp(join(tmpdir(), "wardian-fuzz-"));
    const end = Date.now() + seconds * 1000;
    // The next module is made while this one is judged and run.
    let next = this.make(seed, folder);
    for (let i = 0; i < modules && Date.now() < end; i++) {
      const bytes = await next;
      if (i + 1 < modules) next = this.make(seed + i + 1, folder);
      if (bytes !== undefined) await this.check(seed + i, bytes);
    }
    await next.catch(() => undefined);
    await rm(folder, { recursive: true });
    if (this.options.coverage) process.stdout.write(`${this.coverage.report().join("\n")}\n`);
    process.stdout.write(
      `${this.modules} modules, ${this.mutants} changed ones judged, ${this.runs} runs with ${this.lines} events compared, ` +
        `${this.endless} without end: ${this.failures} failures\n`,
    );
    return this.failures;
  }

  private async make(seed: number, folder: string): Promise<Uint8Array | undefined> {
    const { wasmOpt, deterministic } = this.options;
    if (wasmOpt === 0 || seed % wasmOpt !== 0) return generateOperations(new Random(seed), this.used, deterministic);
    const own = await mkdtemp(join(folder, "module-"));
    try {
      return await generateModule(new Random(seed), this.used, own);
    } catch (error) {
      process.stderr.write(
        `Seed ${seed}: wasm-opt made no module: ${String((error as { stderr?: string }).stderr ?? error).slice(0, 200)}\n`,
      );
      return undefined;
    }
  }

  private async check(seed: number, bytes: Uint8Array): Promise<void> {
    this.modules++;
    const random = new Random(~seed);
    if (!(await this.judgeModule(seed, bytes, []))) return;
    if (!platform.validate(bytes)) {
      process.stderr.write(`Seed ${seed}: neither takes the module that wasm-opt made\n`);
      return;
    }
    const module = decodeModule(bytes, allFeatures);
    for (let i = 0; i < this.options.mutants; i++) {
      const edits = makeEdits(random, bytes, module);
      await this.judgeModule(seed, bytes, edits);
      this.mutants++;
    }
    await this.compareRuns(seed, bytes);
    if (this.options.coverage) this.countExecuted(seed, bytes);
  }

  private countExecuted(seed: number, bytes: Uint8Array): void {
    const subject = engineSubject("interpreter", this.features);
    let exports: Readonly<Record<string, unknown>> = {};
    const instantiate: Subject["instantiate"] = (copy, imports) => {
      const instance = subject.instantiate(copy, imports);
      exports = instance.exports;
      return instance;
    };
    trace({ ...subject, instantiate }, makeGuest(withCoverage(bytes)), new Random(seed));
    this.coverage.add(exports);
  }

  /** @returns whether the judges agree */
  private async judgeModule(seed: number, bytes: Uint8Array, edits: readonly Edit[]): Promise<boolean> {
    const disagreement = compareVerdicts(applyEdits(bytes, edits), this.judge);
    if (disagreement === undefined) return true;
    const needed = this.reduce(bytes, edits);
    const changed = applyEdits(bytes, needed);
    const { ours, platform } = compareVerdicts(changed, this.judge) ?? disagreement;
    await this.report(
      `verdict-${seed}-${this.failures}`,
      changed,
      `we: ${ours ?? "valid"}\n  the platform: ${platform ?? "valid"}\n  edits: ${JSON.stringify(needed)}`,
    );
    return false;
  }

  /** The edits without those that the judges also disagree without. */
  private reduce(bytes: Uint8Array, edits: readonly Edit[]): readonly Edit[] {
    let needed = edits;
    for (const edit of edits) {
      const fewer = needed.filter((other) => other !== edit);
      if (compareVerdicts(applyEdits(bytes, fewer), this.judge) !== undefined) needed = fewer;
    }
    return needed;
  }

  private async compareRuns(seed: number, bytes: Uint8Array): Promise<void> {
    if (this.engines.length === 0) return;
    const guest = makeGuest(bytes);
    const traces = this.engines.map((engine) => trace(engine, guest, new Random(seed)));
    // The platform cannot be stopped, so it only gets what came to an end here.
    if (traces.some(({ stopped }) => stopped === "out of fuel")) {
      this.endless++;
      return;
    }
    const { deterministic } = this.options;
    const expected = deterministic ? traces[0] : trace(this.platform, guest, new Random(seed));
    for (const [i, actual] of traces.entries()) {
      const { name } = this.engines[i];
      this.runs++;
      this.lines += actual.lines.length;
      const difference = firstDifference(expected, actual);
      if (difference !== undefined)
        await this.report(
          `run-${seed}-${name}`,
          guest.bytes,
          `${deterministic ? this.engines[0].name : "the platform"} | ${name}: ${difference}`,
        );
      if (i === 0 || expected.stopped !== undefined) continue;
      const unlike = firstUnlike(traces[0], actual);
      if (unlike !== undefined)
        await this.report(`engines-${seed}-${name}`, guest.bytes, `${this.engines[0].name} | ${name}: ${unlike}`);
    }
  }

  private async report(name: string, bytes: Uint8Array, what: string): Promise<void> {
    this.failures++;
    await mkdir(this.options.out, { recursive: true });
    const path = join(this.options.out, `${name}.wasm`);
    await writeFile(path, bytes);
    process.stdout.write(`${path}\n  ${what}\n`);
  }
}

process.exitCode = (await new Fuzzer(readOptions()).run()) === 0 ? 0 : 1;
