// A session: its band, what came of it, its prompts, a waterfall of everything, and what its processes took, under one axis.

import { html, useMemo } from "../vendor/preact.js";
import { change, useParam } from "../app/address.js";
import { useAnswer } from "../app/api.js";
import { bytes, clock, compact, count, duration, money, moment, percent, plural, span as spanOf, ticking, tokens, zone } from "../app/format.js";
import { useNow } from "../app/live.js";
import { Band } from "../parts/band.js";
import { Empty } from "../parts/empty.js";
import { KnownBy } from "../parts/known_by.js";
import { Problem } from "../parts/problem.js";
import { projectColour } from "../parts/project_colour.js";
import { doing, endWords, inState, needsYou } from "../parts/session_words.js";
import { Skeleton } from "../parts/skeleton.js";
import { Waterfall } from "../parts/waterfall.js";

const CURVES = /** @type {Record<string, [string, (value: number) => string]>} */ ({
  "process.cpu.utilization": ["Processor", (value) => percent(value * 100)],
  "process.memory.usage": ["Memory", bytes],
  "process.disk.io": ["Disk", bytes],
  "process.thread.count": ["Threads", compact],
});

/** @param {import("../app/main.js").PageProps} props */
export default function Page({ params, live }) {
  const id = params.id;
  const where = `/api/v1/sessions/${encodeURIComponent(id)}`;
  const now = useNow(1000);
  const view = live.sessions.find((each) => each.session_id === id) ?? null;
  const detail = useAnswer(where, {}, { everyMs: view ? 8_000 : 0 });
  const spans = useAnswer(`${where}/spans`, {}, { everyMs: view ? 15_000 : 0 });
  const measures = useAnswer(`${where}/measures`, { points: 240 });
  const session = detail.data?.session ?? detail.data?.live;
  const full = useMemo(() => wholeOf(session, spans.data, view ? Math.floor(now / 10_000) * 10_000 : 0), [session, spans.data, view ? Math.floor(now / 10_000) : 0]);
  const [zoom] = useParam("zoom");
  const [from, to] = zoomed(zoom, full);
  const setZoom = (/** @type {number} */ begin, /** @type {number} */ end) => change({ zoom: begin === full[0] && end === full[1] ? null : `${Math.round(begin)}-${Math.round(end)}` });
  const bands = useAnswer(session ? "/api/v1/bands" : null, { period: `${new Date(full[0]).toISOString()}..${new Date(full[1]).toISOString()}`, timezone: zone(), session_id: id });
  const alerts = useAnswer("/api/v1/alerts", {}, { everyMs: 30_000 });
  const before = useAnswer(session ? "/api/v1/alerts/history" : null, { session_id: id, days: Math.min(3_660, Math.ceil((Date.now() - full[0]) / 86.4e6) + 1) }, { everyMs: view ? 60_000 : 0 });
  if (detail.problem && !detail.data) return detail.problem.status === 404 ? html`<${Empty} title="There is no such session"><p>Its id may be cut off, or its days are past the retention. <a href="/sessions">All sessions</a></p><//>` : html`<${Problem} problem=${detail.problem} again=${detail.again} />`;
  if (!session) return html`<div class="session-page"><${Skeleton} height=${90} /><${Skeleton} height=${160} /><${Skeleton} height=${320} /></div>`;
  const about = (alerts.data?.alerts ?? []).filter((/** @type {any} */ each) => each.labels.session_id === id || each.labels["session.id"] === id || each.shown_by.worst.some((/** @type {any} */ worst) => worst.session_id === id));
  return html`<div class="session-page">
    <${Head} session=${session} view=${view} now=${now} family=${detail.data.conversation_session_ids} id=${id} />
    ${about.map((/** @type {any} */ each) => html`<a key=${each.fingerprint} class="warning" href="/alerts">${each.alert}: ${each.annotations.summary ?? each.alert_state}</a>`)}
    <section class="card" aria-label="The session as a band"><header><h2>${spanOf(full[0], full[1])}</h2><span class="note">${zone()}</span>
        ${zoom && html`<button type="button" class="bare more-link" onClick=${() => change({ zoom: null })}>whole session</button>`}</header>
      <div class="body">${bands.data ? html`<${Band} bands=${bands.data} from=${from} to=${to} now=${now - (now % 10_000)} onRange=${setZoom} tall=${false} withBlocks=${false} label="The session as a band" />` : html`<${Skeleton} height=${90} />`}</div></section>
    <section class="card" aria-label="Waterfall"><header><h2>What happened</h2><${KnownBy}>Prompts with what lies in them: requests to the model, tools, waits for you, hooks, subagents. A soft right edge is an end that a rule inferred. Drag over the hours to look closer; arrow keys walk, Enter opens.<//></header>
      <div class="body">${spans.problem && !spans.data ? html`<${Problem} problem=${spans.problem} again=${spans.again} />` : !spans.data ? html`<${Skeleton} height=${300} />`
        : spans.data.spans.length === 0 ? html`<p class="note">Nothing is known of what happened in it.</p>`
        : html`<${Waterfall} spans=${spans.data.spans} from=${from} to=${to} full=${full} onRange=${setZoom} />
          ${spans.data.has_more_spans && html`<p class="note">The first ${count(spans.data.spans.length)} are shown; <code>${where}/spans?offset=${spans.data.spans.length}</code> has the next.</p>`}`}
        <${Curves} measures=${measures.data} from=${from} to=${to} /></div></section>
    <${FiredBefore} changes=${before.data?.transitions ?? []} />
    <div class="today-columns">
      <${Prompts} turns=${detail.data.turns} setZoom=${setZoom} />
      <${CameOfIt} session=${session} measures=${measures.data} />
    </div>
  </div>`;
}

/** @param {any} session @param {any} told @param {number} now @returns {[number, number]} */
function wholeOf(session, told, now) {
  if (!session) return [Date.now() - 3.6e6, Date.now()];
  let from = Date.parse(session.started ?? session.last);
  let to = Math.max(now, Date.parse(session.ended ?? session.last));
  for (const each of told?.spans ?? []) {
    from = Math.min(from, Date.parse(each.started));
    to = Math.max(to, Date.parse(each.ended));
  }
  return [Math.floor(from / 1000) * 1000, Math.ceil(Math.max(to, from + 10_000) / 1000) * 1000];
}

/** @param {string} zoom @param {[number, number]} full @returns {[number, number]} */
function zoomed(zoom, full) {
  const [from, to] = zoom.split("-").map(Number);
  return zoom && from < to ? [Math.max(from, full[0]), Math.min(to, full[1])] : full;
}

/** @param {{session: any, view: any, now: number, family: string[], id: string}} props */
function Head({ session, view, now, family, id }) {
  const others = family.filter((each) => each !== id);
  const facts = /** @type {[string, any][]} */ ([
    ["Lasted", duration(session.duration_s ?? (now - Date.parse(session.started)) / 1000)], ["Prompts", count(session.prompts)],
    ["Calls", html`${count(session.tool_calls)}${session.failures > 0 && html` <small class="failed">${count(session.failures)} failed</small>`}`],
    ["Tokens", html`<span title=${count(session.total_tokens)}>${tokens(session.total_tokens)}</span>`], ["Cost", money(session.cost_usd)], ["Model", session.model || "–"],
  ]);
  return html`<section class="card session-head"><div class="session-name"><i class="swatch" style=${{ background: projectColour(session.project) }}></i><h2>${session.project || "no project"}</h2>
      <span class="note">${[session.branch, session.agent, session.host, session.user].filter(Boolean).join(" · ")}</span>
      ${view ? html`<span class=${`state-pill ${view.state}`}>${doing(view)} · ${ticking(inState(view, now))}</span>` : html`<span class="state-pill">${endWords(session)}${session.ended ? ` · ${moment(session.ended)}` : ""}</span>`}
      ${session.evidence && html`<${KnownBy}>Its end is ${session.evidence}: ${endWords(session)}${session.agent_end_reason ? `; the agent calls it ${session.agent_end_reason}` : ""}. Told of by ${session.sources.join(", ")}.<//>`}</div>
    <dl class="fact-list">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    <p class="note id">${id}${others.length > 0 && html` · same conversation: ${others.map((each) => html`<a key=${each} href=${`/sessions/${encodeURIComponent(each)}`}>${each.slice(0, 8)}</a> `)}`}</p>
    ${view && needsYou(view) && html`<p class="as-of">It ${doing(view)}, in its terminal${view.host ? ` on ${view.host}` : ""}.</p>`}
  </section>`;
}

/** The alerts that fired on it and are over. @param {{changes: any[]}} props */
function FiredBefore({ changes }) {
  const over = changes.filter((each) => each.from_state === "firing" && each.to_state !== "firing");
  if (over.length === 0) return null;
  return html`<section class="card" aria-label="Alerts that fired on it"><header><h2>Alerts that fired on it</h2><span class="note">${count(over.length)}</span></header>
    <ul class="body rows">${over.map((each) => html`<li key=${each.transition_id}><div class="grow"><p><span class=${`severity ${each.labels.severity ?? "warning"}`}>${each.labels.severity ?? "warning"}</span> <strong>${each.annotations.summary || each.rule}</strong></p>
      <p class="note">${each.rule} · ${moment(each.fired)} – ${clock(each.changed)}, for ${duration((Date.parse(each.changed) - Date.parse(each.fired)) / 1000)}</p></div></li>`)}</ul></section>`;
}

/** @param {{turns: any[], setZoom: (from: number, to: number) => void}} props */
function Prompts({ turns, setZoom }) {
  const most = Math.max(1, ...turns.map((each) => each.duration_s));
  return html`<section class="card" aria-label="Prompts"><header><h2>Prompts</h2><span class="note">${count(turns.length)}</span></header>
    ${turns.length === 0 ? html`<p class="body note">No prompt was typed in it.</p>` : html`<div class="scroll-x tall" tabindex="0" role="group" aria-label="Rows"><table class="plain"><thead><tr><th>At</th><th class="n">Took</th><th class="n">Tokens</th><th class="n">Cost</th><th>Outcome</th></tr></thead>
      <tbody>${turns.map((each) => html`<tr key=${each.prompt_id}><td><button type="button" class="bare" title="look closer" onClick=${() => setZoom(Date.parse(each.started) - 1000, Date.parse(each.ended) + 1000)}>${clock(each.started)}</button>
          <span class="note roomy">${each.prompt_length ? `${count(each.prompt_length)} characters` : ""}</span><i class="under-bar" style=${{ width: `${(each.duration_s / most) * 100}%`, background: "var(--agent)" }}></i></td>
        <td class="n">${duration(each.duration_s)}</td><td class="n" title=${count(each.total_tokens)}>${tokens(each.total_tokens)}</td><td class="n">${money(each.cost_usd)}</td>
        <td><span class=${each.outcome === "failure" ? "failed" : ""}>${each.is_open ? "goes on" : each.outcome}</span>${each.evidence === "inferred" && html`<span class="note"> inferred</span>`}</td></tr>`)}</tbody></table></div>`}</section>`;
}

/** @param {{session: any, measures: any}} props */
function CameOfIt({ session, measures }) {
  const files = measures?.files ?? [];
  const calls = files.reduce((/** @type {number} */ sum, /** @type {any} */ each) => sum + each.tool_calls, 0);
  const lines = measures && (measures.lines_added !== null || measures.lines_removed !== null);
  return html`<section class="card" aria-label="What came of it"><header><h2>What came of it</h2></header><div class="body">
    ${!measures ? html`<${Skeleton} />` : html`<dl class="fact-list came">
      <div><dt>Changes of files</dt><dd>${calls ? plural(calls, "change") : "none seen"}${files.length > 0 && html`<span class="note">${files.slice(0, 6).map((/** @type {any} */ each) => `${each.file_extension} ${each.tool_calls}`).join(", ")}</span>`}</dd></div>
      <div><dt>Lines</dt><dd>${lines ? `+${count(measures.lines_added ?? 0)} −${count(measures.lines_removed ?? 0)}` : "not told"}</dd></div>
      <div><dt>Commits</dt><dd>${measures.commits === null ? "not told" : count(measures.commits)}</dd></div>
      <div><dt>Checked out</dt><dd>${measures.revisions.length ? measures.revisions.slice(0, 4).map((/** @type {string} */ each) => html`<code key=${each}>${each.slice(0, 8)}</code> `) : "unknown"}</dd></div>
      <div><dt>Cost of a prompt</dt><dd>${session.prompts && session.cost_usd !== null ? money(session.cost_usd / session.prompts) : "–"}</dd></div></dl>
      <p class="note">Lines and commits are what the agent's own metrics told; where it sends none they are not told.</p>`}</div></section>`;
}

/** Curves under the axis of the waterfall. @param {{measures: any, from: number, to: number}} props */
function Curves({ measures, from, to }) {
  if (!measures) return html`<${Skeleton} />`;
  const known = measures.curves.filter((/** @type {any} */ each) => CURVES[each.metric] && each.points.length > 1);
  if (known.length === 0) return html`<p class="note curve-none">What its processes took was not measured.</p>`;
  return html`<div class="curves">${known.map((/** @type {any} */ each) => html`<${Curve} key=${each.metric} curve=${each} from=${from} to=${to} />`)}</div>`;
}

/** @param {{curve: any, from: number, to: number}} props */
function Curve({ curve, from, to }) {
  const [name, write] = CURVES[curve.metric];
  const points = curve.points.map((/** @type {[number, number]} */ [at, value]) => [at / 1e6, value]);
  const most = Math.max(...points.map((/** @type {number[]} */ each) => each[1]), 1e-9);
  const line = points.map((/** @type {number[]} */ [at, value]) => `${(((at - from) / (to - from)) * 1000).toFixed(1)},${(38 - (value / most) * 36).toFixed(1)}`).join(" ");
  return html`<div class="curve"><span class="span-name"><b>${name}</b><span class="note">at most ${write(most)}</span></span>
    <svg viewBox="0 0 1000 40" preserveAspectRatio="none" role="img" aria-label=${`${name}, at most ${write(most)}`}><polyline points=${line} vector-effect="non-scaling-stroke" /></svg></div>`;
}
