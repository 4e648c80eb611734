import { html, useState } from "../vendor/preact.js";
import { href } from "../app/address.js";
import { send, useAnswer } from "../app/api.js";
import { duration, moment, plural } from "../app/format.js";
import { useNow } from "../app/live.js";
import { Dashboard } from "../panels/dashboard.js";
import { Empty } from "../parts/empty.js";
import { Problem } from "../parts/problem.js";
import { Skeleton } from "../parts/skeleton.js";
import { Table } from "../parts/table.js";

const SHOWN_FIRST = 8;
/** @type {Record<string, string>} */
const RESULTS = { delivered: "delivered", retried: "will be tried again", refused: "refused for good", dropped: "dropped", expired: "given up" };

/** @param {import("../app/main.js").PageProps} props */
export default function Alerts({ range, setRange }) {
  return html`<${Firing} /><${Silences} /><${Deliveries} /><${Dashboard} uid="hookline-alerts" range=${range} setRange=${setRange} />`;
}

/** What fires now, the worst first; who knows of it, and what holds it back. */
function Firing() {
  const { data, problem, again } = useAnswer("/api/v1/alerts", {}, { everyMs: 10_000 });
  const known = useAnswer("/api/v1/acknowledgements", {}, { everyMs: 10_000 });
  const [all, setAll] = useState(false);
  const now = useNow(5_000);
  if (problem && !data) return html`<${Problem} problem=${problem} again=${again} />`;
  if (!data) return html`<section class="card"><header><h2>Now</h2></header><div class="body"><${Skeleton} lines=${3} /></div></section>`;
  const open = data.alerts.filter((/** @type {any} */ alert) => alert.alert_state === "firing" || alert.alert_state === "pending");
  const ranked = [...open].sort((one, other) => rank(one) - rank(other) || (one.active < other.active ? 1 : -1));
  if (!open.length) return html`<${Empty} title="Nothing fires"><p>The rules that are looked at stand in <code>hookline rules</code>; what fired before is below.</p><//>`;
  const acknowledged = new Map((known.data?.acknowledgements ?? []).map((/** @type {any} */ each) => [each.fingerprint, each]));
  const firing = open.filter((/** @type {any} */ alert) => alert.alert_state === "firing").length;
  return html`<section class="card"><header><h2>Now</h2><span class="note">${firing} firing${open.length > firing ? `, ${open.length - firing} pending` : ""}</span></header>
    <ul class="body rows">${(all ? ranked : ranked.slice(0, SHOWN_FIRST)).map((alert) => html`<${Alert} key=${alert.fingerprint} alert=${alert} now=${now} known=${acknowledged.get(alert.fingerprint)} again=${() => { again(); known.again(); }} />`)}</ul>
    ${!all && ranked.length > SHOWN_FIRST && html`<p class="body"><button type="button" class="quiet" onClick=${() => setAll(true)}>Show all ${ranked.length}</button></p>`}
  </section>`;
}

/** @param {any} alert */
function rank(alert) {
  const severity = { page: 0, critical: 0, error: 1, warning: 2, info: 3 }[/** @type {string} */ (alert.labels.severity)] ?? 2;
  return severity + (alert.alert_state === "pending" ? 10 : 0);
}

/** @param {{alert: any, now: number, known: any, again: () => void}} props */
function Alert({ alert, now, known, again }) {
  const [asks, setAsks] = useState(false);
  const [fault, setFault] = useState("");
  const { labels, annotations } = alert;
  const severity = labels.severity ?? "warning";
  const matchers = Object.entries(labels).filter(([name]) => ["alertname", "project", "tool", "session_id"].includes(name)).map(([name, value]) => `${name}="${String(value).replace(/["\\]/g, "\\$&")}"`);
  const session = labels.session_id;
  const held = alert.silenced_by?.length ? "silenced" : alert.inhibited_by?.length ? "held back by another alert" : "";
  const acknowledge = async (/** @type {any} */ event) => {
    event.preventDefault();
    const fields = new FormData(event.target);
    try {
      await send("POST", `/api/v1/alerts/${alert.fingerprint}/acknowledgement`, { created_by: fields.get("by"), comment: fields.get("comment") });
      setAsks(false);
      again();
    } catch (why) {
      setFault(why instanceof Error ? why.message : String(why));
    }
  };
  const forget = async () => {
    await send("DELETE", `/api/v1/alerts/${alert.fingerprint}/acknowledgement`).catch((why) => setFault(why.message));
    again();
  };
  return html`<li><div class="grow">
    <p><span class=${`severity ${alert.alert_state === "pending" ? "pending" : severity}`}>${alert.alert_state === "pending" ? "pending" : severity}</span> <strong>${annotations.summary || alert.alert}</strong></p>
    <p class="note">${alert.alert} · for ${duration(Math.max(0, Math.round((now - Date.parse(alert.active)) / 1000)))}, since ${moment(alert.active)}${session ? html` · <a href=${`/sessions/${encodeURIComponent(session)}`}>session ${session.slice(0, 8)}</a>` : ""}${held && html` · <b>${held}</b>`}
      ${known && html` · known to ${known.created_by}${known.comment ? `: ${known.comment}` : ""}`}</p>
    ${asks && html`<form class="inline-form" onSubmit=${acknowledge}><input name="by" aria-label="Who" placeholder="Who" required maxlength="100" autocomplete="username" /><input name="comment" aria-label="Note" placeholder="Note" maxlength="500" /><button type="submit">I know</button></form>`}
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
  </div>
  <div class="row-acts">
    ${known ? html`<button type="button" class="quiet" onClick=${forget}>No longer known</button>` : html`<button type="button" class="quiet" aria-expanded=${asks} onClick=${() => setAsks(!asks)}>Acknowledge</button>`}
    <a class="as-button" href=${href("/silence", { matcher: matchers })}>Silence</a>
  </div></li>`;
}

function Silences() {
  const { data } = useAnswer("/api/v1/silences", {}, { everyMs: 30_000 });
  const active = (data?.silences ?? []).filter((/** @type {any} */ each) => each.silence_state !== "expired");
  if (!active.length) return null;
  return html`<section class="card"><header><h2>Held back</h2><span class="note">${plural(active.length, "silence")}</span><a class="as-button push" href="/silence">Change</a></header>
    <ul class="body rows">${active.map((/** @type {any} */ each) => html`<li key=${each.silence_id}><code>${each.matchers.join(", ")}</code><span class="note">${each.comment}, by ${each.created_by}, until ${moment(each.end)}</span></li>`)}</ul></section>`;
}

/**
 * Return which alerts a message was about: the labels of its group, the alert's name by itself.
 * @param {string} key as Alertmanager writes it: `{}:{alertname="A", tool="Bash"}`
 */
function about(key) {
  const [, group = ""] = /:\{((?:\w+="(?:[^"\\]|\\.)*"(?:, )?)*)\}$/.exec(key) ?? [];
  const pairs = [...group.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value.replace(/\\(.)/g, "$1")]);
  const names = pairs.filter(([name]) => name === "alertname").map(([, value]) => value);
  return [...names, ...pairs.filter(([name]) => name !== "alertname").map(([name, value]) => `${name}=${value}`)].join(", ") || "all alerts";
}

/** Who was notified of what, when, with which answer. */
function Deliveries() {
  const { data } = useAnswer("/api/v1/deliveries", {}, { everyMs: 30_000 });
  const rows = data?.deliveries ?? [];
  if (!data || !rows.length) return null;
  const columns = [
    { key: "attempted", label: "When", show: (/** @type {any} */ value) => moment(value) },
    { key: "target", label: "To" },
    { key: "group_key", label: "What", show: about },
    { key: "occasion", label: "Why" },
    { key: "alerts_firing", label: "Firing", isNumber: true },
    { key: "result", label: "Result", show: (/** @type {string} */ value) => html`<span class=${value === "delivered" ? "" : "fault"}>${RESULTS[value] ?? value}</span>` },
    { key: "after_breach_s", label: "After", isNumber: true, show: duration },
    { key: "answer", label: "Answer" },
  ];
  return html`<section class="card"><header><h2>Deliveries</h2></header><div class="body"><${Table} label="Deliveries" columns=${columns} rows=${rows.slice(0, 200)} /></div></section>`;
}
