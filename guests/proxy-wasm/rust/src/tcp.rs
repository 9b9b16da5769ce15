//! A plugin of TCP connections that says where they are to go, as Envoy's `set_envoy_filter_state` takes it.
use crate::protobuf::message;
use log::info;
use proxy_wasm::traits::{Context, StreamContext};
use proxy_wasm::types::{Action, PeerType};

pub struct Routing;

impl Context for Routing {}

impl StreamContext for Routing {
    fn on_new_connection(&mut self) -> Action {
        let source = self.get_property(vec!["source", "address"]).unwrap();
        let source = String::from_utf8(source).unwrap();
        let cluster = if source.starts_with("127.") { "local" } else { "egress" };
        let arguments = message(&[(1, b"envoy.tcp_proxy.cluster"), (2, cluster.as_bytes())]);
        let answer = self.call_foreign_function("set_envoy_filter_state", Some(&arguments));
        let stored = self.get_property(vec!["filter_state", "envoy.tcp_proxy.cluster"]);
        info!("{:?}, {:?}", answer, stored.map(|bytes| String::from_utf8(bytes).unwrap()));
        Action::Continue
    }

    fn on_downstream_data(&mut self, size: usize, _end: bool) -> Action {
        if let Some(data) = self.get_downstream_data(0, size) {
            self.set_downstream_data(0, size, &data.to_ascii_uppercase());
        }
        Action::Continue
    }

    fn on_downstream_close(&mut self, peer: PeerType) {
        info!("closed by {}", peer as u32);
    }

    fn on_log(&mut self) {
        info!("connection complete");
    }
}
