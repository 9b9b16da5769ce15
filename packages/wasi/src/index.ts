export type { Dialect, Filetype } from "./abi.ts";
export {
  type Clock,
  type DeterministicClockOptions,
  deterministicClock,
  type SystemClockOptions,
  systemClock,
} from "./clock.ts";
export type { ErrnoName } from "./errno.ts";
export { ExitStatus, WASIError } from "./errors.ts";
export {
  type BrowserDirectory,
  type BrowserFile,
  readBrowserFolder,
  writeBrowserFolder,
} from "./filesystem/browser/copy.ts";
export type {
  Directory,
  DirectoryEntry,
  FileHandle,
  FileStat,
  FileSystem,
  NewTimes,
  OpenOptions,
} from "./filesystem/file-system.ts";
export { readHostFolder, writeHostFolder } from "./filesystem/host/copy.ts";
export { HostDirectory, type HostDirectoryOptions } from "./filesystem/host/host-directory.ts";
export { MemoryFileSystem, type MemoryFileSystemOptions } from "./filesystem/memory/memory-file-system.ts";
export type { Usage } from "./filesystem/memory/quota.ts";
export { TarError } from "./filesystem/memory/tar.ts";
export { type FileTree, Symlink } from "./filesystem/memory/tree.ts";
export { type OverlayChanges, OverlayFileSystem } from "./filesystem/overlay.ts";
export type { CallOptions, CallSignal, GuestInstance } from "./guest/instance.ts";
export type { GuestMemoryObject } from "./guest/memory.ts";
export { DEFAULT_LIMITS, type WASILimits } from "./limits.ts";
export { type RandomSource, seededRandom, systemRandom } from "./random.ts";
export {
  type Connection,
  type Listener,
  type NodeServer,
  type NodeSocket,
  serverListener,
  socketConnection,
} from "./sockets.ts";
export type { InputChunk, InputSource } from "./stdio/input.ts";
export { CapturedOutput, type ChunkWriter, type OutputSink } from "./stdio/output.ts";
export { type ImportDescriptor, type ImportedFunction, WASI, type WASIOptions } from "./wasi.ts";
