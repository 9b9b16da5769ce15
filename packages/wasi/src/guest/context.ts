import type { Clock } from "../clock.ts";
import type { Descriptor } from "../descriptors/descriptor.ts";
import { DirectoryDescriptor, type EntryBudget } from "../descriptors/directory.ts";
import { DescriptorTable } from "../descriptors/table.ts";
import { type ExitStatus, WASIError } from "../errors.ts";
import type { WASILimits } from "../limits.ts";
import type { RandomSource } from "../random.ts";
import { decodeUtf8 } from "../utf8.ts";
import type { GuestInstance } from "./instance.ts";
import { GuestMemory } from "./memory.ts";
import { Waiting } from "./waiting.ts";

/** As many buffers as POSIX systems take in one call. */
const MOST_BUFFERS = 1024;

/** Bytes that are handled between two looks at the clock: some milliseconds of the slowest work. */
const PIECE: number = 256 * 1024;

/** What all functions of one guest work on. */
export class Context {
  readonly memory: GuestMemory = new GuestMemory();
  readonly descriptors: DescriptorTable;
  readonly waiting: Waiting;
  readonly limits: Readonly<Required<WASILimits>>;
  /** Each with its closing NUL. */
  readonly args: readonly Uint8Array[];
  readonly env: readonly Uint8Array[];
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Shared by all directories of the guest. */
  readonly entries: EntryBudget;
  private chargeFuel: ((units: number) => void) | undefined;
  /** Set once the guest has exited. */
  exit: ExitStatus | undefined;

  constructor(
    args: readonly Uint8Array[],
    env: readonly Uint8Array[],
    clock: Clock,
    random: RandomSource,
    limits: Readonly<Required<WASILimits>>,
  ) {
    this.args = args;
    this.env = env;
    this.clock = clock;
    this.random = random;
    this.limits = limits;
    this.descriptors = new DescriptorTable(limits.descriptors);
    this.waiting = new Waiting(limits.blocking);
    this.entries = { left: limits.directoryEntries };
  }

  /** To be called with the guest's instance, whose fuel pays from then on. */
  attachFuel({ fuel }: GuestInstance): void {
    if (fuel?.charge !== undefined) this.chargeFuel = (units) => fuel.charge!(units);
  }

  /**
   * Charges the guest for bytes and entries that its host is about to handle: one unit for 64 bytes, one for 8 entries. Whatever this throws is the
   * guest's end.
   */
  charge(bytes: number, entries = 0): void {
    const units = Math.floor(bytes / 64) + Math.floor(entries / 8);
    if (units > 0) this.chargeFuel?.(units);
  }

  /** In long work: throws when the guest's time is over. */
  checkTime(): void {
    this.chargeFuel?.(0);
  }

  /**
   * Does work on many bytes piece by piece, and looks between two at whether the guest's time is over. The guest has paid for it.
   *
   * @param work gets a piece
   */
  inPieces(bytes: Uint8Array, work: (piece: Uint8Array) => void): void {
    for (let at = 0; at < bytes.length; at += PIECE) {
      if (at > 0) this.checkTime();
      work(bytes.subarray(at, at + PIECE));
    }
  }

  /** The open descriptor of that number, which must have the right. */
  descriptor(number: number, right: number): Descriptor {
    const descriptor = this.descriptors.get(number);
    descriptor.require(right);
    return descriptor;
  }

  /** The open directory of that number, which must have the right. Throws `badf`, `notdir`, `notcapable`. */
  directory(number: number, right: number): DirectoryDescriptor {
    const descriptor = this.descriptors.get(number);
    if (!(descriptor instanceof DirectoryDescriptor)) throw new WASIError("notdir", "not a directory");
    descriptor.require(right);
    return descriptor;
  }

  /** A path of the guest. Throws `ilseq` for what is not UTF-8, `nametoolong`. */
  path(address: number, length: number): string {
    const bytes = this.memory.slice(address, length);
    if (bytes.length > this.limits.path) {
      throw new WASIError("nametoolong", `the path is longer than ${this.limits.path} bytes`);
    }
    this.charge(bytes.length);
    const path = decodeUtf8(bytes, 0, bytes.length);
    if (path === undefined) throw new WASIError("ilseq", "the path is not UTF-8");
    return path;
  }

  /**
   * The places that an array of `iovec` or `ciovec` names, at most as many bytes as one call may move.
   *
   * Throws `inval` for too many, `fault`.
   */
  buffers(address: number, count: number): Uint8Array[] {
    const number = count >>> 0;
    if (number > MOST_BUFFERS) throw new WASIError("inval", `more than ${MOST_BUFFERS} buffers`);
    const buffers: Uint8Array[] = [];
    this.charge(0, number);
    let left = this.limits.transfer;
    for (let index = 0; index < number; index++) {
      const at = (address >>> 0) + index * 8;
      const buffer = this.memory.slice(this.memory.readU32(at), this.memory.readU32(at + 4));
      buffers.push(buffer.length > left ? buffer.subarray(0, left) : buffer);
      left = Math.max(0, left - buffer.length);
    }
    return buffers;
  }
}

/** A size or position of the guest. Throws `code` for what is not below 2^53. */
export function fileSize(value: bigint, code: "inval" | "fbig"): number {
  const unsigned = BigInt.asUintN(64, value);
  if (unsigned > BigInt(Number.MAX_SAFE_INTEGER)) throw new WASIError(code, "beyond 2^53 - 1");
  return Number(unsigned);
}
