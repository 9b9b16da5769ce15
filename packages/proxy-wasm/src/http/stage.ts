import { Body } from "../abi/body.ts";
import type { HeaderMap } from "../abi/header-map.ts";
import type { HttpContext } from "./http-context.ts";

/** Where a message's headers stand at one plugin. */
export type HeadersState =
  /** They have not come. */
  | "waiting"
  /** They are here, and so that the plugin can look at the body first, it goes on getting that. */
  | "held"
  /** They are here, and nothing more is delivered until the plugin goes on. */
  | "stopped"
  /** They went on. */
  | "passed";

/** One plugin's place in one direction of a stream: what it has been told, and what waits for it. */
export class Stage {
  readonly context: HttpContext;
  headersState: HeadersState = "waiting";
  headers: HeaderMap | undefined = undefined;
  /** The headers are all there is. */
  headersEnd = false;
  /** Whether the plugin may look at the headers now, as Envoy has it: until they have gone on. */
  headersVisible = false;
  /** The plugin said that the stream ends with the headers: what follows is dropped. */
  dropsRest = false;
  /** The plugin was passed over since it failed, or has no callbacks for this direction. */
  bypassed = false;

  /** Body that the plugin has seen and keeps back. */
  readonly held: Body = new Body();
  /** Bytes of body that the plugin has been shown since it last let any go. */
  shown = 0;
  /** The plugin wants to see the whole body again when more of it has come. */
  buffering = false;
  /** Body that came while everything was stopped. */
  waiting: Uint8Array[] = [];
  waitingSize = 0;
  /** What came last has come: `waiting` or `held` is the end, unless there are trailers. */
  ended = false;
  /** The last body callback did not let go. */
  dataStopped = false;

  trailers: HeaderMap | undefined = undefined;
  /** Trailers that have come and have not been shown, or have been shown and are kept back. */
  trailersState: "none" | "waiting" | "held" | "passed" = "none";
  trailersVisible = false;

  /** A callback of this direction runs. */
  inCallback = false;
  /** The plugin has said, in the callback that runs, that the direction may go on. */
  resumeRequested = false;
  /** The chunk that the body callback is about, or all that is buffered. */
  current: Body | undefined = undefined;
  /** The body callback that runs is the last one. */
  currentEnd = false;
  /** Reading must pause because of this plugin. */
  wantsPause = false;

  constructor(context: HttpContext) {
    this.context = context;
  }

  /** Whether something stands here that has not gone on. */
  get keeps(): boolean {
    return (
      this.headersState === "held" ||
      this.headersState === "stopped" ||
      this.dataStopped ||
      this.held.size > 0 ||
      this.trailersState === "held" ||
      this.trailersState === "waiting"
    );
  }

  /** Lets go of what is kept here. */
  close(): void {
    this.held.drain();
    this.waiting = [];
    this.wantsPause = false;
  }
}
