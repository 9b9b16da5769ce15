import { Gateway } from "@wardian/proxy-wasm/gateway";

/* A gateway in a process of its own, for measurements. */

const gateway = await Gateway.start(process.argv[2], { log: () => {} });
process.send?.(gateway.port("main"));
process.on("message", () => {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ rss, heapUsed, external, streams: gateway.vms.reduce((sum, { streams }) => sum + streams, 0) });
});
process.once("disconnect", () => process.exit());
