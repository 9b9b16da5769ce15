import type { RedisOptions } from "./store.ts";

export type RedisArgument = string | Buffer;

/** As much of a client of Redis as is used, whichever library it comes from. */
export interface RedisConnection {
  /** Sends one command. Strings in the reply are buffers. It fails at once while there is no connection. */
  command(args: readonly RedisArgument[]): Promise<unknown>;
  /** @param again called when the connection had been lost and is there again, so that messages may have been missed */
  subscribe(channel: string, message: (text: string) => void, again: () => void): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds to wait for a connection when a host starts. */
const CONNECT_TIMEOUT = 5_000;
/** After a connection has been lost: how long until the next attempt, at most. */
const MAX_RETRY = 1_000;
const retryDelay = (attempt: number): number => Math.min(50 * 2 ** attempt, MAX_RETRY);

type NodeRedis = ReturnType<typeof import("redis")["createClient"]>;

async function connectNodeRedis(
  { createClient, RESP_TYPES }: typeof import("redis"),
  url: string,
): Promise<RedisConnection> {
  const options = {
    url,
    // What could not be sent must not be sent later, when its plugin has been told that it failed.
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_TIMEOUT, reconnectStrategy: retryDelay },
  };
  const clients: NodeRedis[] = [];
  const open = async (listen?: (client: NodeRedis) => void): Promise<NodeRedis> => {
    const client = createClient(options) as unknown as NodeRedis;
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
      command: (args) => commands.sendCommand(args as RedisArgument[]),
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

async function connectIoredis(
  { Redis }: Pick<typeof import("ioredis"), "Redis">,
  url: string,
): Promise<RedisConnection> {
  const clients: InstanceType<typeof Redis>[] = [];
  const open = async (listen?: (client: InstanceType<typeof Redis>) => void): Promise<InstanceType<typeof Redis>> => {
    let connected = false;
    const client = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: CONNECT_TIMEOUT,
      retryStrategy: (attempt) => (connected ? retryDelay(attempt) : null),
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
      command: ([name, ...args]) => client.callBuffer(String(name), ...args),
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

/** Loads an optional package. */
async function optional<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load();
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** @throws Error when there is no library for it, or no connection */
export async function connectRedis({ url, client }: RedisOptions): Promise<RedisConnection> {
  if (client !== "ioredis") {
    const redis = await optional(() => import("redis"));
    if (redis !== undefined) return connectNodeRedis(redis, url);
  }
  if (client !== "redis") {
    const ioredis = await optional(() => import("ioredis"));
    if (ioredis !== undefined) return connectIoredis(ioredis, url);
  }
  throw new Error(
    `sharing over Redis needs the package ${client ?? "redis or ioredis"}: npm install ${client ?? "redis"}`,
  );
}
