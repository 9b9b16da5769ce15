import type { BigIntStats } from "node:fs";
import type { FileStat, NewTimes } from "../file-system.ts";
import { filetypeOf } from "./stat.ts";

/** How many objects' times are remembered. */
const MOST_REMEMBERED = 1024;

interface SetTime {
  /** What the guest set. */
  readonly exact: bigint;
  /** What the host made of it. */
  readonly shown: bigint;
}

/**
 * Node sets times to the microsecond at best, guests to the nanosecond. What was set is remembered, and told for as long as the host shows
 * what it made of it.
 */
export class HostTimes {
  private readonly set = new Map<string, { readonly atim: SetTime; readonly mtim: SetTime }>();

  /** What the host says of an object, in the words of preview 1. */
  fileStat(stat: BigIntStats): FileStat {
    const set = this.set.size === 0 ? undefined : this.set.get(`${stat.dev}:${stat.ino}`);
    return {
      dev: stat.dev,
      ino: stat.ino,
      filetype: filetypeOf(stat),
      nlink: stat.nlink,
      size: stat.size,
      atim: set?.atim.shown === stat.atimeNs ? set.atim.exact : stat.atimeNs,
      mtim: set?.mtim.shown === stat.mtimeNs ? set.mtim.exact : stat.mtimeNs,
      ctim: stat.ctimeNs,
    };
  }

  /**
   * Sets times.
   *
   * @param look says what the object's times are
   * @param apply sets both, in seconds
   */
  change(times: NewTimes, look: () => BigIntStats, apply: (atim: number, mtim: number) => void): void {
    const before = this.fileStat(look());
    const now = BigInt(Date.now()) * 1_000_000n;
    const choose = (time: bigint | "now" | undefined, old: bigint): bigint => (time === "now" ? now : (time ?? old));
    const atim = choose(times.atim, before.atim);
    const mtim = choose(times.mtim, before.mtim);
    apply(seconds(atim), seconds(mtim));
    const after = look();
    if (this.set.size >= MOST_REMEMBERED) this.set.delete(this.set.keys().next().value!);
    this.set.set(`${after.dev}:${after.ino}`, {
      atim: { exact: atim, shown: after.atimeNs },
      mtim: { exact: mtim, shown: after.mtimeNs },
    });
  }
}

/** A quarter of a microsecond is added because a double of that size is up to an eighth too small, and hosts cut the rest off. */
function seconds(nanoseconds: bigint): number {
  return (Number(nanoseconds / 1_000n) + 0.25) / 1e6;
}
