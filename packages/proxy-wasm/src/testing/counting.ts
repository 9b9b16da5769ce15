/**
 * In the text format: adds one to a number in shared data, again as long as somebody else was quicker. The first write of a key succeeds
 * whatever it names, so the key must be there before two count at once. The number stands at 28 then.
 */
export const COUNT = `
  (func $count (param $key i32) (param $length i32)
    (loop $again
      (i32.store (i32.const 24) (i32.const 0))
      (i32.store (i32.const 28) (i32.const 0))
      (if (i32.eqz (call $proxy_get_shared_data (local.get $key) (local.get $length) (i32.const 16) (i32.const 20) (i32.const 24)))
        (then (i32.store (i32.const 28) (i32.load (i32.load (i32.const 16))))))
      (i32.store (i32.const 28) (i32.add (i32.load (i32.const 28)) (i32.const 1)))
      (br_if $again (i32.eq (i32.const 8)
        (call $proxy_set_shared_data (local.get $key) (local.get $length) (i32.const 28) (i32.const 4) (i32.load (i32.const 24)))))))`;
