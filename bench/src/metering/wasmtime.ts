import { execFileSync } from "node:child_process";
import { kernelPath, loadKernels } from "../kernels/kernels.ts";
import { geometricMean } from "../measure.ts";
import { Missing, type Table } from "../suite.ts";

/**
 * wasmtime's own metering, from its Python package, on the same kernels: a Python that has it is named by WARDIAN_WASMTIME_PYTHON, or is
 * `python3`.
 */
const program = `
import importlib.metadata, json, sys, time
import wasmtime
def instance(path, configure, start):
    config = wasmtime.Config()
    configure(config)
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    start(store)
    module = wasmtime.Module.from_file(engine, path)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    store.set_wasi(wasmtime.WasiConfig())
    return store, linker.instantiate(store, module).exports(store)["run"]
kinds = {
    "raw": (lambda c: None, lambda s: None),
    "fuel": (lambda c: setattr(c, "consume_fuel", True), lambda s: s.set_fuel(1 << 60)),
    "epochs": (lambda c: setattr(c, "epoch_interruption", True), lambda s: s.set_epoch_deadline(1)),
}
out = {}
for name, path, n in json.loads(sys.stdin.read()):
    runs = {kind: instance(path, *how) for kind, how in kinds.items()}
    best = {}
    for _ in range(7):
        for kind, (store, run) in runs.items():
            start = time.process_time()
            run(store, n)
            best[kind] = min(best.get(kind, 1e9), time.process_time() - start)
    out[name] = best
print(json.dumps({"version": importlib.metadata.version('wasmtime'), "times": out}))
`;

interface Answer {
  readonly version: string;
  readonly times: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** @param sizes n for each kernel, as the other table has it @throws {Missing} where there is no wasmtime */
export function wasmtimeTable(sizes: ReadonlyMap<string, number>): Table {
  const kernels = loadKernels().map(({ name, smallN }) => [name, kernelPath(name), sizes.get(name) ?? smallN]);
  let answer: Answer;
  try {
    const python = process.env.WARDIAN_WASMTIME_PYTHON ?? "python3";
    answer = JSON.parse(
      execFileSync(python, ["-c", program], {
        input: JSON.stringify(kernels),
        encoding: "utf8",
        stdio: ["pipe", "pipe", "ignore"],
      }),
    ) as Answer;
  } catch {
    throw new Missing("there is no Python with wasmtime; WARDIAN_WASMTIME_PYTHON names one");
  }
  const rows = Object.entries(answer.times).map(([name, { raw, fuel, epochs }]) => [
    name,
    raw * 1000,
    fuel / raw,
    epochs / raw,
  ]);
  const mean = (column: number): number => geometricMean(rows.map((cells) => cells[column] as number));
  return {
    title: "The same kernels on wasmtime: its fuel and its epochs over its own unmetered code",
    columns: ["kernel", "raw ms", "fuel", "epochs"],
    rows: [...rows, ["geometric mean", "", mean(2), mean(3)]],
    notes: [`wasmtime ${answer.version}`],
  };
}
