import { bytesOf } from "../abi/bytes.ts";
import { Status } from "../abi/constants.ts";
import type { SharedValue } from "../services/shared-data.ts";
import type { Dequeued } from "../services/shared-queue.ts";
import type { RedisArgument, RedisConnection } from "./redis-client.ts";
import type { ReadyListener, RedisOptions, RegisteredQueue, Store } from "./store.ts";

/*
 * Each request is one script, so that it is one round trip and nobody comes between. A value is a hash of `v`, its bytes, and `c`, its
 * number for a compare-and-swap. A new key's first number comes from the server's clock: one that was deleted and is made again must
 * not have the number of its past.
 */
const SET = `
local now = redis.call('HGET', KEYS[1], 'c')
if now and ARGV[2] ~= '0' and now ~= ARGV[2] then return 0 end
local next = (tonumber(now) or tonumber(redis.call('TIME')[2])) % 4294967295 + 1
redis.call('HSET', KEYS[1], 'v', ARGV[1], 'c', string.format('%.0f', next))
return 1`;

/* A queue is a list, and beside it how many bytes are in it. Numbers and names of all queues are in two hashes. */
const REGISTER = `
local id = redis.call('HGET', KEYS[1], ARGV[1])
if not id then
  id = redis.call('HLEN', KEYS[1]) + 1
  if id > tonumber(ARGV[2]) then return {0, 0} end
  redis.call('HSET', KEYS[1], ARGV[1], id)
  redis.call('HSET', KEYS[2], id, ARGV[1])
end
return {tonumber(id), redis.call('LLEN', ARGV[1])}`;

const ENQUEUE = `
local size = #ARGV[1] + 32
if tonumber(redis.call('GET', KEYS[2]) or '0') + size > tonumber(ARGV[2]) then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('INCRBY', KEYS[2], size)
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1`;

const DEQUEUE = `
local entry = redis.call('LPOP', KEYS[1])
if entry then redis.call('DECRBY', KEYS[2], #entry + 32) end
return entry`;

/** What was taken for somebody who has given up is put back where it was. */
const PUT_BACK = `
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('INCRBY', KEYS[2], #ARGV[1] + 32)
redis.call('PUBLISH', ARGV[2], ARGV[3])`;

const MAX_QUEUES = 10_000;
const MAX_QUEUE_BYTES = 16 * 1024 * 1024;
const MAX_VALUE_BYTES = 16 * 1024 * 1024;
const DEFAULT_TIMEOUT = 250;

const toBytes = (buffer: Uint8Array): Uint8Array => Uint8Array.from(buffer);
/** A name cannot be taken for a part of another. */
const escapeName = (name: string): string => name.replace(/[%:]/g, (char) => (char === "%" ? "%25" : "%3a"));

/** Shared data and queues of all hosts that use one server of Redis (or Valkey), with one prefix. */
export class RedisStore implements Store {
  private readonly connection: RedisConnection;
  private readonly prefix: string;
  private readonly timeout: number;
  private readonly ready: ReadyListener;
  /** Keys of queues by their numbers, as far as they were asked for. */
  private readonly keys = new Map<number, Buffer>();
  /** Those that somebody here has registered. */
  private readonly registered = new Set<number>();

  private constructor(connection: RedisConnection, options: RedisOptions, ready: ReadyListener) {
    this.connection = connection;
    this.prefix = options.prefix ?? "wardian";
    this.timeout = options.timeout ?? DEFAULT_TIMEOUT;
    this.ready = ready;
  }

  /** Takes a connection over. */
  static async open(connection: RedisConnection, options: RedisOptions, ready: ReadyListener): Promise<RedisStore> {
    const store = new RedisStore(connection, options, ready);
    await connection.subscribe(
      store.channel,
      (id) => store.tell(Number(id)),
      // What was enqueued while nobody listened lies there.
      () => void store.tellBacklogs().catch(() => {}),
    );
    return store;
  }

  private get channel(): string {
    return `${this.prefix}:ready`;
  }

  private tell(id: number): void {
    if (this.registered.has(id)) this.ready(id);
  }

  private async tellBacklogs(): Promise<void> {
    for (const id of this.registered) {
      const key = await this.keyOf(id);
      if (key === undefined) continue;
      const backlog = (await this.connection.command(["LLEN", key])) as number;
      for (let i = 0; i < backlog; i++) this.tell(id);
    }
  }

  /**
   * Sends a command, and gives up after the timeout. @param late is given what comes after that
   */
  private command(args: readonly RedisArgument[], late?: (reply: unknown) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let over = false;
      const timer = setTimeout(() => {
        over = true;
        reject(new Error(`Redis has not answered within ${this.timeout} ms`));
      }, this.timeout);
      this.connection.command(args).then(
        (reply) => {
          clearTimeout(timer);
          if (over) late?.(reply);
          else resolve(reply);
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(error);
        },
      );
    });
  }

  private script(
    text: string,
    keys: readonly RedisArgument[],
    args: readonly RedisArgument[],
    late?: (reply: unknown) => void,
  ): Promise<unknown> {
    return this.command(["EVAL", text, String(keys.length), ...keys, ...args], late);
  }

  /** A key whose last part is a byte string. */
  private key(kind: string, vmId: string, name: string): Buffer {
    return Buffer.concat([Buffer.from(`${this.prefix}:${kind}:${escapeName(vmId)}:`), bytesOf(name)]);
  }

  async get(vmId: string, key: string): Promise<SharedValue | undefined> {
    const [value, cas] = (await this.command(["HMGET", this.key("data", vmId, key), "v", "c"])) as (Buffer | null)[];
    return value === null || cas === null ? undefined : { value: toBytes(value), cas: Number(cas) };
  }

  async set(vmId: string, key: string, value: Uint8Array, cas: number): Promise<Status> {
    if (value.length > MAX_VALUE_BYTES) return Status.InternalFailure;
    const done = await this.script(SET, [this.key("data", vmId, key)], [Buffer.from(value), String(cas)]);
    return done === 1 ? Status.Ok : Status.CasMismatch;
  }

  async register(vmId: string, name: string): Promise<RegisteredQueue> {
    const key = this.key("queue", vmId, name);
    const names = [`${this.prefix}:queues`, `${this.prefix}:queue-names`];
    const [id, backlog] = (await this.script(REGISTER, names, [key, String(MAX_QUEUES)])) as [number, number];
    if (id !== 0) {
      this.keys.set(id, key);
      this.registered.add(id);
    }
    return { id, backlog };
  }

  async unregister(id: number): Promise<void> {
    this.registered.delete(id);
  }

  async resolve(vmId: string, name: string): Promise<number | undefined> {
    const key = this.key("queue", vmId, name);
    const id = (await this.command(["HGET", `${this.prefix}:queues`, key])) as Buffer | null;
    if (id === null) return undefined;
    this.keys.set(Number(id), key);
    return Number(id);
  }

  private async keyOf(id: number): Promise<Buffer | undefined> {
    let key = this.keys.get(id);
    if (key === undefined) {
      key = ((await this.command(["HGET", `${this.prefix}:queue-names`, String(id)])) as Buffer | null) ?? undefined;
      if (key !== undefined) this.keys.set(id, key);
    }
    return key;
  }

  private listAndSize(key: Buffer): [Buffer, Buffer] {
    return [key, Buffer.concat([Buffer.from(`${this.prefix}:bytes:`), key])];
  }

  async enqueue(id: number, data: Uint8Array): Promise<Status> {
    const key = await this.keyOf(id);
    if (key === undefined) return Status.NotFound;
    const args = [Buffer.from(data), String(MAX_QUEUE_BYTES), this.channel, String(id)];
    return (await this.script(ENQUEUE, this.listAndSize(key), args)) === 1 ? Status.Ok : Status.InternalFailure;
  }

  async dequeue(id: number): Promise<Dequeued> {
    const key = await this.keyOf(id);
    if (key === undefined) return Status.NotFound;
    const keys = this.listAndSize(key);
    const entry = (await this.script(DEQUEUE, keys, [], (late) => {
      if (late === null) return;
      const args = [late as Buffer, this.channel, String(id)];
      // Had this come to nothing, the entry would be lost, as one is whose host dies with it.
      this.script(PUT_BACK, keys, args).catch(() => {});
    })) as Buffer | null;
    return entry === null ? Status.Empty : toBytes(entry);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
