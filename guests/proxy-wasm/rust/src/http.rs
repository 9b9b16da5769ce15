//! What plugins of HTTP do.
use crate::signatures::{Sign, Verify};
use log::info;
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;
use std::time::Duration;

pub fn make(behaviour: &str, argument: &str, id: u32) -> Option<Box<dyn HttpContext>> {
    let argument = argument.to_string();
    match behaviour {
        "headers" => Some(Box::new(Headers { id })),
        "config" => Some(Box::new(Config { value: argument })),
        "body" => Some(Box::new(Body)),
        "auth" => Some(Box::new(Auth { upstream: argument })),
        "grpc" => Some(Box::new(Grpc { upstream: argument })),
        "grpc-stream" => Some(Box::new(GrpcStream { upstream: argument })),
        "metadata" => Some(Box::new(Metadata)),
        "sign" => Some(Box::new(Sign { key: argument })),
        "verify" => Some(Box::new(Verify { key: argument })),
        "panic" => Some(Box::new(Panic)),
        _ => None,
    }
}

/// Logs headers both ways, and answers for one path itself.
struct Headers {
    id: u32,
}

impl Context for Headers {}

impl HttpContext for Headers {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        for (name, value) in self.get_http_request_headers() {
            info!("#{} -> {}: {}", self.id, name, value);
        }
        if self.get_http_request_header(":path").as_deref() == Some("/hello") {
            self.send_http_response(
                200,
                vec![("Hello", "World"), ("Powered-By", "proxy-wasm")],
                Some(b"Hello, World!\n"),
            );
            return Action::Pause;
        }
        self.set_http_request_header("x-replaced", Some("new"));
        self.set_http_request_header("x-removed", None);
        self.set_http_request_header("x-was-not-there", None);
        self.add_http_request_header("x-added", "1");
        Action::Continue
    }

    fn on_http_response_headers(&mut self, _: usize, _: bool) -> Action {
        for (name, value) in self.get_http_response_headers_bytes() {
            info!("#{} <- {}: {}", self.id, name, String::from_utf8_lossy(&value));
        }
        Action::Continue
    }

    fn on_log(&mut self) {
        let path = self.get_http_request_header(":path").unwrap_or_default();
        info!("#{} completed: {}", self.id, path);
        assert_eq!(self.get_http_request_header("x-never"), None);
    }
}

struct Config {
    value: String,
}

impl Context for Config {}

impl HttpContext for Config {
    fn on_http_response_headers(&mut self, _: usize, _: bool) -> Action {
        self.add_http_response_header("custom-header", &self.value);
        Action::Continue
    }
}

/// Hides what is secret.
struct Body;

impl Context for Body {}

impl HttpContext for Body {
    fn on_http_response_headers(&mut self, _: usize, _: bool) -> Action {
        self.set_http_response_header("content-length", None);
        Action::Continue
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        if !end {
            return Action::Pause;
        }
        if let Some(body) = self.get_http_response_body(0, size) {
            let text = String::from_utf8(body).unwrap();
            if text.contains("secret") {
                let new = format!("Original message body ({} bytes) redacted.\n", size);
                self.set_http_response_body(0, size, new.as_bytes());
            }
        }
        Action::Continue
    }
}

/// Asks another server about each request.
struct Auth {
    upstream: String,
}

impl HttpContext for Auth {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        let path = self.get_http_request_header(":path").unwrap();
        let headers = vec![(":method", "GET"), (":path", &path), (":authority", "auth.test")];
        match self.dispatch_http_call(&self.upstream, headers, None, vec![], Duration::from_secs(1)) {
            Ok(_) => Action::Pause,
            Err(status) => {
                let text = format!("{:?}", status);
                self.send_http_response(500, vec![], Some(text.as_bytes()));
                Action::Pause
            }
        }
    }
}

impl Context for Auth {
    fn on_http_call_response(&mut self, _: u32, headers: usize, size: usize, _: usize) {
        info!("{} headers, status {:?}", headers, self.get_http_call_response_header(":status"));
        let well = self.get_http_call_response_body(0, size).map_or(false, |body| body == b"yes");
        if well {
            self.resume_http_request();
        } else {
            self.send_http_response(403, vec![("powered-by", "proxy-wasm")], Some(b"Access forbidden.\n"));
        }
    }
}

/// Asks a gRPC service about each request.
struct Grpc {
    upstream: String,
}

impl HttpContext for Grpc {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        let path = self.get_http_request_header(":path").unwrap();
        let timeout = Duration::from_secs(1);
        let metadata = vec![("x-from", b"rust".as_slice())];
        let called = self.dispatch_grpc_call(
            &self.upstream,
            "auth.Decider",
            "Decide",
            metadata,
            Some(path.as_bytes()),
            timeout,
        );
        if let Err(status) = called {
            let text = format!("{:?}", status);
            self.send_http_response(500, vec![], Some(text.as_bytes()));
        }
        Action::Pause
    }
}

impl Context for Grpc {
    fn on_grpc_call_response(&mut self, _: u32, status: u32, size: usize) {
        if status != 0 {
            let (code, message) = self.get_grpc_status();
            let text = format!("{} {}", code, message.unwrap_or_default());
            self.send_http_response(403, vec![], Some(text.as_bytes()));
        } else if self.get_grpc_call_response_body(0, size).map_or(false, |body| body[0] % 2 == 0) {
            self.resume_http_request();
        } else {
            self.send_http_response(403, vec![], Some(b"Access forbidden.\n"));
        }
    }
}

/// Has a conversation with a gRPC service before a request goes on.
struct GrpcStream {
    upstream: String,
}

impl HttpContext for GrpcStream {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        let opened = self.open_grpc_stream(&self.upstream, "auth.Decider", "Discuss", vec![]);
        self.send_grpc_stream_message(opened.unwrap(), Some(b"one"), false);
        Action::Pause
    }
}

impl Context for GrpcStream {
    fn on_grpc_stream_message(&mut self, token: u32, size: usize) {
        let message = self.get_grpc_stream_message(0, size).unwrap_or_default();
        if message == b"one" {
            self.send_grpc_stream_message(token, Some(b"two"), true);
        } else {
            self.set_http_request_header("x-answer", Some(&String::from_utf8_lossy(&message)));
        }
    }

    fn on_grpc_stream_close(&mut self, _: u32, status: u32) {
        info!("closed with {}", status);
        self.resume_http_request();
    }
}

/// Wants a token in the header that the route's metadata names.
struct Metadata;

impl Context for Metadata {}

impl HttpContext for Metadata {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        let path = vec!["metadata", "filter_metadata", "envoy.filters.http.wasm", "auth"];
        let name = match self.get_property(path) {
            Some(name) => String::from_utf8(name).unwrap(),
            None => "authorization".to_string(),
        };
        if self.get_http_request_header(&name).is_some() {
            return Action::Continue;
        }
        self.send_http_response(401, vec![("www-authenticate", &name)], Some(b"Unauthorized"));
        Action::Pause
    }
}

/// Fails as Rust does.
struct Panic;

impl Context for Panic {}

impl HttpContext for Panic {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        panic!("on purpose");
    }
}
