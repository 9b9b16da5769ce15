import { InvalidArgumentError } from "commander";

const durations: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

const sizes: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1000],
  ["mb", 1000 ** 2],
  ["gb", 1000 ** 3],
  ["k", 1024],
  ["m", 1024 ** 2],
  ["g", 1024 ** 3],
  ["kib", 1024],
  ["mib", 1024 ** 2],
  ["gib", 1024 ** 3],
]);

/** A number and its unit, `_` allowed between digits. */
function quantity(text: string): [number, string] | undefined {
  const match = /^(\d[\d_]*(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  return match === null ? undefined : [Number(match[1].replaceAll("_", "")), match[2].toLowerCase()];
}

/** `250ms`, `2s`, `1.5m`, `1h`; a number alone is seconds. In milliseconds. */
export function parseDuration(text: string): number {
  const [value, unit] = quantity(text) ?? [];
  const scale = durations.get(unit || "s");
  if (value === undefined || scale === undefined)
    throw new InvalidArgumentError("Expected a duration such as 250ms, 2s or 1m.");
  return value * scale;
}

/** `64MiB`, `10MB`, `512K`, or a number of bytes. */
export function parseSize(text: string): number {
  const [value, unit] = quantity(text) ?? [];
  const scale = sizes.get(unit ?? "");
  if (value === undefined || scale === undefined)
    throw new InvalidArgumentError("Expected a size such as 64MiB, 10MB or a number of bytes.");
  return Math.floor(value * scale);
}

/** A whole number, `_` allowed between digits. */
export function parseFuel(text: string): bigint {
  if (!/^\d[\d_]*$/.test(text)) throw new InvalidArgumentError("Expected a whole number such as 50_000_000.");
  return BigInt(text.replaceAll("_", ""));
}

export function parseCount(text: string): number {
  const value = Number(parseFuel(text));
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError("Expected a smaller number.");
  return value;
}

/** `512 B`, `28.5 KiB`, `64 MiB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < 3) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || Number.isInteger(value) ? value : value.toFixed(1)} ${["B", "KiB", "MiB", "GiB"][unit]}`;
}

/** `0.8 ms`, `250 ms`, `2.50 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** `1,234,567`. */
export function formatCount(count: number | bigint): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 function`, `2 functions`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
