//! Plugins that sign paths, and that let no path pass whose signature is not right, with Envoy's foreign functions.
use crate::protobuf::{first_bytes, message, truth};
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{:02x}", byte)).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).filter_map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()).collect()
}

pub struct Sign {
    /// PEM.
    pub key: String,
}

impl Context for Sign {}

impl HttpContext for Sign {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        let path = self.get_http_request_header(":path").unwrap();
        let arguments = message(&[(1, b"sha256"), (3, path.as_bytes()), (4, self.key.as_bytes())]);
        let answer = self.call_foreign_function("sign", Some(&arguments)).unwrap().unwrap();
        let (well, rest) = truth(&answer);
        assert!(well);
        self.add_http_request_header("x-signature", &to_hex(first_bytes(rest).unwrap()));
        Action::Continue
    }
}

pub struct Verify {
    /// PEM.
    pub key: String,
}

impl Context for Verify {}

impl HttpContext for Verify {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        let path = self.get_http_request_header(":path").unwrap();
        let signature = from_hex(&self.get_http_request_header("x-signature").unwrap_or_default());
        let arguments =
            message(&[(1, b"sha256"), (3, &signature), (4, path.as_bytes()), (5, self.key.as_bytes())]);
        let answer = self.call_foreign_function("verify_signature", Some(&arguments)).unwrap().unwrap();
        let (valid, rest) = truth(&answer);
        if !valid {
            self.send_http_response(403, vec![], first_bytes(rest));
            return Action::Pause;
        }
        Action::Continue
    }
}
