import { Exception, Trap } from "@wardian/runtime";
import { I64 } from "@wardian/runtime/internal";
import type {
  CoreFunction,
  CoreValue,
  HandleCodec,
  LiftSite,
  LowerSite,
  MemoryAccess,
  TableValueType,
  ValueMeter,
} from "../abi/index.ts";
import type { StringEncoding } from "../model/definitions.ts";
import { type AbiPeer, ComponentTrap } from "../trap.ts";
import type { CanonicalOptions } from "../types/canonical.ts";
import type { FunctionType } from "../types/extern.ts";
import { CallScope } from "./call-scope.ts";
import { handleCodec, noTasks, type Scope } from "./codecs.ts";
import { type Environment, resourceOf } from "./environment.ts";
import { noteFrame } from "./frames.ts";
import { type ComponentInstanceState, enterAll, leaveAll } from "./instance-state.ts";

/** What a canonical definition gave as options, found in an instance. */
interface Parts {
  readonly encoding: StringEncoding;
  readonly memory: MemoryAccess | undefined;
  readonly realloc: CoreFunction | undefined;
  readonly postReturn: CoreFunction | undefined;
  readonly pointerBytes: 4 | 8;
}

export function partsOf(environment: Environment, options: CanonicalOptions): Parts {
  const { coreFuncs, coreMemories } = environment;
  const at = (index: number | undefined): CoreFunction | undefined =>
    index === undefined ? undefined : coreFuncs[index];
  const realloc = at(options.realloc);
  return {
    encoding: options.encoding,
    memory: options.memory === undefined ? undefined : coreMemories[options.memory],
    realloc: realloc === undefined ? undefined : onOwnThread(environment.instance, realloc),
    postReturn: at(options.postReturn),
    pointerBytes: options.address === I64 ? 8 : 4,
  };
}

/** `realloc` runs on a thread of its own (Canonical ABI, "Lifting and Lowering Context"), which only the slots of the thread tell. */
function onOwnThread(instance: ComponentInstanceState, realloc: CoreFunction): CoreFunction {
  return (...args) => {
    const { context } = instance;
    instance.context = [0, 0];
    const pointer = realloc(...args);
    instance.context = context;
    return pointer;
  };
}

/** Whether any value of a call is a resource, so that something must be kept for the call. */
function hasResources(type: FunctionType): boolean {
  return type.params.some((param) => param.type.facts.resources) || type.result?.facts.resources === true;
}

abstract class Site {
  readonly encoding: StringEncoding;
  readonly memory: MemoryAccess | undefined;
  readonly realloc: CoreFunction | undefined;
  readonly postReturn: CoreFunction | undefined;
  readonly pointerBytes: 4 | 8;
  readonly instance: ComponentInstanceState;
  readonly meter: ValueMeter;
  readonly peer: AbiPeer = "host";
  protected readonly environment: Environment;
  protected readonly needsScope: boolean;

  constructor(environment: Environment, type: FunctionType, parts: Parts) {
    this.environment = environment;
    this.instance = environment.instance;
    this.meter = environment.instance.tree.meter;
    this.encoding = parts.encoding;
    this.memory = parts.memory;
    this.realloc = parts.realloc;
    this.postReturn = parts.postReturn;
    this.pointerBytes = parts.pointerBytes;
    this.needsScope = hasResources(type);
  }

  handles(type: TableValueType): HandleCodec<Scope> {
    if (type.kind !== "own" && type.kind !== "borrow") return noTasks;
    return handleCodec(this.instance, type.kind, resourceOf(this.environment, type.use.resource));
  }
}

/** What a lifted function is made of: one for each `canon lift` of an instance. */
export interface Lifted {
  readonly environment: Environment;
  readonly type: FunctionType;
  readonly parts: Parts;
  readonly core: CoreFunction;
  /** Whether it is lifted with `async`. */
  readonly isAsync: boolean;
  readonly hasCallback: boolean;
  /** The name by which it was exported first, for frames. */
  name: string | undefined;
}

/** A lifted function as one caller sees it, the host or another instance, without the core function. */
abstract class EnteredSite extends Site {
  private readonly entered: readonly ComponentInstanceState[];
  private readonly lifted: Lifted;
  /** The threads that pending calls have interrupted: an instance may call itself. */
  private readonly interrupted: Pick<ComponentInstanceState, "context" | "task">[] = [];

  /** @param caller undefined for the host */
  constructor(lifted: Lifted, caller: ComponentInstanceState | undefined) {
    super(lifted.environment, lifted.type, lifted.parts);
    this.lifted = lifted;
    this.entered = this.instance.entered(caller);
  }

  enter(): Scope {
    const { instance } = this;
    enterAll(instance.tree, this.entered);
    this.interrupted.push({ context: instance.context, task: instance.task });
    instance.context = [0, 0];
    instance.task = undefined;
    return this.needsScope ? new CallScope() : undefined;
  }

  returned(scope: Scope): void {
    if (scope !== undefined && scope.borrows > 0) throw new ComponentTrap("borrows-remain");
  }

  exit(scope: Scope): void {
    scope?.end();
    const { context, task } = this.interrupted.pop() as Pick<ComponentInstanceState, "context" | "task">;
    this.instance.context = context;
    this.instance.task = task;
    leaveAll(this.entered);
  }

  failed(error: unknown, scope: Scope): unknown {
    scope?.end();
    const reason = reasonOf(error);
    this.instance.tree.poison(reason);
    if (reason instanceof Trap) noteFrame(reason, this.instance.path, this.lifted.name);
    return reason;
  }
}

/** A lifted function that is called synchronously. */
export class CalleeSite extends EnteredSite implements LiftSite<Scope> {
  readonly core: CoreFunction;

  /** @param caller undefined for the host */
  constructor(lifted: Lifted, caller: ComponentInstanceState | undefined) {
    super(lifted, caller);
    this.core = lifted.core;
  }
}

/** A lifted function that the host calls in slices. */
export class AsyncCalleeSite extends EnteredSite implements Omit<LiftSite<Scope>, "core"> {
  readonly core: (...args: CoreValue[]) => Promise<unknown>;

  constructor(lifted: Lifted, core: (...args: CoreValue[]) => Promise<unknown>) {
    super(lifted, undefined);
    this.core = core;
  }
}

/** A lowered function in the instance that calls it. */
export class CallerSite extends Site implements LowerSite<Scope> {
  leave(): Scope {
    this.instance.requireLeave();
    return this.needsScope ? new CallScope() : undefined;
  }

  arrive(scope: Scope): void {
    scope?.end();
  }

  failed(error: unknown, scope: Scope): unknown {
    scope?.end();
    return error;
  }
}

/** What a call that failed throws: an exception of a guest does not cross the boundary of its component. */
function reasonOf(error: unknown): unknown {
  return error instanceof Exception ? new ComponentTrap("guest-exception", { cause: error }) : error;
}

/** What a call throws that only a task could run. */
export function refuseAsync(name: string | undefined): ComponentTrap {
  return new ComponentTrap("no-tasks", {
    message: `the function ${name ?? "of the component"} is lifted or lowered with async, which needs tasks; only synchronous calls run here`,
  });
}
