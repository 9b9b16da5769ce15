/**
 * The kernel `simd_saxpy` as one would write it in JavaScript for speed alone: typed arrays, no checks, no fuel, four bytes in a word. What it takes over native code
 * is what JavaScript without vector instructions has to pay; the compiler cannot be faster than this.
 */
export function saxpyByHand(n: number): number {
  const N = 16384;
  const X = new Float32Array(N);
  const Y = new Float32Array(N);
  const B = new Uint8Array(N);
  const W = new Int32Array(B.buffer);
  for (let i = 0; i < N; i++) {
    X[i] = i % 97;
    Y[i] = i % 31;
    B[i] = i;
  }
  for (let k = 0; k < n; k++) {
    fuse(X, Y, Math.fround(0.5 + (k & 3)));
    saturate(W);
  }
  let t = 0;
  let s = 0;
  for (let i = 0; i < N; i++) {
    t += Y[i];
    s = (Math.imul(s, 31) + B[i]) | 0;
  }
  return Math.trunc(t) ^ s;
}

function fuse(X: Float32Array, Y: Float32Array, a: number): void {
  const { fround } = Math;
  for (let i = 0; i < X.length; i += 4) {
    Y[i] = fround(fround(a * X[i]) + fround(Y[i] * 0.25));
    Y[i + 1] = fround(fround(a * X[i + 1]) + fround(Y[i + 1] * 0.25));
    Y[i + 2] = fround(fround(a * X[i + 2]) + fround(Y[i + 2] * 0.25));
    Y[i + 3] = fround(fround(a * X[i + 3]) + fround(Y[i + 3] * 0.25));
  }
}

/** Adds 3 to each byte up to 255. */
function added(word: number): number {
  const sum = ((word & 0x7f7f7f7f) + 0x03030303) ^ (word & 0x80808080);
  return sum | Math.imul(((word & ~sum) >>> 7) & 0x01010101, 255);
}

function saturate(W: Int32Array): void {
  for (let i = 0; i < W.length; i += 4) {
    const [a, b, c, d] = [added(W[i]), added(W[i + 1]), added(W[i + 2]), added(W[i + 3])];
    const e = (a >>> 8) | (b << 24);
    const f = (b >>> 8) | (c << 24);
    const g = (c >>> 8) | (d << 24);
    const h = (d >>> 8) | (a << 24);
    const full = (e & f & g & h) === -1;
    W[i] = full ? 0 : e;
    W[i + 1] = full ? 0 : f;
    W[i + 2] = full ? 0 : g;
    W[i + 3] = full ? 0 : h;
  }
}
