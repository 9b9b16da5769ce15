import type { PluginThread } from "../threads/plugin-thread.ts";
import type { Stage } from "./stage.ts";

/** One plugin's part in one HTTP stream, whichever thread the plugin runs in. */
export interface StreamContext {
  readonly request: Stage;
  readonly response: Stage;
  /** The thread of the plugin; undefined for the host's own thread. */
  readonly thread: PluginThread | undefined;
  /** Makes the context known to the plugin. */
  open(): void;
  /** Notifies the plugin of the end of the stream. */
  close(): void;
  /** Another plugin of the stream has stored a property. */
  storeProperty(key: string, value: Uint8Array): void;
}
