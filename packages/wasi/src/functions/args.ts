import type { Context } from "../guest/context.ts";
import type { Family } from "./family.ts";

/** The guest's command line. */
export function argsFunctions(context: Context): Family {
  return {
    /** Writes the arguments, each with a closing NUL, and a pointer to each. Errors: `fault`. */
    args_get(pointers: number, buffer: number): void {
      writeStrings(context, context.args, pointers, buffer);
    },

    /** Writes the number of arguments and their bytes in all. Errors: `fault`. */
    args_sizes_get(count: number, size: number): void {
      writeSizes(context, context.args, count, size);
    },
  };
}

export function writeStrings(context: Context, strings: readonly Uint8Array[], pointers: number, buffer: number): void {
  let size = 0;
  for (const string of strings) size += string.length;
  context.charge(size, strings.length);
  let pointer = pointers >>> 0;
  let at = buffer >>> 0;
  for (const string of strings) {
    context.memory.writeU32(pointer, at);
    context.memory.slice(at, string.length).set(string);
    pointer += 4;
    at += string.length;
  }
}

export function writeSizes(context: Context, strings: readonly Uint8Array[], count: number, size: number): void {
  context.charge(0, strings.length);
  let bytes = 0;
  for (const string of strings) bytes += string.length;
  context.memory.writeU32(count, strings.length);
  context.memory.writeU32(size, bytes);
}
