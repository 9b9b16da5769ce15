// Plain C that the compiler vectorises by itself: bytes smoothed, a product of 16-bit numbers, floats scaled, bytes counted.
#include <stdint.h>

enum { N = 16384 };
static uint8_t bytes[N], smooth[N];
static int16_t left[N], right[N];
static float floats[N];

__attribute__((export_name("run"))) int run(int n) {
  for (int i = 0; i < N; i++) {
    bytes[i] = i * 7;
    left[i] = i * 3;
    right[i] = 5 - i;
    floats[i] = i & 15;
  }
  unsigned sum = 0;
  for (int k = 0; k < n; k++) {
    for (int i = 1; i < N - 1; i++) smooth[i] = (bytes[i - 1] + 2 * bytes[i] + bytes[i + 1]) >> 2;
    for (int i = 0; i < N; i++) sum += left[i] * right[i];
    for (int i = 0; i < N; i++) floats[i] = floats[i] * 0.5f + 1.0f;
    for (int i = 0; i < N; i++) sum += smooth[i] == 77;
    bytes[k & (N - 1)] = sum;
  }
  return (int)sum + (int)floats[100];
}
