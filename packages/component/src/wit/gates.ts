import type { WitStability } from "./model.ts";
import { type Span, WitError } from "./source.ts";
import type { Gate } from "./syntax.ts";

/** The names of features whose unstable items are there, or all of them. */
export type WitFeatures = ReadonlySet<string> | "all";

/** The gates of an item as its stability; undefined for an item without gates. */
export function stabilityOf({ since, unstable, deprecated }: Gate): WitStability | undefined {
  if (since === undefined && unstable === undefined) return undefined;
  return {
    ...(since === undefined ? {} : { since }),
    ...(unstable === undefined ? {} : { unstable }),
    ...(deprecated === undefined ? {} : { deprecated }),
  };
}

/**
 * Whether a gated item is there.
 *
 * @throws WitError when the gate names a version that is later than the package's
 */
export function isIncluded(
  gate: Gate,
  features: WitFeatures,
  owner: { readonly text: string; readonly version: string | undefined },
  span: Span,
): boolean {
  if (gate.since !== undefined && owner.version !== undefined && compareVersions(gate.since, owner.version) > 0)
    throw new WitError(
      `feature gate cannot reference unreleased version ${gate.since} of package [${owner.text}] ` +
        `(current version ${owner.version})`,
      span,
    );
  return gate.unstable === undefined || features === "all" || features.has(gate.unstable);
}

/** Which of two versions comes first, by Semantic Versioning 2.0, section 11. Build metadata does not count. */
export function compareVersions(left: string, right: string): number {
  const [leftCore, leftPre] = split(left);
  const [rightCore, rightPre] = split(right);
  for (let i = 0; i < 3; i++) {
    const found = compareNumbers(leftCore[i], rightCore[i]);
    if (found !== 0) return found;
  }
  if (leftPre.length === 0 || rightPre.length === 0) return rightPre.length - leftPre.length;
  for (let i = 0; i < Math.min(leftPre.length, rightPre.length); i++) {
    const numeric = [leftPre[i], rightPre[i]].map((part) => /^\d+$/.test(part));
    if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
    const found = numeric[0]
      ? compareNumbers(leftPre[i], rightPre[i])
      : leftPre[i] < rightPre[i]
        ? -1
        : leftPre[i] > rightPre[i]
          ? 1
          : 0;
    if (found !== 0) return found;
  }
  return leftPre.length - rightPre.length;
}

function split(version: string): [string[], string[]] {
  const plain = version.split("+")[0];
  const dash = plain.indexOf("-");
  const core = dash < 0 ? plain : plain.slice(0, dash);
  return [core.split("."), dash < 0 ? [] : plain.slice(dash + 1).split(".")];
}

/** Compares numbers of any length without leading zeros. */
function compareNumbers(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
