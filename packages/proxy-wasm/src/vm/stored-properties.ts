import { Status } from "../abi/constants.ts";

const MAX_PROPERTIES = 1000;
/** Of keys and values. */
const MAX_BYTES = 1024 * 1024;

/** What plugins have stored with a stream under a path, for each other and for themselves; bounded, since guests write it. */
export class StoredProperties {
  private readonly values = new Map<string, Uint8Array>();
  private bytes = 0;

  get(key: string): Uint8Array | undefined {
    return this.values.get(key);
  }

  [Symbol.iterator](): Iterator<readonly [key: string, value: Uint8Array]> {
    return this.values.entries();
  }

  set(key: string, value: Uint8Array): Status {
    const old = this.values.get(key);
    const bytes = this.bytes + value.length - (old?.length ?? -2 * key.length);
    if ((old === undefined && this.values.size >= MAX_PROPERTIES) || bytes > MAX_BYTES) return Status.InternalFailure;
    this.bytes = bytes;
    this.values.set(key, value);
    return Status.Ok;
  }
}
