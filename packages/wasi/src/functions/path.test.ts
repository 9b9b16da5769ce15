import { describe, expect, test } from "vitest";
import { runGuest } from "../../test/guest.ts";
import { MemoryFileSystem, Symlink } from "../index.ts";

const files = (): { preopens: { "/": MemoryFileSystem } } => ({
  preopens: {
    "/": MemoryFileSystem.from({
      file: "text",
      "dir/sub/deep": "deep",
      empty: {},
      toFile: new Symlink("file"),
      toDir: new Symlink("dir"),
      dangling: new Symlink("nothing"),
      loop: new Symlink("loop"),
      "dir/up": new Symlink("../file"),
      tooFar: new Symlink("../file"),
      absolute: new Symlink("/file"),
      endsInSlash: new Symlink("file/"),
    }),
  },
});

describe("paths", () => {
  test("are walked component by component, links too", () => {
    runGuest(files(), (guest) => {
      const read = (path: string): string => {
        const { errno, text } = guest.readFile(path);
        return errno === "success" ? text : errno;
      };
      expect(
        Object.fromEntries(
          [
            "file",
            "./file",
            "dir/../file",
            "dir/sub/../../file",
            "toDir/sub/deep",
            "toDir/../file",
            "dir/up",
            "toDir/up",
            "toFile",
            "dir//sub///deep",
            "",
            "/file",
            "..",
            "../x",
            "file/x",
            "file/",
            "file/.",
            "toFile/",
            "endsInSlash",
            "nothing/x",
            "loop",
            "loop/x",
            "tooFar",
            "absolute",
            "dangling",
            "a\0b",
          ].map((path) => [path, read(path)]),
        ),
      ).toEqual({
        file: "text",
        "./file": "text",
        "dir/../file": "text",
        "dir/sub/../../file": "text",
        "toDir/sub/deep": "deep",
        "toDir/../file": "text",
        "dir/up": "text",
        "toDir/up": "text",
        toFile: "text",
        "dir//sub///deep": "deep",
        "": "noent",
        "/file": "notcapable",
        "..": "notcapable",
        "../x": "notcapable",
        "file/x": "notdir",
        "file/": "notdir",
        "file/.": "notdir",
        "toFile/": "notdir",
        endsInSlash: "notdir",
        "nothing/x": "noent",
        loop: "loop",
        "loop/x": "loop",
        tooFar: "notcapable",
        absolute: "notcapable",
        dangling: "noent",
        "a\0b": "inval",
      });
    });
  });

  test("follow forty links and no more", () => {
    const tree: Record<string, string | Symlink> = { l0: "end" };
    for (let index = 1; index <= 41; index++) tree[`l${index}`] = new Symlink(`l${index - 1}`);
    runGuest({ preopens: { "/": MemoryFileSystem.from(tree) } }, (guest) => {
      expect(guest.readFile("l40").text).toBe("end");
      expect(guest.readFile("l41").errno).toBe("loop");
    });
  });
});

describe("path_open", () => {
  test("makes, refuses and cuts as its flags say", () => {
    runGuest(files(), (guest) => {
      const errno = (path: string, request: Parameters<typeof guest.open>[1]): string =>
        guest.open(path, request).errno;
      expect(errno("new", {})).toBe("noent");
      expect(errno("new", { creat: true })).toBe("success");
      expect(errno("new", { creat: true, excl: true })).toBe("exist");
      expect(errno("dangling", { creat: true, excl: true })).toBe("exist");
      expect(errno("dangling", { creat: true })).toBe("success");
      expect(guest.stat("nothing").errno).toBe("success");
      expect(errno("toFile", { follow: false })).toBe("loop");
      expect(errno("toDir", { follow: false, directory: true })).toBe("loop");
      expect(errno("toDir/", { follow: false, directory: true })).toBe("success");
      expect(errno("file", { directory: true })).toBe("notdir");
      expect(errno("dir", { creat: true })).toBe("isdir");
      expect(errno("dir", { trunc: true, rights: ["FD_READ"] })).toBe("isdir");
      expect(errno("dir", { rights: ["FD_WRITE"] })).toBe("isdir");
      expect(errno("dir", { directory: true, rights: ["FD_WRITE"] })).toBe("success");
      expect(errno("new2/", { creat: true })).toBe("isdir");
      expect(errno("file", { creat: true, directory: true })).toBe("inval");
      expect(errno(".", { directory: true })).toBe("success");
      expect(errno("dir/..", { directory: true })).toBe("success");
      expect(errno(".", { creat: true, excl: true })).toBe("exist");
      expect(errno("file", { trunc: true, rights: ["FD_READ"] })).toBe("success");
      expect(guest.stat("file").size).toBe(0n);
      expect(guest.call("path_open", 3, 2, ...guest.put("file"), 0, 0n, 0n, 0, 8)).toBe("inval");
      expect(guest.call("path_open", 3, 0, ...guest.put("file"), 16, 0n, 0n, 0, 8)).toBe("inval");
      expect(guest.call("path_open", 3, 0, ...guest.put("file"), 0, 0n, 0n, 32, 8)).toBe("inval");
      expect(guest.call("path_open", 0, 0, ...guest.put("file"), 0, 0n, 0n, 0, 8)).toBe("notdir");
      expect(guest.call("path_open", 3, 0, 0, 0xffff_ffff, 0, 0n, 0n, 0, 8)).toBe("fault");
      expect(guest.call("path_open", 3, 0, ...guest.put("file"), 0, 0n, 0n, 0, -2)).toBe("fault");
    });
  });

  test("leaves no descriptor behind when it fails", () => {
    runGuest(files(), (guest) => {
      for (const path of ["nothing", "loop", "file/x", "../x"]) guest.open(path);
      expect(guest.open("file").fd).toBe(4);
    });
  });

  test("keeps a removed file and a moved directory usable", () => {
    runGuest(files(), (guest) => {
      const { fd } = guest.open("file", { rights: ["FD_READ", "FD_WRITE", "FD_SEEK"] });
      const { fd: dir } = guest.open("dir", { directory: true });
      expect(guest.unlink("file")).toBe("success");
      expect(guest.read(fd).text).toBe("text");
      expect(guest.rename("dir", "empty")).toBe("success");
      expect(guest.readFile("sub/deep", dir).text).toBe("deep");
      const { fd: gone } = guest.open("empty/sub", { directory: true });
      expect(guest.unlink("empty/sub/deep")).toBe("success");
      expect(guest.rmdir("empty/sub")).toBe("success");
      expect(guest.writeFile("x", "", gone)).toBe("noent");
      expect(guest.readdir(gone).entries.map(({ name }) => name)).toEqual([".", ".."]);
    });
  });
});

describe("names", () => {
  test("are made and removed as POSIX has it", () => {
    runGuest(files(), (guest) => {
      expect([
        guest.mkdir("dir"),
        guest.mkdir("file"),
        guest.mkdir("."),
        guest.mkdir("dir/.."),
        guest.mkdir("n/m"),
      ]).toEqual(["exist", "exist", "exist", "exist", "noent"]);
      expect([
        guest.mkdir("made/"),
        guest.rmdir("made/"),
        guest.rmdir("dir"),
        guest.rmdir("file"),
        guest.rmdir("."),
        guest.rmdir("toDir"),
      ]).toEqual(["success", "success", "notempty", "notdir", "inval", "notdir"]);
      expect([
        guest.unlink("dir"),
        guest.unlink("dir/"),
        guest.unlink("file/"),
        guest.unlink("."),
        guest.unlink("n"),
        guest.unlink("toDir"),
      ]).toEqual(["isdir", "isdir", "notdir", "isdir", "noent", "success"]);
      expect(guest.stat("dir").errno).toBe("success");
    });
  });

  test("are moved as POSIX has it", () => {
    runGuest(files(), (guest) => {
      expect([
        guest.rename("n", "m"),
        guest.rename("dir", "dir/sub/x"),
        guest.rename("dir", "file"),
        guest.rename("file", "dir"),
        guest.rename("empty", "dir"),
        guest.rename("file", "."),
        guest.rename("file/", "m"),
        guest.rename("file", "m/"),
        guest.rename("file", "file"),
      ]).toEqual(["noent", "inval", "notdir", "isdir", "notempty", "busy", "notdir", "notdir", "success"]);
      expect(guest.rename("dir", "empty/")).toBe("success");
      expect(guest.readFile("empty/sub/deep").text).toBe("deep");
      expect(guest.rename("toFile", "moved")).toBe("success");
      expect(guest.readlink("moved").target).toBe("file");
    });
  });

  test("can be given to files and links twice, not to directories", () => {
    runGuest(files(), (guest) => {
      expect([
        guest.link("file", "second"),
        guest.link("dangling", "dangling2"),
        guest.link("dir", "dir2"),
        guest.link("file", "dir"),
        guest.link("n", "m"),
        guest.link("file", "m/"),
        guest.link("toFile", "m", 1),
      ]).toEqual(["success", "success", "perm", "exist", "noent", "noent", "inval"]);
      expect(guest.readlink("dangling2").target).toBe("nothing");
      guest.writeFile("second", "changed");
      expect(guest.readFile("file").text).toBe("changed");
    });
  });

  test("of links are made of what leads somewhere", () => {
    runGuest(files(), (guest) => {
      expect([
        guest.symlink("", "new"),
        guest.symlink("/x", "new"),
        guest.symlink("a\0b", "new"),
        guest.symlink("x", "file"),
        guest.symlink("x", "new/"),
        guest.symlink("x", "dir/"),
        guest.symlink("x", "file/"),
        guest.symlink("../../x", "new"),
      ]).toEqual(["noent", "notcapable", "inval", "exist", "noent", "exist", "notdir", "success"]);
      expect(guest.readlink("new")).toEqual({ errno: "success", target: "../../x" });
      expect(guest.readlink("new", 4)).toEqual({ errno: "success", target: "../." });
      expect([guest.readlink("file").errno, guest.readlink(".").errno, guest.readlink("n").errno]).toEqual([
        "inval",
        "inval",
        "noent",
      ]);
    });
  });

  test("and times can be looked at and set through links or not", () => {
    runGuest(files(), (guest) => {
      const set = (path: string, follow: number): string =>
        guest.call("path_filestat_set_times", 3, follow, ...guest.put(path), 1n, 2n, 1 | 4);
      expect([set("toFile", 0), guest.stat("toFile", false).mtim, guest.stat("toFile").mtim === 2n]).toEqual([
        "success",
        2n,
        false,
      ]);
      expect([set("toFile", 1), guest.stat("file").mtim]).toEqual(["success", 2n]);
      expect([set(".", 1), guest.stat(".").mtim]).toEqual(["success", 2n]);
      expect([set("n", 1), set("dangling", 1), set("dangling", 0)]).toEqual(["noent", "noent", "success"]);
      expect([
        guest.stat("toDir").filetype,
        guest.stat("toDir", false).filetype,
        guest.stat("toDir/", false).filetype,
      ]).toEqual([3, 7, 3]);
    });
  });
});
