// A server of node:http behind a plugin.
import { createServer } from "node:http";
import { filterServer } from "@wardian/proxy-wasm";
import { plugin, port } from "./plugin.mjs";

const server = createServer((request, response) => request.pipe(response));
filterServer(server, [plugin]);
server.listen(port, () => console.log(`http://127.0.0.1:${server.address().port}`));
