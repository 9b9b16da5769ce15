import { execFileSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WASI as NodeWASI } from "node:wasi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HostDirectory, OverlayFileSystem } from "../src/index.ts";
import { type Functions, Guest, runGuest } from "./guest.ts";

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** What a guest tries to get at. */
const SECRET = "the secret outside";

let top: string;
let inside: string;
let outside: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "wardian-sandbox-"));
  inside = join(top, "inside");
  outside = join(top, "outside");
  mkdirSync(join(inside, "sub"), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), SECRET);
  writeFileSync(join(top, "secret"), SECRET);
  writeFileSync(join(inside, "own"), "own");
  writeFileSync(join(inside, "sub", "own"), "own in sub");
});

afterEach(() => {
  rmSync(top, { recursive: true, force: true });
});

/** An attack returns what it could read from outside, or the names of errors that it met. */
type Attack = (guest: Guest, host: { inside: string; outside: string; top: string }) => string[];

function onHostDirectory(attack: Attack, hold: "auto" | "path"): string[] {
  let results: string[] = [];
  runGuest({ preopens: { "/": new HostDirectory(inside, { hold }) } }, (guest) => {
    results = attack(guest, { inside, outside, top });
  });
  return results;
}

function onOverlay(attack: Attack): string[] {
  let results: string[] = [];
  const system = new OverlayFileSystem(new HostDirectory(inside, { readonly: true }));
  runGuest({ preopens: { "/": system } }, (guest) => {
    results = attack(guest, { inside, outside, top });
  });
  return results;
}

function onNode(attack: Attack): string[] {
  return attack(nodeGuest(inside), { inside, outside, top });
}

/** A guest of Node's own WASI that was given a folder. */
function nodeGuest(folder: string): Guest {
  const wasi = new NodeWASI({ version: "preview1", preopens: { "/": folder } });
  const guest = new Guest(wasi.wasiImport as Functions);
  wasi.initialize({ exports: { memory: guest.memory } });
  return guest;
}

const attacks: {
  name: string;
  /** Whether the WASI of Node 20 lets the guest out. */
  nodeFalls: boolean;
  attack: Attack;
}[] = [
  {
    name: "..",
    nodeFalls: false,
    attack: (guest) =>
      ["../secret", "sub/../../secret", "sub/../../outside/secret", ".."].map((path) => readOrErrno(guest, path)),
  },
  {
    name: "absolute paths",
    nodeFalls: false,
    attack: (guest, { outside }) =>
      [`${outside}/secret`, `//${outside}/secret`].map((path) => readOrErrno(guest, path)),
  },
  {
    name: "an absolute link that the host made",
    nodeFalls: true,
    attack: (guest, { inside, outside }) => {
      symlinkSync(join(outside, "secret"), join(inside, "link"));
      symlinkSync(outside, join(inside, "folder"));
      return ["link", "folder/secret"].map((path) => readOrErrno(guest, path));
    },
  },
  {
    name: "an absolute link that the guest makes",
    nodeFalls: false,
    attack: (guest, { outside }) => [guest.symlink(`${outside}/secret`, "link"), readOrErrno(guest, "link")],
  },
  {
    name: "a relative link that leads out",
    nodeFalls: false,
    attack: (guest, { inside }) => {
      symlinkSync("../outside/secret", join(inside, "link"));
      symlinkSync("..", join(inside, "sub", "up"));
      return ["link", "sub/up/../secret"].map((path) => readOrErrno(guest, path));
    },
  },
  {
    name: "a link ../.. in a folder that the guest then moves up",
    nodeFalls: true,
    attack: (guest) => {
      guest.mkdir("a");
      guest.mkdir("a/b");
      guest.symlink("../..", "a/b/up");
      guest.rename("a/b", "moved");
      return [readOrErrno(guest, "moved/up/secret"), readOrErrno(guest, "moved/up/outside/secret")];
    },
  },
  {
    name: "a chain of links",
    nodeFalls: true,
    attack: (guest) => {
      guest.mkdir("a");
      guest.mkdir("a/b");
      guest.symlink("..", "a/b/one");
      guest.symlink("b/one", "a/two");
      guest.symlink("a/two/..", "three");
      guest.rename("a/b/one", "one");
      return [
        readOrErrno(guest, "three/secret"),
        readOrErrno(guest, "one/secret"),
        readOrErrno(guest, "a/two/../../secret"),
        readOrErrno(guest, "three/../secret"),
      ];
    },
  },
  {
    name: "a link given a second name by a hard link",
    nodeFalls: true,
    attack: (guest) => {
      guest.symlink("..", "sub/link");
      return [
        guest.link("sub/link", "link"),
        readOrErrno(guest, "link/secret"),
        guest.link("sub/link", "followed", 1),
        readOrErrno(guest, "followed/secret"),
      ];
    },
  },
  {
    name: "a folder that the host moves away while it is open",
    nodeFalls: false,
    attack: (guest, { inside, outside }) => {
      const { fd } = guest.open("sub", { directory: true });
      renameSync(join(inside, "sub"), join(outside, "moved"));
      // What was in the folder is still the guest's to read; what is around it now is not.
      return ["../secret", "../../outside/secret", "../../secret"].map((path) => readOrErrno(guest, path, fd));
    },
  },
  {
    name: "an open folder whose name the host gives to a link",
    nodeFalls: true,
    attack: (guest, { inside, outside }) => {
      const { fd } = guest.open("sub", { directory: true });
      renameSync(join(inside, "sub"), join(inside, "old"));
      symlinkSync(outside, join(inside, "sub"));
      return [readOrErrno(guest, "secret", fd), readOrErrno(guest, "sub/secret"), guest.writeFile("planted", "x", fd)];
    },
  },
  {
    name: "a link that the guest renames over a folder of its path",
    nodeFalls: true,
    attack: (guest) => {
      guest.mkdir("a");
      guest.mkdir("a/b");
      guest.symlink("..", "a/b/up");
      // The name that was looked at a moment ago now leads elsewhere.
      const before = readOrErrno(guest, "sub/own");
      guest.unlink("sub/own");
      guest.rmdir("sub");
      guest.rename("a/b/up", "sub");
      return [before, readOrErrno(guest, "sub/secret"), readOrErrno(guest, "sub/inside/own")];
    },
  },
  {
    name: "names in another case or form",
    nodeFalls: false,
    attack: (guest, { inside }) => {
      symlinkSync("../secret", join(inside, "Link"));
      return [
        "link",
        "LINK",
        "Link",
        "\uff0e\uff0e/secret",
        "\u2024\u2024/secret",
        "..\u2215secret",
        "%2e%2e/secret",
        "..\\secret",
      ].map((path) => readOrErrno(guest, path));
    },
  },
  {
    name: "slashes at the end",
    nodeFalls: true,
    attack: (guest, { inside }) => {
      symlinkSync("../outside", join(inside, "folder"));
      symlinkSync("../outside/", join(inside, "folder2"));
      return [
        ...["folder/secret", "folder//secret", "folder/./secret", "folder2/secret"].map((path) =>
          readOrErrno(guest, path),
        ),
        ...["folder/", "folder2/", "folder/."].map(
          (path) => guest.open(path, { directory: true, follow: false }).errno,
        ),
      ];
    },
  },
  {
    name: "NUL bytes",
    nodeFalls: false,
    attack: (guest) =>
      ["own\0/../../secret", "\0", "../secret\0own", "sub\0/own"].map((path) => readOrErrno(guest, path)),
  },
  {
    name: "names that are not UTF-8",
    nodeFalls: false,
    attack: (guest) =>
      [
        Uint8Array.of(0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x73),
        Uint8Array.of(0x2e, 0x2e, 0xff),
        Uint8Array.of(0xed, 0xa0, 0x80),
      ].map((path) => guest.open(path).errno),
  },
];

/** What a path leads to when it leads out; the error otherwise. */
function readOrErrno(guest: Guest, path: string, from = 3): string {
  const { errno, text } = guest.readFile(path, from);
  return errno === "success" ? text : errno;
}

/** Where Node's own WASI falls was measured on this version; other versions may fall elsewhere. */
const isMeasuredNode = process.versions.node.startsWith("20.");
const isLinux = process.platform === "linux";

describe("a host directory cannot be left", () => {
  for (const { name, nodeFalls, attack } of attacks) {
    describe(name, () => {
      test("by descriptors", () => expectHeld(onHostDirectory(attack, "auto")));
      test("by paths", () => expectHeld(onHostDirectory(attack, "path")));
      test("below an overlay", () => expectHeld(onOverlay(attack)));
      test.runIf(isMeasuredNode)(nodeFalls ? "node:wasi falls" : "node:wasi holds", () => {
        expect(onNode(attack).includes(SECRET)).toBe(nodeFalls);
      });
    });
  }

  test("a hard link that the host made is a file of the folder", () => {
    linkSync(join(outside, "secret"), join(inside, "shared"));
    expect(onHostDirectory((guest) => [readOrErrno(guest, "shared")], "auto")).toEqual([SECRET]);
  });

  test("a guest can neither link nor move what is outside", () => {
    symlinkSync(outside, join(inside, "folder"));
    const results = onHostDirectory(
      (guest) => [
        guest.link("../outside/secret", "stolen"),
        guest.link("folder/secret", "stolen"),
        guest.rename("../outside/secret", "stolen"),
        guest.rename("folder/secret", "stolen"),
        guest.rename("own", "../outside/planted"),
        guest.rename("own", "folder/planted"),
        guest.writeFile("folder/planted", "x"),
        guest.writeFile("../outside/planted", "x"),
        guest.mkdir("folder/planted"),
        guest.unlink("folder/secret"),
        guest.rmdir("../outside"),
        guest.symlink("x", "folder/planted"),
        guest.stat("folder/secret").errno,
      ],
      "auto",
    );
    expect(new Set(results)).toEqual(new Set(["notcapable"]));
    expect(readdirSync(outside)).toEqual(["secret"]);
    expect(readdirSync(inside).sort()).toEqual(["folder", "own", "sub"]);
  });

  test("a write through a link that does not end anywhere makes nothing outside", () => {
    symlinkSync("../outside/planted", join(inside, "link"));
    expect(onHostDirectory((guest) => [guest.writeFile("link", "x")], "auto")).toEqual(["notcapable"]);
    expect(readdirSync(outside)).toEqual(["secret"]);
  });

  test.runIf(isLinux)("pipes and sockets cannot be opened, and do not block", () => {
    execFileSync("mkfifo", [join(inside, "pipe")]);
    const results = onHostDirectory(
      (guest) => [readOrErrno(guest, "pipe"), guest.writeFile("pipe", "x"), String(guest.stat("pipe").filetype)],
      "auto",
    );
    expect(results).toEqual(["notsup", "notsup", "0"]);
  });

  test.runIf(isLinux)("device files cannot be opened", () => {
    const attack = (guest: Guest): string[] => [
      readOrErrno(guest, "null"),
      guest.writeFile("null", "x"),
      guest.open("zero").errno,
    ];
    runGuest({ preopens: { "/dev": new HostDirectory("/dev") } }, (guest) => {
      expect(attack(guest)).toEqual(["notsup", "notsup", "notsup"]);
    });
    if (isMeasuredNode) expect(attack(nodeGuest("/dev"))).toContain("success");
  });

  test.runIf(isLinux)("/proc cannot be entered, from the top or through a link", () => {
    expect(() => new HostDirectory("/proc")).toThrow("kernel");
    expect(() => new HostDirectory("/proc/self")).toThrow("kernel");
    runGuest({ preopens: { "/": new HostDirectory("/") } }, (guest) => {
      expect(readOrErrno(guest, "proc/self/environ")).toBe("acces");
      expect(readOrErrno(guest, "proc/self/root/etc/passwd")).toBe("acces");
      expect(guest.open("proc/self/mem", { rights: ["FD_WRITE"] }).errno).toBe("acces");
      expect(guest.open("sys/kernel", { directory: true }).errno).toBe("acces");
      expect(guest.open("dev/fd/0").errno).toBe("notcapable");
    });
    if (isMeasuredNode) {
      const guest = nodeGuest("/");
      expect(guest.open("proc/self/mem", { rights: ["FD_WRITE"] }).errno).toBe("success");
      expect(guest.open("sys/kernel", { directory: true }).errno).toBe("success");
    }
  });

  test("a read-only directory takes no change", () => {
    const results: string[] = [];
    runGuest({ preopens: { "/": new HostDirectory(inside, { readonly: true }) } }, (guest) => {
      results.push(
        guest.writeFile("new", "x"),
        guest.open("own", { rights: ["FD_WRITE"] }).errno,
        guest.open("own", { rights: ["FD_READ"], trunc: true }).errno,
        guest.mkdir("new"),
        guest.unlink("own"),
        guest.rmdir("sub"),
        guest.rename("own", "new"),
        guest.link("own", "new"),
        guest.symlink("own", "new"),
        guest.call("path_filestat_set_times", 3, 0, ...guest.put("own"), 0n, 0n, 1 | 4),
      );
      const { fd } = guest.open("own");
      results.push(guest.call("fd_filestat_set_times", fd, 0n, 0n, 1 | 4));
      expect(guest.readFile("own").text).toBe("own");
    });
    expect(new Set(results)).toEqual(new Set(["rofs"]));
    expect(readFileSync(join(inside, "own"), "utf8")).toBe("own");
  });
});

function expectHeld(results: string[]): void {
  expect(results.length).toBeGreaterThan(0);
  for (const result of results) expect(result).not.toContain(SECRET);
  expect(readdirSync(outside).filter((name) => name !== "moved")).toEqual(["secret"]);
  expect(readFileSync(join(outside, "secret"), "utf8")).toBe(SECRET);
}
