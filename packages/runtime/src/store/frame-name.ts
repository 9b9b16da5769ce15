import type { Frame } from "./trap.ts";

type Demangler = (name: string) => string | undefined;

type FrameNames = Pick<Frame, "functionName" | "mangledName">;

let namesOf = (raw: string | undefined): FrameNames => ({ functionName: raw });

/** Names that were demangled: a guest that traps again and again has the same ones. */
const known = new Map<string, string | undefined>();
const MAX_KNOWN = 1000;

/** Whether a name begins as Rust's and C++'s do: with `R` or `Z` after at most two underscores. */
function mayBeMangled(raw: string): boolean {
  const first = raw.startsWith("__") ? raw[2] : raw.startsWith("_") ? raw[1] : raw[0];
  return first === "R" || first === "Z";
}

/** Has the names in frames demangled. Bundles that leave the demangler out show names as they are. */
export function useDemangler(demangle: Demangler): void {
  namesOf = (raw) => {
    if (raw === undefined || !mayBeMangled(raw)) return { functionName: raw };
    let name = known.get(raw);
    if (name === undefined && !known.has(raw)) {
      try {
        name = demangle(raw);
      } catch {
        // A trap at the end of JavaScript's stack leaves no room for it. The name is tried again with the next trap.
        return { functionName: raw };
      }
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(raw, name);
    }
    return name === undefined ? { functionName: raw } : { functionName: name, mangledName: raw };
  };
}

/** The names of a frame. @param raw the function's name from the name section */
export function frameName(raw: string | undefined): FrameNames {
  return namesOf(raw);
}
