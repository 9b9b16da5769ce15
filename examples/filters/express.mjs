// Express behind a plugin: the middleware comes first.
import { middleware } from "@wardian/proxy-wasm";
import express from "express";
import { plugin, port } from "./plugin.mjs";

const app = express();
app.use(middleware([plugin]));
app.post("/", (request, response) => request.pipe(response));
const server = app.listen(port, () => console.log(`http://127.0.0.1:${server.address().port}`));
