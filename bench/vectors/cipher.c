// Rounds like ChaCha's on four words at a time: sums, exclusive ors, rotations, words that change places.
#include <stdint.h>

typedef uint32_t words __attribute__((vector_size(16)));
static words buffer[256];

static words rotate(words x, int count) { return (x << count) | (x >> (32 - count)); }

__attribute__((export_name("run"))) int run(int n) {
  words a = {1, 2, 3, 4}, b = {5, 6, 7, 8}, c = {9, 10, 11, 12}, d = {13, 14, 15, 16};
  for (int i = 0; i < 256; i++) buffer[i] = a + (uint32_t)i;
  for (int k = 0; k < n; k++) {
    for (int round = 0; round < 10; round++) {
      a += b; d = rotate(d ^ a, 16); c += d; b = rotate(b ^ c, 12);
      a += b; d = rotate(d ^ a, 8); c += d; b = rotate(b ^ c, 7);
      b = __builtin_shufflevector(b, b, 1, 2, 3, 0);
      c = __builtin_shufflevector(c, c, 2, 3, 0, 1);
      d = __builtin_shufflevector(d, d, 3, 0, 1, 2);
    }
    words *block = buffer + (k * 4 & 255);
    block[0] ^= a; block[1] ^= b; block[2] ^= c; block[3] ^= d;
  }
  words sum = {0, 0, 0, 0};
  for (int i = 0; i < 256; i++) sum = sum * 31 + buffer[i];
  return (int)(sum[0] ^ sum[1] ^ sum[2] ^ sum[3]);
}
