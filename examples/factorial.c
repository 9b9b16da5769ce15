/*
 * The factorial that explains WebAssembly everywhere, as C. factorial.wat is what a compiler makes of it, written by hand and explained
 * line by line. With a C compiler that knows WebAssembly (clang and lld) the bytes can be made from here too:
 *
 *   clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,--export=factorial -o factorial.wasm factorial.c
 *   wardian run --invoke factorial factorial.wasm -- 20
 *
 * 20! is the last one that fits into 64 bits: beyond it the product wraps around, as unsigned integers do in C and in WebAssembly.
 */
unsigned long long factorial(unsigned long long n) {
  return n < 2 ? 1 : n * factorial(n - 1);
}
