/** Arithmetic, comparisons and conversions of floats. */
export function defineFloats({ op, branch }) {
  const arithmetic = { Add: "+", Sub: "-", Mul: "*", Div: "/" };
  const order = {
    Eq: ["", "==="],
    Ne: ["", "!=="],
    Lt: ["", "<"],
    Le: ["", "<="],
    NotLt: ["!", "<"],
    NotLe: ["!", "<="],
  };
  for (const [type, r] of [
    ["f32", "f"],
    ["f64", "d"],
  ]) {
    for (const [name, sign] of Object.entries(arithmetic)) {
      op(`${type}${name}`, 4, `${r}1 = ${r}2 ${sign} ${r}3;`);
      if (type === "f64") {
        op(`${type}${name}Const`, 4, `d1 = d2 ${sign} kd3;`);
        if (name === "Sub" || name === "Div") op(`${type}${name}OfConst`, 4, `d1 = kd2 ${sign} d3;`);
      }
    }
    // A sum makes the NaN that WebAssembly wants of one; from V8's own minimum comes one of other bits.
    for (const [name, f] of [
      ["Min", "Math.min"],
      ["Max", "Math.max"],
    ])
      op(`${type}${name}`, 4, `${r}1 = ${r}2 < ${r}3 || ${r}2 >= ${r}3 ? ${f}(${r}2, ${r}3) : ${r}2 + ${r}3;`);
    for (const [name, f] of [
      ["Sqrt", "Math.sqrt"],
      ["Ceil", "Math.ceil"],
      ["Floor", "Math.floor"],
      ["Trunc", "Math.trunc"],
      ["Nearest", "nearest"],
    ])
      op(
        `${type}${name}`,
        3,
        // What is no number goes through an addition, which makes a signalling NaN quiet; rounding may hand it through as it is.
        type === "f64" && /Ceil|Floor|Trunc/.test(name)
          ? `x = d2; d1 = x < 0 || x >= 0 ? ${f}(x) : x + x;`
          : `${r}1 = ${f}(${r}2);`,
      );
    for (const [name, [not, sign]] of Object.entries(order)) {
      branch(`br${type.toUpperCase()}${name}`, 5, not ? `!(${r}3 ${sign} ${r}4)` : `${r}3 ${sign} ${r}4`);
      op(`${type}${name}`, 4, `i1 = ${r}2 ${sign} ${r}3 ? ${not ? "0 : 1" : "1 : 0"};`);
    }
  }
  for (const [name, [not, sign]] of Object.entries(order)) {
    branch(`brF64${name}Const`, 5, not ? `!(d3 ${sign} kd4)` : `d3 ${sign} kd4`);
    if (/L/.test(name)) branch(`brF64${name}OfConst`, 5, not ? `!(kd3 ${sign} d4)` : `kd3 ${sign} d4`);
  }
  // A product and what follows it are still rounded one after the other.
  op("f64MulAdd", 5, "d1 = d2 * d3 + d4;");
  op("f64MulSub", 5, "d1 = d2 * d3 - d4;");
  op("f64SubMul", 5, "d1 = d4 - d2 * d3;");
  op("f64MulMul", 5, "d1 = d2 * d3 * d4;");
  // Signs are bits, since a NaN's sign and payload count too.
  op("f32Abs", 3, "i1 = i2 & 0x7fffffff;");
  op("f32Neg", 3, "i1 = i2 ^ -2147483648;");
  op("f32Copysign", 4, "i1 = (i2 & 0x7fffffff) | (i3 & -2147483648);");
  op("f64Abs", 3, "l1 = l2 & 0x7fffffffffffffffn;");
  op("f64Neg", 3, "l1 = l2 ^ -0x8000000000000000n;");
  op("f64Copysign", 4, "l1 = (l2 & 0x7fffffffffffffffn) | (l3 & -0x8000000000000000n);");
  op("f32DemoteF64", 3, "f1 = d2;");
  op("f64PromoteF32", 3, "d1 = f2;");
  for (const [type, r] of [
    ["f32", "f"],
    ["f64", "d"],
  ]) {
    op(`${type}ConvertI32S`, 3, `${r}1 = i2;`);
    op(`${type}ConvertI32U`, 3, `${r}1 = i2 >>> 0;`);
  }
  op("f64ConvertI64S", 3, "d1 = h2 * 4294967296 + (p2 >>> 0);");
  op("f64ConvertI64U", 3, "d1 = (h2 >>> 0) * 4294967296 + (p2 >>> 0);");
  for (const [type, r] of [
    ["F32", "f"],
    ["F64", "d"],
  ]) {
    op(
      `i32Trunc${type}S`,
      3,
      `
  x = ${r}2;
  if (!(x > -2147483649 && x < 2147483648)) LEAVE(TRUNCATION)
  i1 = x | 0;`,
    );
    op(
      `i32Trunc${type}U`,
      3,
      `
  x = ${r}2;
  if (!(x > -1 && x < 4294967296)) LEAVE(TRUNCATION)
  i1 = x >>> 0;`,
    );
    op(`i32TruncSat${type}S`, 3, `i1 = truncSatS32(${r}2);`);
    op(`i32TruncSat${type}U`, 3, `i1 = truncSatU32(${r}2);`);
  }
}
