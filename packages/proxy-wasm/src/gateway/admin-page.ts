import type { VmStatus } from "../vm/plugin-host.ts";

/**
 * Virtual machines, each with the number of its process if there are several. Of a process that does not answer they
 * are the latest that it reported, and `stuck`.
 */
export type MemberVms = readonly (VmStatus & { readonly worker?: number; readonly stuck?: boolean })[];

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** Markup as it is, unlike text. */
interface Markup {
  readonly html: string;
}

type Cell = string | number | bigint | Markup;

function cellOf(cell: Cell): string {
  if (typeof cell === "object") return `<td>${cell.html}`;
  return typeof cell === "string" ? `<td>${escapeHtml(cell)}` : `<td class="n">${cell.toLocaleString("en")}`;
}

function table(heads: readonly string[], rows: readonly (readonly Cell[])[], nothing: string): string {
  if (rows.length === 0) return `<p>${nothing}`;
  const head = heads.map((text) => `<th>${text}`).join("");
  return `<div><table><tr>${head}${rows.map((row) => `<tr>${row.map(cellOf).join("")}`).join("\n")}</table></div>`;
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Where a VM runs: its process and thread, as far as there are several. */
function placeOf({ worker, thread, stuck }: MemberVms[number]): string {
  const parts = [
    worker === undefined ? "" : `process ${worker}${stuck ? " (stuck)" : ""}`,
    thread === undefined ? "" : `thread ${thread}`,
  ];
  return parts.filter((part) => part !== "").join(", ") || "this process";
}

const stateOf = (state: string): Markup => ({ html: `<span class="${state}">${state}</span>` });

function pluginRows(vms: MemberVms): Cell[][] {
  const byName = new Map<string, MemberVms[number][]>();
  for (const vm of vms) for (const name of vm.plugins) byName.set(name, [...(byName.get(name) ?? []), vm]);
  return [...byName].map(([name, own]) => [
    name,
    own.length,
    stateOf(own.every(({ state }) => state === "running") ? "running" : "failed"),
    own.reduce((sum, { streams }) => sum + streams, 0),
    own.reduce((sum, { calls }) => sum + calls, 0),
    own.reduce((sum, { fuelConsumed }) => sum + fuelConsumed, 0n),
    mebibytes(own.reduce((sum, { memory }) => sum + memory, 0)),
  ]);
}

function trapRows(vms: MemberVms): Cell[][] {
  const all = vms.flatMap((vm) => vm.failures.map((failure) => ({ vm, failure })));
  all.sort((a, b) => b.failure.at - a.failure.at);
  return all.map(({ vm, failure: { at, message, frames } }) => [
    new Date(at).toISOString(),
    vm.plugins.join(", "),
    vm.vmId,
    placeOf(vm),
    frames.length === 0
      ? message
      : {
          html: `<details><summary>${escapeHtml(message)}</summary><pre>${frames.map(escapeHtml).join("\n")}</pre></details>`,
        },
  ]);
}

const STYLE = `
body{font:14px/1.4 system-ui,sans-serif;margin:2em;color:#222}
h2{font-size:1.1em;margin:1.8em 0 .5em}
div{overflow-x:auto}
table{border-collapse:collapse}
td,th{border:1px solid #ccc;padding:.3em .7em;text-align:left;vertical-align:top}
th{background:#f3f3f3;font-weight:600}
.n{text-align:right;font-variant-numeric:tabular-nums}
.running{color:#1a7f37}.failed{color:#b3261e;font-weight:600}
pre{margin:.5em 0 0}`;

/** The page for people: which plugins and virtual machines there are, what they use, and how they have failed lately. */
export function adminPage(vms: MemberVms): string {
  const plugins = table(
    ["Plugin", "VMs", "State", "Streams", "Calls", "Fuel consumed", "Memory"],
    pluginRows(vms),
    "No plugin is loaded.",
  );
  const machines = table(
    ["VM", "Where", "Plugins", "State", "Streams", "Calls", "Fuel consumed", "Memory", "of at most"],
    vms.map((vm) => [
      vm.vmId === "" ? "(no identifier)" : vm.vmId,
      placeOf(vm),
      vm.plugins.join(", "),
      stateOf(vm.state),
      vm.streams,
      vm.calls,
      vm.fuelConsumed,
      mebibytes(vm.memory),
      mebibytes(vm.memoryLimit),
    ]),
    "No virtual machine runs.",
  );
  const traps = table(["When", "Plugins", "VM", "Where", "What"], trapRows(vms), "No plugin has failed.");
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Wardian gateway</title><style>${STYLE}</style>
<h1>Wardian gateway</h1><p><a href="/metrics">Metrics</a> · <a href="/vms">virtual machines as JSON</a>
<h2>Plugins</h2>${plugins}
<h2>Virtual machines</h2>${machines}
<h2>Latest failures</h2>${traps}
`;
}
