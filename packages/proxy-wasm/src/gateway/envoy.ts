import type { FailurePolicy } from "../vm/plugin.ts";
import type { PluginConfiguration } from "../vm/plugin-host.ts";
import type { CodeSource } from "./code-source.ts";
import { hostVariable } from "./host-variable.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import type { Reading } from "./reading.ts";

/** The message types `udpa.type.v1.TypedStruct` and `xds.type.v3.TypedStruct`: a message as a struct with the name of its type. */
const isTypedStruct = (type: string): boolean => /[./](udpa\.type\.v1|xds\.type\.v3)\.TypedStruct$/.test(`/${type}`);

/** The configurations of Envoy's HTTP and network filters, and of its Wasm service. */
const isWasm = (type: string): boolean =>
  /[./]envoy\.(extensions|config)\.[\w.]*wasm\.v\w+\.Wasm(Service)?$/.test(`/${type}`);

/**
 * The message in a filter's `typed_config`: the configuration itself, or its value in a TypedStruct, as Istio's
 * EnvoyFilter resources have it.
 */
function messageOf(typed: Reading): Reading {
  const type = typed.at("@type").text("");
  if (!isTypedStruct(type)) {
    if (type !== "" && !isWasm(type)) typed.at("@type").fail("the type of Envoy's Wasm filter, or a TypedStruct of it");
    return typed;
  }
  const inner = typed.either("type_url", "typeUrl");
  if (!isWasm(inner.text())) inner.fail("the type of Envoy's Wasm filter");
  if (!typed.at("value").present) typed.at("value").fail("the filter's configuration");
  return typed.at("value");
}

/**
 * A value of any type, as Envoy's configuration writes it: text and bytes are handed over as they are, a struct as JSON. Envoy
 * itself allows `value` around either.
 */
function anyValue(reading: Reading): PluginConfiguration | undefined {
  if (!reading.present) return undefined;
  if (typeof reading.value === "string") return reading.value;
  const type = reading.at("@type").text("");
  if (type.endsWith("google.protobuf.BytesValue"))
    return new Uint8Array(Buffer.from(reading.at("value").text(), "base64"));
  if (type.endsWith("google.protobuf.StringValue")) return reading.at("value").text();
  if (type.endsWith("google.protobuf.Struct") || isTypedStruct(type))
    return (reading.at("value").value ?? {}) as PluginConfiguration;
  if (type !== "")
    return reading.at("@type").fail("the type StringValue, BytesValue or Struct of google.protobuf, or a TypedStruct");
  return reading.value as PluginConfiguration;
}

/** A duration of protobuf's JSON form, `"1.5s"`, in milliseconds. */
function milliseconds(reading: Reading): number | undefined {
  if (!reading.present) return undefined;
  const match = /^(\d+(?:\.\d+)?)s$/.exec(reading.text());
  return match === null ? reading.fail('seconds, such as "1.5s"') : Number(match[1]) * 1000;
}

function codeOf(code: Reading): CodeSource {
  const local = code.at("local");
  if (local.present) {
    if (local.at("filename").present) return { kind: "file", path: local.at("filename").text() };
    const bytes = local.either("inline_bytes", "inlineBytes");
    if (bytes.present) return { kind: "inline", bytes: new Uint8Array(Buffer.from(bytes.text(), "base64")) };
    const text = local.either("inline_string", "inlineString");
    if (text.present) return { kind: "inline", bytes: new Uint8Array(Buffer.from(text.text(), "latin1")) };
    const variable = local.either("environment_variable", "environmentVariable");
    if (variable.present) {
      const value = hostVariable(variable.text());
      return value === undefined
        ? variable.fail("the name of an environment variable that is set")
        : { kind: "inline", bytes: new Uint8Array(Buffer.from(value, "latin1")) };
    }
    return local.fail("filename, inline_bytes, inline_string or environment_variable");
  }
  const remote = code.at("remote");
  if (!remote.present) return code.fail("local or remote");
  const uri = remote.either("http_uri", "httpUri");
  return {
    kind: "http",
    url: uri.at("uri").text(),
    sha256: remote.at("sha256").text().toLowerCase(),
    timeout: milliseconds(uri.at("timeout")),
  };
}

function policyOf(config: Reading): FailurePolicy {
  const policy = config
    .either("failure_policy", "failurePolicy")
    .oneOf(["UNSPECIFIED", "FAIL_RELOAD", "FAIL_CLOSED", "FAIL_OPEN"], "UNSPECIFIED");
  if (policy === "FAIL_RELOAD") return "reload";
  if (policy === "FAIL_OPEN") return "open";
  return policy === "UNSPECIFIED" && config.either("fail_open", "failOpen").truth(false) ? "open" : "closed";
}

/**
 * A plugin as Envoy's HTTP or network filter `envoy.filters.http.wasm` describes it: the filter with its `typed_config`, that
 * alone, or the plugin's configuration alone.
 * @throws ConfigurationError
 */
export function fromEnvoy(reading: Reading): Omit<PluginSpec, "limits" | "threads"> {
  const typed = reading.either("typed_config", "typedConfig");
  const filter = messageOf(typed.present ? typed : reading);
  const config = filter.at("config").present ? filter.at("config") : filter;
  const vm = config.either("vm_config", "vmConfig");
  const variables = vm.either("environment_variables", "environmentVariables");
  const environment = new Map(Object.entries(variables.either("key_values", "keyValues").texts()));
  for (const key of variables.either("host_env_keys", "hostEnvKeys").list()) {
    const name = key.text();
    if (environment.has(name)) key.fail("a name that key_values does not have");
    const value = hostVariable(name);
    if (value !== undefined) environment.set(name, value);
  }
  const backoff = config.either("reload_config", "reloadConfig").at("backoff").either("base_interval", "baseInterval");
  const restriction = config.either("capability_restriction_config", "capabilityRestrictionConfig");
  return {
    name: config.at("name").text(""),
    rootId: config.either("root_id", "rootId").text(""),
    code: codeOf(vm.at("code")),
    configuration: anyValue(config.at("configuration")),
    vmId: vm.either("vm_id", "vmId").text(""),
    vmConfiguration: anyValue(vm.at("configuration")),
    environment: Object.fromEntries(environment),
    failurePolicy: policyOf(config),
    reloadBackoff: milliseconds(backoff),
    capabilities: restriction
      .either("allowed_capabilities", "allowedCapabilities")
      .entries()
      .map(([name]) => name),
    allowOnHeadersStopIteration: config
      .either("allow_on_headers_stop_iteration", "allowOnHeadersStopIteration")
      .truth(false),
  };
}
