import { html } from "../vendor/preact.js";
import { useAnswer } from "../app/api.js";
import { bytes, count, duration, moment } from "../app/format.js";
import { Command } from "../parts/empty.js";
import { Problem, coded } from "../parts/problem.js";
import { PageSkeleton } from "../parts/skeleton.js";
import { Table } from "../parts/table.js";
import { Tile } from "../parts/tile.js";

/** What mends a part that does not work. @type {Record<string, string>} */
const MENDS = {
  disk: "hookline doctor", store: "hookline status", journal: "hookline status", alerting: "hookline notify targets", "alert rules": "hookline rules check ~/.config/hookline/rules", alerts: "hookline rules check ~/.config/hookline/rules",
  delivery: "hookline quarantine", "known records": "hookline doctor",
};

/** Names of parts and addresses as people say them. @type {Record<string, string>} */
const NAMES = { otlp_grpc: "OTLP over gRPC", otlp_http: "OTLP over HTTP", clickhouse: "ClickHouse endpoint", http: "pages and API" };
/** @type {[string, string][]} */
const BECAME = [["received", "Received"], ["stored", "Stored"], ["rejected", "Rejected"], ["deduplicated", "Known already"], ["quarantined", "Set aside"], ["in_journal", "Waiting"]];

export default function Status() {
  const { data, problem, again, asOf } = useAnswer("/api/v1/status", {}, { everyMs: 5_000 });
  if (!data) return problem ? html`<${Problem} problem=${problem} again=${again} />` : html`<${PageSkeleton} />`;
  const wrong = data.parts.filter((/** @type {any} */ part) => !part.ok);
  const remarks = data.parts.filter((/** @type {any} */ part) => part.is_remark && part.ok);
  const unbalanced = data.signals.filter((/** @type {any} */ signal) => !signal.balanced);
  const quarantined = data.signals.reduce((/** @type {number} */ sum, /** @type {any} */ signal) => sum + signal.quarantined, 0);
  const isWell = data.ready && !wrong.length && !unbalanced.length && !quarantined;
  const free = data.gauges.disk_free_bytes;
  const disk = data.parts.find((/** @type {any} */ part) => part.name === "disk")?.detail ?? "";
  const waiting = sum(data.gauges, "journal_items");
  return html`
    ${problem && html`<${Problem} problem=${problem} again=${again} />`}
    <section class=${`verdict ${isWell ? "well" : "ill"}`} role="status" data-state=${isWell ? "good" : "bad"}><i class="dot" aria-hidden="true"></i>
      <div><h2>${isWell ? "All parts work" : data.ready ? "Something needs you" : "Telemetry is not taken"}</h2>
      <p class="note">${data.reason || `Hookline ${data.version}, up for ${duration(Math.round(data.uptime_s))}${problem ? `, as of ${moment(asOf)}` : ""}`}</p></div></section>
    ${wrong.map((/** @type {any} */ part) => html`<${Wrong} key=${part.name} title=${`${NAMES[part.name] ?? part.name}: ${part.detail || "does not work"}`} command=${MENDS[part.name] ?? "hookline doctor"} />`)}
    ${unbalanced.map((/** @type {any} */ signal) => html`<${Wrong} key=${signal.signal} title=${`The sum of ${signal.signal} is not right: what was received is not what became of it.`} command="hookline doctor" />`)}
    ${quarantined > 0 && html`<${Wrong} title=${`${count(quarantined)} items were set aside, since the store would not take them.`} command="hookline quarantine" />`}
    <div class="tiles">
      <${Tile} label="Free disk" value=${disk.split(" of ")[0] || bytes(free)} note=${disk} tone=${free !== undefined && free < 2e9 ? "failure" : ""} />
      <${Tile} label="Waiting to be stored" value=${count(waiting)} note=${`${bytes(sum(data.gauges, "journal_bytes"))} in the journal`} known="Items that were acknowledged and are safe in the journal, not yet in the store." />
      <${Tile} label="Set aside" value=${count(quarantined)} note="items in quarantine" tone=${quarantined ? "failure" : ""} />
      <${Tile} label="Alerts" value=${count(data.gauges.alerts_firing)} note=${data.gauges.rules === undefined ? "firing" : `firing, of ${count(data.gauges.rules)} rules`} href="/alerts" tone=${data.gauges.alerts_firing ? "waiting" : ""} />
    </div>
    <section class="card"><header><h2>What came and what became of it</h2></header><div class="body"><${Table} label="Sums of each signal" rows=${data.signals} rowKey=${(/** @type {any} */ row) => row.signal} columns=${[
      { key: "signal", label: "Signal" },
      ...BECAME.map(([key, label]) => ({ key, label, isNumber: true, show: count })),
      { key: "balanced", label: "Adds up", show: (/** @type {boolean} */ is) => html`<span class=${is ? "good" : "fault"}>${is ? "yes" : "no"}</span>` },
    ]} /></div></section>
    <section class="card"><header><h2>Parts</h2></header><ul class="body parts-list">${data.parts.map((/** @type {any} */ part) => html`<li key=${part.name} data-state=${part.ok ? (part.is_remark ? "warn" : "good") : "bad"}><i class="dot" aria-hidden="true"></i><span class="part-name">${NAMES[part.name] ?? part.name}</span><span class="note">${part.ok ? "" : "does not work: "}${coded(part.detail)}</span></li>`)}</ul></section>
    ${remarks.length > 0 && html`<p class="note">${remarks.length} of them have a remark, which stops nothing.</p>`}
    <section class="card"><header><h2>Where it is</h2></header><dl class="body facts">
      <dt>Version</dt><dd>${data.version}</dd><dt>Process</dt><dd>${data.pid}, since ${moment(data.started)}</dd><dt>Engine</dt><dd>${data.engine}</dd>
      ${Object.entries(data.addresses).map(([name, where]) => html`<dt key=${name}>${NAMES[name] ?? name}</dt><dd><code>${where}</code></dd>`)}</dl></section>
    <p class="note">The collector over time: <a href="/collector">received, stored, memory, processor</a>.</p>`;
}

/** @param {{title: string, command: string}} props */
function Wrong({ title, command }) {
  return html`<section class="problem" role="alert"><strong>${title}</strong><${Command} text=${command} /></section>`;
}

/** @param {Record<string, number>} gauges @param {string} name */
function sum(gauges, name) {
  return Object.entries(gauges).filter(([key]) => key.startsWith(`${name}{`)).reduce((total, [, value]) => total + value, 0);
}
