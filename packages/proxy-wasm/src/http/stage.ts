import type { HeaderMap } from "../abi/header-map.ts";

/** The next step of a message after one plugin: the next plugin, or the end of its direction. */
export interface StageOutput {
  /** Whether no plugin follows. */
  readonly isLast: boolean;
  headers(headers: HeaderMap, endStream: boolean): void;
  data(chunk: Uint8Array, endStream: boolean): void;
  trailers(trailers: HeaderMap): void;
  /** The plugin has passed on another number of body bytes than it was shown. */
  lengthChanged(): void;
  /** {@link Stage.wantsPause} has changed. */
  pauseChanged(): void;
  /** The plugin buffers more than it may. */
  tooLarge(): void;
}

/** One plugin's part in one direction of an HTTP stream, whichever thread the plugin runs in. */
export interface Stage {
  /** Whether the source must stop sending because of this plugin. */
  readonly wantsPause: boolean;
  /** Whether the plugin sees or drops the body, or keeps a part of the message. */
  readonly watchesBody: boolean;
  /** Sets the output, before anything is received. */
  connect(output: StageOutput): void;
  receiveHeaders(headers: HeaderMap, endStream: boolean): void;
  receiveData(chunk: Uint8Array, endStream: boolean): void;
  receiveTrailers(trailers: HeaderMap): void;
  /** Ends the stage: it drops what it keeps and passes nothing on. */
  close(): void;
}
