import { WASIError } from "../errors.ts";
import { utf8Length } from "../utf8.ts";
import { type Directory, OPEN_DIRECTORY } from "./file-system.ts";

/** As many links as Linux follows in one path. */
const MOST_LINKS = 40;
const MOST_NAME_BYTES = 255;

/**
 * A path on its way from a directory to what it names, one component at a time. This is the wall of the sandbox: `..` goes back to the directory
 * that the walk came from (never to what the file system holds to be the parent), a link is read as data and its components are walked like the
 * path's own, and what would leave the directory that the walk began in ends it with `notcapable`.
 *
 * After construction {@link directory} and {@link name} say where the last component is to be looked for; an operation that wants to
 * follow a link there calls {@link follow}. Call {@link close} in the end: a walk holds handles.
 */
export class Walk {
  /** The path ended in `/` (or `/.`): it must name a directory. */
  trailingSlash = false;
  /** The last component, or undefined when the path names {@link directory} itself, as `.` and `a/..` do. */
  name: string | undefined;
  private readonly stack: Directory[];
  private readonly most: number;
  private links = 0;

  /**
   * @param start where the walk begins and what it cannot leave
   * @param path the guest's path
   * @param most bytes that a path may have, links' targets included
   * @throws WASIError `noent` for an empty path, `notcapable` for one that leads out, `inval` for one with NUL, `nametoolong`, and what the file system throws
   */
  constructor(start: Directory, path: string, most: number) {
    this.stack = [start];
    this.most = most;
    try {
      this.walk(path);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The directory that {@link name} is in. It belongs to the walk. */
  get directory(): Directory {
    return this.stack[this.stack.length - 1];
  }

  /**
   * The last component is a link: walks on to what it names.
   *
   * @throws WASIError `loop` after forty links
   */
  follow(): void {
    const mustBeDirectory = this.trailingSlash;
    this.walk(this.readLink(this.name!));
    this.trailingSlash ||= mustBeDirectory;
  }

  /** Gives back the handles on the way; the one that the walk began with is not the walk's. */
  close(): void {
    while (this.stack.length > 1) this.stack.pop()!.close();
  }

  private readLink(name: string): string {
    if (++this.links > MOST_LINKS) throw new WASIError("loop", `more than ${MOST_LINKS} links in one path`);
    return this.directory.readLink(name);
  }

  private walk(path: string): void {
    this.name = undefined;
    let rest = this.split(path);
    let at = 0;
    while (at < rest.length) {
      const part = rest[at++];
      if (part === "" || part === ".") continue;
      if (part === "..") {
        if (this.stack.length === 1) throw new WASIError("notcapable", "the path leads out of its directory");
        this.stack.pop()!.close();
        continue;
      }
      if (at === rest.length) {
        this.name = part;
        return;
      }
      if (this.enter(part)) continue;
      const remaining = rest.slice(at).join("/");
      const mustBeDirectory = this.trailingSlash;
      rest = this.split(`${this.readLink(part)}/${remaining}`);
      this.trailingSlash = mustBeDirectory;
      at = 0;
    }
  }

  /** Checks a path and takes it apart; what trails becomes {@link trailingSlash}. */
  private split(path: string): string[] {
    if (path === "") throw new WASIError("noent", "the path is empty");
    if (path.includes("\0")) throw new WASIError("inval", "the path holds a NUL");
    if (path.charCodeAt(0) === 0x2f) throw new WASIError("notcapable", "the path is absolute");
    if (path.length > this.most || utf8Length(path) > this.most) {
      throw new WASIError("nametoolong", `the path is longer than ${this.most} bytes`);
    }
    const parts = path.split("/");
    let length = parts.length;
    // A final "." is kept from being the last name, like "..": both name a directory that the walk stands in.
    while (length > 1 && parts[length - 1] === "") length--;
    this.trailingSlash = length < parts.length;
    parts.length = length;
    for (const part of parts) {
      if (part.length * 3 > MOST_NAME_BYTES && utf8Length(part) > MOST_NAME_BYTES) {
        throw new WASIError("nametoolong", `a name is longer than ${MOST_NAME_BYTES} bytes`);
      }
    }
    return parts;
  }

  /** Steps into a directory; false when the name is a link. */
  private enter(name: string): boolean {
    try {
      const next = this.directory.open(name, OPEN_DIRECTORY);
      if (next.kind !== "directory") {
        next.close();
        throw new WASIError("notdir", `${name} is not a directory`);
      }
      this.stack.push(next);
      return true;
    } catch (error) {
      if (!(error instanceof WASIError) || (error.errno !== "notdir" && error.errno !== "loop")) throw error;
      if (this.directory.lookup(name)?.filetype !== "symbolic_link") throw error;
      return false;
    }
  }
}
