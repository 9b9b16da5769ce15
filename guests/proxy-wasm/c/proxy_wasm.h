// The proxy-wasm ABI for freestanding C: what a plugin may import, and how it exports its callbacks.
#pragma once

typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name))) name
#define HOST(name) __attribute__((import_module("env"), import_name(#name))) u32 name

enum { OK, NOT_FOUND, BAD_ARGUMENT };
enum { CONTINUE, PAUSE };
enum { REQUEST_HEADERS, REQUEST_TRAILERS, RESPONSE_HEADERS, RESPONSE_TRAILERS };
enum { PLUGIN_CONFIGURATION = 7, GRPC_MESSAGE = 5 };

HOST(proxy_log)(u32 level, const char *message, u32 size);
HOST(proxy_get_log_level)(u32 *level);
HOST(proxy_get_current_time_nanoseconds)(u64 *time);
HOST(proxy_set_tick_period_milliseconds)(u32 period);
HOST(proxy_get_status)(u32 *code, char **message, u32 *size);
HOST(proxy_get_property)(const char *path, u32 path_size, char **value, u32 *size);
HOST(proxy_set_property)(const char *path, u32 path_size, const char *value, u32 size);
HOST(proxy_get_buffer_bytes)(u32 type, u32 start, u32 length, char **data, u32 *size);
HOST(proxy_get_buffer_status)(u32 type, u32 *length, u32 *flags);
HOST(proxy_set_buffer_bytes)(u32 type, u32 start, u32 length, const char *data, u32 size);
HOST(proxy_get_header_map_size)(u32 map, u32 *size);
HOST(proxy_get_header_map_pairs)(u32 map, char **pairs, u32 *size);
HOST(proxy_set_header_map_pairs)(u32 map, const char *pairs, u32 size);
HOST(proxy_get_header_map_value)(u32 map, const char *key, u32 key_size, char **value, u32 *size);
HOST(proxy_add_header_map_value)(u32 map, const char *key, u32 key_size, const char *value, u32 size);
HOST(proxy_replace_header_map_value)(u32 map, const char *key, u32 key_size, const char *value, u32 size);
HOST(proxy_remove_header_map_value)(u32 map, const char *key, u32 key_size);
HOST(proxy_continue_stream)(u32 type);
HOST(proxy_close_stream)(u32 type);
HOST(proxy_send_local_response)(u32 status, const char *details, u32 details_size, const char *body, u32 body_size,
                                const char *headers, u32 headers_size, int grpc_status);
HOST(proxy_http_call)(const char *upstream, u32 upstream_size, const char *headers, u32 headers_size, const char *body,
                      u32 body_size, const char *trailers, u32 trailers_size, u32 timeout, u32 *id);
HOST(proxy_grpc_call)(const char *service, u32 service_size, const char *name, u32 name_size, const char *method,
                      u32 method_size, const char *metadata, u32 metadata_size, const char *message, u32 message_size,
                      u32 timeout, u32 *id);
HOST(proxy_grpc_stream)(const char *service, u32 service_size, const char *name, u32 name_size, const char *method,
                        u32 method_size, const char *metadata, u32 metadata_size, u32 *id);
HOST(proxy_grpc_send)(u32 id, const char *message, u32 size, u32 end_stream);
HOST(proxy_grpc_cancel)(u32 id);
HOST(proxy_grpc_close)(u32 id);
HOST(proxy_get_shared_data)(const char *key, u32 key_size, char **value, u32 *size, u32 *cas);
HOST(proxy_set_shared_data)(const char *key, u32 key_size, const char *value, u32 size, u32 cas);
HOST(proxy_register_shared_queue)(const char *name, u32 size, u32 *id);
HOST(proxy_resolve_shared_queue)(const char *vm, u32 vm_size, const char *name, u32 size, u32 *id);
HOST(proxy_enqueue_shared_queue)(u32 id, const char *data, u32 size);
HOST(proxy_dequeue_shared_queue)(u32 id, char **data, u32 *size);
HOST(proxy_define_metric)(u32 type, const char *name, u32 size, u32 *id);
HOST(proxy_increment_metric)(u32 id, u64 delta);
HOST(proxy_record_metric)(u32 id, u64 value);
HOST(proxy_get_metric)(u32 id, u64 *value);
HOST(proxy_set_effective_context)(u32 id);
HOST(proxy_done)(void);
HOST(proxy_call_foreign_function)(const char *name, u32 name_size, const char *args, u32 args_size, char **result,
                                  u32 *size);

static inline u32 length(const char *text) {
  u32 size = 0;
  while (text[size]) size++;
  return size;
}

#define TEXT(text) (text), (sizeof(text) - 1)

static inline void info(const char *text) { proxy_log(2, text, length(text)); }

// Names a status that is not the expected one.
static inline void expect(const char *name, u32 status, u32 expected) {
  if (status == expected) return;
  proxy_log(5, name, length(name));
  char digits[2] = {'0' + status / 10, '0' + status % 10};
  proxy_log(5, digits, 2);
}

// A page that grows: no plugin here lives long enough to give memory back.
extern unsigned char __heap_base;
static u32 heap;

void *EXPORT(malloc)(u32 size) {
  if (heap == 0) heap = ((u32)&__heap_base + 15) & ~15u;
  u32 at = heap;
  heap = (heap + size + 15) & ~15u;
  u32 pages = __builtin_wasm_memory_size(0);
  if (heap > pages * 65536 && __builtin_wasm_memory_grow(0, (heap - pages * 65536) / 65536 + 1) == (u32)-1) return 0;
  return (void *)at;
}

void EXPORT(proxy_abi_version_0_2_1)(void) {}
