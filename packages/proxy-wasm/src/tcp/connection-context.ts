import type { PluginThread } from "../threads/plugin-thread.ts";
import type { TcpDirection } from "./tcp-stream.ts";

/** One plugin's part in one TCP connection, whichever thread the plugin runs in. */
export interface ConnectionContext {
  /** The thread of the plugin; undefined for the host's own thread. */
  readonly thread: PluginThread | undefined;
  /** Makes the context known to the plugin. */
  open(): void;
  /**
   * Notifies the plugin of the connection.
   * @returns whether the plugin has let the connection begin; otherwise it calls `TcpStream.establishAfter` later
   */
  establish(): boolean;
  /** Passes bytes to the plugin, which passes them to `TcpStream.passAfter`. */
  receive(direction: TcpDirection, chunk: Uint8Array, endStream: boolean): void;
  /** Whether the source must wait because of this plugin. */
  isFull(direction: TcpDirection): boolean;
  /** Whether bytes are on their way through the plugin's thread. */
  isUnderWay(direction: TcpDirection): boolean;
  /** Whether the plugin holds bytes back. */
  keeps(direction: TcpDirection): boolean;
  /** One side of the connection is closed. @param byPeer whether its peer has closed it */
  sideClosed(direction: TcpDirection, byPeer: boolean): void;
  /** Another plugin of the connection has stored a property. */
  storeProperty(key: string, value: Uint8Array): void;
  /** Notifies the plugin of the end of the connection. */
  finish(): void;
}
