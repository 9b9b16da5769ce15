/** Components in the text format, for tests. */

/** A memory with an allocator that never frees. */
const MEMORY = `
  (core module $Memory
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get $new)))
      (local.get $at)))
  (core instance $memory (instantiate $Memory))`;
const OPTIONS = '(memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))';

/** Returns its string, and says it to the host first. */
export const GREETER: string = `(component
  (import "my:app/log@1.2.3" (instance $log (export "write-line" (func (param "text" string) (result u32)))))
  ${MEMORY}
  (core func $write (canon lower (func $log "write-line") ${OPTIONS}))
  (core module $Main
    (import "host" "write" (func $write (param i32 i32) (result i32)))
    (import "memory" "memory" (memory 1))
    (func (export "greet") (param $at i32) (param $length i32) (result i32)
      (drop (call $write (local.get $at) (local.get $length)))
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (local.get $length))
      (i32.const 16))
    (func (export "spin") (loop $again (br $again)))
    (func (export "fail") unreachable))
  (core instance $main (instantiate $Main
    (with "host" (instance (export "write" (func $write))))
    (with "memory" (instance $memory))))
  (func $greet (param "name" string) (result string) (canon lift (core func $main "greet") ${OPTIONS}))
  (func $spin (canon lift (core func $main "spin")))
  (func $fail (canon lift (core func $main "fail")))
  (instance $api (export "greet" (func $greet)) (export "spin" (func $spin)) (export "fail" (func $fail)))
  (export "my:app/api@1.2.3" (instance $api)))`;

/** Uses a resource of the host. */
export const FILES: string = `(component
  (import "my:app/files" (instance $files
    (export "file" (type $file (sub resource)))
    (export "[constructor]file" (func (param "size" u32) (result (own $file))))
    (export "[method]file.size" (func (param "self" (borrow $file)) (result u32)))
    (export "[static]file.count" (func (result u32)))))
  (alias export $files "file" (type $file))
  (core func $new (canon lower (func $files "[constructor]file")))
  (core func $size (canon lower (func $files "[method]file.size")))
  (core func $count (canon lower (func $files "[static]file.count")))
  (core func $drop (canon resource.drop $file))
  (core module $Main
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "size" (func $size (param i32) (result i32)))
    (import "" "count" (func $count (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "run") (result i32)
      (local $file i32)
      (local.set $file (call $new (i32.const 40)))
      (i32.add (call $size (local.get $file)) (call $count))
      (call $drop (local.get $file))))
  (core instance $main (instantiate $Main (with "" (instance
    (export "new" (func $new)) (export "size" (func $size)) (export "count" (func $count)) (export "drop" (func $drop))))))
  (func (export "run") (result u32) (canon lift (core func $main "run"))))`;

/** Exports a resource. */
export const COUNTERS: string = `(component
  (core module $Destructor (global (export "dropped") (mut i32) (i32.const 0))
    (func (export "drop") (param i32) (global.set 0 (i32.add (global.get 0) (local.get 0)))))
  (core instance $destructor (instantiate $Destructor))
  (type $counter' (resource (rep i32) (dtor (core func $destructor "drop"))))
  (core func $new (canon resource.new $counter'))
  (core module $Main
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "dropped" (global $dropped (mut i32)))
    (func (export "create") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "value") (param i32) (result i32) (local.get 0))
    (func (export "check") (param i32) (result i32) (i32.eqz (local.get 0)))
    (func (export "dropped") (result i32) (global.get $dropped)))
  (core instance $main (instantiate $Main (with "" (instance
    (export "new" (func $new)) (export "dropped" (global $destructor "dropped"))))))
  (export $counter "counter" (type $counter'))
  (func (export "[constructor]counter") (param "start" u32) (result (own $counter)) (canon lift (core func $main "create")))
  (func (export "[method]counter.value") (param "self" (borrow $counter)) (result u32) (canon lift (core func $main "value")))
  (func (export "[static]counter.dropped") (result u32) (canon lift (core func $main "dropped")))
  (func (export "check") (param "value" u32) (result (result)) (canon lift (core func $main "check"))))`;
