/**
 * How instructions are written down, and what that becomes.
 *
 * A body is TypeScript in which these stand for operands, `N` being their word in the instruction (the opcode is word 0):
 * `cN` the word itself; `iN` `fN` the 32-bit register as an integer or a float; `lN` `dN` the 64-bit one as a bigint or a float;
 * `pN` `hN` its low and high half (only read); `klN` `kdN` a 64-bit constant; `rN` the reference register; `wN` `sN` `eN` `vN` the first lane
 * of a vector register in lanes of 32, 16, 8 and 64 bits.
 * `LEAVE(reason)` leaves the loop for the driver. In a branch, `TAKE` goes to the shared end that charges word 2 and jumps to word 1.
 */
export const REASONS = [
  "EXIT",
  "UNREACHABLE",
  "DIVISION",
  "TRUNCATION",
  "MEMORY",
  "ENTRY",
  "FUEL",
  "CALL_IMPORT",
  "CALL_INDIRECT",
  "CALL_REF",
  "RETURN_CALL",
  "RETURN_CALL_IMPORT",
  "RETURN_CALL_INDIRECT",
  "RETURN_CALL_REF",
  "RESTORE",
  "DRIVER",
  "VECTORS",
];

/** Collects instructions. @returns the list, and what adds to it */
export function makeList() {
  /** @type {{name: string, length: number, body: string, memory?: object}[]} */
  const ops = [];
  const op = (name, length, body, extra = {}) => ops.push({ name, length, body, ...extra });
  const branch = (name, length, condition) => op(name, length, `if (${condition}) TAKE`);
  return { ops, op, branch };
}

/**
 * How far a slot is shifted to be the first lane of a vector register. The mask has more bits than any index: with it V8 knows that a sum of it
 * and the number of a lane does not overflow. One that proved the index to be in bounds would cost more, since V8 checks that all the same, and
 * with a branch that it does not optimise across.
 */
const lanes = { v: 0, w: 1, s: 2, e: 3 };

/** @param decoded how many operands have been looked up before the `switch`: the words `n1` and so on, and the registers `o1` and so on */
function expand(body, decoded) {
  const at = (n) => (n === 0 ? "pc" : `(pc + ${n}) | 0`);
  const word = (n) => (n > 0 && n <= decoded ? `n${n}` : `C[${at(n)}]`);
  const register = (n) => (n <= decoded ? `o${n}` : `(fp + ${word(n)}) | 0`);
  return body
    .replace(/\bk([ld])(\d)\b/g, (_, view, n) => `K${view.toUpperCase()}[${word(n)}]`)
    .replace(/\bc(\d)\b/g, (_, n) => word(n))
    .replace(/\bi(\d)\b/g, (_, n) => `I[${register(n)}]`)
    .replace(/\bf(\d)\b/g, (_, n) => `F[${register(n)}]`)
    .replace(/\bl(\d)\b/g, (_, n) => `L[${register(n)}]`)
    .replace(/\bd(\d)\b/g, (_, n) => `D[${register(n)}]`)
    .replace(/\bp(\d)\b/g, (_, n) => `P[(${register(n)}) << 1]`)
    .replace(/\bh(\d)\b/g, (_, n) => `P[((${register(n)}) << 1) + 1]`)
    .replace(/\br(\d)\b/g, (_, n) => `R[${register(n)}]`)
    .replace(/\b([vwse])(\d)\b/g, (_, letter, n) =>
      letter === "v" ? `((${register(n)}) & LANES)` : `(((${register(n)}) << ${lanes[letter]}) & LANES)`,
    )
    .replace(/LEAVE\((\w+)\)/g, (_, reason) => `{ why = ${REASONS.indexOf(reason)}; break leave; }`)
    .replace(/\bTAKE\b/g, "break;");
}

/** The cases of a `switch`, from the instruction with number `first` on. */
export function casesOf(ops, decoded) {
  let cases = "";
  ops.forEach(({ name, length, body }, number) => {
    const text = expand(body, decoded);
    const trimmed = text.trim();
    const lastLine = trimmed.split("\n").pop().trim();
    const jumps = lastLine === "continue;" || lastLine === "break;" || lastLine.startsWith("{ why");
    const statements = trimmed.startsWith("{ why") ? trimmed.slice(1, -1) : trimmed;
    cases += `// ${name}\ncase ${number}: {\n${statements}\n${jumps ? "" : `pc = (pc + ${length}) | 0;\ncontinue;\n`}}\n`;
  });
  return cases;
}

/** What each word of an instruction is, read off its body. */
export function kindsOf({ length, body }) {
  const jumps = /\bTAKE\b/.test(body);
  let kinds = "";
  for (let n = 1; n < length; n++) {
    if (n === 1 && jumps) kinds += "t";
    else if (new RegExp(`\\bk[ld]${n}\\b`).test(body)) kinds += "k";
    else kinds += new RegExp(`\\b[ifldphrvwse]${n}\\b`).test(body) ? "r" : "c";
  }
  return kinds;
}
