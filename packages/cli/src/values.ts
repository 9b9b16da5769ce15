import { inspect } from "node:util";
import { type FunctionType, isReference, typeName, type ValueType, type WasmModule } from "@wardian/runtime/formats";
import { EXIT, Failure } from "./failure.ts";
import { plural } from "./units.ts";

/** The type of an exported function, or undefined when there is none of that name. */
export function exportedFunctionType(module: WasmModule, name: string): FunctionType | undefined {
  const item = module.exports.find((candidate) => candidate.name === name && candidate.kind === "func");
  const composite = item && module.types[module.functions[item.index]].composite;
  return composite?.kind === "func" ? composite : undefined;
}

/** A function type as a person writes it: `(i64) -> i64`. */
export function signature({ params, results }: FunctionType): string {
  const side = (types: readonly ValueType[]): string => types.map(typeName).join(", ");
  return `(${side(params)}) -> ${results.length === 1 ? typeName(results[0]) : `(${side(results)})`}`;
}

/** How to call a function from the command line, with the types of its parameters in the places of arguments. */
export function exampleCall(file: string, name: string, { params }: FunctionType): string {
  const args = params.length === 0 ? "" : ` -- ${params.map((type) => `<${typeName(type)}>`).join(" ")}`;
  return `wardian run --invoke ${name} ${file}${args}`;
}

/**
 * Turns arguments of the command line into those of an exported function.
 *
 * @throws Failure when there are too few or too many, or one is no value of its type
 */
export function parseArguments(
  name: string,
  type: FunctionType,
  args: readonly string[],
  file: string,
): (number | bigint)[] {
  if (args.length !== type.params.length)
    throw new Failure(
      `${name} takes ${plural(type.params.length, "argument")}, ${signature(type)}, and ${args.length} came`,
      { hint: `call it as ${exampleCall(file, name, type)}`, exitCode: EXIT.usage },
    );
  return args.map((text, i) => parseValue(text, type.params[i], `argument ${i + 1} of ${name}`));
}

function parseValue(text: string, type: ValueType, place: string): number | bigint {
  const wrong = (expected: string): Failure =>
    new Failure(`${place}: ${expected} was expected, not ${JSON.stringify(text)}`, { exitCode: EXIT.usage });
  const name = typeName(type);
  const plain = text.replaceAll("_", "");
  if (name === "i32" || name === "i64") {
    const match = /^([+-]?)(0x[0-9a-f]+|\d+)$/i.exec(plain);
    if (match === null) throw wrong(`a whole number (${name})`);
    const value = match[1] === "-" ? -BigInt(match[2]) : BigInt(match[2]);
    const bits = name === "i32" ? 32 : 64;
    // Both readings of the bits are taken, as in the text format.
    if (BigInt.asIntN(bits, value) !== value && BigInt.asUintN(bits, value) !== value) throw wrong(`an ${name}`);
    return name === "i32" ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value);
  }
  if (name === "f32" || name === "f64") {
    const special = /^([+-]?)(inf|infinity|nan)$/i.exec(plain);
    const value = special === null ? Number(plain) : specialNumber(special[1], special[2]);
    if (plain.trim() === "" || (special === null && Number.isNaN(value))) throw wrong(`a number (${name})`);
    return value;
  }
  throw new Failure(`${place} is of type ${name}, which cannot be written on a command line`);
}

function specialNumber(sign: string, name: string): number {
  if (/^nan$/i.test(name)) return Number.NaN;
  return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** A result as it is printed; several are an array. */
export function formatResults(value: unknown, { results }: FunctionType): string[] {
  if (results.length === 0) return [];
  const values = results.length === 1 ? [value] : (value as unknown[]);
  return values.map((item, i) => formatValue(item, results[i]));
}

function formatValue(value: unknown, type: ValueType): string {
  if (Object.is(value, -0)) return "-0";
  if (!isReference(type) || value === null) return String(value);
  return inspect(value, { depth: 0 });
}
