// One request of a service: what it called, when, from which line, and what the databases were seen doing for it.

import { html } from "../vendor/preact.js";
import { hrefKeeping } from "../app/address.js";
import { useAnswer } from "../app/api.js";
import { clockMillis, count, duration, moment } from "../app/format.js";
import { periodOf } from "../parts/asked_period.js";
import { Empty } from "../parts/empty.js";
import { KnownBy } from "../parts/known_by.js";
import { Problem } from "../parts/problem.js";
import { KEPT } from "../parts/request_rows.js";
import { Skeleton } from "../parts/skeleton.js";
import { Tile } from "../parts/tile.js";

/** @param {import("../app/main.js").PageProps} props */
export default function Page({ params, range }) {
  const answer = useAnswer(`/api/v1/requests/${encodeURIComponent(params.id)}`, { period: periodOf(range) });
  if (answer.problem && !answer.data) {
    return answer.problem.status === 404
      ? html`<${Empty} title="There is no such request"><p>It was not kept, or its days are past the retention. <a href="/services">Services</a></p><//>`
      : html`<${Problem} problem=${answer.problem} again=${answer.again} />`;
  }
  if (!answer.data) return html`<div class="stack"><${Skeleton} height=${90} /><${Skeleton} height=${300} /></div>`;
  const { request, database_calls: calls, repeated, samples, calls_left_out: left } = answer.data;
  return html`<div class="stack">
    <header class="request-head"><h2>${request.method} ${request.route}</h2>
      <p class="note"><a href=${hrefKeeping("/services", { "var.service": request.service })}>${request.service}</a> ${[request.version, request.host || request.instance].filter(Boolean).join(" · ")} · ${moment(request.started)}</p></header>
    <div class="tiles">
      <${Tile} label="Took" value=${duration(request.duration_s)} note=${KEPT[/** @type {"limit"} */ (request.kept_because)] ?? "came as a span"} tone=${request.outcome === "failure" ? "failure" : ""} />
      <${Tile} label="Answered" value=${request.response_status || "–"} note=${request.error_type || (request.disconnected ? "the client left before the end" : "")} tone=${request.outcome === "failure" ? "failure" : ""} />
      <${Tile} label="In databases" value=${duration(request.db_s)} note=${`${count(request.db_calls)} calls`} />
      <${Tile} label="First byte after" value=${request.first_byte_s ? duration(request.first_byte_s) : "–"} />
      <${Tile} label="Event loop held up" value=${duration(request.loop_lag_s)} note=${`garbage collection ${duration(request.gc_s)}`} />
    </div>
    ${repeated.map((/** @type {any} */ each) => html`<p key=${`${each.file}:${each.line}`} class="warning">${count(each.calls)} times ${each.summary} from <code>${each.file}:${each.line}</code>, ${duration(each.duration_s)} in all: a query in a loop. Ask for all rows at once.</p>`)}
    <section class="card" aria-label="Calls"><header><h2>What it called</h2><${KnownBy}>Told by the service itself: each call with the line of its own code that made it. The bar is when it ran within the request.<//></header>
      <div class="body">${calls.length === 0 ? html`<p class="note">No call to a database is known of it.</p>` : html`<${Calls} calls=${calls} whole=${request.duration_s} />`}
        ${left > 0 && html`<p class="note">And ${count(left)} calls more.</p>`}</div></section>
    <section class="card" aria-label="Seen in databases"><header><h2>Seen in databases meanwhile</h2><${KnownBy}>Samples of sessions that ran the same statement at that time, of this request or of another one. A sample stands for the looks of some seconds.<//></header>
      <div class="body">${samples.length === 0 ? html`<p class="note">No look at a database saw its statements meanwhile.</p>` : html`<${Seen} samples=${samples} />`}</div></section>
  </div>`;
}

/** @param {{calls: any[], whole: number}} props */
function Calls({ calls, whole }) {
  const share = (/** @type {number} */ seconds) => `${Math.max(0, Math.min(100, (100 * seconds) / (whole || 1)))}%`;
  return html`<div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain call-tree" aria-label="Calls in order">
    <thead><tr><th>After</th><th class="n">Took</th><th>Statement</th><th class="roomy">From</th><th class="roomy when">When</th></tr></thead>
    <tbody>${calls.map((call, place) => html`<tr key=${place} class=${call.error ? "failed" : ""}>
      <td>${duration(call.at_s)}</td><td class="n">${duration(call.duration_s)}</td>
      <td>${call.statement_hash ? html`<a href=${hrefKeeping(`/statements/${encodeURIComponent(call.statement_hash)}`)}>${call.summary || call.statement_hash}</a>` : call.summary || call.kind}
        <span class="note clip">${[call.system, call.result_rows === null ? "" : `${count(call.result_rows)} rows`, call.error].filter(Boolean).join(" · ")}</span></td>
      <td class="roomy"><code>${call.file ? `${call.file}:${call.line}` : ""}</code><span class="note clip">${call.function}</span></td>
      <td class="roomy when"><i class="call-bar" style=${{ marginLeft: share(call.at_s), width: share(call.duration_s) }}></i></td></tr>`)}</tbody></table></div>`;
}

/** @param {{samples: any[]}} props */
function Seen({ samples }) {
  return html`<div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain" aria-label="Samples">
    <thead><tr><th>Looked</th><th>Database</th><th>Did or waited for</th><th>Statement</th><th class="n roomy">Ran</th></tr></thead>
    <tbody>${samples.map((each, place) => html`<tr key=${place}>
      <td>${clockMillis(each.looked)}</td><td><a href=${hrefKeeping(`/databases/${encodeURIComponent(each.database)}`)}>${each.database}</a></td>
      <td>${each.wait_class} ${each.wait_event}</td>
      <td><a class="clip" href=${hrefKeeping(`/statements/${encodeURIComponent(each.statement_hash)}`)}>${each.query_text || each.statement_hash}</a></td>
      <td class="n roomy">${duration(each.statement_s)}</td></tr>`)}</tbody></table></div>`;
}
