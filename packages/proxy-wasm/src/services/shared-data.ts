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

/** {@link SharedData} in this process's memory. */
export class MemorySharedData implements SharedData {
  private readonly spaces = new Map<string, Map<string, SharedValue>>();
  private readonly maxBytes: number;
  private bytes = 0;
  private lastCas = 0;

  /** @param maxBytes of all keys and values together; by default 64 MiB */
  constructor(maxBytes: number = 64 * 1024 * 1024) {
    this.maxBytes = maxBytes;
  }

  get(vmId: string, key: string): SharedValue | undefined {
    return this.spaces.get(vmId)?.get(key);
  }

  set(vmId: string, key: string, value: Uint8Array, cas: number): Status {
    let space = this.spaces.get(vmId);
    const old = space?.get(key);
    // The first write of a key succeeds whatever number it names, as in Envoy.
    if (old !== undefined && cas !== 0 && old.cas !== cas) return Status.CasMismatch;
    const growth = value.length - (old === undefined ? -key.length : old.value.length);
    if (this.bytes + growth > this.maxBytes) return Status.InternalFailure;
    this.bytes += growth;
    if (space === undefined) this.spaces.set(vmId, (space = new Map()));
    // Zero means "whatever it has", so the numbers go round without it.
    this.lastCas = this.lastCas === 0xffff_ffff ? 1 : this.lastCas + 1;
    space.set(key, { value, cas: this.lastCas });
    return Status.Ok;
  }
}
