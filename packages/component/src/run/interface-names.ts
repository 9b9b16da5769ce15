import { isSemanticVersion, splitVersion } from "../model/extern-name.ts";

/** A name of an import or export, split at its version. */
interface Versioned {
  readonly base: string;
  readonly version: string | undefined;
}

function split(name: string): Versioned {
  const at = name.lastIndexOf("@");
  return at < 0 || !name.includes(":")
    ? { base: name, version: undefined }
    : { base: name.slice(0, at), version: name.slice(at + 1) };
}

/** The part of a version that compatible versions share: of `1.2.3` and of `1` it is `1`. */
const compatible = (version: string): string => splitVersion(version)?.canonical ?? version;

/**
 * Finds the name that satisfies the name of an interface: the same name, else the highest compatible version of the same interface (Explainer,
 * "Canonical Interface Name"), else the interface without a version.
 *
 * @returns undefined where there is none
 */
export function findInterface(wanted: string, names: Iterable<string>): string | undefined {
  const { base, version } = split(wanted);
  let found: string | undefined;
  let foundVersion: string | undefined;
  for (const name of names) {
    if (name === wanted) return name;
    const other = split(name);
    if (other.base !== base) continue;
    if (version !== undefined && other.version !== undefined && compatible(other.version) !== compatible(version))
      continue;
    if (found !== undefined && !isHigher(other.version, foundVersion)) continue;
    found = name;
    foundVersion = other.version;
  }
  return found;
}

function isHigher(version: string | undefined, than: string | undefined): boolean {
  if (version === undefined) return false;
  if (than === undefined || !isSemanticVersion(than)) return true;
  if (!isSemanticVersion(version)) return false;
  return compareVersions(version, than) > 0;
}

/** Compares versions by Semantic Versioning 2.0, section 11. */
function compareVersions(a: string, b: string): number {
  const [coreA, preA] = parts(a);
  const [coreB, preB] = parts(b);
  for (let i = 0; i < 3; i++) if (coreA[i] !== coreB[i]) return coreA[i] > coreB[i] ? 1 : -1;
  if (preA.length === 0 || preB.length === 0) return preB.length - preA.length;
  for (let i = 0; i < Math.min(preA.length, preB.length); i++) {
    const order = compareIdentifiers(preA[i], preB[i]);
    if (order !== 0) return order;
  }
  return preA.length - preB.length;
}

function parts(version: string): readonly [core: readonly bigint[], pre: readonly string[]] {
  const [, core, pre] = /^([^-+]*)(?:-([^+]*))?/.exec(version) as RegExpExecArray;
  return [core.split(".").map(BigInt), pre === undefined ? [] : pre.split(".")];
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  if (a === b) return 0;
  if (isNumberA) return BigInt(a) > BigInt(b) ? 1 : -1;
  return a > b ? 1 : -1;
}

/** Names of interfaces without their versions, each with the one name that it stands for. */
export function unversionedNames(names: Iterable<string>): Map<string, string> {
  const found = new Map<string, string | undefined>();
  for (const name of names) {
    const { base, version } = split(name);
    if (version !== undefined) found.set(base, found.has(base) ? undefined : name);
  }
  const unique = new Map<string, string>();
  for (const [base, name] of found) if (name !== undefined) unique.set(base, name);
  return unique;
}
