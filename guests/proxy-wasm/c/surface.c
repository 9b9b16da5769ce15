// Starts with `_start`, allocates with `malloc` and calls every function of version 0.2.1 once, as plugins do that bring a whole
// policy engine. Each call must answer what Envoy answers.
#include "proxy_wasm.h"

static u32 root;

void EXPORT(_start)(void) { info("started"); }

void EXPORT(proxy_on_context_create)(u32 context, u32 parent) {
  if (parent == 0) root = context;
}

u32 EXPORT(proxy_on_vm_start)(u32 context, u32 size) { return 1; }

u32 EXPORT(proxy_on_configure)(u32 context, u32 size) {
  char *data;
  u32 length, id, other, flags, level, cas;
  u64 value;
  expect("log_level", proxy_get_log_level(&level), OK);
  expect("log_level value", level, 2);
  expect("time", proxy_get_current_time_nanoseconds(&value), OK);
  expect("tick", proxy_set_tick_period_milliseconds(0), OK);
  expect("configuration", proxy_get_buffer_bytes(PLUGIN_CONFIGURATION, 0, size, &data, &length), OK);
  expect("configuration size", length, size);
  expect("buffer_status", proxy_get_buffer_status(PLUGIN_CONFIGURATION, &length, &flags), OK);
  expect("read-only buffer", proxy_set_buffer_bytes(PLUGIN_CONFIGURATION, 0, 0, TEXT("x")), BAD_ARGUMENT);
  expect("no such buffer", proxy_get_buffer_bytes(0, 0, 1, &data, &length), NOT_FOUND);
  expect("no buffer at all", proxy_get_buffer_bytes(9, 0, 1, &data, &length), BAD_ARGUMENT);
  expect("root property", proxy_get_property(TEXT("plugin_root_id"), &data, &length), OK);
  expect("no property", proxy_get_property(TEXT("nobody\0knows"), &data, &length), NOT_FOUND);
  expect("property of no stream", proxy_set_property(TEXT("a"), TEXT("b")), NOT_FOUND);
  expect("no map", proxy_get_header_map_pairs(REQUEST_HEADERS, &data, &length), OK);
  expect("no map to write", proxy_set_header_map_pairs(REQUEST_HEADERS, 0, 0), BAD_ARGUMENT);
  expect("no shared data", proxy_get_shared_data(TEXT("k"), &data, &length, &cas), NOT_FOUND);
  expect("set_shared_data", proxy_set_shared_data(TEXT("k"), TEXT("v"), 0), OK);
  expect("get_shared_data", proxy_get_shared_data(TEXT("k"), &data, &length, &cas), OK);
  expect("compare", proxy_set_shared_data(TEXT("k"), TEXT("w"), cas + 1), 8);
  expect("swap", proxy_set_shared_data(TEXT("k"), TEXT("w"), cas), OK);
  expect("register", proxy_register_shared_queue(TEXT("q"), &id), OK);
  expect("resolve", proxy_resolve_shared_queue(0, 0, TEXT("q"), &other), OK);
  expect("same queue", other, id);
  expect("no queue", proxy_resolve_shared_queue(TEXT("nobody"), TEXT("q"), &other), NOT_FOUND);
  expect("empty", proxy_dequeue_shared_queue(id, &data, &length), 7);
  expect("enqueue", proxy_enqueue_shared_queue(id, TEXT("item")), OK);
  expect("dequeue", proxy_dequeue_shared_queue(id, &data, &length), OK);
  expect("no queue to take from", proxy_dequeue_shared_queue(id + 99, &data, &length), NOT_FOUND);
  expect("counter", proxy_define_metric(0, TEXT("c"), &id), OK);
  expect("increment", proxy_increment_metric(id, 2), OK);
  expect("record", proxy_record_metric(id, 3), OK);
  expect("get", proxy_get_metric(id, &value), OK);
  expect("counter value", (u32)value, 5);
  expect("no metric", proxy_get_metric(id + 400, &value), NOT_FOUND);
  expect("status", proxy_get_status(&level, &data, &length), OK);
  expect("no cluster", proxy_http_call(TEXT("nowhere"), 0, 0, 0, 0, 0, 0, 1000, &id), BAD_ARGUMENT);
  expect("no service", proxy_grpc_call(TEXT("nowhere"), TEXT("s"), TEXT("m"), 0, 0, 0, 0, 1000, &id), 4);
  expect("no service to stream to", proxy_grpc_stream(TEXT("nowhere"), TEXT("s"), TEXT("m"), 0, 0, &id), 4);
  expect("grpc_send", proxy_grpc_send(99, 0, 0, 1), NOT_FOUND);
  expect("grpc_cancel", proxy_grpc_cancel(99), NOT_FOUND);
  expect("grpc_close", proxy_grpc_close(99), NOT_FOUND);
  expect("foreign", proxy_call_foreign_function(TEXT("compress"), TEXT("aaaa"), &data, &length), OK);
  expect("no foreign", proxy_call_foreign_function(TEXT("nobody"), 0, 0, 0, 0), NOT_FOUND);
  expect("effective", proxy_set_effective_context(root), OK);
  expect("no context", proxy_set_effective_context(4000), BAD_ARGUMENT);
  expect("done", proxy_done(), NOT_FOUND);
  expect("no such stream", proxy_continue_stream(4), BAD_ARGUMENT);
  expect("upstream stream", proxy_continue_stream(3), 12);
  info("configured");
  return 1;
}

u32 EXPORT(proxy_on_request_headers)(u32 context, u32 count, u32 end) {
  char *data;
  u32 size, length;
  expect("size", proxy_get_header_map_size(REQUEST_HEADERS, &size), OK);
  expect("pairs", proxy_get_header_map_pairs(REQUEST_HEADERS, &data, &length), OK);
  // What it takes serialised is the map's size and ten bytes more for each pair, and four.
  expect("pairs size", length, size + 10 * count + 4);
  expect("set pairs", proxy_set_header_map_pairs(REQUEST_HEADERS, data, length), OK);
  expect("add", proxy_add_header_map_value(REQUEST_HEADERS, TEXT("x-a"), TEXT("1")), OK);
  expect("replace", proxy_replace_header_map_value(REQUEST_HEADERS, TEXT("x-a"), TEXT("2")), OK);
  expect("value", proxy_get_header_map_value(REQUEST_HEADERS, TEXT("X-A"), &data, &length), OK);
  expect("value byte", data[0], '2');
  expect("remove", proxy_remove_header_map_value(REQUEST_HEADERS, TEXT("x-gone")), OK);
  expect("read-only map", proxy_add_header_map_value(6, TEXT("x"), TEXT("y")), BAD_ARGUMENT);
  expect("set_property", proxy_set_property(TEXT("my\0own"), TEXT("value")), OK);
  expect("own property", proxy_get_property(TEXT("my\0own"), &data, &length), OK);
  expect("own property size", length, 5);
  // {1: "envoy.tcp_proxy.cluster", 2: "web"}
  static const char state[] = "\x0a\x17" "envoy.tcp_proxy.cluster" "\x12\x03" "web";
  expect("filter state", proxy_call_foreign_function(TEXT("set_envoy_filter_state"), TEXT(state), 0, 0), OK);
  expect("filter state read", proxy_get_property(TEXT("filter_state\0envoy.tcp_proxy.cluster"), &data, &length), OK);
  expect("filter state size", length, 3);
  expect("clear_route_cache", proxy_call_foreign_function(TEXT("clear_route_cache"), 0, 0, 0, 0), OK);
  return CONTINUE;
}

u32 EXPORT(proxy_on_response_headers)(u32 context, u32 count, u32 end) {
  expect("continue while running", proxy_continue_stream(1), OK);
  return CONTINUE;
}

u32 EXPORT(proxy_on_response_body)(u32 context, u32 size, u32 end) {
  char *data;
  u32 length;
  expect("partial", proxy_set_buffer_bytes(1, 1, 1, TEXT("x")), BAD_ARGUMENT);
  expect("beyond the end", proxy_get_buffer_bytes(1, size + 1, 1, &data, &length), OK);
  expect("nothing there", length, 0);
  expect("overflow", proxy_get_buffer_bytes(1, 0xffffffff, 2, &data, &length), BAD_ARGUMENT);
  return CONTINUE;
}

u32 EXPORT(proxy_on_done)(u32 context) { return 1; }

void EXPORT(proxy_on_log)(u32 context) {
  char *data;
  u32 length;
  expect("map in the log", proxy_get_header_map_value(RESPONSE_HEADERS, TEXT(":status"), &data, &length), OK);
  expect("no writing in the log", proxy_add_header_map_value(REQUEST_HEADERS, TEXT("x"), TEXT("y")), BAD_ARGUMENT);
  expect("no trailers in the log", proxy_get_header_map_value(RESPONSE_TRAILERS, TEXT("x"), &data, &length), NOT_FOUND);
  expect("late reply", proxy_send_local_response(500, 0, 0, 0, 0, 0, 0, -1), OK);
  expect("close", proxy_close_stream(0), OK);
  info("logged");
}
