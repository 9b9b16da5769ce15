import type { Frame } from "./trap.ts";

type Demangler = (name: string) => string | undefined;

type FrameNames = Pick<Frame, "functionName" | "mangledName">;

let namesOf = (raw: string | undefined): FrameNames => ({ functionName: raw });

/** Names that were demangled: a guest that traps again and again has the same ones. */
const known = new Map<string, string | undefined>();
const MAX_KNOWN = 1000;

/** Has the names in frames demangled. Bundles that leave the demangler out show names as they are. */
export function useDemangler(demangle: Demangler): void {
  namesOf = (raw) => {
    if (raw === undefined || !/^_{0,2}[RZ]/.test(raw)) return { functionName: raw };
    let name = known.get(raw);
    if (name === undefined && !known.has(raw)) {
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(raw, (name = demangle(raw)));
    }
    return name === undefined ? { functionName: raw } : { functionName: name, mangledName: raw };
  };
}

/** The names of a frame. @param raw the function's name from the name section */
export function frameName(raw: string | undefined): FrameNames {
  return namesOf(raw);
}
