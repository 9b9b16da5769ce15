//! What the host answers where it cannot do what it is asked. The SDK knows few statuses for each function and panics at all others.
use log::info;
use proxy_wasm::hostcalls::*;
use proxy_wasm::types::{BufferType, MapType, MetricType};
use std::time::Duration;

pub fn log_all() {
    let second = Duration::from_secs(1);
    let call = vec![(":method", "GET"), (":path", "/"), (":authority", "x")];
    info!("property: {:?}", get_property(vec!["no", "such"]));
    info!("shared data: {:?}", get_shared_data("no such"));
    info!("first of shared data: {:?}", set_shared_data("key", Some(b"a"), None));
    let (value, cas) = get_shared_data("key").unwrap();
    info!("value: {:?}", value.map(|bytes| String::from_utf8(bytes).unwrap()));
    info!("stale: {:?}", set_shared_data("key", Some(b"b"), cas.map(|number| number + 1000)));
    info!("fresh: {:?}", set_shared_data("key", None, cas));
    info!("empty: {:?}", get_shared_data("key").unwrap().0);
    info!("queue of another: {:?}", resolve_shared_queue("other", "no such"));
    info!("dequeue of none: {:?}", dequeue_shared_queue(1_000_000));
    info!("enqueue to none: {:?}", enqueue_shared_queue(1_000_000, Some(b"a")));
    let queue = register_shared_queue("queue").unwrap();
    info!("dequeue of nothing: {:?}", dequeue_shared_queue(queue));
    info!("call of none: {:?}", dispatch_http_call("no such", call, None, vec![], second));
    info!("call without headers: {:?}", dispatch_http_call("no such", vec![], None, vec![], second));
    info!("grpc call of none: {:?}", dispatch_grpc_call("no such", "s", "m", vec![], None, second));
    info!("grpc stream to none: {:?}", open_grpc_stream("no such", "s", "m", vec![]));
    info!("message to none: {:?}", send_grpc_stream_message(1_000_002, Some(b"a"), false));
    info!("cancel of none: {:?}", cancel_grpc_call(1_000_001));
    info!("close of none: {:?}", close_grpc_stream(1_000_002));
    info!("foreign: {:?}", call_foreign_function("no such", None));
    info!("context: {:?}", set_effective_context(1_000_000));
    info!("buffer: {:?}", get_buffer(BufferType::HttpRequestBody, 0, 10));
    info!("map: {:?}", get_map(MapType::HttpRequestHeaders));
    let counter = define_metric(MetricType::Counter, "rust_counter").unwrap();
    let histogram = define_metric(MetricType::Histogram, "rust_histogram").unwrap();
    info!("increment: {:?}", increment_metric(counter, 2));
    info!("decrement of a counter: {:?}", increment_metric(counter, -1));
    info!("counter: {:?}", get_metric(counter));
    info!("record: {:?}", record_metric(histogram, 5));
    info!("histogram: {:?}", get_metric(histogram));
    info!("record of none: {:?}", record_metric(1_000_000, 1));
    info!("done");
}
