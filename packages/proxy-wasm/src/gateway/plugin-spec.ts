import type { FailurePolicy } from "../vm/plugin.ts";
import type { PluginConfiguration } from "../vm/plugin-host.ts";
import type { PluginLimits } from "../vm/vm.ts";
import type { CodeSource } from "./code-source.ts";
import { fromEnvoy } from "./envoy.ts";
import { fromEnvoyGateway } from "./envoy-gateway.ts";
import { fromIstio } from "./istio.ts";
import type { Reading } from "./reading.ts";

/** A plugin as a configuration describes it, in whichever of the formats. */
export interface PluginSpec {
  readonly name: string;
  readonly rootId: string;
  readonly code: CodeSource;
  readonly configuration?: PluginConfiguration;
  readonly vmId: string;
  readonly vmConfiguration?: PluginConfiguration;
  readonly environment: Readonly<Record<string, string>>;
  readonly failurePolicy: FailurePolicy;
  readonly reloadBackoff?: number;
  readonly capabilities: readonly string[];
  readonly allowOnHeadersStopIteration: boolean;
  readonly limits: PluginLimits;
  /** In how many threads it runs; 0 for the gateway's own. */
  readonly threads: number;
}

function fuel(reading: Reading): bigint | undefined {
  const amount = reading.optionalNumber();
  return amount === undefined ? undefined : BigInt(Math.floor(amount));
}

/** Limits by their names in `PluginLimits`. */
export function readLimits(reading: Reading): PluginLimits {
  const numbers = ["timeout", "startTimeout", "doneTimeout", "memory", "callDepth"] as const;
  reading.only("fuelPerCallback", "fuelPerStream", "startFuel", ...numbers);
  const limits: Record<string, unknown> = {
    fuelPerCallback: fuel(reading.at("fuelPerCallback")),
    fuelPerStream: fuel(reading.at("fuelPerStream")),
    startFuel: fuel(reading.at("startFuel")),
  };
  for (const name of numbers) limits[name] = reading.at(name).optionalNumber();
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

/** A configuration given to a plugin: text as it is, anything else as JSON. */
export function readConfiguration(reading: Reading): PluginConfiguration | undefined {
  return reading.present ? (reading.value as PluginConfiguration) : undefined;
}

/** Where code comes from: `file`, `url` and `sha256`, `image`, or `layout` and `tag`. */
function readCode(reading: Reading): CodeSource {
  if (typeof reading.value === "string") return { kind: "file", path: reading.value };
  reading.only("file", "url", "image", "layout", "tag", "sha256", "timeout");
  const sha256 = reading.at("sha256").optionalText()?.toLowerCase();
  const timeout = reading.at("timeout").optionalNumber();
  if (reading.at("file").present) return { kind: "file", path: reading.at("file").text(), sha256 };
  if (reading.at("url").present) {
    if (sha256 === undefined) reading.at("sha256").fail("the SHA-256 of what the address answers");
    return { kind: "http", url: reading.at("url").text(), sha256, timeout };
  }
  if (reading.at("image").present) return { kind: "image", reference: reading.at("image").text(), sha256, timeout };
  if (reading.at("layout").present)
    return { kind: "layout", path: reading.at("layout").text(), tag: reading.at("tag").optionalText(), sha256 };
  return reading.fail("file, url, image or layout");
}

/**
 * One entry of a gateway's `plugins`: in this gateway's own form, or with `envoy`, `istio` or `envoyGateway` and what is written for those.
 * @throws ConfigurationError
 */
export function readPluginSpec(name: string, reading: Reading): PluginSpec {
  const own = { limits: readLimits(reading.at("limits")), threads: reading.at("threads").wholeNumber(0) };
  if (reading.at("envoy").present) {
    reading.only("envoy", "limits", "threads");
    return { ...fromEnvoy(reading.at("envoy")), ...own };
  }
  if (reading.at("envoyGateway").present) {
    reading.only("envoyGateway", "limits", "threads");
    return { ...fromEnvoyGateway(reading.at("envoyGateway")), ...own };
  }
  if (reading.at("istio").present) {
    reading.only("istio", "limits", "threads");
    return { ...fromIstio(reading.at("istio")), ...own };
  }
  reading.only(
    "code",
    "rootId",
    "configuration",
    "vm",
    "failurePolicy",
    "reloadBackoff",
    "capabilities",
    "allowOnHeadersStopIteration",
    "limits",
    "threads",
  );
  const vm = reading.at("vm").only("id", "configuration", "environment");
  return {
    name,
    rootId: reading.at("rootId").text(""),
    code: readCode(reading.at("code")),
    configuration: readConfiguration(reading.at("configuration")),
    vmId: vm.at("id").text(""),
    vmConfiguration: readConfiguration(vm.at("configuration")),
    environment: vm.at("environment").texts(),
    failurePolicy: reading.at("failurePolicy").oneOf(["closed", "open", "reload"], "closed"),
    reloadBackoff: reading.at("reloadBackoff").optionalNumber(),
    capabilities: reading
      .at("capabilities")
      .list()
      .map((one) => one.text()),
    allowOnHeadersStopIteration: reading.at("allowOnHeadersStopIteration").truth(false),
    ...own,
  };
}
