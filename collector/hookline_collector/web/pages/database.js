// One database: how busy against its cores and with what, what was found, who holds others up, its statements and tables, and what will run out.

import { html } from "../vendor/preact.js";
import { hrefKeeping } from "../app/address.js";
import { useAnswer } from "../app/api.js";
import { bytes, compact, count, duration, moment, percent } from "../app/format.js";
import { hundredth, meanOf, periodOf } from "../parts/asked_period.js";
import { Empty } from "../parts/empty.js";
import { KnownBy } from "../parts/known_by.js";
import { Problem } from "../parts/problem.js";
import { Skeleton } from "../parts/skeleton.js";
import { Tile } from "../parts/tile.js";

/** @param {import("../app/main.js").PageProps} props */
export default function Page({ params, range }) {
  const where = `/api/v1/databases/${encodeURIComponent(params.name)}`;
  const period = { period: periodOf(range) };
  const answer = useAnswer(where, period);
  const locks = useAnswer(`${where}/locks`, period);
  const forecasts = useAnswer(`${where}/forecasts`);
  const lately = useAnswer("/api/v1/databases", { period: "5m" }).data?.databases.find((/** @type {any} */ each) => each.database === params.name);
  if (answer.problem && !answer.data) {
    return answer.problem.status === 404
      ? html`<${Empty} title="Nothing was told of this database"><p>Choose a longer range at the top, or look at <a href="/databases">all databases</a>.</p><//>`
      : html`<${Problem} problem=${answer.problem} again=${answer.again} />`;
  }
  if (!answer.data) return html`<div class="stack"><${Skeleton} height=${90} /><${Skeleton} height=${300} /></div>`;
  const { totals, waits, statements, verdicts, relations } = answer.data;
  const isShort = totals.cores && totals.active_sessions > totals.cores;
  return html`<div class="stack">
    <header class="request-head"><h2>${totals.database}</h2><p class="note"><a href=${hrefKeeping("/databases", { "var.database": totals.database })}>Its curves</a></p></header>
    <div class="tiles">
      <${Tile} label="Sessions at work, mean" value=${meanOf(totals.active_sessions)} note=${`${lately ? `${meanOf(lately.active_sessions)} in the last 5 minutes, ` : ""}${totals.cores ? `on ${count(totals.cores)} cores` : "cores not known"}`} tone=${isShort ? "waiting" : ""}
        known=${html`The mean number of sessions that did something over the whole range, in which time that nobody looked counts as none: choose a shorter one to see the last minutes.`} />
      <${Tile} label="Mostly" value=${totals.wait_class || "–"} note=${totals.share_percent === null ? "" : hundredth(totals.share_percent)} />
      <${Tile} label="Connections in use" value=${hundredth(totals.used_percent)} />
      <${Tile} label="Oldest transaction" value=${duration(totals.transaction_s)} />
    </div>
    ${verdicts.length > 0 && html`<section class="card" aria-label="What was found"><header><h2>What was found</h2></header><div class="body">${verdicts.map((/** @type {any} */ each) => html`<${Verdict} key=${each.verdict_id} verdict=${each} statements=${statements} />`)}</div></section>`}
    <${Locks} found=${locks.data} />
    <div class="today-columns">
      <section class="card" aria-label="Waits"><header><h2>Did or waited for</h2></header><div class="body"><div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain" aria-label="Waits">
        <thead><tr><th>What</th><th class="n">Sessions</th><th class="n">Share</th></tr></thead>
        <tbody>${waits.map((/** @type {any} */ each) => html`<tr key=${each.wait_class + each.wait_event}><td>${each.wait_class} <span class="note">${each.wait_event}</span></td><td class="n">${meanOf(each.active_sessions)}</td><td class="n">${hundredth(each.share_percent)}</td></tr>`)}</tbody></table></div></div></section>
      <${Forecasts} found=${forecasts.data} />
    </div>
    <section class="card" aria-label="Statements"><header><h2>Statements that took most time</h2><${KnownBy}>PostgreSQL's own counters, as growth; “active” is how many sessions were seen busy with it at once.<//></header><div class="body">
      ${statements.length === 0 ? html`<p class="note">Nothing is known of its statements: <code>hookline db check</code> says why.</p>` : html`<div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain" aria-label="Statements">
      <thead><tr><th>Statement</th><th class="n">Share</th><th class="n roomy">Calls</th><th class="n">Mean</th><th class="n roomy">Rows</th><th class="n roomy">Blocks read</th><th class="n roomy">Active</th></tr></thead>
      <tbody>${statements.map((/** @type {any} */ each) => html`<tr key=${each.statement_hash}><td><a href=${hrefKeeping(`/statements/${encodeURIComponent(each.statement_hash)}`)}>${each.summary || each.statement_hash}</a><span class="note clip">${each.query_text}</span></td>
        <td class="n">${hundredth(each.share_percent)}</td><td class="n roomy" title=${count(each.calls)}>${compact(each.calls)}</td><td class="n">${duration(each.mean_s)}</td><td class="n roomy">${compact(each.result_rows)}</td>
        <td class="n roomy">${compact(each.blocks_read)}</td><td class="n roomy">${meanOf(each.active_sessions)}</td></tr>`)}</tbody></table></div>`}</div></section>
    ${relations.length > 0 && html`<section class="card" aria-label="Tables and indexes"><header><h2>Tables and indexes</h2></header><div class="body"><div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain" aria-label="Tables and indexes">
      <thead><tr><th>Name</th><th class="n">Size</th><th class="n roomy">Rows</th><th class="n">Dead</th><th class="n roomy">Vacuum at</th><th class="n roomy">Whole scans</th></tr></thead>
      <tbody>${relations.slice(0, 20).map((/** @type {any} */ each) => html`<tr key=${each.schema_name + each.relation + each.index_name}><td>${each.schema_name}.${each.relation} <span class="note">${each.index_name}</span></td><td class="n">${bytes(each.size_bytes)}</td>
        <td class="n roomy">${compact(each.live_rows)}</td><td class="n">${compact(each.dead_rows)}</td><td class="n roomy">${each.vacuum_trigger ? compact(each.vacuum_trigger) : "–"}</td><td class="n roomy">${compact(each.seq_scans)}</td></tr>`)}</tbody></table></div></div></section>`}
  </div>`;
}

/** @param {{verdict: any, statements: any[]}} props */
function Verdict({ verdict, statements }) {
  const excluded = Object.entries(verdict.excluded);
  return html`<article class="finding"><h3><b>${verdict.verdict_class}</b> ${moment(verdict.started)}${verdict.ended ? html` – ${moment(verdict.ended)}` : ", goes on"}</h3>
    <p>${verdict.summary}</p>
    <p class="note">${hundredth(verdict.share_percent)} of the time, ${hundredth(verdict.certainty_percent)} sure, ${count(verdict.samples)} samples${excluded.length > 0 ? `. Not ${excluded.map(([name, why]) => `${name}: ${why}`).join("; not ")}` : ""}</p>
    ${verdict.next_step && html`<p>Next: ${verdict.next_step}</p>`}
    ${verdict.statement_hashes.length > 0 && html`<p class="note">Carried by ${verdict.statement_hashes.map((/** @type {string} */ each) => html`<a key=${each} href=${hrefKeeping(`/statements/${encodeURIComponent(each)}`)}>${statements.find((one) => one.statement_hash === each)?.summary || each}</a> `)}</p>`}
    ${verdict.called_by.length > 0 && html`<p class="note">Called meanwhile by ${verdict.called_by.map((/** @type {any} */ each, /** @type {number} */ place) => html`${place > 0 ? ", " : ""}<a key=${each.service} href=${hrefKeeping(`/services/${encodeURIComponent(each.service)}`)}>${each.service}</a> (<span title=${count(each.calls)}>${compact(each.calls)}</span> calls, ${duration(each.total_s)})`)}</p>`}</article>`;
}

/** @param {{found: any}} props */
function Locks({ found }) {
  if (!found || found.locks.length === 0) return null;
  return html`<section class="card" aria-label="Locks"><header><h2>Who waits for whom</h2><span class="note">as of ${moment(found.looked)}</span></header><div class="body"><div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain" aria-label="Locks">
    <thead><tr><th>Session</th><th>Does</th><th class="n">Waits</th><th class="roomy">For</th><th class="n roomy">Transaction</th></tr></thead>
    <tbody>${found.locks.map((/** @type {any} */ each) => html`<tr key=${each.pid}><td style=${{ paddingLeft: `${each.depth * 18 + 8}px` }}>${each.depth > 0 ? "↳ " : ""}<b>${each.pid}</b> <span class="note">${[each.application, each.user].filter(Boolean).join(" · ")}</span></td>
      <td>${each.session_state} <span class="note clip">${each.summary || each.query_text}</span></td><td class="n">${each.depth > 0 ? duration(each.waited_s) : ""}</td>
      <td class="roomy">${[each.lock_mode, each.lock_relation].filter(Boolean).join(" on ")}</td><td class="n roomy">${each.transaction_s ? duration(each.transaction_s) : "–"}</td></tr>`)}</tbody></table></div></div></section>`;
}

/** @param {{found: any}} props */
function Forecasts({ found }) {
  if (!found) return html`<${Skeleton} height=${120} />`;
  return html`<section class="card" aria-label="What will run out"><header><h2>What will run out</h2><${KnownBy}>Several simple methods forecast; the one that erred least on this series is used, and its errors make the interval: four times of five the limit is first reached between these moments.<//></header><div class="body">
    ${found.forecasts.length === 0 ? html`<p class="note">No forecast is honest yet: each needs twenty hours of figures without a gap, the last of them from now.</p>` : html`<div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain" aria-label="Forecasts">
      <thead><tr><th>What</th><th class="n">Now</th><th>Expected</th><th class="roomy">Between</th></tr></thead>
      <tbody>${found.forecasts.map((/** @type {any} */ each) => html`<tr key=${each.forecast_of + JSON.stringify(each.labels)}><td>${each.forecast_of} <span class="note">${Object.values(each.labels).join(" ")}</span></td><td class="n">${said(each.value, each.unit)}</td>
        <td>${each.expected ? moment(each.expected) : `not within ${Math.round(each.horizon_s / 3600)} hours`}</td><td class="roomy">${each.earliest ? html`${moment(each.earliest)} – ${each.latest ? moment(each.latest) : "later, or not at all"}` : "–"}</td></tr>`)}</tbody></table></div>`}</div></section>`;
}

/** @param {number} value @param {string} unit */
function said(value, unit) {
  return unit === "By" ? bytes(value) : unit === "%" ? percent(value / 100) : compact(value);
}
