// Asks a gRPC service about each request, and lets it pass when the answer's first byte is even; a failed call is answered with the
// call's own status.
#include "proxy_wasm.h"

static u32 waiting;

u32 EXPORT(proxy_on_request_headers)(u32 context, u32 count, u32 end) {
  u32 id;
  char *path;
  u32 size;
  expect("path", proxy_get_header_map_value(REQUEST_HEADERS, TEXT(":path"), &path, &size), OK);
  u32 status = proxy_grpc_call(TEXT("auth"), TEXT("auth.Decider"), TEXT("Decide"), 0, 0, path, size, 2000, &id);
  expect("grpc_call", status, OK);
  waiting = context;
  return PAUSE;
}

void EXPORT(proxy_on_grpc_receive)(u32 root, u32 call, u32 size) {
  char *message;
  u32 length;
  expect("message", proxy_get_buffer_bytes(GRPC_MESSAGE, 0, size, &message, &length), OK);
  expect("effective", proxy_set_effective_context(waiting), OK);
  if (length > 0 && message[0] % 2 == 0)
    expect("continue", proxy_continue_stream(0), OK);
  else
    expect("reply", proxy_send_local_response(403, TEXT("odd"), TEXT("Access forbidden.\n"), 0, 0, -1), OK);
}

void EXPORT(proxy_on_grpc_close)(u32 root, u32 call, u32 code) {
  if (code == 0) return;
  u32 last;
  char *message;
  u32 size;
  expect("status", proxy_get_status(&last, &message, &size), OK);
  expect("effective", proxy_set_effective_context(waiting), OK);
  expect("reply", proxy_send_local_response(503, 0, 0, message, size, 0, 0, (int)last), OK);
}
