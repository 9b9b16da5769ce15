;; A plugin that adds a header to every response, and counts connections of TCP.
(module
  (import "env" "proxy_add_header_map_value" (func $add_header (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "x-hello")
  (data (i32.const 32) "from a plugin")
  (data (i32.const 48) "a connection")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  ;; (context, number of headers, end of stream): 2 is the map of response headers; the answer 0 is Continue.
  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
    (call $add_header (i32.const 2) (i32.const 16) (i32.const 7) (i32.const 32) (i32.const 13)))
  (func (export "proxy_on_new_connection") (param i32) (result i32)
    (call $log (i32.const 2) (i32.const 48) (i32.const 12))))
