import { WASIError } from "../../errors.ts";
import { utf8Length } from "../../utf8.ts";
import type {
  Directory,
  DirectoryEntry,
  FileHandle,
  FileStat,
  FileSystem,
  NewTimes,
  OpenOptions,
} from "../file-system.ts";
import { DirectoryNode, FileNode, LinkNode, type Node } from "./node.ts";

/** A handle on a file of a memory file system. */
export class MemoryFile implements FileHandle {
  readonly kind = "file";
  private readonly node: FileNode;

  constructor(node: FileNode) {
    this.node = node;
    node.opened();
  }

  stat(): FileStat {
    return this.node.stat();
  }

  setTimes(times: NewTimes): void {
    this.node.setTimes(times);
  }

  sync(): void {}

  close(): void {
    this.node.closed();
  }

  read(bytes: Uint8Array, position: number): number {
    return this.node.read(bytes, position);
  }

  write(bytes: Uint8Array, position: number): number {
    return this.node.write(bytes, position);
  }

  append(bytes: Uint8Array): number {
    return this.node.write(bytes, this.node.size);
  }

  resize(size: number): void {
    this.node.resize(size);
  }
}

/** A handle on a directory of a memory file system. */
export class MemoryDirectory implements Directory {
  readonly kind = "directory";
  private readonly node: DirectoryNode;
  private readonly system: FileSystem;

  constructor(system: FileSystem, node: DirectoryNode) {
    this.system = system;
    this.node = node;
  }

  stat(): FileStat {
    return this.node.stat();
  }

  setTimes(times: NewTimes): void {
    this.node.setTimes(times);
  }

  sync(): void {}

  close(): void {}

  reopen(): Directory {
    return new MemoryDirectory(this.system, this.node);
  }

  lookup(name: string): FileStat | undefined {
    return this.node.find(name)?.stat();
  }

  list(most: number): DirectoryEntry[] {
    return this.node.list(most);
  }

  open(name: string, options: OpenOptions): FileHandle | Directory {
    let node = this.node.find(name);
    if (node === undefined) {
      if (!options.create) throw new WASIError("noent", `there is no ${name}`);
      node = new FileNode(this.node.volume);
      this.node.add(name, node);
    } else if (options.create && options.exclusive) {
      throw new WASIError("exist", `${name} exists`);
    }
    if (node instanceof LinkNode) throw new WASIError("loop", `${name} is a link`);
    if (node instanceof DirectoryNode) {
      if (options.write || options.create || options.truncate) throw new WASIError("isdir", `${name} is a directory`);
      return new MemoryDirectory(this.system, node);
    }
    if (options.directory) throw new WASIError("notdir", `${name} is a file`);
    if (options.truncate && node.size > 0) node.resize(0);
    return new MemoryFile(node);
  }

  readLink(name: string): string {
    const node = this.entry(name);
    if (!(node instanceof LinkNode)) throw new WASIError("inval", `${name} is not a link`);
    return node.target;
  }

  createDirectory(name: string): void {
    this.mustBeFree(name);
    this.node.add(name, new DirectoryNode(this.node.volume));
  }

  createLink(name: string, target: string): void {
    this.mustBeFree(name);
    const { volume } = this.node;
    const size = utf8Length(target);
    volume.quota.addBytes(size);
    try {
      this.node.add(name, new LinkNode(volume, target));
    } catch (error) {
      volume.quota.addBytes(-size);
      throw error;
    }
  }

  link(name: string, to: Directory, toName: string): void {
    const node = this.entry(name);
    if (node instanceof DirectoryNode) throw new WASIError("perm", `${name} is a directory`);
    const target = this.own(to);
    target.mustBeFree(toName);
    target.node.add(toName, node);
  }

  rename(name: string, to: Directory, toName: string): void {
    const node = this.entry(name);
    const target = this.own(to);
    const old = target.node.find(toName);
    if (old === node) return;
    if (node instanceof DirectoryNode) {
      for (let above: DirectoryNode | undefined = target.node; above !== undefined; above = above.parent) {
        if (above === node) throw new WASIError("inval", `${name} cannot be moved below itself`);
      }
    }
    if (old !== undefined) {
      if (old instanceof DirectoryNode) {
        if (!(node instanceof DirectoryNode)) throw new WASIError("isdir", `${toName} is a directory`);
        if (!old.empty) throw new WASIError("notempty", `${toName} is not empty`);
      } else if (node instanceof DirectoryNode) {
        throw new WASIError("notdir", `${toName} is not a directory`);
      }
    }
    this.node.move(name, node, target.node, toName);
  }

  removeDirectory(name: string): void {
    const node = this.entry(name);
    if (!(node instanceof DirectoryNode)) throw new WASIError("notdir", `${name} is not a directory`);
    if (!node.empty) throw new WASIError("notempty", `${name} is not empty`);
    this.node.remove(name, node);
  }

  removeFile(name: string): void {
    const node = this.entry(name);
    if (node instanceof DirectoryNode) throw new WASIError("isdir", `${name} is a directory`);
    this.node.remove(name, node);
  }

  setEntryTimes(name: string, times: NewTimes): void {
    this.entry(name).setTimes(times);
  }

  private entry(name: string): Node {
    const node = this.node.find(name);
    if (node === undefined) throw new WASIError("noent", `there is no ${name}`);
    return node;
  }

  private mustBeFree(name: string): void {
    if (this.node.find(name) !== undefined) throw new WASIError("exist", `${name} exists`);
  }

  private own(directory: Directory): MemoryDirectory {
    if (!(directory instanceof MemoryDirectory) || directory.system !== this.system) {
      throw new WASIError("xdev", "the two names are in different file systems");
    }
    return directory;
  }
}
