// Plugins of the AssemblyScript SDK in one module: the root's name, which the host tells as a property, chooses. The SDK keeps one
// root for a module, so that each plugin wants a VM of its own.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";
import {
  BaseContext,
  BufferTypeValues,
  Context,
  continue_request,
  FilterHeadersStatusValues,
  get_buffer_bytes,
  get_property,
  GrpcStatusValues,
  Headers,
  log,
  LogLevelValues,
  makeHeaderPair,
  registerRootContext,
  RootContext,
  send_local_response,
  set_tick_period_milliseconds,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";

// Adds what it was configured with to each response.
class AddHeader extends Context {
  constructor(id: u32, root: RootContext) {
    super(id, root);
  }
  onResponseHeaders(_count: u32, _end: bool): FilterHeadersStatusValues {
    stream_context.headers.response.add("hello", this.root_context.getConfiguration());
    return FilterHeadersStatusValues.Continue;
  }
}
// Takes from each response what nobody needs to know.
class RemoveHeaders extends Context {
  constructor(id: u32, root: RootContext) {
    super(id, root);
  }
  onResponseHeaders(_count: u32, _end: bool): FilterHeadersStatusValues {
    stream_context.headers.response.remove("x-powered-by");
    return FilterHeadersStatusValues.Continue;
  }
}
// Asks a server about each request before it lets it pass.
class Auth extends Context {
  constructor(id: u32, root: RootContext) {
    super(id, root);
  }
  onRequestHeaders(_count: u32, _end: bool): FilterHeadersStatusValues {
    const headers: Headers = [
      makeHeaderPair(":method", "GET"),
      makeHeaderPair(":path", stream_context.headers.request.get(":path")),
      makeHeaderPair(":authority", "plugin"),
    ];
    this.root_context.httpCall("auth", headers, new ArrayBuffer(0), [], 1000, this, (_context: BaseContext, _count: u32, size: usize, _trailers: u32) => {
      const body = String.UTF8.decode(get_buffer_bytes(BufferTypeValues.HttpCallResponseBody, 0, <u32>size));
      if (body == "yes") continue_request();
      else send_local_response(403, "denied", String.UTF8.encode("denied"), [], GrpcStatusValues.PermissionDenied);
    });
    return FilterHeadersStatusValues.StopIteration;
  }
}
class Root extends RootContext {
  name: string = String.UTF8.decode(get_property("plugin_root_id"));

  createContext(id: u32): Context {
    if (this.name == "add_header") return new AddHeader(id, this);
    if (this.name == "remove_headers") return new RemoveHeaders(id, this);
    if (this.name == "auth") return new Auth(id, this);
    return new Context(id, this);
  }
  onConfigure(size: u32): bool {
    if (this.name == "singleton") set_tick_period_milliseconds(10);
    return super.onConfigure(size);
  }
  onTick(): void {
    log(LogLevelValues.info, "tick of " + this.getConfiguration());
    set_tick_period_milliseconds(0);
  }
}
registerRootContext((id: u32) => new Root(id), "any");
