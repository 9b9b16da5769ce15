import type { Http2Session } from "node:http2";

/*
 * On Node 20 an HTTP/2 session does not read while a write is under way, and no more after a frame with a protocol error.
 * It then never notices that its client has gone: neither the session nor its streams are closed. Reading again makes the
 * socket notice. Newer versions of Node close such sessions by themselves, and lose nothing.
 */

/** Milliseconds between two looks at a session. */
const INTERVAL = 1_000;

interface Handle {
  readStart?(): unknown;
}

const sessions = new Set<Http2Session>();
let timer: ReturnType<typeof setInterval> | undefined;

function look(): void {
  for (const session of sessions) {
    if (session.destroyed) {
      sessions.delete(session);
      continue;
    }
    try {
      (session.socket as unknown as { readonly _handle?: Handle | null })._handle?.readStart?.();
    } catch {
      // The session has lost its socket: it is being destroyed.
    }
  }
  if (sessions.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

/** Lets a session notice that its client has gone, so that its streams are closed. May be called more than once. */
export function watchSession(session: Http2Session): void {
  if (session.destroyed || sessions.has(session)) return;
  sessions.add(session);
  session.once("close", () => sessions.delete(session));
  timer ??= setInterval(look, INTERVAL).unref();
}
