import { harmless } from "./support.ts";

/** What a name of the text stands for: parts of the instance by their letter and index, or something of `S` itself. */
export function bind(name: string): string {
  // A letter and a number is a part of the instance.
  const rest = name.slice(1);
  switch (isDigit(rest.charCodeAt(0)) ? name[0] : "") {
    case "a":
      return `const ${name} = S.atomic(${rest});\n`;
    case "c":
      return `const ${name} = S.cell(${rest});\n`;
    case "m":
      return `const ${name} = S.memories[${rest}];\n`;
    case "M":
      return `const ${name} = S.memories[${rest}].viewHolder;\n`;
    case "t":
      return `const ${name} = S.tables[${rest}];\n`;
    case "E":
      return `const ${name} = S.tables[${rest}].elements;\n`;
    case "G":
      return `const ${name} = S.globals[${rest}];\n`;
    case "I":
      return `const ${name} = S.globals[${rest}].i32;\n`;
    case "D":
      return `const ${name} = S.globals[${rest}].f64;\n`;
    case "F":
      return `const ${name} = S.functions[${rest}];\n`;
    case "T":
      return `const ${name} = S.tags[${rest}];\n`;
    case "Y":
      return `const ${name} = S.types[${rest}];\n`;
    case "k":
      return `const ${name} = S.f32OfBits(${rest});\n`;
    case "K":
      return `const ${name} = S.f64OfBits(${rest.replace("_", ", ")});\n`;
    default:
      return `const ${name} = S.${name};\n`;
  }
}

/** Whether what a name stands for cannot throw: some functions, globals and constants. */
export function isHarmless(name: string): boolean {
  return harmless.has(name) || ("GIDFTYkK".includes(name[0]) && isDigit(name.charCodeAt(1)));
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
