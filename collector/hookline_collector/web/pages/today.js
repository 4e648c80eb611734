// Today: how it is going, in two seconds. The band, one line of figures, what happens now, projects, tools, and what is usual.

import { html, useEffect, useMemo, useRef } from "../vendor/preact.js";
import { useAnswer } from "../app/api.js";
import { hrefKeeping, go, href } from "../app/address.js";
import { clock, compact, count, duration, hours, hoursBetween, isOwnZone, longDay, money, plural, ticking, tokens, tokensTold, zone } from "../app/format.js";
import { useNow } from "../app/live.js";
import { periodOf } from "../app/period.js";
import { useAgent } from "../parts/agent_choice.js";
import { meanOf } from "../parts/asked_period.js";
import { Band, BandKey, DRAWN } from "../parts/band.js";
import { filled } from "../parts/band_geometry.js";
import { Empty } from "../parts/empty.js";
import { Icon } from "../parts/icon.js";
import { KnownBy } from "../parts/known_by.js";
import { Limit, runningLimits } from "../parts/limits.js";
import { Problem } from "../parts/problem.js";
import { projectColour } from "../parts/project_colour.js";
import { doing, inState, mostUrgent, needsYou, whatToDo } from "../parts/session_words.js";
import { Skeleton } from "../parts/skeleton.js";
import { Tile } from "../parts/tile.js";

const EVERY_MS = 10_000;
const MOST_NOW = 8;
const LATELY = { period: "1h" };

/** @param {import("../app/main.js").PageProps} props */
export default function Page({ range, setRange, live }) {
  const now = useNow(1000);
  const asked = useMemo(() => periodOf(range), [range.from, range.to, range.fromMs, range.isRelative ? 0 : range.toMs]);
  const isToday = asked.period === "today";
  const agent = useAgent();
  const summary = useAnswer("/api/v1/summary", { max_age_s: 5, agent }, { everyMs: EVERY_MS });
  const told = summary.data?.timezone;
  const isSameZone = useMemo(() => told !== undefined && isOwnZone(told), [told]);
  const report = useAnswer(isToday && (summary.data === null || isSameZone) ? null : "/api/v1/reports/work", { ...asked, by: "project", agent, without_blocks: "true" }, { everyMs: isToday ? EVERY_MS : 0 });
  const bands = useAnswer("/api/v1/bands", { ...asked, ...DRAWN, agent }, { everyMs: EVERY_MS });
  const isDrawn = bands.asOf > 0 || bands.problem !== null; // the picture first: what else there is would only take its time from it
  const windows = useAnswer(isDrawn ? "/api/v1/reports/windows" : null, { days: 8, running: "true" }, { everyMs: 60_000 });
  const usual = useAnswer(isToday && isDrawn ? "/api/v1/usual" : null, { timezone: asked.timezone, agent });
  useLiveRefresh(live, bands.again, summary.again);
  const figures = isToday && isSameZone ? summary.data && { totals: summary.data.totals, tools: summary.data.tools, rows: summary.data.by_project } : report.data;
  const problem = bands.problem ?? summary.problem ?? report.problem;
  const isSettled = summary.data !== null || problem !== null || Boolean(bands.data?.stretches.length); // an empty day says so only when it is not the very first
  if (summary.data && !summary.data.has_data) return html`<${Beginning} command=${summary.data.install_command} />`;
  const stale = problem || live.state === "lost";
  return html`<div class=${stale ? "today stale" : "today"}>
    ${problem && html`<${Problem} problem=${problem} again=${bands.again} />`}
    ${stale && bands.asOf > 0 && html`<p class="as-of" role="status">As of ${clock(bands.asOf)}. These figures are not kept up to date now.</p>`}
    ${(summary.data?.problems ?? []).map((/** @type {string} */ words) => html`<p class="warning" key=${words}><${Icon} name="warn" size=${16} />${words}</p>`)}
    <${DayBand} answer=${bands} isSettled=${isSettled} range=${range} setRange=${setRange} now=${now} />
    <${Figures} totals=${figures?.totals} bands=${bands.data} windows=${windows.data} now=${now} />
    <div class="today-columns">
      <div class="people-column"><${Now} live=${live} now=${now} agent=${agent} /><${Projects} rows=${figures?.rows} /></div>
      <div class="people-column">${isToday && html`<${Usual} usual=${usual.data} totals=${figures?.totals} />`}<${Tools} tools=${figures?.tools} /></div>
    </div>
  </div>`;
}

/**
 * How to begin; where services or databases are watched and no agent is, how those are first. Nobody else's page asks for them.
 * @param {{command: string}} props
 */
function Beginning({ command }) {
  const databases = useAnswer("/api/v1/databases", LATELY, { everyMs: EVERY_MS });
  const services = useAnswer("/api/v1/services", LATELY, { everyMs: EVERY_MS });
  if ([databases, services].some((each) => !each.data && !each.problem)) return html`<${Skeleton} height=${150} />`;
  const [watched, served] = [databases.data?.databases ?? [], services.data?.services ?? []];
  const isNothing = watched.length === 0 && served.length === 0;
  return html`<div class="stack">
    ${watched.length > 0 && html`<${DatabasesNow} rows=${watched} />`}
    ${served.length > 0 && html`<${ServicesNow} rows=${served} />`}
    <${Empty} title=${isNothing ? "Nothing has arrived yet" : "No agent has been watched yet"} command=${command} small=${!isNothing}>
      <p>Install the hooks once, then work as you always do. This page fills by itself: when you worked, what your agents did, what waited for you, what it cost.</p>
    <//></div>`;
}

/** @param {{rows: any[]}} props */
function DatabasesNow({ rows }) {
  return html`<section class="card" aria-label="Databases"><header><h2>Databases, the last hour</h2><a class="more-link" href="/databases">Databases</a></header>
    <div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain"><thead><tr><th>Database</th><th>Found</th><th class="n roomy">Sessions at work, mean</th></tr></thead>
      <tbody>${rows.slice(0, MOST_NOW).map((each) => html`<tr key=${each.database}><td><a href=${`/databases/${encodeURIComponent(each.database)}`}>${each.database}</a></td>
        <td>${each.verdict_class ? html`<b class=${each.verdict_class === "healthy" ? "" : "failed"}>${each.verdict_class}</b> <span class="note">${each.verdict_summary}</span>` : html`<span class="note">nothing that goes on</span>`}</td>
        <td class="n roomy">${meanOf(each.active_sessions)}</td></tr>`)}</tbody></table></div></section>`;
}

/** @param {{rows: any[]}} props */
function ServicesNow({ rows }) {
  return html`<section class="card" aria-label="Services"><header><h2>Services, the last hour</h2><a class="more-link" href="/services">Services</a></header>
    <div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain"><thead><tr><th>Service</th><th class="n">Requests</th><th class="n">Failed</th><th class="n roomy">p50</th><th class="n">p95</th></tr></thead>
      <tbody>${rows.slice(0, MOST_NOW).map((each) => html`<tr key=${each.service}><td class="clip"><a href=${`/services?var.service=${encodeURIComponent(each.service)}`}>${each.service}</a></td><td class="n">${compact(each.served_requests)}</td>
        <td class=${each.failed_requests ? "n failed" : "n zero"}>${count(each.failed_requests)}</td><td class="n roomy">${duration(each.p50_s)}</td><td class="n">${duration(each.p95_s)}</td></tr>`)}</tbody></table></div></section>`;
}

/**
 * Ask again when the stream says that something changed, once every few seconds at most.
 * @param {import("../app/live.js").LiveState} live
 * @param {(() => void)[]} asks
 */
function useLiveRefresh(live, ...asks) {
  const mark = live.sessions.map((each) => `${each.session_id} ${each.state} ${each.since} ${each.prompts}`).join("\n");
  const isHeard = useRef(false);
  useEffect(() => {
    if (live.state !== "live") return undefined;
    if (!isHeard.current) {
      isHeard.current = true; // what the page asked for is as new as what the stream begins with
      return undefined;
    }
    const timer = setTimeout(() => asks.forEach((ask) => ask()), 400);
    return () => clearTimeout(timer);
  }, [mark, live.state]);
}

/** @param {{answer: import("../app/api.js").Answered<any>, isSettled: boolean, range: import("../app/time_range.js").Range, setRange: import("../app/main.js").PageProps["setRange"], now: number}} props */
function DayBand({ answer, isSettled, range, setRange, now }) {
  const bands = isSettled ? answer.data : null;
  const drawnNow = Math.floor(now / 15_000) * 15_000;
  const axis = useMemo(() => {
    const [from, to] = bands ? [Date.parse(bands.period.start), Date.parse(bands.period.end)] : [range.fromMs, range.toMs];
    if (!bands || to - from > 26 * 3.6e6 || to - from < 9 * 3.6e6) return [from, to];
    const spans = [...bands.blocks, ...bands.stretches.filter((/** @type {any} */ each) => each.kind !== "waiting")];
    return filled(spans.map((each) => ({ from: Date.parse(each.started), to: each.ended ? Date.parse(each.ended) : drawnNow })), from, to, drawnNow);
  }, [bands, drawnNow, range.fromMs, range.toMs]);
  const projects = useMemo(() => [...new Set((bands?.stretches ?? []).map((/** @type {any} */ each) => each.project))].sort().slice(0, 8), [bands]);
  const open = (/** @type {{block?: any, session?: string}} */ what) => {
    if (what.session) go(`/sessions/${encodeURIComponent(what.session)}`);
    else if (what.block) go(href("/work", { from: Date.parse(what.block.started), to: Date.parse(what.block.ended), block: what.block.started }));
  };
  return html`<section class="card band-card" aria-label="The day as a band">
    <header><h2>${range.isRelative && range.from === "now/d" ? longDay(now) : range.label}</h2><span class="note">${zone()}</span>
      <${KnownBy}>Agents: their turns, without the times in which they wait. You: an estimate, the time before a prompt (at most two minutes) and the last half minute before an answer.
        Blocks join what is no more than five minutes apart. Hover reads exact times, a drag looks closer, a click opens.<//>
      ${axis[1] - axis[0] < 23 * 3.6e6 && !(range.from === "now/d") && html`<button type="button" class="bare" onClick=${() => setRange("now/d", "now")}>back to today</button>`}</header>
    <div class="body">
      ${bands ? html`<${Band} bands=${bands} from=${axis[0]} to=${axis[1]} now=${drawnNow} onRange=${setRange} onOpen=${open} label=${`Work of ${range.label}`} withBlocks=${bands.column_s === 0} />
          <${BandKey} projects=${projects} />
          ${bands.stretches.length === 0 && html`<p class="note">Nothing was recorded in this time.</p>`}
          ${bands.column_s > 0 && html`<p class="note">Too much to draw each stretch: it is added up by ${duration(bands.column_s)} and project, and as high as agents worked at once in that time, on average. A click or a drag looks closer.</p>`}
          ${bands.has_more_stretches && html`<p class="note">More happened than is drawn: choose a shorter range to see all of it.</p>`}`
        : html`<${Skeleton} height=${150} />`}
    </div>
  </section>`;
}

/** @param {{totals: any, bands: any, windows: any, now: number}} props */
function Figures({ totals, windows, now }) {
  if (!totals) return html`<div class="tiles">${[1, 2, 3, 4, 5].map((each) => html`<${Skeleton} key=${each} height=${92} />`)}</div>`;
  const waited = totals.permission_wait_s + totals.answer_wait_s;
  const isCorrected = totals.corrected_s !== null && totals.corrected_s !== totals.worked_s;
  const active = runningLimits(windows);
  return html`<div class="tiles figures">
    <${Tile} label="Worked" value=${hours(isCorrected ? totals.corrected_s : totals.worked_s)} href=${hrefKeeping("/work")}
      note=${isCorrected ? `corrected; measured ${hours(totals.worked_s)}` : plural(totals.prompts, "prompt")} known=${html`The length of your blocks: work of you and your agents with its small gaps (<code>worked_s</code>).`} />
    <${Tile} label="Agents" tone="agent" value=${hours(totals.agent_s)} title=${duration(totals.agent_s)}
      note=${totals.parallelism ? `${totals.parallelism.toFixed(1)} at once` : "none at work"} known="All agents' time added up, without the times in which they wait for you." />
    <${Tile} label="You" tone="you" value=${hoursBetween(totals.human_s, totals.human_at_most_s)} note="estimated"
      known="Nobody watches you. At least: up to two minutes before each prompt and half a minute before each answer. At most: all since the session's last turn, up to five minutes." />
    <${Tile} label="Waited for you" tone=${waited >= 60 ? "waiting" : ""} value=${hours(waited)} title=${duration(waited)} note=${`${hours(totals.prompt_wait_s)} for prompts`}
      known="How long agents waited for your permission or your answer, added up over sessions." />
    <${Tile} label="Cost" value=${money(totals.cost_usd)} title=${totals.total_tokens ? `${count(totals.total_tokens)} tokens` : ""}
      note=${`${tokensTold(totals.total_tokens)}${totals.requests_without_cost ? `, ${count(totals.requests_without_cost)} requests unpriced` : ""}`}
      known="What the client said, else from the price table. Requests of unknown cost are in no sum." />
    ${active.length > 0 && html`<article class="tile limits" aria-label="Limits">${active.map(([name, window]) => html`<${Limit} key=${name} name=${name} window=${window} now=${now} />`)}</article>`}
  </div>`;
}

/** @param {{live: import("../app/live.js").LiveState, now: number, agent: string}} props */
function Now({ live, now, agent }) {
  const sessions = mostUrgent(live.sessions.filter((each) => (!agent || each.agent === agent)).filter((each) => each.state === "waiting" || each.state === "working"));
  const asking = sessions.filter(needsYou).length;
  return html`<section class="card now-card" aria-label="Now">
    <header><h2>Now</h2>${asking > 0 && html`<b class="badge loud">${asking} ${asking === 1 ? "needs" : "need"} you</b>`}<a class="more-link" href="/live">Live</a></header>
    ${live.asOf === 0 ? html`<div class="body"><${Skeleton} lines=${3} /></div>`
      : sessions.length === 0 ? html`<p class="body note">No agent is at work, and nothing waits for you.</p>`
      : html`<ul class="now-list">${sessions.slice(0, MOST_NOW).map((each) => html`<li key=${each.session_id} class=${needsYou(each) ? "needs" : each.state}>
          <a href=${`/sessions/${encodeURIComponent(each.session_id)}`}>
            <i class="swatch" style=${{ background: projectColour(each.project) }} aria-hidden="true"></i>
            <span class="now-what"><b>${each.project || "no project"}</b><span class="now-doing">${needsYou(each) && html`<${Icon} name="bell" size=${14} />`}${doing(each)}</span>
              <span class="note">${[each.branch, whatToDo(each)].filter(Boolean).join(" · ")}</span></span>
            <time class="now-since">${ticking(inState(each, now))}</time></a></li>`)}</ul>
        ${sessions.length > MOST_NOW && html`<p class="body"><a href="/live">${sessions.length - MOST_NOW} more</a></p>`}`}
  </section>`;
}

/** @param {{rows: any[] | undefined}} props */
function Projects({ rows }) {
  const most = Math.max(1, ...(rows ?? []).map((each) => each.wall_s));
  return html`<section class="card" aria-label="Projects"><header><h2>Projects</h2></header>
    ${!rows ? html`<div class="body"><${Skeleton} /></div>` : rows.length === 0 ? html`<p class="body note">No project had work in this time.</p>`
      : html`<div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain"><thead><tr><th>Project</th><th class="n">Worked</th><th class="n roomy">Agents</th><th class="n roomy">Prompts</th><th class="n">Cost</th></tr></thead>
        <tbody>${rows.slice(0, 12).map((each) => html`<tr key=${each.key}>
          <td><a href=${hrefKeeping("/sessions", { project: each.key })}><i class="swatch" style=${{ background: projectColour(each.key) }}></i>${each.key || "no project"}</a>
            <i class="under-bar" style=${{ width: `${(each.wall_s / most) * 100}%`, background: projectColour(each.key) }}></i></td>
          <td class="n">${hours(each.corrected_s)}</td><td class="n roomy">${hours(each.agent_s)}</td><td class="n roomy">${count(each.prompts)}</td><td class="n">${money(each.cost_usd)}</td></tr>`)}</tbody></table></div>`}
  </section>`;
}

/** @param {{tools: any[] | undefined}} props */
function Tools({ tools }) {
  const slow = useMemo(() => [...(tools ?? [])].sort((a, b) => b.failures - a.failures || (b.p95_s ?? 0) - (a.p95_s ?? 0)).slice(0, 8), [tools]);
  return html`<section class="card" aria-label="Slowest and failing"><header><h2>Slowest and failing</h2><a class="more-link" href=${hrefKeeping("/latency")}>Latency</a></header>
    ${!tools ? html`<div class="body"><${Skeleton} /></div>` : slow.length === 0 ? html`<p class="body note">No tool was called in this time.</p>`
      : html`<div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain"><thead><tr><th>Tool</th><th class="n">Calls</th><th class="n">Failed</th><th class="n roomy">p50</th><th class="n">p95</th></tr></thead>
        <tbody>${slow.map((each) => html`<tr key=${each.tool}><td class="clip" title=${each.tool}>${each.tool}</td><td class="n">${compact(each.tool_calls)}</td>
          <td class=${each.failures ? "n failed" : "n zero"}>${count(each.failures)}</td><td class="n roomy">${duration(each.p50_s)}</td><td class="n">${duration(each.p95_s)}</td></tr>`)}</tbody></table></div>`}
  </section>`;
}

const COMPARED = /** @type {[string, string, (value: any) => string][]} */ ([
  ["wall_s", "Clock", hours], ["agent_s", "Agents", hours], ["human_s", "You, at least", hours], ["prompts", "Prompts", count], ["tool_calls", "Tool calls", count],
  ["total_tokens", "Tokens", tokens], ["cost_usd", "Cost", money],
]);

/** @param {{usual: any, totals: any}} props */
function Usual({ usual, totals }) {
  const days = usual?.compared_days.length ?? 0;
  return html`<section class="card" aria-label="Compared with the usual"><header><h2>${usual ? `A usual ${usual.weekday}` : "The usual"}</h2>
      ${days > 0 && html`<${KnownBy}>The median of ${days} earlier ${usual.weekday}s with work (${usual.compared_days.join(", ")}), up to this time of the day and whole.<//>`}</header>
    ${!usual || !totals ? html`<div class="body"><${Skeleton} /></div>` : days === 0 ? html`<p class="body note">No earlier ${usual.weekday} with work yet. In a week there is something to compare with.</p>`
      : html`<div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain"><thead><tr><th><span class="unseen">Figure</span></th><th class="n">Today</th><th class="n">Usual by now</th><th class="n roomy">Usual day</th></tr></thead>
        <tbody>${COMPARED.map(([name, label, write]) => html`<tr key=${name}><td>${label}</td><td class="n"><b>${write(totals[name])}</b></td>
          <td class="n">${write(usual.so_far[name])}<${Difference} value=${totals[name]} usual=${usual.so_far[name]} /></td><td class="n roomy">${write(usual.whole_day[name])}</td></tr>`)}</tbody></table></div>`}
  </section>`;
}

/** @param {{value: number | null, usual: number | null}} props */
function Difference({ value, usual }) {
  if (!usual || value === null || Math.abs(value - usual) / usual < 0.05) return html`<small class="differs">≈</small>`;
  const share = Math.round(((value - usual) / usual) * 100);
  return html`<small class="differs">${share > 0 ? `+${share > 999 ? ">999" : share}` : `−${-share}`} %</small>`;
}

