/**
 * A guest that does nothing but call preview 1, in the text format. Each export returns 0 when all went well, or the error that ended it.
 * Descriptor 3 is its folder, which holds `file` and the folder `many`.
 */
export const guestText = `
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir" (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 4)
  ;; 0: a buffer's address and length; 16: a result; 32, 48, 64: names; 65536: the buffer
  (data (i32.const 32) "data")
  (data (i32.const 48) "many")
  (data (i32.const 64) "file")

  (func $open (param $name i32) (param $flags i32) (param $rights i64) (result i32)
    (call $path_open (i32.const 3) (i32.const 0) (local.get $name) (i32.const 4) (local.get $flags)
      (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 16)))

  ;; Writes a new file of count times chunk bytes.
  (func (export "write") (param $chunk i32) (param $count i32) (result i32)
    (local $errno i32) (local $fd i32)
    (if (local.tee $errno (call $open (i32.const 32) (i32.const 9) (i64.const 0x40)))
      (then (return (local.get $errno))))
    (local.set $fd (i32.load (i32.const 16)))
    (i32.store (i32.const 0) (i32.const 65536))
    (i32.store (i32.const 4) (local.get $chunk))
    (loop $again
      (if (local.tee $errno (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 16)))
        (then (return (local.get $errno))))
      (if (i32.ne (i32.load (i32.const 16)) (local.get $chunk)) (then (return (i32.const -1))))
      (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (call $fd_close (local.get $fd)))

  ;; Reads that file to its end, which must come after count times chunk bytes.
  (func (export "read") (param $chunk i32) (param $count i32) (result i32)
    (local $errno i32) (local $fd i32)
    (if (local.tee $errno (call $open (i32.const 32) (i32.const 0) (i64.const 2)))
      (then (return (local.get $errno))))
    (local.set $fd (i32.load (i32.const 16)))
    (i32.store (i32.const 0) (i32.const 65536))
    (i32.store (i32.const 4) (local.get $chunk))
    (loop $again
      (if (local.tee $errno (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 16)))
        (then (return (local.get $errno))))
      (if (i32.load (i32.const 16))
        (then (local.set $count (i32.sub (local.get $count) (i32.const 1))) (br $again))))
    (if (local.get $count) (then (return (i32.const -1))))
    (call $fd_close (local.get $fd)))

  ;; Opens and closes a file count times.
  (func (export "open") (param $count i32) (result i32)
    (local $errno i32)
    (loop $again
      (if (local.tee $errno (call $open (i32.const 64) (i32.const 0) (i64.const 2)))
        (then (return (local.get $errno))))
      (if (local.tee $errno (call $fd_close (i32.load (i32.const 16))))
        (then (return (local.get $errno))))
      (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (i32.const 0))

  ;; Lists the folder many, which must have count entries, . and .. perhaps among them, through a buffer of 64 KB.
  (func (export "list") (param $count i32) (result i32)
    (local $errno i32) (local $fd i32) (local $cookie i64) (local $at i32) (local $end i32) (local $next i32)
    (if (local.tee $errno (call $open (i32.const 48) (i32.const 2) (i64.const 0x4000)))
      (then (return (local.get $errno))))
    (local.set $fd (i32.load (i32.const 16)))
    (loop $more
      (if (local.tee $errno
            (call $fd_readdir (local.get $fd) (i32.const 65536) (i32.const 65536) (local.get $cookie) (i32.const 16)))
        (then (return (local.get $errno))))
      (local.set $at (i32.const 65536))
      (local.set $end (i32.add (i32.const 65536) (i32.load (i32.const 16))))
      (block $cut
        (loop $entry
          (br_if $cut (i32.gt_u (i32.add (local.get $at) (i32.const 24)) (local.get $end)))
          (local.set $next
            (i32.add (i32.add (local.get $at) (i32.const 24)) (i32.load (i32.add (local.get $at) (i32.const 16)))))
          (br_if $cut (i32.gt_u (local.get $next) (local.get $end)))
          (local.set $cookie (i64.load (local.get $at)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (local.set $at (local.get $next))
          (br $entry)))
      (br_if $more (i32.eq (i32.load (i32.const 16)) (i32.const 65536))))
    (if (i32.gt_s (local.get $count) (i32.const 0)) (then (return (i32.const -1))))
    (call $fd_close (local.get $fd)))
)`;
