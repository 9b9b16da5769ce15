//! The behaviours of the Rust SDK's examples in one plugin, which its configuration chooses from: a name, and after a colon an argument.
mod http;
mod protobuf;
mod signatures;
mod statuses;
mod tcp;

use log::info;
use proxy_wasm::traits::{Context, HttpContext, RootContext, StreamContext};
use proxy_wasm::types::{ContextType, LogLevel};
use std::time::{Duration, UNIX_EPOCH};

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|_| Box::new(Root::default()));
}}

#[derive(Default)]
struct Root {
    behaviour: String,
    argument: String,
    ticks: u32,
}

impl Context for Root {}

impl RootContext for Root {
    fn on_vm_start(&mut self, size: usize) -> bool {
        info!("vm started with {} bytes", size);
        true
    }

    fn on_configure(&mut self, _size: usize) -> bool {
        let configuration = String::from_utf8(self.get_plugin_configuration().unwrap_or_default()).unwrap();
        let (behaviour, argument) = configuration.split_once(':').unwrap_or((&configuration, ""));
        self.behaviour = behaviour.to_string();
        self.argument = argument.to_string();
        match behaviour {
            "clock" => self.set_tick_period(Duration::from_millis(5)),
            "statuses" => statuses::log_all(),
            _ => {}
        }
        // What is not known is refused, and the plugin with it.
        behaviour != "refused"
    }

    fn on_tick(&mut self) {
        self.ticks += 1;
        let since = self.get_current_time().duration_since(UNIX_EPOCH).unwrap();
        info!("tick {}: {}", self.ticks, since.as_millis());
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(match self.behaviour.as_str() {
            "tcp" => ContextType::StreamContext,
            _ => ContextType::HttpContext,
        })
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        http::make(&self.behaviour, &self.argument, id)
    }

    fn create_stream_context(&self, _id: u32) -> Option<Box<dyn StreamContext>> {
        Some(Box::new(tcp::Routing))
    }
}
