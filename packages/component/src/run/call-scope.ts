import type { ResourceHandle } from "./handle-table.ts";

/**
 * What is kept for one call whose signature has resources: of the callee the borrows that it was given (Canonical ABI: `Task.num_borrows`), of the
 * caller the handles that it lent (`Subtask.lenders`).
 */
export class CallScope {
  /** Borrows in the callee's table that it has not dropped yet. */
  borrows = 0;
  private readonly lenders: ResourceHandle[] = [];
  private readonly endings: (() => void)[] = [];

  /** The call holds the handle until it ends. */
  lend(handle: ResourceHandle): void {
    handle.lends++;
    this.lenders.push(handle);
  }

  /** Adds what is done when the call ends, however it ends. */
  atEnd(ending: () => void): void {
    this.endings.push(ending);
  }

  end(): void {
    for (const handle of this.lenders) handle.lends--;
    this.lenders.length = 0;
    for (const ending of this.endings) ending();
    this.endings.length = 0;
  }
}
