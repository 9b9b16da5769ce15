import type { HostFunction } from "../store/function.ts";
import type { Global } from "../store/global.ts";
import type { Memory } from "../store/memory.ts";
import type { Table } from "../store/table.ts";
import type { Exception, Tag } from "../store/tag.ts";

/** The object of the namespace for each object of the store that has one: there is never a second. */
export const wrappers: WeakMap<object, object> = new WeakMap();

/** What the namespace's classes and its other parts know of each other and programs do not. */
export interface Internal {
  /** Set while a constructor is called with an object of the store that it is to stand for. */
  making: boolean;
}

export const internal: Internal = { making: false };

/** The object of the store behind one of the namespace, or undefined for anything else. Each class sets its own. */
export const unwrap: {
  memory: (value: unknown) => Memory | undefined;
  table: (value: unknown) => Table | undefined;
  global: (value: unknown) => Global | undefined;
  tag: (value: unknown) => Tag | undefined;
  exception: (value: unknown) => Exception | undefined;
  suspending: (value: unknown) => HostFunction | undefined;
} = {
  memory: () => undefined,
  table: () => undefined,
  global: () => undefined,
  tag: () => undefined,
  exception: () => undefined,
  suspending: () => undefined,
};

/** The object of the namespace for one of the store. */
export function wrap<T extends object>(store: object, make: new (store: never) => T): T {
  let wrapper = wrappers.get(store) as T | undefined;
  if (wrapper === undefined) {
    internal.making = true;
    try {
      wrapper = new make(store as never);
    } finally {
      internal.making = false;
    }
    wrappers.set(store, wrapper);
  }
  return wrapper;
}
