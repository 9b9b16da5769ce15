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
  let a = 0x9e3779b9;
  let b = seed >>> 0;
  let c = Math.floor(seed / 0x1_0000_0000);
  let counter = 1;
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return result;
  };
  // The first outputs still show the seed.
  for (let round = 0; round < 15; round++) next();
  return (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      let word = next();
      for (let left = 4; left > 0 && at < bytes.length; left--) {
        bytes[at++] = word & 0xff;
        word >>>= 8;
      }
    }
  };
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
