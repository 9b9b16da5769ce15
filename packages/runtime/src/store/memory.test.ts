import { describe, expect, it } from "vitest";
import { I32, type MemoryType } from "../wasm/types.ts";
import { Memory } from "./memory.ts";

/** A memory type with pages of one byte. */
function bytewise(min: bigint, max?: bigint): MemoryType {
  return { min, max, address: I32, shared: false, pageSizeLog2: 0 };
}

describe("Memory", () => {
  it("holds its initial pages, zeroed", () => {
    const memory = new Memory({ initial: 2 });
    expect(memory.buffer.byteLength).toBe(2 * 65536);
    expect(memory.bytes.every((byte) => byte === 0)).toBe(true);
  });

  it("is longer than 4 GiB, or says why it cannot be", () => {
    try {
      const memory = new Memory({ initial: 65_537n, address: "i64" });
      memory.view.setUint8(2 ** 32 + 1, 7);
      expect(memory.bytes[2 ** 32 + 1]).toBe(7);
    } catch (error) {
      expect((error as Error).message).toMatch(/4295032832 bytes, and typed arrays of this platform end at 4294967296/);
      const memory = new Memory({ initial: 0n, address: "i64" });
      expect(memory.tryGrow(65_537, Number.POSITIVE_INFINITY)).toBe(-1);
      expect(memory.bytes.length).toBe(0);
    }
  });

  it("keeps its contents when it grows, in a new buffer", () => {
    const memory = new Memory({ initial: 1, maximum: 3 });
    memory.bytes[65535] = 7;
    const before = memory.buffer;
    expect(memory.grow(2)).toBe(1);
    expect(memory.buffer).not.toBe(before);
    expect(memory.bytes.length).toBe(3 * 65536);
    expect(memory.bytes[65535]).toBe(7);
    expect(memory.view.getUint8(65535)).toBe(7);
  });

  it("moves its bytes seldom, however often it grows by a page", () => {
    const memory = new Memory(bytewise(1n));
    const buffers = new Set<ArrayBufferLike>();
    for (let size = 1; size < 5000; size++) {
      memory.bytes[size - 1] = size;
      memory.grow(1);
      buffers.add(memory.bytes.buffer);
    }
    expect(buffers.size).toBeLessThan(15);
    expect(memory.view.byteLength).toBe(5000);
    expect(memory.bytes.every((byte, i) => byte === (i < 4999 ? (i + 1) & 0xff : 0))).toBe(true);
  });

  it("gives a host a buffer of exactly its size after each growth, and moves its bytes seldom all the same", () => {
    const memory = new Memory(bytewise(1n));
    const buffers = new Set<ArrayBufferLike>();
    for (let size = 1; size < 5000; size++) {
      const { buffer } = memory;
      expect(buffer.byteLength).toBe(size);
      expect(memory.bytes.buffer).toBe(buffer);
      new Uint8Array(buffer)[size - 1] = size;
      buffers.add(buffer);
      memory.grow(1);
      buffers.add(memory.bytes.buffer);
    }
    expect(buffers.size).toBeLessThan(1500);
    expect(memory.bytes.every((byte, i) => byte === (i < 4999 ? (i + 1) & 0xff : 0))).toBe(true);
  });

  it("reserves nothing beyond its maximum, or beyond what its caller allows", () => {
    const memory = new Memory(bytewise(100n, 150n));
    memory.tryGrow(1, 1000);
    expect(memory.bytes.buffer.byteLength).toBe(150);
    const other = new Memory(bytewise(100n));
    other.tryGrow(1, 120);
    expect(other.bytes.buffer.byteLength).toBe(120);
    expect(other.tryGrow(20, 120)).toBe(-1);
  });

  it("refuses to grow past its maximum, and leaves everything as it was", () => {
    const memory = new Memory({ initial: 1, maximum: 1 });
    expect(() => memory.grow(1)).toThrow(RangeError);
    expect(memory.pages).toBe(1);
    expect(memory.tryGrow(1, Number.POSITIVE_INFINITY)).toBe(-1);
    expect(memory.tryGrow(0, Number.POSITIVE_INFINITY)).toBe(1);
  });

  it("refuses what the address type cannot reach", () => {
    const memory = new Memory({ initial: 0 });
    expect(memory.tryGrow(65537, Number.POSITIVE_INFINITY)).toBe(-1);
  });

  it("holds the bytes that a caller bounds it to", () => {
    const memory = new Memory({ initial: 1 });
    expect(memory.tryGrow(2, 2 * 65536)).toBe(-1);
    expect(memory.tryGrow(1, 2 * 65536)).toBe(1);
  });

  it("counts in bigints when its addresses are 64-bit", () => {
    const memory = new Memory({ initial: 1n, address: "i64" });
    expect(memory.grow(1n)).toBe(1n);
  });

  it("grows a shared memory in its one buffer", () => {
    const memory = new Memory({ initial: 1, maximum: 2, shared: true });
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    const { buffer } = memory;
    memory.grow(1);
    expect(memory.buffer).toBe(buffer);
    expect(memory.bytes.length).toBe(2 * 65536);
  });

  it("gives code that is made after a growth a holder of its own, and keeps all of them up to date", () => {
    const memory = new Memory({ initial: 1 });
    const first = memory.viewHolder;
    expect(first.view).toBe(memory.view);
    expect(memory.viewHolder).toBe(first);
    memory.grow(1);
    const second = memory.viewHolder;
    expect(second).not.toBe(first);
    expect([first.view, second.view]).toEqual([memory.view, memory.view]);
    const holders = new Set<unknown>();
    for (let i = 0; i < 40; i++) {
      memory.grow(1);
      holders.add(memory.viewHolder);
    }
    expect(holders.size).toBeLessThan(20);
    for (const holder of [...holders, first, second]) expect(holder).toHaveProperty("view", memory.view);
  });

  it("has pages of one byte when its type says so", () => {
    const memory = new Memory({ min: 3n, max: undefined, address: I32, shared: false, pageSizeLog2: 0 });
    expect(memory.buffer.byteLength).toBe(3);
    expect(memory.grow(4)).toBe(3);
    expect(memory.pages).toBe(7);
  });

  it.each([
    [{ initial: -1 }, TypeError],
    [{ initial: 1.5 }, TypeError],
    [{ initial: 2, maximum: 1 }, RangeError],
    [{ initial: 65537 }, RangeError],
    [{ initial: 1, shared: true }, TypeError],
  ])("refuses the descriptor %j", (descriptor, error) => {
    expect(() => new Memory(descriptor)).toThrow(error);
  });
});
