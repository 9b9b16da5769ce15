// A server of node:net behind a plugin, which sees connections and their bytes.
import { createServer } from "node:net";
import { filterConnections } from "@wardian/proxy-wasm";
import { plugin, port } from "./plugin.mjs";

const server = createServer((socket) => socket.pipe(socket));
filterConnections(server, [plugin]);
server.listen(port, () => console.log(`tcp://127.0.0.1:${server.address().port}`));
