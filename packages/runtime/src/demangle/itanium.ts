import { NameReader } from "./reader.ts";

/*
 * C++ names as clang and gcc mangle them (Itanium C++ ABI, 5.1). Read are names of functions and data with templates, substitutions and the
 * types of parameters. A name with an expression in it (`decltype`, a dependent template argument) stays as it is.
 */

const builtins: ReadonlyMap<string, string> = new Map(
  Object.entries({
    v: "void",
    w: "wchar_t",
    b: "bool",
    c: "char",
    a: "signed char",
    h: "unsigned char",
    s: "short",
    t: "unsigned short",
    i: "int",
    j: "unsigned int",
    l: "long",
    m: "unsigned long",
    x: "long long",
    y: "unsigned long long",
    n: "__int128",
    o: "unsigned __int128",
    f: "float",
    d: "double",
    e: "long double",
    g: "__float128",
    z: "...",
    Di: "char32_t",
    Ds: "char16_t",
    Du: "char8_t",
    Da: "auto",
    Dc: "decltype(auto)",
    Dn: "std::nullptr_t",
    Dh: "half",
  }),
);

/** What literals of a type end with. */
const suffixes: ReadonlyMap<string, string> = new Map([
  ["int", ""],
  ["unsigned int", "u"],
  ["long", "l"],
  ["unsigned long", "ul"],
  ["long long", "ll"],
  ["unsigned long long", "ull"],
]);

const operators: ReadonlyMap<string, string> = new Map(
  (
    "nw= new|na= new[]|dl= delete|da= delete[]|aw= co_await|ps=+|ng=-|ad=&|de=*|co=~|pl=+|mi=-|ml=*|dv=/|rm=%|an=&|or=||eo=^|aS==|pL=+=|" +
    "mI=-=|mL=*=|dV=/=|rM=%=|aN=&=|oR=|=|eO=^=|ls=<<|rs=>>|lS=<<=|rS=>>=|eq===|ne=!=|lt=<|gt=>|le=<=|ge=>=|ss=<=>|nt=!|aa=&&|oo=||||" +
    "pp=++|mm=--|cm=,|pm=->*|pt=->|cl=()|ix=[]|qu=?"
  )
    .split(/\|(?=[a-zA-Z]{2}=)/)
    .map((pair) => [pair.slice(0, 2), pair.slice(3)]),
);

const standard: ReadonlyMap<string, string> = new Map([
  ["t", "std"],
  ["a", "std::allocator"],
  ["b", "std::basic_string"],
  ["s", "std::string"],
  ["i", "std::istream"],
  ["o", "std::ostream"],
  ["d", "std::iostream"],
]);

const special: ReadonlyMap<string, string> = new Map([
  ["TV", "vtable for "],
  ["TT", "VTT for "],
  ["TI", "typeinfo for "],
  ["TS", "typeinfo name for "],
]);

/** Marks the place of a declarator in the type of a function or an array: `int (*)(int)`. */
const PLACE = "\u0000";
/** Stands between the members of a pack, each of which gets the declarators and qualifiers of the whole. */
const BETWEEN = "\u0001";

/** Adds a declarator or qualifier to a type. */
function declare(inner: string, declarator: string): string {
  if (inner === "") return "";
  const members = inner.split(BETWEEN).map((member) => {
    const at = member.includes(PLACE) ? member.indexOf(PLACE) : member.length;
    let before = member.slice(0, at);
    // A reference to a reference is one, and of an rvalue only if both are.
    if (/^&/.test(declarator) && before.endsWith("&")) {
      if (declarator === "&&") return member;
      before = before.replace(/&+$/, "");
    }
    const space = at === member.length && /^\w/.test(declarator) ? " " : "";
    return `${before}${space}${declarator}${member.slice(at)}`;
  });
  return members.join(BETWEEN);
}

/** A type as it is shown: places that no declarator took are gone. */
function shown(type: string): string {
  return type
    .replaceAll(`(${PLACE}) [`, "[")
    .replaceAll(`(${PLACE})`, "")
    .replaceAll(PLACE, "")
    .replaceAll(BETWEEN, ", ");
}

class Itanium {
  private readonly reader: NameReader;
  private readonly substitutions: string[] = [];
  private templateArguments: readonly string[] = [];
  /** Of the name that was read last: whether it ends with template arguments, and whether it has a return type then. */
  private endsWithTemplate = false;
  private isSpecialMember = false;
  private qualifiers = "";

  constructor(reader: NameReader) {
    this.reader = reader;
  }

  encoding(): string {
    const { reader } = this;
    for (const [code, words] of special) if (reader.take(code)) return `${words}${shown(this.type())}`;
    if (reader.take("GV")) return `guard variable for ${this.name()}`;
    if (reader.match(/Th?n?-?[0-9]+_|Tvn?[0-9]+_n?[0-9]+_/y) !== undefined) return `thunk to ${this.encoding()}`;
    this.qualifiers = "";
    const name = this.name();
    const { qualifiers } = this;
    const hasResult = this.endsWithTemplate && !this.isSpecialMember;
    if (reader.atEnd || reader.peek() === "E" || reader.peek() === ".") return name;
    const result = hasResult ? `${shown(this.type())} ` : "";
    return `${result}${name}(${this.parameters()})${qualifiers}`;
  }

  private parameters(): string {
    const { reader } = this;
    const types: string[] = [];
    while (!reader.atEnd && !/[E.]/.test(reader.peek())) types.push(shown(this.type()));
    return types.filter((type) => type !== "" && type !== "void").join(", ");
  }

  private name(): string {
    return this.reader.part(() => this.readName());
  }

  private readName(): string {
    const { reader } = this;
    this.endsWithTemplate = false;
    if (reader.take("N")) return this.nested();
    if (reader.take("Z")) return this.local();
    let name: string;
    if (reader.peek() === "S" && reader.peek(1) !== "t") {
      name = this.substitution();
      if (reader.peek() !== "I") return reader.fail();
      return this.withArguments(name);
    }
    name = reader.take("St") ? `std::${this.unqualified("")}` : this.unqualified("");
    if (reader.peek() !== "I") return name;
    this.substitutions.push(name);
    return this.withArguments(name);
  }

  private withArguments(name: string): string {
    const list = this.arguments();
    this.endsWithTemplate = true;
    return `${name}<${list.join(", ")}>`;
  }

  private nested(): string {
    const { reader } = this;
    const found = reader.match(/[rVK]*/y) ?? "";
    const reference = reader.take("R") ? " &" : reader.take("O") ? " &&" : "";
    this.qualifiers = `${found.includes("K") ? " const" : ""}${found.includes("V") ? " volatile" : ""}${reference}`;
    const { qualifiers } = this;
    let name = "";
    let isWhole = false;
    while (!reader.take("E")) {
      isWhole = true;
      name = reader.part(() => {
        if (reader.peek() === "I") {
          if (name === "") return reader.fail();
          return this.withArguments(name);
        }
        this.endsWithTemplate = false;
        if (reader.peek() === "S" && name === "") {
          isWhole = false;
          return this.substitution();
        }
        if (reader.peek() === "T" && name === "") return this.templateParameter();
        const part = this.unqualified(name);
        return name === "" ? part : `${name}::${part}`;
      });
      // The whole name is no candidate; a prefix is.
      if (isWhole && reader.peek() !== "E") this.substitutions.push(name);
    }
    this.qualifiers = qualifiers;
    return name === "" ? reader.fail() : name;
  }

  private local(): string {
    const { reader } = this;
    const outer = reader.part(() => this.encoding());
    reader.expect("E");
    this.qualifiers = "";
    if (reader.take("s")) {
      this.discriminator();
      this.endsWithTemplate = false;
      return `${outer}::string literal`;
    }
    if (reader.match(/d[0-9]*_/y) !== undefined) return `${outer}::${this.name()}`;
    const name = `${outer}::${this.name()}`;
    this.discriminator();
    return name;
  }

  private discriminator(): void {
    this.reader.match(/__[0-9]+_|_[0-9]/y);
  }

  /** @param scope the name of what it is in, after which constructors are called */
  private unqualified(scope: string): string {
    const { reader } = this;
    this.isSpecialMember = false;
    reader.take("L");
    let name: string;
    if (/[0-9]/.test(reader.peek())) name = this.source();
    else if (reader.match(/C[1-5]/y) !== undefined) name = this.member(scope);
    else if (reader.match(/D[0-5]/y) !== undefined) name = `~${this.member(scope)}`;
    else if (reader.take("Ut")) name = `{unnamed type#${this.number()}}`;
    else if (reader.take("Ul")) {
      const parameters = this.parameters();
      reader.expect("E");
      name = `{lambda(${parameters})#${this.number()}}`;
    } else if (reader.take("cv")) {
      name = `operator ${shown(this.type())}`;
      this.isSpecialMember = true;
    } else if (reader.take("li")) name = `operator"" ${this.source()}`;
    else name = `operator${operators.get(reader.characters(2)) ?? reader.fail()}`;
    while (reader.take("B")) name += `[abi:${this.source()}]`;
    return name;
  }

  /** A constructor is called as its class, without namespaces and template arguments. */
  private member(scope: string): string {
    this.isSpecialMember = true;
    let depth = 0;
    let end = scope.length;
    for (let at = scope.length - 1; at >= 0; at--) {
      if (scope[at] === ">") depth++;
      else if (scope[at] === "<" && --depth === 0) end = at;
      else if (scope[at] === ":" && depth === 0) return scope.slice(at + 1, end);
    }
    return scope.slice(0, end) || this.reader.fail();
  }

  private source(): string {
    const length = this.reader.match(/[1-9][0-9]*/y) ?? this.reader.fail();
    const name = this.reader.characters(Number(length));
    return /^_GLOBAL__N/.test(name) ? "(anonymous namespace)" : name;
  }

  /** A number that counts from 1 where it is left out. */
  private number(): number {
    const digits = this.reader.match(/[0-9]*_/y) ?? this.reader.fail();
    return digits === "_" ? 1 : Number(digits.slice(0, -1)) + 2;
  }

  private substitution(): string {
    const { reader } = this;
    reader.expect("S");
    const known = standard.get(reader.peek());
    if (known !== undefined) {
      reader.pos++;
      if (known !== "std") return known;
      const name = `std::${this.unqualified("")}`;
      this.substitutions.push(name);
      return name;
    }
    return this.substitutions[this.index()] ?? reader.fail();
  }

  /** `_` is 0, `0_` is 1, and so on in base 36. */
  private index(): number {
    const digits = this.reader.match(/[0-9A-Z]{0,6}_/y) ?? this.reader.fail();
    return digits === "_" ? 0 : Number.parseInt(digits.slice(0, -1), 36) + 1;
  }

  private templateParameter(): string {
    const { reader } = this;
    reader.expect("T");
    const digits = reader.match(/[0-9]{0,4}_/y) ?? reader.fail();
    const index = digits === "_" ? 0 : Number(digits.slice(0, -1)) + 1;
    return this.templateArguments[index] ?? reader.fail();
  }

  private arguments(): string[] {
    const { reader } = this;
    reader.expect("I");
    const list: string[] = [];
    while (!reader.take("E")) list.push(this.argument());
    this.templateArguments = list;
    // A pack may be empty.
    return list.filter((argument) => argument !== "").map(shown);
  }

  private argument(): string {
    const { reader } = this;
    if (reader.peek() === "L") return this.literal();
    if (!reader.take("J")) return this.type();
    const pack: string[] = [];
    while (!reader.take("E")) pack.push(reader.part(() => this.argument()));
    return pack.join(BETWEEN);
  }

  private literal(): string {
    const { reader } = this;
    reader.expect("L");
    if (reader.take("_Z")) {
      const name = reader.part(() => this.encoding());
      reader.expect("E");
      return name;
    }
    const type = shown(this.type());
    const value = (reader.match(/n?[0-9a-f]*/y) ?? "").replace("n", "-");
    reader.expect("E");
    if (type === "bool") return value === "1" ? "true" : "false";
    if (type === "std::nullptr_t") return "nullptr";
    const suffix = suffixes.get(type);
    return suffix === undefined ? `(${type})${value}` : `${value}${suffix}`;
  }

  private type(): string {
    return this.reader.part(() => {
      // What is known of the name around here is not that of a name in a type.
      const { templateArguments, endsWithTemplate, isSpecialMember, qualifiers } = this;
      const text = this.readType();
      Object.assign(this, { templateArguments, endsWithTemplate, isSpecialMember, qualifiers });
      return text;
    });
  }

  private remember(type: string): string {
    this.substitutions.push(type);
    return type;
  }

  private readType(): string {
    const { reader } = this;
    const code = /[A-CE-Z]/.test(reader.peek())
      ? ""
      : reader.peek() === "D"
        ? reader.peek() + reader.peek(1)
        : reader.peek();
    const builtin = builtins.get(code);
    if (builtin !== undefined) {
      reader.pos += code.length;
      return builtin;
    }
    if (reader.take("P")) return this.remember(declare(this.type(), "*"));
    if (reader.take("R")) return this.remember(declare(this.type(), "&"));
    if (reader.take("O")) return this.remember(declare(this.type(), "&&"));
    const qualifiers = reader.match(/r?V?K?/y) ?? "";
    if (qualifiers !== "") {
      const words = `${qualifiers.includes("K") ? " const" : ""}${qualifiers.includes("V") ? " volatile" : ""}`;
      return this.remember(declare(this.type(), words));
    }
    if (reader.take("F")) {
      reader.take("Y");
      const result = shown(this.type());
      const parameters = this.parameters();
      reader.expect("E");
      return this.remember(`${result} (${PLACE})(${parameters})`);
    }
    if (reader.take("A")) {
      const length = reader.match(/[0-9]*/y) ?? "";
      reader.expect("_");
      return this.remember(`${shown(this.type())} (${PLACE}) [${length}]`);
    }
    if (reader.take("M")) {
      const owner = shown(this.type());
      return this.remember(declare(this.type(), `${owner}::*`));
    }
    if (reader.take("Dp")) return this.type();
    if (reader.take("u")) return this.remember(this.source());
    if (reader.peek() === "T") {
      const parameter = this.remember(this.templateParameter());
      return reader.peek() === "I" ? this.remember(this.withArguments(parameter)) : parameter;
    }
    if (reader.peek() === "S" && reader.peek(1) !== "t") {
      const name = this.substitution();
      return reader.peek() === "I" ? this.remember(this.withArguments(name)) : name;
    }
    if (!/[0-9NZS]/.test(reader.peek())) return reader.fail();
    return this.remember(this.name());
  }
}

/** Demangles a C++ name, from after its `_Z`. @throws Unreadable */
export function demangleItanium(text: string, start: number): string {
  const reader = new NameReader(text, start);
  const name = shown(new Itanium(reader).encoding());
  // What compilers append to their own copies of a function: `.cold`, `.llvm.1234`.
  const suffix = reader.match(/(\.[\w$]+)+/y);
  if (!reader.atEnd) reader.fail();
  return suffix === undefined ? name : `${name} [clone ${suffix}]`;
}
