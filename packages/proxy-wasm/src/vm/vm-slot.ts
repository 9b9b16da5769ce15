import { type Frame, Trap } from "@wardian/runtime";
import { PluginError } from "../abi/errors.ts";
import type { VmFailure, VmStatus } from "./plugin-host.ts";
import { type PluginIdentity, RootContext } from "./root-context.ts";
import { GIBIBYTE, Vm, type VmOptions } from "./vm.ts";

/** How many failures are remembered for administrators. */
const MAX_FAILURES = 10;
/** How much of the guest's stack is remembered with one, as in Envoy. */
const MAX_FRAMES = 20;

function frameText({ functionName, functionIndex, offset }: Frame): string {
  return `${functionName ?? `function ${functionIndex}`}${offset === undefined ? "" : ` at 0x${offset.toString(16)}`}`;
}

interface Root {
  readonly identity: PluginIdentity;
  /** Plugins that use it. */
  users: number;
  context: RootContext | undefined;
}

/**
 * The place of one virtual machine: plugins with the same key share what stands in it, and when that has failed another may be put there.
 */
export class VmSlot {
  private readonly options: VmOptions;
  private readonly released: () => void;
  private readonly roots = new Map<string, Root>();
  private readonly failures: VmFailure[] = [];
  private vm: Vm | undefined = undefined;
  /** How often in a row a VM has failed here; a plugin that does its work sets it back. */
  failuresInARow = 0;
  /** When the last VM failed, in milliseconds of `Date.now()`. */
  failedAt = 0;

  constructor(options: VmOptions, released: () => void) {
    this.options = options;
    this.released = released;
  }

  /** Adds a user of a root, which is started if it is new. @throws PluginError */
  retain(key: string, identity: PluginIdentity): void {
    let root = this.roots.get(key);
    if (root === undefined) this.roots.set(key, (root = { identity, users: 0, context: undefined }));
    root.users++;
    try {
      this.root(key);
    } catch (error) {
      if (--root.users === 0) this.roots.delete(key);
      throw error;
    }
  }

  /** @returns the root that this was the last user of */
  release(key: string): RootContext | undefined {
    const root = this.roots.get(key);
    if (root === undefined || --root.users > 0) return undefined;
    root.context?.close();
    this.roots.delete(key);
    this.releaseIfUnused();
    return root.context;
  }

  releaseIfUnused(): void {
    if (this.roots.size === 0) this.released();
  }

  /** The running VM's root, or undefined when the VM has failed. */
  running(key: string): RootContext | undefined {
    return this.vm?.failure === undefined ? this.roots.get(key)?.context : undefined;
  }

  get failure(): PluginError | undefined {
    return this.vm?.failure;
  }

  /** The root, in a VM that is made if there is none or if the last one has failed. @throws PluginError */
  root(key: string): RootContext {
    const root = this.roots.get(key);
    if (root === undefined) throw new PluginError("failed", "the plugin has been closed");
    if (this.vm === undefined || this.vm.failure !== undefined) {
      for (const other of this.roots.values()) other.context = undefined;
      try {
        this.vm = new Vm(this.options);
      } catch (error) {
        this.failed(error);
        throw error;
      }
      this.vm.onFailure = (error) => this.failed(error);
    }
    if (root.context === undefined) {
      const context = new RootContext(this.vm, root.identity);
      try {
        context.start();
      } catch (error) {
        // What has been refused may hold on to nothing.
        if (this.vm.failure === undefined) context.close();
        throw error;
      }
      root.context = context;
    }
    return root.context;
  }

  private failed(error: unknown): void {
    this.failedAt = Date.now();
    this.failuresInARow++;
    const cause = error instanceof PluginError ? error.cause : error;
    this.failures.push({
      at: this.failedAt,
      message: error instanceof Error ? error.message : String(error),
      frames: cause instanceof Trap ? cause.frames.slice(0, MAX_FRAMES).map(frameText) : [],
    });
    if (this.failures.length > MAX_FAILURES) this.failures.shift();
  }

  status(): VmStatus {
    const { vm } = this;
    const roots = [...this.roots.values()];
    return {
      vmId: this.options.vmId,
      state: vm !== undefined && vm.failure === undefined ? "running" : "failed",
      plugins: roots.map(({ identity }) => identity.name || identity.rootId),
      streams: roots.reduce((sum, { context }) => sum + (context?.streams ?? 0), 0),
      memory: vm?.memorySize ?? 0,
      memoryLimit: this.options.limits.memory ?? GIBIBYTE,
      fuelConsumed: vm?.fuelConsumed ?? 0n,
      calls: vm?.calls ?? 0,
      failures: this.failures.slice(),
    };
  }
}
