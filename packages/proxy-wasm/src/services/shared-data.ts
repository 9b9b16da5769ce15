import { Status } from "../abi/constants.ts";

/** A value and the number that a compare-and-swap must name. */
export interface SharedValue {
  readonly value: Uint8Array;
  readonly cas: number;
}

/** Keys and values that all plugins with the same VM identifier see, whichever VM they run in. */
export interface SharedData {
  get(vmId: string, key: string): SharedValue | undefined;
  /**
   * @param cas the number that the value must still have; 0 to write whatever it has
   * @returns Ok; CasMismatch when somebody else wrote; InternalFailure when there is no more room
   */
  set(vmId: string, key: string, value: Uint8Array, cas: number): Status;
  /** The same for those that can wait, where the data is somewhere else: plugins in threads do not block the main one. */
  readonly async?: {
    get(vmId: string, key: string): Promise<SharedValue | undefined>;
    set(vmId: string, key: string, value: Uint8Array, cas: number): Promise<Status>;
  };
}

/** The data of one VM identifier. */
interface Space {
  readonly values: Map<string, SharedValue>;
  bytes: number;
}

/** What an entry takes beside its key and its value. */
const ENTRY_BYTES = 128;

/** {@link SharedData} in this process's memory. */
export class MemorySharedData implements SharedData {
  private readonly spaces = new Map<string, Space>();
  private readonly maxBytes: number;
  private bytes = 0;
  private lastCas = 0;

  /** @param maxBytes of all keys and values together; by default 64 MiB, of which one VM identifier may have half */
  constructor(maxBytes: number = 64 * 1024 * 1024) {
    this.maxBytes = maxBytes;
  }

  get(vmId: string, key: string): SharedValue | undefined {
    return this.spaces.get(vmId)?.values.get(key);
  }

  set(vmId: string, key: string, value: Uint8Array, cas: number): Status {
    let space = this.spaces.get(vmId);
    const old = space?.values.get(key);
    // The first write of a key succeeds whatever number it names, as in Envoy.
    if (old !== undefined && cas !== 0 && old.cas !== cas) return Status.CasMismatch;
    const growth = value.length - (old === undefined ? -(key.length + ENTRY_BYTES) : old.value.length);
    if (this.bytes + growth > this.maxBytes || (space?.bytes ?? 0) + growth > this.maxBytes / 2)
      return Status.InternalFailure;
    this.bytes += growth;
    if (space === undefined) this.spaces.set(vmId, (space = { values: new Map(), bytes: 0 }));
    space.bytes += growth;
    // Zero means "whatever it has", so the numbers go round without it.
    this.lastCas = this.lastCas === 0xffff_ffff ? 1 : this.lastCas + 1;
    space.values.set(key, { value, cas: this.lastCas });
    return Status.Ok;
  }
}
