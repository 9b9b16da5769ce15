/** What of the runtime needs Node: imported as `@wardian/runtime/node`, so that the runtime itself imports nothing of a platform. */
export { FolderCache, type FolderCacheOptions } from "./folder-cache.ts";
export { RegularFileError, readRegularFile } from "./regular-file.ts";
