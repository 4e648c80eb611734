// Live: a card for each session, in columns of what it needs. Ticks by itself; sounds or notifies when something waits longer than one chose.

import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { useAnswer } from "../app/api.js";
import { useNow } from "../app/live.js";
import { clock, clockSeconds, money, plural, ticking, tokens } from "../app/format.js";
import { useAgent } from "../parts/agent_choice.js";
import { Empty } from "../parts/empty.js";
import { Icon } from "../parts/icon.js";
import { Limit, runningLimits } from "../parts/limits.js";
import { NoticeBar, useNotice } from "../parts/notice.js";
import { projectColour } from "../parts/project_colour.js";
import { doing, inState, kindOf, mostUrgent, needsYou, whatToDo } from "../parts/session_words.js";
import { Skeleton } from "../parts/skeleton.js";

const LAST_EVENTS = 5;
const MOST_ALERTS = 3;
const COLUMNS = /** @type {[string, string, string, (session: any) => boolean][]} */ ([
  ["needs", "Needs you", "Nothing waits for you.", (session) => session.state === "waiting"],
  ["works", "Works", "No agent is at work.", (session) => session.state === "working"],
  ["rests", "Rests", "No session rests.", (session) => session.state === "idle"],
]);

/** @param {import("../app/main.js").PageProps} props */
export default function Page({ live }) {
  const now = useNow(1000);
  const agent = useAgent();
  const events = useEvents(live.sessions);
  const notice = useNotice(live.sessions);
  const sorted = useMemo(() => mostUrgent(live.sessions.filter((each) => !agent || each.agent === agent)), [live.sessions, agent]);
  const isLost = live.state === "lost";
  const windows = useAnswer("/api/v1/reports/windows", { days: 8, running: "true" }, { everyMs: 60_000 });
  const alerts = useAnswer("/api/v1/alerts", {}, { everyMs: 10_000 });
  const firing = (alerts.data?.alerts ?? []).filter((/** @type {any} */ each) => each.alert_state === "firing" && !each.silenced_by?.length);
  if (live.asOf === 0 && !isLost) return html`<div class="columns-3">${COLUMNS.map(([name, title]) => html`<section key=${name} class="lane"><h2>${title}</h2><${Skeleton} height=${110} /></section>`)}</div>`;
  return html`<div class=${isLost ? "live-page stale" : "live-page"}>
    ${isLost && html`<p class="as-of" role="status">${live.asOf ? `As of ${clockSeconds(live.asOf)}: ` : ""}the collector does not answer. <code>hookline status</code> says why, <code>hookline up --detach</code> starts it.</p>`}
    <${NoticeBar} notice=${notice} />
    ${live.sessions.length === 0 && !isLost ? html`<${Empty} title="No session is open"><p>Start an agent where the hooks are installed: it is here within a second. What is over is in <a href="/sessions">Sessions</a>.</p><//>`
      : html`<div class="columns-3">${COLUMNS.map(([name, title, none, isIn]) => {
          const there = sorted.filter(isIn);
          return html`<section key=${name} class=${`lane ${name}`} aria-label=${title}><h2>${title}<b>${there.length}</b></h2>
            ${there.length === 0 && html`<p class="note">${none}</p>`}
            ${there.map((each) => html`<${Card} key=${each.session_id} session=${each} now=${isLost ? live.asOf : now} events=${events.get(each.session_id) ?? []} alerts=${firing.filter((/** @type {any} */ alert) => alert.labels.session_id === each.session_id)} />`)}</section>`;
        })}</div>`}
    <${Bearings} limits=${runningLimits(windows.data)} firing=${firing} now=${now} />
    ${live.total > live.sessions.length && html`<p class="note">${live.total - live.sessions.length} more sessions are open; the most urgent are shown.</p>`}
  </div>`;
}

/** How far the limits are used up, and which alerts fire. @param {{limits: [string, any][], firing: any[], now: number}} props */
function Bearings({ limits, firing, now }) {
  if (!limits.length && !firing.length) return null;
  return html`<div class="bearings">
    ${limits.map(([name, window]) => html`<article class="tile limits" key=${name} aria-label=${name}><${Limit} name=${name} window=${window} now=${now} /></article>`)}
    ${firing.length > 0 && html`<article class="tile firing" aria-label="Alerts"><h3><a href="/alerts">${plural(firing.length, "alert")} ${firing.length === 1 ? "fires" : "fire"}</a></h3>
      <ul>${firing.slice(0, MOST_ALERTS).map((/** @type {any} */ each) => html`<li key=${each.fingerprint} title=${each.annotations.summary || each.alert}><${Icon} name="warn" size=${14} /><span class="clip">${each.annotations.summary || each.alert}</span></li>`)}</ul>
      ${firing.length > MOST_ALERTS && html`<p class="note">and ${firing.length - MOST_ALERTS} more</p>`}</article>`}
  </div>`;
}

/** @param {{session: any, now: number, events: {at: number, words: string}[], alerts: any[]}} props */
function Card({ session, now, events, alerts }) {
  const isLoud = needsYou(session);
  return html`<article class=${`live-card ${isLoud ? "loud" : session.state}`}>
    <header><i class="swatch" style=${{ background: projectColour(session.project) }} aria-hidden="true"></i>
      <a href=${`/sessions/${encodeURIComponent(session.session_id)}`}><b>${session.project || "no project"}</b></a>
      <time title=${`since ${clock(session.since)}`}>${ticking(inState(session, now))}</time></header>
    <p class="now-doing">${isLoud && html`<${Icon} name="bell" size=${15} />`}${doing(session)}</p>
    ${whatToDo(session) && html`<p class="note">${whatToDo(session)}</p>`}
    ${alerts.map((each) => html`<p class="live-alert" key=${each.fingerprint}><${Icon} name="warn" size=${14} /><a href="/alerts">${each.annotations.summary || each.alert}</a></p>`)}
    ${session.running_calls.slice(0, 4).map((/** @type {any} */ call) => html`<p class="live-line" key=${call.call_id}><span>${call.tool}${kindOf(call) && html` <small class="note">${kindOf(call)}</small>`}${call.agent_id ? html` <small class="note">of a subagent</small>` : ""}</span><time>${ticking((now - Date.parse(call.started)) / 1000 - call.asleep_s)}</time></p>`)}
    ${session.subagents.slice(0, 4).map((/** @type {any} */ each) => html`<p class="live-line" key=${each.agent_id}><span>↳ ${each.agent_name || "subagent"}</span><time>${ticking((now - Date.parse(each.started)) / 1000 - each.asleep_s)}</time></p>`)}
    ${session.background_tasks.slice(0, 3).map((/** @type {any} */ each) => html`<p class="live-line" key=${each.task_id}><span>⋯ ${[each.task_type, each.task_name].filter(Boolean).join(" ")}</span><time>${ticking((now - Date.parse(each.started)) / 1000 - each.asleep_s)}</time></p>`)}
    <p class="note">${[session.agent, session.branch, session.host, plural(session.prompts, "prompt"), session.total_tokens ? `${tokens(session.total_tokens)} tokens` : "", session.cost_usd === null ? "" : money(session.cost_usd)].filter(Boolean).map((each, place) => html`${place > 0 && " · "}<span class="whole">${each}</span>`)}</p>
    ${events.length > 0 && html`<ol class="strip" aria-label="Last events">${events.map((each) => html`<li key=${each.at + each.words}><time>${clockSeconds(each.at)}</time> ${each.words}</li>`)}</ol>`}
  </article>`;
}

/**
 * Hook: the last events of each session, as this page saw them happen.
 * @param {any[]} sessions
 * @returns {Map<string, {at: number, words: string}[]>}
 */
function useEvents(sessions) {
  const kept = useRef(/** @type {Map<string, {at: number, words: string}[]>} */ (new Map()));
  const before = useRef(/** @type {Map<string, any>} */ (new Map()));
  return useMemo(() => {
    for (const session of sessions) {
      const words = changeOf(before.current.get(session.session_id), session);
      const strip = kept.current.get(session.session_id) ?? [];
      if (words && strip[0]?.words !== words) kept.current.set(session.session_id, [{ at: Date.parse(session.last) || Date.now(), words }, ...strip].slice(0, LAST_EVENTS));
    }
    before.current = new Map(sessions.map((each) => [each.session_id, each]));
    for (const id of kept.current.keys()) if (!before.current.has(id)) kept.current.delete(id);
    return new Map(kept.current);
  }, [sessions]);
}

/** What changed, in words. @param {any} old @param {any} session */
function changeOf(old, session) {
  if (!old) return doing(session);
  if (session.prompts > old.prompts) return "a prompt was typed";
  if (session.failures > old.failures) return "a call failed";
  if (session.state !== old.state || session.waiting_for !== old.waiting_for) return doing(session);
  if (session.current_tool !== old.current_tool) return session.current_tool ? `runs ${session.current_tool}` : `${old.current_tool} ended`;
  return session.subagents.length !== old.subagents.length ? plural(session.subagents.length, "subagent") : "";
}
