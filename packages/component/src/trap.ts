import { Trap } from "@wardian/runtime";

/** Why the Component Model stopped a guest. Kinds are stable: programs may compare them. */
export type ComponentTrapKind =
  | "unaligned-pointer"
  | "out-of-bounds-pointer"
  | "unaligned-string"
  | "out-of-bounds-string"
  | "unaligned-list"
  | "out-of-bounds-list"
  | "string-too-long"
  | "list-too-long"
  | "realloc-unaligned"
  | "realloc-out-of-bounds"
  | "invalid-utf8"
  | "incomplete-utf8"
  | "invalid-utf16"
  | "invalid-char"
  | "invalid-discriminant"
  | "cannot-leave"
  | "cannot-enter"
  | "unknown-handle"
  | "wrong-handle-type"
  | "handle-lent"
  | "borrows-remain"
  | "handle-limit"
  | "host-bytes-limit"
  | "instance-limit"
  | "backpressure"
  | "no-tasks"
  | "task-return"
  | "host-exception"
  | "guest-exception";

/**
 * The message of each kind, in the words of wasmtime: where the other side is the host and, if it differs, between two components.
 */
const messages: Readonly<Record<ComponentTrapKind, readonly [string] | readonly [string, string]>> = {
  "unaligned-pointer": ["pointer not aligned", "unaligned pointer"],
  "out-of-bounds-pointer": ["pointer out of bounds of memory", "pointer out of bounds of memory"],
  "unaligned-string": ["string pointer not aligned to 2", "unaligned pointer"],
  "out-of-bounds-string": ["string pointer/length out of bounds of memory", "string content out-of-bounds"],
  "unaligned-list": ["list pointer is not aligned", "unaligned pointer"],
  "out-of-bounds-list": ["list pointer/length out of bounds of memory", "list content out-of-bounds"],
  "string-too-long": ["string content out-of-bounds: the string is too long", "string content out-of-bounds"],
  "list-too-long": ["list pointer/length out of bounds of memory: the list is too long", "list content out-of-bounds"],
  "realloc-unaligned": ["realloc return: result not aligned", "unaligned pointer"],
  "realloc-out-of-bounds": ["realloc return: beyond end of memory", "realloc return: beyond end of memory"],
  "invalid-utf8": ["invalid utf-8 sequence"],
  "incomplete-utf8": ["incomplete utf-8 byte sequence"],
  "invalid-utf16": ["unpaired surrogate found"],
  "invalid-char": ["invalid `char` bit pattern"],
  "invalid-discriminant": ["invalid variant discriminant"],
  "cannot-leave": ["cannot leave component instance"],
  "cannot-enter": ["cannot enter component instance"],
  "unknown-handle": ["unknown handle index"],
  "wrong-handle-type": ["handle index used with the wrong type"],
  "handle-lent": ["cannot remove owned resource while borrowed"],
  "borrows-remain": ["borrow handles still remain at the end of the call"],
  "handle-limit": ["handle limit reached"],
  "host-bytes-limit": ["host memory limit reached: the values in flight are too large"],
  "instance-limit": ["the component has too many instances"],
  backpressure: ["backpressure counter overflow"],
  "task-return": ["task.return was called in a wrong way"],
  "no-tasks": ["only synchronous calls run here"],
  "host-exception": ["a host function threw an exception"],
  "guest-exception": ["uncaught exception propagated out of component"],
};

/** What is on the other side of a value's crossing. */
export type AbiPeer = "host" | "component";

/** A guest broke a rule of the Component Model (Canonical ABI: each `trap_if`). Its `code` is `component-model`. */
export class ComponentTrap extends Trap {
  override readonly name: string = "ComponentTrap";
  readonly kind: ComponentTrapKind;

  constructor(
    kind: ComponentTrapKind,
    options: { readonly peer?: AbiPeer; readonly message?: string; readonly cause?: unknown } = {},
  ) {
    super("component-model", { cause: options.cause });
    const texts = messages[kind];
    this.kind = kind;
    this.message = options.message ?? (options.peer === "component" ? texts[1] : undefined) ?? texts[0];
  }
}
