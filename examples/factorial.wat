;; factorial.c as WebAssembly text.
;;
;;   wardian run --invoke factorial examples/factorial.wat -- 20
;;   wardian parse examples/factorial.wat -o factorial.wasm

(module $factorial
  ;; A function takes its arguments in locals, works on a stack of values, and leaves its result on it.
  ;; It is exported: the host may call it by this name.
  (func $factorial (export "factorial") (param $n i64) (result i64)
    ;; n < 2, without a sign: the comparison takes two values from the stack and leaves 1 or 0.
    local.get $n
    i64.const 2
    i64.lt_u
    ;; `if` takes that number, and both of its arms leave one i64.
    if (result i64)
      i64.const 1
    else
      ;; n * factorial(n - 1)
      local.get $n
      local.get $n
      i64.const 1
      i64.sub
      call $factorial
      i64.mul
    end))
