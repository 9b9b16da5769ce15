import type { CoreFunction, CoreValue, HandleCodec, LiftSite, LowerSite, TableValueType } from "../../src/abi/index.ts";
import { ValueMeter } from "../../src/abi/index.ts";
import type { StringEncoding } from "../../src/model/definitions.ts";

/** What a guest's `realloc` was called with and returned. */
export type ReallocCall = readonly [old: number, oldBytes: number, alignment: number, bytes: number, pointer: number];

const PAGE = 65_536;

/**
 * The canonical options of a guest that is written in JavaScript: a memory that grows when needed, and a `realloc` that never frees and moves what
 * grows. It keeps what it was asked.
 */
export class FakeGuest implements LiftSite<Scope>, LowerSite<Scope> {
  readonly encoding: StringEncoding;
  readonly pointerBytes: 4 | 8;
  readonly instance = { mayLeave: true };
  readonly peer = "host";
  readonly meter: ValueMeter;
  readonly reallocs: ReallocCall[] = [];
  /** Names of hooks, in the order in which they were called. */
  readonly log: string[] = [];
  readonly memory = {
    bytes: new Uint8Array(PAGE),
    view: new DataView(new ArrayBuffer(0)),
  };
  /** Tokens by index of the guest's table. */
  readonly table: unknown[] = [undefined];
  charged = 0;
  reserved = 0;
  core: CoreFunction = () => undefined;
  postReturn: CoreFunction | undefined;
  private next = 1024;

  constructor(encoding: StringEncoding = "utf8", pointerBytes: 4 | 8 = 4, maxHostBytes = 2 ** 30) {
    this.encoding = encoding;
    this.pointerBytes = pointerBytes;
    this.memory.view = new DataView(this.memory.bytes.buffer);
    this.meter = new ValueMeter(
      {
        charge: (units) => {
          this.charged += units;
        },
        reserveMemory: (bytes) => {
          this.reserved += bytes;
          return true;
        },
        releaseMemory: (bytes) => {
          this.reserved -= bytes;
        },
      },
      maxHostBytes,
    );
  }

  readonly realloc: CoreFunction = (...args) => {
    if (this.instance.mayLeave) throw new Error("realloc may not leave");
    const [old, oldBytes, alignment, bytes] = args.map((value) => Number(value) >>> 0);
    const pointer = bytes <= oldBytes && old !== 0 ? old : this.take(alignment, bytes);
    if (pointer !== old) this.memory.bytes.copyWithin(pointer, old, old + oldBytes);
    this.reallocs.push([old, oldBytes, alignment, bytes, pointer]);
    return this.pointerBytes === 4 ? pointer : BigInt(pointer);
  };

  /** Takes memory, and grows it when needed: views are then other objects. */
  take(alignment: number, bytes: number): number {
    const pointer = Math.ceil(this.next / alignment) * alignment;
    this.next = pointer + bytes;
    if (this.next > this.memory.bytes.length) {
      const grown = new Uint8Array(Math.ceil(this.next / PAGE) * PAGE);
      grown.set(this.memory.bytes);
      this.memory.bytes = grown;
      this.memory.view = new DataView(grown.buffer);
    }
    return pointer;
  }

  /** Puts bytes into memory. */
  put(bytes: readonly number[] | Uint8Array, alignment = 8): number {
    const pointer = this.take(alignment, bytes.length);
    this.memory.bytes.set(bytes, pointer);
    return pointer;
  }

  handles(_type: TableValueType): HandleCodec<Scope> {
    return {
      lift: (index) => this.table[index],
      lower: (token) => this.table.push(token) - 1,
      toHost: (token) => token,
      fromHost: (value) => value,
    };
  }

  enter(): Scope {
    this.log.push("enter");
    return undefined;
  }

  leave(): Scope {
    this.log.push("leave");
    return undefined;
  }

  returned(): void {
    this.log.push("returned");
  }

  exit(): void {
    this.log.push("exit");
  }

  arrive(): void {
    this.log.push("arrive");
  }

  failed(error: unknown): unknown {
    this.log.push("failed");
    return error;
  }
}

export type Scope = undefined;

/** A core function that returns its parameters through memory, as a function with the same type of parameter and result does. */
export function identity(guest: FakeGuest, isSpilled: boolean): CoreFunction {
  return (...args: CoreValue[]) => {
    if (!isSpilled) return args[0];
    const words = args.map((value) => Number(value));
    const pointer = guest.take(8, 8 * words.length);
    words.forEach((word, i) => {
      guest.memory.view.setInt32(pointer + guest.pointerBytes * i, word, true);
    });
    return pointer;
  };
}
