import { describe, expect, test } from "vitest";
import { type Guest, rightsOf, runGuest } from "../../test/guest.ts";
import { MemoryFileSystem } from "../index.ts";

const files = (): { preopens: { "/": MemoryFileSystem } } => ({
  preopens: { "/": MemoryFileSystem.from({ file: "0123456789", dir: { a: "", b: "", c: "" } }) },
});

/** Position after a seek, or the error. */
function seek(guest: Guest, fd: number, offset: bigint, whence: number): bigint | string {
  const result = guest.space(8);
  const errno = guest.call("fd_seek", fd, offset, whence, result);
  return errno === "success" ? guest.view.getBigUint64(result, true) : errno;
}

describe("fd_read and fd_write", () => {
  test("go on where the last one ended, over several buffers", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file", { rights: ["FD_READ", "FD_WRITE", "FD_SEEK", "FD_TELL"] });
      const [a, b, size] = [guest.space(3), guest.space(4), guest.space(4)];
      expect(guest.call("fd_read", fd, ...guest.vector([a, 3], [b, 4]), size)).toBe("success");
      expect([guest.text(a, 3), guest.text(b, 4), guest.view.getUint32(size, true)]).toEqual(["012", "3456", 7]);
      expect(guest.call("fd_write", fd, ...guest.vector(guest.put("A"), guest.put(""), guest.put("BCDE")), size)).toBe(
        "success",
      );
      expect(guest.view.getUint32(size, true)).toBe(5);
      expect(seek(guest, fd, 0n, 0)).toBe(0n);
      expect(guest.read(fd).text).toBe("0123456ABCDE");
      expect(guest.read(fd).text).toBe("");
    });
  });

  test("fail on what was not opened for it", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file", { rights: ["FD_READ"] });
      expect(guest.write(fd, "x").errno).toBe("badf");
      const written = guest.open("file", { rights: ["FD_WRITE"] });
      expect(guest.read(written.fd).errno).toBe("badf");
      expect([
        guest.read(1).errno,
        guest.write(0, "").errno,
        guest.read(3).errno,
        guest.read(99).errno,
        guest.read(-1).errno,
      ]).toEqual(new Array(5).fill("badf"));
    });
  });

  test("refuse addresses outside the memory, before anything is done", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file", { rights: ["FD_READ", "FD_WRITE"] });
      const end = guest.memory.buffer.byteLength;
      const size = guest.space(4);
      for (const buffer of [
        [end - 1, 2],
        [0xffff_ffff, 1],
        [-1, 0xffff_ffff],
        [4, 0xffff_ffff],
      ] as const) {
        expect(guest.call("fd_write", fd, ...guest.vector([...buffer]), size)).toBe("fault");
        expect(guest.call("fd_read", fd, ...guest.vector([...buffer]), size)).toBe("fault");
      }
      expect(guest.call("fd_write", fd, end - 4, 1, size)).toBe("fault");
      expect(guest.call("fd_write", fd, 0, 1025, size)).toBe("inval");
      expect(guest.call("fd_write", fd, 0, -1, size)).toBe("inval");
      expect(guest.call("fd_read", fd, ...guest.vector(guest.put("x")), end)).toBe("fault");
    });
  });

  test("append where the file ends, whatever the position", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file", { rights: ["FD_READ", "FD_WRITE", "FD_SEEK", "FD_TELL"], flags: 1 });
      expect(guest.write(fd, "A").errno).toBe("success");
      expect(seek(guest, fd, 0n, 1)).toBe(11n);
      expect(seek(guest, fd, 2n, 0)).toBe(2n);
      expect(guest.write(fd, "B").errno).toBe("success");
      expect(seek(guest, fd, 0n, 0)).toBe(0n);
      expect(guest.read(fd).text).toBe("0123456789AB");
      // A given position is respected all the same.
      expect(guest.call("fd_pwrite", fd, ...guest.vector(guest.put("C")), 0n, guest.space(4))).toBe("success");
      expect(guest.readFile("file").text).toBe("C123456789AB");
    });
  });
});

describe("fd_pread and fd_pwrite", () => {
  test("leave the position alone", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file", { rights: ["FD_READ", "FD_WRITE", "FD_SEEK", "FD_TELL"] });
      const [buffer, size] = [guest.space(4), guest.space(4)];
      expect(guest.call("fd_pread", fd, ...guest.vector([buffer, 4]), 8n, size)).toBe("success");
      expect(guest.text(buffer, guest.view.getUint32(size, true))).toBe("89");
      expect(guest.call("fd_pwrite", fd, ...guest.vector(guest.put("X")), 12n, size)).toBe("success");
      expect(guest.read(fd).text).toBe("0123456789\0\0X");
      expect(guest.call("fd_pread", fd, ...guest.vector([buffer, 4]), -1n, size)).toBe("inval");
      expect(guest.call("fd_pread", 0, ...guest.vector([buffer, 4]), 0n, size)).toBe("spipe");
      expect(guest.call("fd_pread", 3, ...guest.vector([buffer, 4]), 0n, size)).toBe("badf");
    });
  });
});

describe("fd_pread and fd_pwrite", () => {
  test("take the right to seek too", () => {
    runGuest(files(), (guest) => {
      const [buffer, size] = [guest.space(4), guest.space(4)];
      const moved = (name: string, rights: Parameters<typeof rightsOf>[0]): string =>
        guest.call(name, guest.open("file", { rights }).fd, ...guest.vector([buffer, 4]), 0n, size);
      expect(moved("fd_pread", ["FD_READ", "FD_SEEK"])).toBe("success");
      expect(moved("fd_pwrite", ["FD_WRITE", "FD_SEEK"])).toBe("success");
      const refused = [
        moved("fd_pread", ["FD_READ"]),
        moved("fd_pread", ["FD_SEEK"]),
        moved("fd_pwrite", ["FD_WRITE"]),
        moved("fd_pwrite", ["FD_SEEK"]),
      ];
      for (const errno of refused) expect(["badf", "notcapable"]).toContain(errno);
    });
  });
});

describe("fd_seek and fd_tell", () => {
  test("know the three origins, and their older numbers", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file");
      expect([seek(guest, fd, 4n, 0), seek(guest, fd, 2n, 1), seek(guest, fd, -1n, 2)]).toEqual([4n, 6n, 9n]);
      const result = guest.space(8);
      expect(guest.call("fd_tell", fd, result)).toBe("success");
      expect(guest.view.getBigUint64(result, true)).toBe(9n);
    });
    runGuest(
      files(),
      (guest) => {
        const { fd } = guest.open("file");
        expect([seek(guest, fd, 4n, 2), seek(guest, fd, 2n, 0), seek(guest, fd, -1n, 1)]).toEqual([4n, 6n, 9n]);
      },
      "wasi_unstable",
    );
  });

  test("refuse what makes no sense", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file");
      expect([
        seek(guest, fd, -1n, 0),
        seek(guest, fd, 0n, 3),
        seek(guest, fd, 0n, -1),
        seek(guest, fd, 1n << 60n, 0),
        seek(guest, 0, 0n, 0),
        seek(guest, 3, 0n, 0),
        seek(guest, 99, 0n, 0),
      ]).toEqual(["inval", "inval", "inval", "overflow", "spipe", "notcapable", "badf"]);
      const { fd: teller } = guest.open("file", { rights: ["FD_TELL"] });
      expect([seek(guest, teller, 0n, 1), seek(guest, teller, 1n, 1), seek(guest, teller, 0n, 0)]).toEqual([
        0n,
        "notcapable",
        "notcapable",
      ]);
    });
  });
});

describe("fd_readdir", () => {
  test("gives each entry once through a small buffer", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("dir", { directory: true });
      const names: string[] = [];
      for (let cookie = 0n; ; ) {
        const { entries } = guest.readdir(fd, cookie, 26);
        if (entries.length === 0) break;
        expect(entries).toHaveLength(1);
        names.push(entries[0].name);
        cookie = entries[0].next;
      }
      expect(names).toEqual([".", "..", "a", "b", "c"]);
    });
  });

  test("keeps cookies good while entries come and go", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("dir", { directory: true });
      const first = guest.readdir(fd).entries;
      const cookieOf = (name: string): bigint => first.find((entry) => entry.name === name)!.next;
      guest.unlink("dir/a");
      guest.writeFile("dir/d", "");
      const after = (name: string): string[] => guest.readdir(fd, cookieOf(name)).entries.map(({ name }) => name);
      expect(after("a")).toEqual(["b", "c"]);
      expect(guest.readdir(fd).entries.map(({ name }) => name)).toEqual([".", "..", "b", "c", "d"]);
      // The old cookies still mean the same places.
      expect(after("a")).toEqual(["b", "c", "d"]);
      expect(after("b")).toEqual(["c", "d"]);
      expect(guest.readdir(fd, 1n << 60n).entries).toEqual([]);
    });
  });

  test("tells the inodes that stat tells", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("dir", { directory: true });
      for (const { name, ino } of guest.readdir(fd).entries) {
        if (name !== "..") expect(guest.stat(`dir/${name}`).ino).toBe(ino);
      }
      expect(guest.readdir(guest.open("file").fd).errno).toBe("notdir");
    });
  });
});

describe("rights", () => {
  test("can be taken away and not be given back", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file", { rights: ["FD_READ", "FD_SEEK", "FD_TELL"] });
      const set = (base: bigint): string => guest.call("fd_fdstat_set_rights", fd, base, 0n);
      expect(set(rightsOf(["FD_READ"]))).toBe("success");
      expect(seek(guest, fd, 0n, 0)).toBe("notcapable");
      expect(set(rightsOf(["FD_READ", "FD_SEEK"]))).toBe("notcapable");
      expect(set(0n)).toBe("success");
      expect(guest.read(fd).errno).toBe("badf");
    });
  });

  test("to hand on can be taken away and not be given back", () => {
    runGuest(files(), (guest) => {
      const set = (inheriting: bigint): string => guest.call("fd_fdstat_set_rights", 3, 0n, inheriting);
      expect(set(rightsOf(["FD_READ", "FD_SEEK"]))).toBe("success");
      expect(set(rightsOf(["FD_READ", "FD_SEEK", "FD_WRITE"]))).toBe("notcapable");
      expect(set(rightsOf(["FD_READ"]))).toBe("success");
      expect(set(rightsOf(["FD_READ", "FD_SEEK"]))).toBe("notcapable");
    });
  });

  test("are told by fd_fdstat_get, those that apply alone", () => {
    runGuest(files(), (guest) => {
      const at = guest.space(24);
      const { fd } = guest.open("file", { flags: 4, rights: ["FD_READ", "PATH_OPEN"] });
      expect(guest.call("fd_fdstat_get", fd, at)).toBe("success");
      expect([
        guest.view.getUint8(at),
        guest.view.getUint16(at + 2, true),
        guest.view.getBigUint64(at + 8, true),
      ]).toEqual([4, 4, rightsOf(["FD_READ"])]);
      expect(guest.call("fd_fdstat_get", 3, at)).toBe("success");
      expect(guest.view.getUint8(at)).toBe(3);
    });
  });

  test("bound what is opened below a directory", () => {
    runGuest(files(), (guest) => {
      const { fd: dir } = guest.open("dir", {
        directory: true,
        rights: ["PATH_OPEN", "FD_READDIR"],
        inheriting: ["FD_READ"],
      });
      expect(guest.open("a", { from: dir, rights: ["FD_READ"], inheriting: [] }).errno).toBe("success");
      expect(guest.open("a", { from: dir, rights: ["FD_READ", "FD_WRITE"], inheriting: [] }).errno).toBe("notcapable");
      expect(guest.open("a", { from: dir, rights: ["FD_READ"], inheriting: ["FD_WRITE"] }).errno).toBe("notcapable");
      expect(guest.open("new", { from: dir, rights: ["FD_READ"], inheriting: [], creat: true }).errno).toBe(
        "notcapable",
      );
      expect(guest.open("a", { from: dir, rights: ["FD_READ"], inheriting: [], trunc: true }).errno).toBe("notcapable");
      expect(guest.open("a", { from: dir, rights: ["FD_READ"], inheriting: [], flags: 16 }).errno).toBe("notcapable");
      expect(guest.unlink("a", dir)).toBe("notcapable");
      expect(guest.mkdir("x", dir)).toBe("notcapable");
      expect(guest.stat("a", true, dir).errno).toBe("notcapable");
    });
  });
});

describe("other functions of descriptors", () => {
  test("fd_allocate extends and never cuts", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file", { rights: ["FD_ALLOCATE", "FD_FILESTAT_GET", "FD_WRITE"] });
      expect(guest.call("fd_allocate", fd, 0n, 5n)).toBe("success");
      expect(guest.fstat(fd).size).toBe(10n);
      expect(guest.call("fd_allocate", fd, 10n, 5n)).toBe("success");
      expect(guest.fstat(fd).size).toBe(15n);
      expect([guest.call("fd_allocate", fd, 0n, 0n), guest.call("fd_allocate", fd, -1n, 1n)]).toEqual([
        "inval",
        "inval",
      ]);
      expect(guest.call("fd_allocate", fd, BigInt(Number.MAX_SAFE_INTEGER), 5n)).toBe("fbig");
    });
  });

  test("fd_renumber closes what had the number", () => {
    runGuest(files(), (guest) => {
      const [one, two] = [guest.open("file").fd, guest.open("dir", { directory: true }).fd];
      expect(guest.call("fd_renumber", one, two)).toBe("success");
      expect(guest.read(two).text).toBe("0123456789");
      expect(guest.read(one).errno).toBe("badf");
      expect(guest.call("fd_renumber", two, two)).toBe("success");
      expect(guest.call("fd_renumber", two, 77)).toBe("badf");
      expect(guest.call("fd_renumber", 77, two)).toBe("badf");
      // The lowest free number comes next.
      expect(guest.open("file").fd).toBe(one);
    });
  });

  test("fd_fdstat_set_flags, fd_advise, fd_sync and fd_datasync check what they are given", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file", { creat: true });
      expect([
        guest.call("fd_fdstat_set_flags", fd, 1),
        guest.call("fd_fdstat_set_flags", fd, 32),
        guest.call("fd_advise", fd, 0n, 0n, 5),
        guest.call("fd_advise", fd, 0n, 0n, 6),
        guest.call("fd_advise", fd, 0n, -1n, 0),
        guest.call("fd_advise", 0, 0n, 0n, 0),
        guest.call("fd_sync", fd),
        guest.call("fd_datasync", fd),
        guest.call("fd_sync", 1),
        guest.call("fd_close", 99),
      ]).toEqual([
        "success",
        "inval",
        "success",
        "inval",
        "inval",
        "spipe",
        "success",
        "success",
        "notcapable",
        "badf",
      ]);
    });
  });

  test("times are set as asked", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file", { creat: true });
      expect(guest.call("fd_filestat_set_times", fd, 5n, 7n, 1 | 4)).toBe("success");
      expect(guest.fstat(fd).mtim).toBe(7n);
      expect(guest.call("fd_filestat_set_times", fd, 0n, 0n, 1)).toBe("success");
      expect(guest.fstat(fd).mtim).toBe(7n);
      expect(guest.call("fd_filestat_set_times", fd, 0n, 0n, 8)).toBe("success");
      expect(guest.fstat(fd).mtim).toBeGreaterThan(946_684_800_000_000_000n);
      expect([4 | 8, 1 | 2, 16].map((flags) => guest.call("fd_filestat_set_times", fd, 0n, 0n, flags))).toEqual([
        "inval",
        "inval",
        "inval",
      ]);
    });
  });

  test("preopened directories are told by name", () => {
    runGuest({ preopens: { "/data": new MemoryFileSystem(), "/x": new MemoryFileSystem() } }, (guest) => {
      const at = guest.space(8);
      expect(guest.call("fd_prestat_get", 3, at)).toBe("success");
      expect([guest.view.getUint32(at, true), guest.view.getUint32(at + 4, true)]).toEqual([0, 5]);
      const name = guest.space(5);
      expect(guest.call("fd_prestat_dir_name", 3, name, 4)).toBe("nametoolong");
      expect(guest.call("fd_prestat_dir_name", 3, name, 5)).toBe("success");
      expect(guest.text(name, 5)).toBe("/data");
      expect([0, 5].map((fd) => guest.call("fd_prestat_get", fd, at))).toEqual(["badf", "badf"]);
      expect(guest.mkdir("a")).toBe("success");
      expect(guest.rename("a", "a", 3, 4)).toBe("xdev");
    });
  });

  test("filestat is laid out as its dialect has it", () => {
    const body = (guest: Guest): Uint8Array => {
      const at = guest.space(80);
      guest.bytes.fill(0xee, at, at + 80);
      guest.call("path_filestat_get", 3, 0, ...guest.put("file"), at);
      return guest.bytes.slice(at, at + 80);
    };
    runGuest(files(), (guest) => {
      const view = new DataView(body(guest).buffer);
      expect([view.getUint8(16), view.getBigUint64(24, true), view.getBigUint64(32, true)]).toEqual([4, 1n, 10n]);
      expect([view.getBigUint64(56, true) > 0n, view.getUint8(64)]).toEqual([true, 0xee]);
    });
    runGuest(
      files(),
      (guest) => {
        const view = new DataView(body(guest).buffer);
        expect([view.getUint8(16), view.getUint32(20, true), view.getBigUint64(24, true)]).toEqual([4, 1, 10n]);
        expect([view.getBigUint64(48, true) > 0n, view.getUint8(56)]).toEqual([true, 0xee]);
      },
      "wasi_unstable",
    );
  });
});
