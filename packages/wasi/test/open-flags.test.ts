import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type FileSystem, HostDirectory, MemoryFileSystem, OverlayFileSystem, Symlink } from "../src/index.ts";
import { type Guest, type OpenRequest, runGuest } from "./guest.ts";

/** What a path names before it is opened. */
const KINDS = ["file", "dir", "missing", "toFile", "toDir", "dangling", "file/", "dir/", "missing/", "dir/.", "."];

const RIGHTS: readonly NonNullable<OpenRequest["rights"]>[] = [
  [],
  ["FD_READ"],
  ["FD_WRITE"],
  ["FD_READ", "FD_WRITE"],
  ["FD_ALLOCATE"],
  ["FD_READDIR"],
];

const FLAGS = [0, 1, 4, 16];

function* requests(): Generator<OpenRequest> {
  for (let bits = 0; bits < 16; bits++)
    for (const rights of RIGHTS)
      for (const flags of FLAGS)
        for (const follow of [true, false])
          yield {
            creat: (bits & 1) !== 0,
            directory: (bits & 2) !== 0,
            excl: (bits & 4) !== 0,
            trunc: (bits & 8) !== 0,
            rights,
            flags,
            follow,
          };
}

/** Opens in every way; what is opened is put back to what it was. */
function answers(system: FileSystem): Map<string, string> {
  const found = new Map<string, string>();
  runGuest({ preopens: { "/": system } }, (guest: Guest) => {
    for (const kind of KINDS)
      for (const request of requests()) {
        const { errno, fd } = guest.open(kind, request);
        let is = errno;
        if (errno === "success") {
          is = `${errno} ${guest.call("fd_seek", fd, 0n, 0, guest.space(8))}`;
          guest.close(fd);
        }
        found.set(`${kind} ${JSON.stringify(request)}`, is);
        for (const made of ["missing", "nothing"]) guest.call("path_unlink_file", 3, ...guest.put(made));
      }
  });
  return found;
}

test("all file systems answer every combination of flags, rights and kinds alike", () => {
  const folder = mkdtempSync(join(tmpdir(), "open-flags-"));
  try {
    const fill = (name: string): string => {
      const place = join(folder, name);
      mkdirSync(join(place, "dir"), { recursive: true });
      writeFileSync(join(place, "file"), "text");
      symlinkSync("file", join(place, "toFile"));
      symlinkSync("dir", join(place, "toDir"));
      symlinkSync("nothing", join(place, "dangling"));
      return place;
    };
    const memory = (): MemoryFileSystem =>
      MemoryFileSystem.from({
        file: "text",
        dir: {},
        toFile: new Symlink("file"),
        toDir: new Symlink("dir"),
        dangling: new Symlink("nothing"),
      });
    const expected = answers(new HostDirectory(fill("host")));
    expect(expected.size).toBe(KINDS.length * 16 * RIGHTS.length * FLAGS.length * 2);
    const differences: string[] = [];
    for (const [name, system] of Object.entries({
      memory: memory(),
      "overlay over memory": new OverlayFileSystem(memory()),
      "overlay over a host folder": new OverlayFileSystem(new HostDirectory(fill("below"))),
    }))
      for (const [what, errno] of answers(system))
        if (errno !== expected.get(what))
          differences.push(`${name}: ${what}: ${errno}, on a host folder ${expected.get(what)}`);
    expect(differences.slice(0, 20)).toEqual([]);
    const all = (request: object): string =>
      expected.get(
        `dir ${JSON.stringify({ creat: false, directory: false, excl: false, trunc: false, rights: ["FD_READ"], flags: 0, follow: true, ...request })}`,
      ) as string;
    expect(all({ creat: true })).toBe("isdir");
    expect(all({ creat: true, excl: true })).toBe("exist");
    expect(all({ directory: true, rights: ["FD_READ", "FD_WRITE"] })).toBe("isdir");
    expect(all({ directory: true })).toBe("success notcapable");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
