import type { Export } from "../wasm/module.ts";
import { type Decoding, externKinds } from "./decoding.ts";
import { LIMITS } from "./limits.ts";
import type { Writer } from "./writer.ts";

/** The export section (specification, 5.5.11). */
export function readExportSection(reader: Decoding): void {
  const { exports, globals } = reader.module;
  const count = reader.count("exports", LIMITS.exports);
  reader.entries(count, () => {
    const name = reader.name();
    const start = reader.pos;
    const kind = externKinds[reader.byte()];
    if (kind === undefined) reader.fail("malformed export kind", start);
    const index = reader.u32();
    if (kind === "global" && globals[index]?.type.mutable)
      reader.need("mutable-globals", "an exported mutable global", start);
    exports.push({ name, kind, index });
  });
}

export function writeExportSection(writer: Writer, exports: readonly Export[]): void {
  writer.vector(exports, (_, { name, kind, index }) => {
    writer.name(name);
    writer.u8(externKinds.indexOf(kind));
    writer.u32(index);
  });
}
