import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Http2SecureServer, Http2Server } from "node:http2";
import type { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import type { Plugin } from "../vm/plugin.ts";
import { filterExchange, type NodeFilterOptions, nodeFilterNames } from "./exchange.ts";
import type { NodeRequest, NodeResponse } from "./headers.ts";
import { filterUpgrade } from "./upgrade.ts";

/** Servers whose requests can be filtered: those of `node:http`, `node:https`, and `node:http2` with its compatibility API. */
export type NodeServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

/** Plugins in their order, or where to find those of the moment: they may be replaced while a server runs. */
export type PluginChain = readonly Plugin[] | (() => readonly Plugin[]);

const chainOf = (plugins: PluginChain): readonly Plugin[] => (typeof plugins === "function" ? plugins() : plugins);

/**
 * Puts plugins before everything that a server does with requests, whatever framework is behind it.
 *
 * ```ts
 * const server = createServer((request, response) => response.end("hello"));
 * filterServer(server, [plugin]);
 * ```
 * @returns a function that takes the plugins away again
 * @throws TypeError for an option that is not known
 */
export function filterServer(server: NodeServer, plugins: PluginChain, given?: NodeFilterOptions): () => void {
  const options = readOptions("filterServer", nodeFilterNames, given);
  const own = server.emit;
  const filtering = function (this: NodeServer, event: string | symbol, ...args: unknown[]): boolean {
    const emit = (own as (event: string | symbol, ...args: unknown[]) => boolean).bind(this);
    if (event === "upgrade") {
      const chain = chainOf(plugins);
      const [request, socket, head] = args as [IncomingMessage, Duplex, Buffer];
      const handle = (): void => void emit("upgrade", request, socket, head);
      if (chain.length === 0) handle();
      else filterUpgrade(chain, request, socket, handle, options);
      return true;
    }
    if (event !== "request") return emit(event, ...args);
    const chain = chainOf(plugins);
    const [request, response] = args as [NodeRequest, NodeResponse];
    const handle = (): boolean => emit("request", request, response);
    if (chain.length === 0) return handle();
    filterExchange(chain, request, response, handle, options);
    return true;
  };
  server.emit = filtering as typeof server.emit;
  return () => {
    if (server.emit === (filtering as typeof server.emit)) server.emit = own;
  };
}

/** Middleware in the form that Express, Connect and others take. */
export type Middleware = (request: NodeRequest, response: NodeResponse, next: (error?: unknown) => void) => void;

/**
 * Plugins as a middleware. It should come first: what others have read of a body, or written of a response, has passed the plugins by.
 *
 * ```ts
 * app.use(middleware([plugin]));
 * ```
 * @throws TypeError for an option that is not known
 */
export function middleware(plugins: PluginChain, given?: NodeFilterOptions): Middleware {
  const options = readOptions("middleware", nodeFilterNames, given);
  return (request, response, next) => {
    const chain = chainOf(plugins);
    if (chain.length === 0) next();
    else filterExchange(chain, request, response, () => next(), options);
  };
}

/** As much of a Fastify instance as is used. */
export interface FastifyLike {
  readonly server: unknown;
}

/** Fastify adds options of its own to those of a plugin. */
interface FastifyOptions extends NodeFilterOptions {
  readonly plugins: PluginChain;
  readonly prefix?: unknown;
  readonly logLevel?: unknown;
  readonly logSerializers?: unknown;
}

const fastifyNames: OptionNames<FastifyOptions> = {
  ...nodeFilterNames,
  plugins: true,
  prefix: true,
  logLevel: true,
  logSerializers: true,
};

/**
 * A Fastify plugin: `await app.register(fastifyPlugins, { plugins: [waf] })`. Plugins run before Fastify's own routing, so that
 * they may change what is routed by.
 * @throws TypeError for an option that is not known
 */
export async function fastifyPlugins(
  fastify: FastifyLike,
  options: NodeFilterOptions & { readonly plugins: PluginChain },
): Promise<void> {
  const read = readOptions<FastifyOptions>("fastifyPlugins", fastifyNames, options);
  const { plugins, bufferLimit, lenientMaps, properties, observe } = read;
  filterServer(fastify.server as NodeServer, plugins, { bufferLimit, lenientMaps, properties, observe });
}
