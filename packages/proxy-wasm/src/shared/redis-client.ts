import { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import type { RedisOptions } from "./store.ts";

export type RedisArgument = string | Buffer;

/** As much of a client of Redis as is used, whichever library it comes from. */
export interface RedisConnection {
  /**
   * Sends one command. Strings in the reply are buffers. It fails at once while there is no connection.
   * @throws StatusError `InternalFailure` when the server replies with an error: the server is there, the command failed
   */
  command(args: readonly RedisArgument[]): Promise<unknown>;
  /** @param again called when the connection had been lost and is there again, so that messages may have been missed */
  subscribe(channel: string, message: (text: string) => void, again: () => void): Promise<void>;
  close(): Promise<void>;
}

/** Tells a server's error reply from a lost connection. */
async function replyOf(reply: Promise<unknown>, isErrorReply: (error: unknown) => boolean): Promise<unknown> {
  try {
    return await reply;
  } catch (error) {
    throw isErrorReply(error) ? new StatusError(Status.InternalFailure) : error;
  }
}

/** Milliseconds to wait for a connection when a host starts. */
const CONNECT_TIMEOUT = 5_000;
/** After a connection has been lost: how long until the next attempt, at most. */
const MAX_RETRY = 1_000;
const retryDelay = (attempt: number): number => Math.min(50 * 2 ** attempt, MAX_RETRY);

/** As much of the package `redis` (version 5 or newer) as is used. It is optional, so its own types cannot be asked for. */
interface NodeRedisPackage {
  readonly RESP_TYPES: { readonly BLOB_STRING: number };
  readonly ErrorReply: new () => Error;
  createClient(options: object): NodeRedis;
}

interface NodeRedis {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "ready", listener: () => void): unknown;
  connect(): Promise<unknown>;
  withTypeMapping(mapping: Record<number, unknown>): { sendCommand(args: readonly RedisArgument[]): Promise<unknown> };
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  destroy(): void;
}

/** As much of the package `ioredis` (version 5 or newer) as is used. */
interface IoredisPackage {
  readonly Redis: new (url: string, options: object) => Ioredis;
}

interface Ioredis {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "ready", listener: () => void): unknown;
  on(event: "message", listener: (channel: string, message: string) => void): unknown;
  connect(): Promise<void>;
  callBuffer(command: string, ...args: readonly RedisArgument[]): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  disconnect(): void;
}

async function connectNodeRedis(redis: NodeRedisPackage, url: string): Promise<RedisConnection> {
  const { createClient, RESP_TYPES, ErrorReply } = redis;
  const options = {
    url,
    // What could not be sent must not be sent later, when its plugin has been told that it failed.
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_TIMEOUT, reconnectStrategy: retryDelay },
  };
  const clients: NodeRedis[] = [];
  const open = async (listen?: (client: NodeRedis) => void): Promise<NodeRedis> => {
    const client = createClient(options);
    clients.push(client);
    let connected = false;
    const first = new Promise<never>((_resolve, reject) => {
      // Commands fail by themselves; before the first connection nothing else would end the attempts.
      client.on("error", (error: Error) => {
        if (!connected) reject(error);
      });
    });
    listen?.(client);
    await Promise.race([client.connect(), first]);
    connected = true;
    return client;
  };
  const close = async (): Promise<void> => {
    for (const client of clients) client.destroy();
  };
  try {
    const client = await open();
    const commands = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    return {
      command: (args) => replyOf(commands.sendCommand(args), (error) => error instanceof ErrorReply),
      async subscribe(channel, message, again) {
        let times = 0;
        const subscriber = await open((one) => {
          one.on("ready", () => {
            if (times++ > 0) again();
          });
        });
        await subscriber.subscribe(channel, message);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connectIoredis({ Redis }: IoredisPackage, url: string): Promise<RedisConnection> {
  const clients: Ioredis[] = [];
  const open = async (listen?: (client: Ioredis) => void): Promise<Ioredis> => {
    let connected = false;
    const client = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: CONNECT_TIMEOUT,
      retryStrategy: (attempt: number) => (connected ? retryDelay(attempt) : null),
    });
    clients.push(client);
    let reason: Error | undefined;
    client.on("error", (error: Error) => {
      reason = error;
    });
    listen?.(client);
    try {
      await client.connect();
    } catch (error) {
      throw reason ?? error;
    }
    connected = true;
    return client;
  };
  const close = async (): Promise<void> => {
    for (const client of clients) client.disconnect();
  };
  try {
    const client = await open();
    return {
      command: ([name, ...args]) =>
        replyOf(client.callBuffer(String(name), ...args), (error) => (error as Error | null)?.name === "ReplyError"),
      async subscribe(channel, message, again) {
        let times = 0;
        const subscriber = await open((one) => {
          one.on("ready", () => {
            if (times++ > 0) again();
          });
        });
        subscriber.on("message", (_channel: string, text: string) => message(text));
        await subscriber.subscribe(channel);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Loads a package that need not be there. */
async function optional<T>(name: string): Promise<T | undefined> {
  try {
    return (await import(name)) as T;
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** @throws Error when there is no library for it, or no connection */
export async function connectRedis({ url, client }: RedisOptions): Promise<RedisConnection> {
  if (client !== "ioredis") {
    const redis = await optional<NodeRedisPackage>("redis");
    if (redis !== undefined) return connectNodeRedis(redis, url);
  }
  if (client !== "redis") {
    const ioredis = await optional<IoredisPackage>("ioredis");
    if (ioredis !== undefined) return connectIoredis(ioredis, url);
  }
  throw new Error(
    `sharing over Redis needs the package ${client ?? "redis or ioredis"}: npm install ${client ?? "redis"}`,
  );
}
