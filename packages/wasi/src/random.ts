/** Fills bytes with random ones. */
export type RandomSource = (bytes: Uint8Array) => void;

/**
 * A generator that gives the same bytes for the same seed on every platform (sfc32). It must not be used where a guest makes secrets:
 * give such a guest {@link systemRandom}.
 *
 * @param seed a whole number, 0 to 2^53 - 1
 * @throws RangeError for another seed
 */
export function seededRandom(seed = 0): RandomSource {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`a seed must be a whole number from 0 to 2^53 - 1, not ${seed}`);
  }
  const state = Int32Array.of(0x9e3779b9, seed, Math.floor(seed / 0x1_0000_0000), 1);
  const fill = (bytes: Uint8Array): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // In locals while it runs: a variable of the closure would become an object on the heap with every step.
    let [a, b, c, counter] = state;
    for (let at = 0; at < bytes.length; at += 4) {
      let word = (a + b + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + word) | 0;
      if (at + 4 <= bytes.length) view.setInt32(at, word, true);
      else {
        for (let index = at; index < bytes.length; index++) {
          bytes[index] = word;
          word >>>= 8;
        }
      }
    }
    state.set([a, b, c, counter]);
  };
  // The first outputs still show the seed.
  fill(new Uint8Array(60));
  return fill;
}

interface CryptoHost {
  crypto?: { getRandomValues(array: Uint8Array): Uint8Array };
}

/** What the platform's `getRandomValues` fills at most in one call. */
const CRYPTO_CHUNK = 65_536;

/**
 * The host's own random source, fit for secrets.
 *
 * @throws TypeError on a platform without `crypto.getRandomValues`
 */
export function systemRandom(): RandomSource {
  const { crypto } = globalThis as CryptoHost;
  if (crypto === undefined) throw new TypeError("this platform has no crypto.getRandomValues");
  return (bytes) => {
    // A copy in between, because platforms refuse to fill shared memory.
    for (let at = 0; at < bytes.length; at += CRYPTO_CHUNK) {
      const length = Math.min(CRYPTO_CHUNK, bytes.length - at);
      bytes.set(crypto.getRandomValues(new Uint8Array(length)), at);
    }
  };
}
