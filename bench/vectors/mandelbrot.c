// Four points at a time: f32 arithmetic, comparison, a mask that counts.
#include <wasm_simd128.h>

__attribute__((export_name("run"))) int run(int n) {
  int total = 0;
  for (int py = 0; py < n; py++)
    for (int px = 0; px < n; px += 4) {
      v128_t cx = wasm_f32x4_make(-2.0f + 3.0f * px / n, -2.0f + 3.0f * (px + 1) / n, -2.0f + 3.0f * (px + 2) / n,
                                  -2.0f + 3.0f * (px + 3) / n);
      v128_t cy = wasm_f32x4_splat(-1.5f + 3.0f * py / n), x = wasm_f32x4_splat(0), y = x, count = wasm_i32x4_splat(0);
      for (int i = 0; i < 64; i++) {
        v128_t x2 = wasm_f32x4_mul(x, x), y2 = wasm_f32x4_mul(y, y);
        v128_t inside = wasm_f32x4_le(wasm_f32x4_add(x2, y2), wasm_f32x4_splat(4));
        if (!wasm_v128_any_true(inside)) break;
        count = wasm_i32x4_sub(count, inside);
        v128_t xy = wasm_f32x4_mul(x, y);
        x = wasm_f32x4_add(wasm_f32x4_sub(x2, y2), cx);
        y = wasm_f32x4_add(wasm_f32x4_add(xy, xy), cy);
      }
      total += wasm_i32x4_extract_lane(count, 0) + wasm_i32x4_extract_lane(count, 1) +
               wasm_i32x4_extract_lane(count, 2) + wasm_i32x4_extract_lane(count, 3);
    }
  return total;
}
