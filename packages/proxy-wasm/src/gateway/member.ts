import type { VmStatus } from "../vm/plugin-host.ts";

/** From the primary process of a gateway to those that do its work. */
export type ToMember =
  | {
      readonly kind: "start";
      readonly text: string;
      readonly base: string;
      readonly store: string;
      readonly singletons: boolean;
    }
  | { readonly kind: "reload"; readonly call: number; readonly text: string }
  | { readonly kind: "report"; readonly call: number }
  /** Asks whether the event loop turns. The answer names the same number. */
  | { readonly kind: "ping"; readonly offered: number }
  /** Offers a connection of an address. Its handle comes with the message. */
  | { readonly kind: "connection"; readonly id: number; readonly address: string }
  | { readonly kind: "stop" };

export interface MemberReport {
  readonly metrics: string;
  readonly vms: readonly VmStatus[];
}

export type FromMember =
  /** It has been loaded, and hears what it is told. */
  | { readonly kind: "up" }
  | { readonly kind: "pong"; readonly offered: number }
  /** It reads from the connection from now on, or never will. */
  | { readonly kind: "answer"; readonly id: number; readonly taken: boolean }
  | { readonly kind: "started" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "reloaded"; readonly call: number; readonly error: string | undefined }
  | ({ readonly kind: "report"; readonly call: number } & MemberReport);

/** Milliseconds that a member waits for the memory that it shares with the others. */
export const MEMBER_STORE_TIMEOUT = 5_000;
