import { expect, test } from "vitest";
import { parse } from "yaml";
import { fromEnvoy } from "./envoy.ts";
import { fromEnvoyGateway } from "./envoy-gateway.ts";
import { fromIstio, istioOrder } from "./istio.ts";
import { Reading } from "./reading.ts";

const envoy = (text: string): ReturnType<typeof fromEnvoy> => fromEnvoy(new Reading(parse(text), "filter"));
const istio = (text: string): ReturnType<typeof fromIstio> => fromIstio(new Reading(parse(text), "plugin"));

test("Envoy's filter is read as it is written", () => {
  const spec = envoy(`
name: envoy.filters.http.wasm
typed_config:
  "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
  config:
    name: headers
    root_id: my_root
    configuration: { "@type": type.googleapis.com/google.protobuf.StringValue, value: '{"a": 1}' }
    failure_policy: FAIL_RELOAD
    reload_config: { backoff: { base_interval: 2.5s } }
    capability_restriction_config: { allowed_capabilities: { proxy_log: {}, proxy_on_configure: {} } }
    allow_on_headers_stop_iteration: true
    vm_config:
      vm_id: my_vm
      runtime: envoy.wasm.runtime.v8
      configuration: { "@type": type.googleapis.com/google.protobuf.Struct, value: { b: 2 } }
      environment_variables: { key_values: { K: V } }
      code: { remote: { http_uri: { uri: "https://host/p.wasm", cluster: c, timeout: 10s }, sha256: ABCD } }
`);
  expect(spec).toEqual({
    name: "headers",
    rootId: "my_root",
    code: { kind: "http", url: "https://host/p.wasm", sha256: "abcd", timeout: 10_000 },
    configuration: '{"a": 1}',
    vmId: "my_vm",
    vmConfiguration: { b: 2 },
    environment: { K: "V" },
    failurePolicy: "reload",
    reloadBackoff: 2500,
    capabilities: ["proxy_log", "proxy_on_configure"],
    allowOnHeadersStopIteration: true,
  });
});

test.each(["udpa.type.v1.TypedStruct", "xds.type.v3.TypedStruct"])(
  "a filter in a %s is read as one without",
  (type) => {
    const wasm = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
    const value = `{ config: { root_id: r, vm_config: { code: { local: { filename: a.wasm } } } } }`;
    const plain = envoy(`typed_config: { "@type": ${wasm}, ${value.slice(1)}`);
    const typed = `"@type": type.googleapis.com/${type}`;
    expect(envoy(`typed_config: { ${typed}, type_url: ${wasm}, value: ${value} }`)).toEqual(plain);
    expect(envoy(`typedConfig: { ${typed}, typeUrl: ${wasm}, value: ${value} }`)).toEqual(plain);
    expect(envoy(`{ ${typed}, type_url: ${wasm}, value: ${value} }`)).toEqual(plain);
    const configured = `vm_config: { code: { local: { filename: a.wasm } }, configuration: { ${typed}, value: { b: [1] } } }`;
    const both = envoy(`{ ${configured}, configuration: { ${typed}, type_url: x, value: { a: 1 } } }`);
    expect([both.configuration, both.vmConfiguration]).toEqual([{ a: 1 }, { b: [1] }]);
    expect(() => envoy(`typed_config: { ${typed}, value: ${value} }`)).toThrow(
      "filter.typed_config.type_url: expected text",
    );
    expect(() => envoy(`typed_config: { ${typed}, type_url: ${wasm} }`)).toThrow("filter.typed_config.value: expected");
    expect(() => envoy(`typed_config: { ${typed}, type_url: envoy.Lua, value: {} }`)).toThrow(
      "filter.typed_config.type_url: expected the type of Envoy's Wasm filter",
    );
  },
);

test("the configuration of another filter is refused by its type", () => {
  const lua = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua";
  expect(() => envoy(`typed_config: { "@type": ${lua} }`)).toThrow(
    "filter.typed_config.@type: expected the type of Envoy",
  );
});

test("a plugin's configuration alone is read too, with local code and the older failure setting", () => {
  const spec = envoy(`{ vm_config: { code: { local: { inline_bytes: AGFzbQ== } } }, fail_open: true }`);
  expect(spec.code).toEqual({ kind: "inline", bytes: Uint8Array.of(0, 0x61, 0x73, 0x6d) });
  expect(spec.failurePolicy).toBe("open");
  expect(() => envoy("{ vm_config: {} }")).toThrow("filter.vm_config.code: expected local or remote");
  expect(() => envoy("{ vm_config: { code: { remote: { http_uri: { uri: x } } } } }")).toThrow("remote.sha256");
});

test("Istio's WasmPlugin is read as it is written", () => {
  const spec = istio(`
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: { name: openid, namespace: x }
spec:
  selector: { matchLabels: { app: gateway } }
  url: oci://ghcr.io/team/openid:1.2
  sha256: "${"0a".repeat(32)}"
  phase: AUTHN
  priority: 10
  pluginName: openid_root
  failStrategy: FAIL_OPEN
  pluginConfig: { server: auth }
  vmConfig: { env: [{ name: A, value: b }, { name: WARDIAN_NOT_SET, valueFrom: HOST }] }
`);
  expect(spec).toMatchObject({
    name: "openid",
    rootId: "openid_root",
    code: { kind: "image", reference: "ghcr.io/team/openid:1.2", sha256: "0a".repeat(32), always: false },
    configuration: { server: "auth" },
    environment: { A: "b" },
    failurePolicy: "open",
  });
  expect(istio("{ url: ghcr.io/team/x }").code).toMatchObject({ kind: "image", always: true });
  expect(istio("{ url: file:///p.wasm }").code).toMatchObject({ kind: "file", path: "/p.wasm" });
  expect(() => istio("{ url: ftp://x }")).toThrow("plugin.url");
  expect(() => istio("{ url: x, sha256: zz }")).toThrow("64 hexadecimal digits");
  expect(istioOrder(new Reading({ phase: "AUTHN", priority: 3 }, ""))).toEqual([0, -3]);
  expect(istioOrder(new Reading({}, ""))).toEqual([3, 0]);
});

test("Envoy Gateway's EnvoyExtensionPolicy is read as it is written", () => {
  const read = (text: string) => fromEnvoyGateway(new Reading(parse(text), "policy"));
  const spec = read(`
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyExtensionPolicy
metadata: { name: wasm-test }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: backend }]
  wasm:
    - name: wasm-filter
      rootID: my_root_id
      code: { type: Image, image: { url: "ghcr.io/team/headers:1.2", sha256: "${"0b".repeat(32)}" } }
      config: { parameter: value }
      failOpen: true
`);
  expect(spec).toMatchObject({
    name: "wasm-filter",
    rootId: "my_root_id",
    code: { kind: "image", reference: "ghcr.io/team/headers:1.2", sha256: "0b".repeat(32), always: false },
    configuration: { parameter: "value" },
    failurePolicy: "open",
  });
  const http = read(
    `{ name: a, code: { type: HTTP, http: { url: "https://host/p.wasm", sha256: "${"0c".repeat(32)}" } } }`,
  );
  expect(http).toMatchObject({
    code: { kind: "http", url: "https://host/p.wasm", sha256: "0c".repeat(32) },
    failurePolicy: "closed",
  });
  expect(() => read("{ code: { http: { url: x, sha256: y } } }")).toThrow("policy.code.http.sha256");
  expect(() => read("{ spec: { wasm: [{ name: a }, { name: b }] } }")).toThrow("policy.spec.wasm: expected one plugin");
});

test("variables of the host are those that it has, whatever objects inherit", () => {
  const names = ["constructor", "toString", "__proto__", "WARDIAN_TEST_VARIABLE"];
  process.env.WARDIAN_TEST_VARIABLE = "set";
  const listed = JSON.stringify(names);
  const fromHost = JSON.stringify(names.map((name) => ({ name, valueFrom: "HOST" })));
  const environments = [
    envoy(
      `{ config: { vm_config: { environment_variables: { host_env_keys: ${listed} }, code: { local: { filename: f } } } } }`,
    ),
    istio(`{ metadata: { name: n }, spec: { url: "file:///f", vmConfig: { env: ${fromHost} } } }`),
    fromEnvoyGateway(
      new Reading(
        parse(`{ name: n, code: { type: HTTP, http: { url: "http://h/f" } }, env: { hostKeys: ${listed} } }`),
        "p",
      ),
    ),
  ].map(({ environment }) => environment);
  delete process.env.WARDIAN_TEST_VARIABLE;
  for (const environment of environments)
    expect(Object.entries(environment)).toEqual([["WARDIAN_TEST_VARIABLE", "set"]]);
  expect(() => envoy("{ config: { vm_config: { code: { local: { environment_variable: constructor } } } } }")).toThrow(
    /an environment variable that is set/,
  );
  const inline = `{ metadata: { name: n }, spec: { url: "file:///f", vmConfig: { env: [{ name: __proto__, value: v }] } } }`;
  expect(Object.entries(istio(inline).environment)).toEqual([["__proto__", "v"]]);
});
