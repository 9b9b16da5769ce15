import { type OptionNames, readOptions } from "../wasm/options.ts";
import { type DefinedType, defineTypes } from "../wasm/type-registry.ts";
import { EXTERNREF, type FunctionType, type ValueType } from "../wasm/types.ts";
import { type ValueTypeName, valueTypeNamed } from "./value-types.ts";
import { toJavaScript, toWasm, type WasmValue } from "./values.ts";

/** As in the platform's API: what a new tag is like. */
export interface TagDescriptor {
  /** The types of what its exceptions carry. */
  readonly parameters: readonly ValueTypeName[];
}

const names: OptionNames<TagDescriptor> = { parameters: true };

/** What exceptions are told apart by (specification, 4.2.10; JavaScript API, 5.7): an identity, and the types of what they carry. */
export class Tag {
  /** The function type whose parameters the exceptions carry. */
  readonly type: DefinedType;

  /**
   * @param descriptor the types by name; or a function type of a module, from `Module.type`, for types that have no name
   * @throws TypeError for a name of no type, and for a type that is no function's or has results
   */
  constructor(descriptor: TagDescriptor | DefinedType) {
    this.type =
      "composite" in descriptor
        ? descriptor
        : tagType(readOptions("Tag", names, descriptor).parameters.map(valueTypeNamed));
    const { composite } = this.type;
    if (composite.kind !== "func" || composite.results.length > 0)
      throw new TypeError("a tag's type must be that of a function without results");
  }

  get parameters(): readonly ValueType[] {
    return (this.type.composite as FunctionType).params;
  }
}

function tagType(params: readonly ValueType[]): DefinedType {
  const composite: FunctionType = { kind: "func", params, results: [] };
  return defineTypes([{ final: true, supertypes: [], composite, groupStart: 0, groupSize: 1 }])[0];
}

/**
 * An exception that a guest threw, or that the host throws for a guest to catch (JavaScript API, 5.8). A guest that catches one as an `exnref` and throws
 * it again, and a host that does, throw the same object.
 *
 * @example
 * const failed = new Tag({ parameters: ["i32"] });
 * const imports = { host: { failed, open: () => { throw new Exception(failed, [2]); } } };
 */
export class Exception {
  readonly tag: Tag;
  /** For engines: what it carries, as guests have it. A host asks {@link getArg}. */
  readonly payload: readonly WasmValue[];

  /**
   * @param payload a value for each parameter of the tag, converted as the JavaScript API converts arguments
   * @param kept for engines, in place of `payload`: the values as guests have them
   * @throws TypeError for too few or many values or one that is not of its parameter's type, and for the tag of {@link jsTag}: what has that tag is
   *   thrown as it is
   */
  constructor(tag: Tag, payload: readonly unknown[], kept?: readonly WasmValue[]) {
    this.tag = tag;
    this.payload = kept ?? payloadOf(tag, payload);
  }

  /** Whether it has the tag. */
  is(tag: Tag): boolean {
    return this.tag === tag;
  }

  /**
   * @param tag the exception's own: who does not have it does not see what it carries
   * @returns the value at `index` of what it carries, as JavaScript has it
   * @throws TypeError for another tag and for a value that JavaScript cannot have (v128, exnref), RangeError when there is no such value
   */
  getArg(tag: Tag, index: number): unknown {
    if (tag !== this.tag) throw new TypeError("the exception has another tag");
    if (!(Number.isInteger(index) && index >= 0 && index < this.payload.length))
      throw new RangeError(`there is no value ${String(index)}; the exception carries ${this.payload.length}`);
    return toJavaScript(this.payload[index], tag.parameters[index]);
  }
}

function payloadOf(tag: Tag, payload: readonly unknown[]): WasmValue[] {
  if (tag === javaScriptTag)
    throw new TypeError("an exception cannot be made with the tag of JavaScript's own: throw the value itself");
  const { parameters, type } = tag;
  if (payload.length !== parameters.length)
    throw new TypeError(`the tag's exceptions carry ${parameters.length} values, not ${payload.length}`);
  return payload.map((value, i) => toWasm(value, parameters[i], type.context));
}

let javaScriptTag: Tag | undefined;

/**
 * The tag under which a guest catches what a host function threw: one `externref`, the thrown value. The platform's API calls it `WebAssembly.JSTag`; here it is a
 * function, since importing this package makes nothing.
 */
export function jsTag(): Tag {
  javaScriptTag ??= new Tag(tagType([EXTERNREF]));
  return javaScriptTag;
}
