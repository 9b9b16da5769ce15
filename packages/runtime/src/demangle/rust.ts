import { NameReader } from "./reader.ts";

/*
 * Rust's names: the v0 scheme (RFC 2603, "Symbol name mangling v0") and the older one, which is an Itanium name with a hash at its end.
 * Hashes and the disambiguators of crates are left out, as rustc's own tools do.
 */

const basicTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: "i8",
    b: "bool",
    c: "char",
    d: "f64",
    e: "str",
    f: "f32",
    h: "u8",
    i: "isize",
    j: "usize",
    l: "i32",
    m: "u32",
    n: "i128",
    o: "u128",
    p: "_",
    s: "i16",
    t: "u16",
    u: "()",
    v: "...",
    x: "i64",
    y: "u64",
    z: "!",
  }),
);

/** Decodes an identifier in Rust's form of Punycode (RFC 3492, with `_` for the delimiter). */
function punycode(text: string): string | undefined {
  const at = text.lastIndexOf("_");
  const output = at > 0 ? [...text.slice(0, at)] : [];
  const digits = text.slice(at + 1);
  let [n, i, bias, pos] = [128, 0, 72, 0];
  while (pos < digits.length) {
    const old = i;
    for (let weight = 1, k = 36; ; k += 36) {
      const digit = /[a-z]/.test(digits[pos] ?? "")
        ? digits.charCodeAt(pos) - 97
        : /[0-9]/.test(digits[pos] ?? "")
          ? digits.charCodeAt(pos) - 22
          : -1;
      if (digit < 0) return undefined;
      pos++;
      i += digit * weight;
      if (i > 0x7fff_ffff) return undefined;
      const threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
      if (digit < threshold) break;
      weight *= 36 - threshold;
    }
    const length = output.length + 1;
    let delta = old === 0 ? Math.floor((i - old) / 700) : (i - old) >> 1;
    delta += Math.floor(delta / length);
    let k = 0;
    for (; delta > 455; k += 36) delta = Math.floor(delta / 35);
    bias = k + Math.floor((36 * delta) / (delta + 38));
    n += Math.floor(i / length);
    i %= length;
    if (n > 0x10_ffff || (n >= 0xd800 && n < 0xe000)) return undefined;
    output.splice(i++, 0, String.fromCodePoint(n));
  }
  return output.join("");
}

class V0 {
  private readonly reader: NameReader;
  private readonly start: number;
  /** Lifetimes that binders around here have named. */
  private lifetimes = 0;

  constructor(reader: NameReader) {
    this.reader = reader;
    this.start = reader.pos;
  }

  /** A number in base 62, ended by `_`; `_` alone is 0. */
  private base62(): number {
    const digits = this.reader.match(/[0-9a-zA-Z]*_/y) ?? this.reader.fail();
    if (digits === "_") return 0;
    let value = 0;
    for (const digit of digits.slice(0, -1)) {
      const code = digit.charCodeAt(0);
      value = value * 62 + (code < 58 ? code - 48 : code > 96 ? code - 87 : code - 29);
    }
    // Hashes of 64 bits are not kept to the unit: they are not shown.
    return value + 1;
  }

  private optional62(tag: string): number {
    return this.reader.take(tag) ? this.base62() + 1 : 0;
  }

  private identifier(): { name: string; disambiguator: number } {
    const { reader } = this;
    const disambiguator = this.optional62("s");
    const isPunycode = reader.take("u");
    const length = reader.match(/0|[1-9][0-9]*/y) ?? reader.fail();
    reader.take("_");
    const text = reader.characters(Number(length));
    return { name: isPunycode ? (punycode(text) ?? reader.fail()) : text, disambiguator };
  }

  /** Reads again what stands at an earlier place. */
  private back(read: () => string): string {
    const at = this.reader.pos - 1;
    const target = this.start + this.base62();
    if (target >= at) this.reader.fail();
    const { pos } = this.reader;
    this.reader.pos = target;
    const text = read();
    this.reader.pos = pos;
    return text;
  }

  path(inValue: boolean): string {
    return this.reader.part(() => this.readPath(inValue));
  }

  private readPath(inValue: boolean): string {
    const { reader } = this;
    switch (reader.next()) {
      case "C":
        return this.identifier().name;
      case "M":
        this.implementation();
        return `<${this.type()}>`;
      case "X":
        this.implementation();
        return `<${this.type()} as ${this.path(false)}>`;
      case "Y":
        return `<${this.type()} as ${this.path(false)}>`;
      case "N": {
        const namespace = reader.next();
        const parent = this.path(inValue);
        const { name, disambiguator } = this.identifier();
        if (/[A-Z]/.test(namespace)) {
          const kind = namespace === "C" ? "closure" : namespace === "S" ? "shim" : namespace;
          return `${parent}::{${kind}${name === "" ? "" : `:${name}`}#${disambiguator}}`;
        }
        return name === "" ? parent : `${parent}::${name}`;
      }
      case "I": {
        const parent = this.path(inValue);
        return `${parent}${inValue ? "::" : ""}<${this.list(() => this.argument())}>`;
      }
      case "B":
        return this.back(() => this.path(inValue));
      default:
        return reader.fail();
    }
  }

  private implementation(): void {
    this.optional62("s");
    this.path(false);
  }

  private list(read: () => string): string {
    const items: string[] = [];
    while (!this.reader.take("E")) items.push(this.reader.part(read));
    return items.join(", ");
  }

  private argument(): string {
    if (this.reader.take("L")) return this.lifetime();
    return this.reader.take("K") ? this.constant() : this.type();
  }

  private lifetime(): string {
    const index = this.base62();
    if (index === 0) return "'_";
    const depth = this.lifetimes - index;
    if (depth < 0) this.reader.fail();
    return depth < 26 ? `'${String.fromCharCode(97 + depth)}` : `'_${depth}`;
  }

  /** `for<'a, 'b> ` and what it holds for. */
  private bound(read: () => string): string {
    const count = this.optional62("G");
    if (count > 64) this.reader.fail();
    const names = Array.from({ length: count }, () => {
      this.lifetimes++;
      const depth = this.lifetimes - 1;
      return depth < 26 ? `'${String.fromCharCode(97 + depth)}` : `'_${depth}`;
    });
    const text = read();
    this.lifetimes -= count;
    return count === 0 ? text : `for<${names.join(", ")}> ${text}`;
  }

  private type(): string {
    return this.reader.part(() => this.readType());
  }

  private readType(): string {
    const { reader } = this;
    const basic = basicTypes.get(reader.peek());
    if (basic !== undefined) {
      reader.pos++;
      return basic;
    }
    const reference = (kind: string): string => {
      const lifetime = reader.take("L") ? this.lifetime() : "'_";
      return `&${lifetime === "'_" ? "" : `${lifetime} `}${kind}${this.type()}`;
    };
    switch (reader.next()) {
      case "A":
        return `[${this.type()}; ${this.constant()}]`;
      case "S":
        return `[${this.type()}]`;
      case "T": {
        const types: string[] = [];
        while (!reader.take("E")) types.push(this.type());
        return `(${types.join(", ")}${types.length === 1 ? "," : ""})`;
      }
      case "R":
        return reference("");
      case "Q":
        return reference("mut ");
      case "P":
        return `*const ${this.type()}`;
      case "O":
        return `*mut ${this.type()}`;
      case "F":
        return this.bound(() => this.functionType());
      case "D": {
        const text = this.bound(() => this.traits());
        reader.expect("L");
        const lifetime = this.lifetime();
        return `dyn ${text}${lifetime === "'_" ? "" : ` + ${lifetime}`}`;
      }
      case "B":
        return this.back(() => this.type());
      default:
        reader.pos--;
        return this.path(false);
    }
  }

  private functionType(): string {
    const { reader } = this;
    const unsafe = reader.take("U") ? "unsafe " : "";
    let abi = "";
    if (reader.take("K")) abi = `extern "${reader.take("C") ? "C" : this.identifier().name.replace(/_/g, "-")}" `;
    const parameters = this.list(() => this.type());
    const result = this.type();
    return `${unsafe}${abi}fn(${parameters})${result === "()" ? "" : ` -> ${result}`}`;
  }

  private traits(): string {
    const { reader } = this;
    const traits: string[] = [];
    while (!reader.take("E"))
      traits.push(
        reader.part(() => {
          let text = this.path(false);
          while (reader.take("p")) {
            const binding = `${this.identifier().name} = ${this.type()}`;
            text = text.endsWith(">") ? `${text.slice(0, -1)}, ${binding}>` : `${text}<${binding}>`;
          }
          return text;
        }),
      );
    return traits.join(" + ");
  }

  private constant(): string {
    return this.reader.part(() => this.readConstant());
  }

  private readConstant(): string {
    const { reader } = this;
    if (reader.take("p")) return "_";
    if (reader.take("B")) return this.back(() => this.constant());
    const type = reader.next();
    if (!/[abchijlmnostxy]/.test(type)) return reader.fail();
    const negative = reader.take("n") ? "-" : "";
    const digits = reader.match(/[0-9a-f]*_/y)?.slice(0, -1) ?? reader.fail();
    if (digits.length > 64) reader.fail();
    const value = BigInt(`0x${digits || "0"}`);
    if (type === "b") return value === 0n ? "false" : value === 1n ? "true" : reader.fail();
    if (type !== "c") return `${negative}${value}`;
    if (value > 0x10_ffffn) return reader.fail();
    return `'${String.fromCodePoint(Number(value))}'`;
  }
}

/** Demangles a name of the v0 scheme, without a prefix of the platform's. @throws Unreadable */
export function demangleRustV0(text: string, start: number): string {
  // What LLVM appends begins with a dot.
  const suffix = text.indexOf(".", start);
  const reader = new NameReader(suffix < 0 ? text : text.slice(0, suffix), start);
  // A version of the encoding would come first, and none is known.
  if (/[0-9]/.test(reader.peek())) reader.fail();
  const paths = new V0(reader);
  const name = paths.path(true);
  // The crate in which a generic function was instantiated is left out.
  if (!reader.atEnd) paths.path(false);
  if (!reader.atEnd) reader.fail();
  return name;
}

const escapes: ReadonlyMap<string, string> = new Map(
  Object.entries({ SP: "@", BP: "*", RF: "&", LT: "<", GT: ">", LP: "(", RP: ")", C: "," }),
);

/** Demangles a name of the older scheme, or gives undefined where it is none. */
export function demangleRustLegacy(text: string, start: number): string | undefined {
  const reader = new NameReader(text, start);
  if (!reader.take("N")) return undefined;
  const parts: string[] = [];
  while (!reader.take("E")) {
    const length = reader.match(/[1-9][0-9]*/y);
    if (length === undefined) return undefined;
    parts.push(reader.characters(Number(length)));
  }
  if (!reader.atEnd && reader.peek() !== ".") return undefined;
  if (parts.length < 2 || !/^h[0-9a-f]{16}$/.test(parts.pop() as string)) return undefined;
  return parts.map(decodeEscapes).join("::");
}

function decodeEscapes(part: string): string {
  return part
    .replace(/^_(?=\$)/, "")
    .replace(/\.\./g, "::")
    .replace(/\$(?:u([0-9a-f]{1,6})|(\w{1,2}))\$/g, (whole, code: string | undefined, name: string) => {
      if (code === undefined) return escapes.get(name) ?? whole;
      const point = Number.parseInt(code, 16);
      return point < 0x20 || point > 0x10_ffff ? whole : String.fromCodePoint(point);
    });
}
