import { createServer, type Server } from "node:http";
import type { VmStatus } from "../vm/plugin-host.ts";

/** What the administrator's pages show. */
export interface AdminView {
  vms(): MemberVms | Promise<MemberVms>;
  prometheus(): string | Promise<string>;
  reload(): Promise<void>;
  ready(): boolean;
}

/** Virtual machines, each with the number of its process if there are several. */
export type MemberVms = readonly (VmStatus & { readonly worker?: number })[];

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

function page(vms: MemberVms): string {
  const rows = vms.map(
    ({ vmId, state, plugins, streams, memory, fuelConsumed, calls, failures, worker, thread }) =>
      `<tr><td>${escapeHtml(vmId)}<td>${worker ?? ""}<td>${thread ?? ""}<td>${escapeHtml(plugins.join(", "))}<td>${state}<td>${streams}<td>${(memory / 2 ** 20).toFixed(1)} MiB<td>${fuelConsumed}<td>${calls}<td>${failures.map(escapeHtml).join("<br>")}`,
  );
  return `<!doctype html><meta charset="utf-8"><title>Wardian gateway</title>
<style>body{font:14px system-ui;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.3em .6em;text-align:left}</style>
<h1>Wardian gateway</h1><p><a href="/metrics">metrics</a> · <a href="/vms">virtual machines as JSON</a>
<table><tr><th>VM<th>Process<th>Thread<th>Plugins<th>State<th>Streams<th>Memory<th>Fuel consumed<th>Calls<th>Latest failures${rows.join("")}</table>
`;
}

/**
 * The administrator's server: `/` for people, `/vms` as JSON, `/metrics` for Prometheus, `/ready`, and `POST /reload`. It belongs
 * on an address that only administrators reach.
 */
export function adminServer(view: AdminView): Server {
  return createServer((request, response) => {
    const send = (status: number, type: string, text: string): void => {
      response.writeHead(status, { "content-type": type });
      response.end(text);
    };
    const path = (request.url ?? "/").replace(/\?.*/, "");
    if (path === "/reload" && request.method === "POST") {
      view.reload().then(
        () => send(200, "text/plain", "reloaded\n"),
        (error: unknown) => send(400, "text/plain", `${error instanceof Error ? error.message : String(error)}\n`),
      );
      return;
    }
    // A process that is asked may be gone before it has answered.
    const later = <T>(asked: T | Promise<T>, then: (value: T) => void): void =>
      void Promise.resolve(asked).then(then, () => send(503, "text/plain", ""));
    if (request.method !== "GET" && request.method !== "HEAD") send(405, "text/plain", "");
    else if (path === "/") later(view.vms(), (vms) => send(200, "text/html; charset=utf-8", page(vms)));
    else if (path === "/metrics")
      later(view.prometheus(), (text) => send(200, "text/plain; version=0.0.4; charset=utf-8", text));
    else if (path === "/ready") send(view.ready() ? 200 : 503, "text/plain", view.ready() ? "ready\n" : "not ready\n");
    else if (path === "/vms") {
      const text = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
      later(view.vms(), (vms) => send(200, "application/json", `${JSON.stringify(vms, text, 2)}\n`));
    } else send(404, "text/plain", "");
  });
}
