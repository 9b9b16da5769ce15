import { available, type Suite, type Table } from "../suite.ts";
import { corazaTable } from "./coraza.ts";
import { gatewayTable, memoryTable } from "./gateway.ts";
import { streamTable } from "./streams.ts";

export const proxyWasmSuite: Suite = {
  name: "proxy-wasm",
  description: "Envoy's plugins: a light one's stream, Coraza beside raw V8, a gateway beside a plain proxy, memory",
  async run(): Promise<Table[]> {
    return available(streamTable, corazaTable, gatewayTable, memoryTable);
  },
};
