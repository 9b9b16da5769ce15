import type { PluginConfiguration } from "../vm/plugin-host.ts";
import type { CodeSource } from "./code-source.ts";
import { hostVariable } from "./host-variable.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import type { Reading } from "./reading.ts";

function codeOf(code: Reading): CodeSource {
  const type = code.at("type").oneOf(["HTTP", "Image"], "HTTP");
  const source = type === "HTTP" ? code.at("http") : code.at("image");
  const url = source.at("url").text();
  const sha256 = source.at("sha256").optionalText()?.toLowerCase();
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) source.at("sha256").fail("64 hexadecimal digits");
  if (type === "HTTP") return { kind: "http", url, sha256 };
  const pull = code.at("pullPolicy").oneOf(["IfNotPresent", "Always"], "IfNotPresent");
  const latest = /:latest$/.test(url) || !/[:@][^/]*$/.test(url.replace(/^[a-z]+:\/\//, ""));
  const always = code.at("pullPolicy").present ? pull === "Always" : latest;
  return { kind: "image", reference: url.replace(/^oci:\/\//, ""), sha256, always };
}

/**
 * A plugin as Envoy Gateway's `EnvoyExtensionPolicy` describes it (`gateway.envoyproxy.io/v1alpha1`): one entry of `spec.wasm`, or the
 * resource when it has only one. What it is attached to has no meaning here and is passed over.
 * @throws ConfigurationError
 */
export function fromEnvoyGateway(reading: Reading): Omit<PluginSpec, "limits" | "threads"> {
  const list = reading.at("spec", "wasm");
  const entries = list.list();
  if (entries.length > 1) list.fail("one plugin: write an entry for each");
  const wasm = entries[0] ?? reading;
  const environment = new Map<string, string>();
  for (const key of wasm.at("env", "hostKeys").list()) {
    const value = hostVariable(key.text());
    if (value !== undefined) environment.set(key.text(), value);
  }
  return {
    name: wasm.at("name").text(reading.at("metadata", "name").text("")),
    rootId: wasm.at("rootID").text(""),
    code: codeOf(wasm.at("code")),
    configuration: wasm.at("config").present ? (wasm.at("config").value as PluginConfiguration) : undefined,
    vmId: "",
    environment: Object.fromEntries(environment),
    failurePolicy: wasm.at("failOpen").truth(false) ? "open" : "closed",
    capabilities: [],
    allowOnHeadersStopIteration: false,
  };
}
