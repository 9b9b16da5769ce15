import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { ResponseSide } from "./response-side.ts";

export type Callback = (error?: Error | null) => void;
/** What handlers pass where a callback may stand. */
export type MaybeCallback = Callback | null | undefined;
export type Encoding = BufferEncoding | null | undefined;
export type WritableChunk = string | Uint8Array | null | undefined;
export type Trailers = OutgoingHttpHeaders | readonly (readonly [string, string])[];

/** What is put over a response. */
type Methods = Pick<ServerResponse, "writeHead" | "write" | "end" | "flushHeaders" | "addTrailers">;

type Layered = Methods & Pick<ServerResponse, "on"> & { [layer: symbol]: ResponseSide | undefined };

/**
 * The methods that are put over a response's own: the same functions for all responses, since with functions of its own each object
 * would have a shape of its own, and be slow to use. They find their side by a symbol. A response that passes several chains of plugins
 * has a layer for each, and the methods of one are what the next takes for the response's own.
 */
class Layer {
  readonly key = Symbol("plugins' side of a response");
  private readonly methods: Methods;
  private readonly drained: (this: Layered) => void;
  private readonly accessors: PropertyDescriptorMap;

  constructor() {
    const { key } = this;
    const side = (response: unknown): ResponseSide => (response as Layered)[key] as ResponseSide;
    this.methods = {
      writeHead(status: number, ...rest: unknown[]) {
        side(this).writeHead(status, rest);
        return this as never;
      },
      write(chunk: WritableChunk, encoding?: Encoding | Callback, callback?: MaybeCallback) {
        return side(this).write(chunk, encoding, callback);
      },
      end(chunk?: WritableChunk | Callback, encoding?: Encoding | Callback, callback?: MaybeCallback) {
        side(this).end(chunk, encoding, callback);
        return this as never;
      },
      flushHeaders() {
        side(this).flushHeaders();
      },
      addTrailers(trailers: Trailers) {
        side(this).addTrailers(trailers);
      },
    };
    this.drained = function () {
      side(this).drained();
    };
    this.accessors = {
      headersSent: {
        get(this: Layered) {
          return side(this).headersSent;
        },
        configurable: true,
      },
      writableEnded: {
        get(this: Layered) {
          return side(this).writableEnded;
        },
        configurable: true,
      },
    };
  }

  put(response: Layered, side: ResponseSide): void {
    const { methods } = this;
    response[this.key] = side;
    response.writeHead = methods.writeHead;
    response.write = methods.write;
    response.end = methods.end;
    response.flushHeaders = methods.flushHeaders;
    response.addTrailers = methods.addTrailers;
    Object.defineProperties(response, this.accessors);
    response.on("drain", this.drained);
  }
}

const layers: Layer[] = [];

/** Puts a side before a response's own methods, or before those of the sides that it has. */
export function putLayer(of: ServerResponse, side: ResponseSide): void {
  const response = of as unknown as Layered;
  let depth = 0;
  while (depth < layers.length && response[layers[depth].key] !== undefined) depth++;
  layers[depth] ??= new Layer();
  layers[depth].put(response, side);
}
