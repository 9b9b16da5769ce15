/** One entry of a tar archive: by default a file. */
export interface TarEntry {
  readonly path: string;
  readonly content?: Uint8Array | string;
  /** The kind of the entry as in its header, such as `5` for a folder and `x` for pax headers. */
  readonly type?: string;
  readonly link?: string;
}

/** A tar archive (ustar). Names longer than its header holds need an entry of their own before them. */
export function tarOfEntries(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = "", type = "0", link = "" }) => {
    const bytes = Buffer.from(content as Uint8Array);
    const header = Buffer.alloc(512);
    header.write(path.slice(0, 100));
    header.write("0000644\0", 100);
    header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(link, 157);
    header.write("ustar\0" + "00", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, bytes, Buffer.alloc(-bytes.length & 511)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A tar archive of one file. */
export function tarOf(path: string, content: Uint8Array): Buffer {
  return tarOfEntries([{ path, content }]);
}

/** The pax headers of the entry that follows. */
export function pax(fields: Readonly<Record<string, string>>): TarEntry {
  const content = Object.entries(fields).map(([name, value]) => {
    const rest = ` ${name}=${value}\n`;
    let length = rest.length + 1;
    while (`${length}${rest}`.length !== length) length++;
    return `${length}${rest}`;
  });
  return { path: "PaxHeader", type: "x", content: content.join("") };
}
