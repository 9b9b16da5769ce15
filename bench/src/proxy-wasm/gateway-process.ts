import { Gateway } from "@wardian/proxy-wasm/gateway";
import { serveParent } from "./report.ts";

/* A gateway in a process of its own, for measurements. */

const gateway = await Gateway.start(process.argv[2], { log: () => {} });
serveParent(gateway.port("main"), () => gateway.vms.reduce((sum, { streams }) => sum + streams, 0));
