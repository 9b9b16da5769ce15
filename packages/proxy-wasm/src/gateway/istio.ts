import type { PluginConfiguration } from "../vm/plugin-host.ts";
import type { CodeSource } from "./code-source.ts";
import { hostVariable } from "./host-variable.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import type { Reading } from "./reading.ts";

/** The phases of a `WasmPlugin`, in the order in which requests pass them. */
export const PHASES = ["AUTHN", "AUTHZ", "STATS", "UNSPECIFIED_PHASE"] as const;

function codeOf(url: Reading, sha256: string | undefined, always: boolean): CodeSource {
  const text = url.text();
  if (/^https?:/.test(text)) {
    if (sha256 === undefined && !always) return { kind: "http", url: text, sha256: undefined };
    return { kind: "http", url: text, sha256 };
  }
  if (text.startsWith("file://")) return { kind: "file", path: text.slice("file://".length), sha256 };
  const reference = text.replace(/^oci:\/\//, "");
  if (/^[a-z]+:\/\//.test(reference)) return url.fail("an address with oci:, http:, https: or file:");
  return { kind: "image", reference, sha256, always };
}

/**
 * A plugin as Istio's `WasmPlugin` describes it (`extensions.istio.io/v1alpha1`): the resource, or its `spec` alone. What selects
 * workloads has no meaning here and is passed over.
 * @throws ConfigurationError
 */
export function fromIstio(reading: Reading): Omit<PluginSpec, "limits" | "threads"> {
  const spec = reading.at("spec").present ? reading.at("spec") : reading;
  const url = spec.at("url");
  const sha256 = spec.at("sha256").optionalText()?.toLowerCase();
  if (sha256 !== undefined && sha256 !== "" && !/^[0-9a-f]{64}$/.test(sha256))
    spec.at("sha256").fail("64 hexadecimal digits");
  const pull = spec.at("imagePullPolicy").oneOf(["UNSPECIFIED_POLICY", "IfNotPresent", "Always"], "UNSPECIFIED_POLICY");
  const latest = /:latest$/.test(url.text()) || !/[:@][^/]*$/.test(url.text().replace(/^[a-z]+:\/\//, ""));
  const environment = new Map<string, string>();
  for (const variable of spec.at("vmConfig", "env").list()) {
    const name = variable.at("name").text();
    const from = variable.at("valueFrom").oneOf(["INLINE", "HOST"], "INLINE");
    const value = from === "HOST" ? hostVariable(name) : variable.at("value").text("");
    if (value !== undefined) environment.set(name, value);
  }
  const strategy = spec.at("failStrategy").oneOf(["FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD"], "FAIL_CLOSE");
  const name = reading.at("metadata", "name").text(spec.at("pluginName").text(""));
  return {
    name,
    rootId: spec.at("pluginName").text(""),
    code: codeOf(
      url,
      sha256 === "" ? undefined : sha256,
      pull === "Always" || (pull === "UNSPECIFIED_POLICY" && latest),
    ),
    configuration: spec.at("pluginConfig").present ? (spec.at("pluginConfig").value as PluginConfiguration) : undefined,
    vmId: "",
    environment: Object.fromEntries(environment),
    failurePolicy: strategy === "FAIL_OPEN" ? "open" : strategy === "FAIL_RELOAD" ? "reload" : "closed",
    capabilities: [],
    allowOnHeadersStopIteration: false,
  };
}

/** Where a `WasmPlugin` stands among others: first by phase, then by priority, the higher first. */
export function istioOrder(reading: Reading): readonly [phase: number, priority: number] {
  const spec = reading.at("spec").present ? reading.at("spec") : reading;
  const phase = PHASES.indexOf(spec.at("phase").oneOf(PHASES, "UNSPECIFIED_PHASE"));
  const priority = spec.at("priority").value;
  return [phase, typeof priority === "number" ? -priority : 0];
}
