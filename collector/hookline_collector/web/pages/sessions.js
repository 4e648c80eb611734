// Sessions: a list that is searched and filtered. Keys: j and k choose, Enter opens, / searches.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { change, go, useParam } from "../app/address.js";
import { useAnswer } from "../app/api.js";
import { ago, compact, count, duration, moment, money, tokens } from "../app/format.js";
import { isTyping } from "../app/shell.js";
import { useAgent } from "../parts/agent_choice.js";
import { Empty } from "../parts/empty.js";
import { Problem } from "../parts/problem.js";
import { projectColour } from "../parts/project_colour.js";
import { endWords } from "../parts/session_words.js";
import { Skeleton } from "../parts/skeleton.js";

const PAGE = 50;
const DAY_MS = 86.4e6;
const STATES = /** @type {[string, string][]} */ ([["", "All"], ["waiting", "Waiting"], ["working", "Working"], ["idle", "Resting"], ["ended", "Over"]]);
const STATE_WORDS = { waiting: "waits", working: "works", idle: "rests", ended: "over" };

/** @param {import("../app/main.js").PageProps} props */
export default function Page({ range }) {
  const [search] = useParam("search");
  const [state] = useParam("state");
  const [project] = useParam("project");
  const agent = useAgent();
  const [offset, setOffset] = useParam("offset", "0");
  const days = Math.max(1, Math.ceil((Date.now() - range.fromMs) / DAY_MS));
  const answer = useAnswer("/api/v1/sessions", { days, search, state, project, agent, limit: PAGE, offset }, { everyMs: 15_000 });
  const sessions = answer.data?.sessions ?? [];
  const chosen = useChosen(sessions);
  const box = useSearchKey();
  const from = Number(offset);
  return html`<div class="sessions-page">
    <div class="session-filters" role="search">
      <input type="search" ref=${box} value=${search} placeholder="Search id, project, branch, model, machine   /" aria-label="Search sessions" spellcheck=${false} autocomplete="off"
        onInput=${(/** @type {any} */ event) => change({ search: event.target.value, offset: null }, { replace: true })} />
      <div class="state-choices" role="group" aria-label="State">${STATES.map(([value, label]) => html`<button key=${value} type="button" class="quiet" aria-pressed=${state === value}
        onClick=${() => change({ state: value, offset: null }, { replace: true })}>${label}</button>`)}</div>
      ${project && html`<button type="button" class="quiet filter-chip" onClick=${() => change({ project: null, offset: null })}><i class="swatch" style=${{ background: projectColour(project) }}></i>${project} ×<span class="unseen"> take the filter away</span></button>`}
      <span class="note keys"><kbd>j</kbd> <kbd>k</kbd> choose · <kbd>Enter</kbd> open</span>
    </div>
    ${answer.problem && html`<${Problem} problem=${answer.problem} again=${answer.again} />`}
    ${!answer.data ? !answer.problem && html`<section class="card body-only"><${Skeleton} lines=${8} /></section>`
      : sessions.length === 0 ? html`<${Empty} title=${search || state || project || agent ? "No session is like that" : "No session in this time"}>
          <p>${search || state || project || agent ? "Take a filter away, or choose a longer range at the top." : "Choose a longer range at the top."}</p><//>`
      : html`<section class="card scroll-x"><table class="plain session-rows" aria-label="Sessions">
          <thead><tr><th>Session</th><th>State</th><th class="roomy">Last heard</th><th class="n roomy">Lasted</th><th class="n">Prompts</th><th class="n roomy">Calls</th><th class="n roomy">Tokens</th><th class="n">Cost</th></tr></thead>
          <tbody>${sessions.map((/** @type {any} */ each, /** @type {number} */ place) => html`<tr key=${each.session_id} class=${place === chosen ? "chosen" : ""} aria-current=${place === chosen ? "true" : null}
              onClick=${(/** @type {MouseEvent} */ event) => event.target instanceof Element && !event.target.closest("a") && go(where(each))}>
            <td><a href=${where(each)}><i class="swatch" style=${{ background: projectColour(each.project) }}></i><b>${each.project || "no project"}</b></a>
              <span class="note clip">${[each.branch, each.agent, each.session_id.slice(0, 8), each.model].filter(Boolean).join(" · ")}</span></td>
            <td><span class=${`state-pill ${each.state}`}>${STATE_WORDS[/** @type {"idle"} */ (each.state)] ?? each.state}</span><span class="note roomy">${each.state === "ended" ? endWords(each) : ""}</span></td>
            <td class="roomy" title=${moment(each.last)}>${ago(each.last)}</td><td class="n roomy">${duration(each.duration_s)}</td><td class="n">${count(each.prompts)}</td>
            <td class="n roomy">${compact(each.tool_calls)}${each.failures > 0 && html`<small class="failed">${count(each.failures)} failed</small>`}</td>
            <td class="n roomy" title=${count(each.total_tokens)}>${tokens(each.total_tokens)}</td><td class="n">${money(each.cost_usd)}</td></tr>`)}</tbody></table></section>`}
    ${(from > 0 || answer.data?.has_more_sessions) && html`<nav class="session-pager" aria-label="More sessions">
      <button type="button" class="quiet" disabled=${from === 0} onClick=${() => setOffset(String(Math.max(0, from - PAGE)))}>Newer</button>
      <span class="note">${count(from + 1)} – ${count(from + sessions.length)}</span>
      <button type="button" class="quiet" disabled=${!answer.data?.has_more_sessions} onClick=${() => setOffset(String(from + PAGE))}>Older</button></nav>`}
  </div>`;
}

/** @param {any} session */
function where(session) {
  return `/sessions/${encodeURIComponent(session.session_id)}`;
}

/** Hook: which row the keys chose. @param {any[]} sessions */
function useChosen(sessions) {
  const [chosen, setChosen] = useState(-1);
  const at = useRef(-1); // a key may come before the next frame
  const there = useRef(sessions);
  there.current = sessions;
  useEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      if (event.key === "j" || event.key === "k") {
        const next = Math.min(there.current.length - 1, Math.max(0, at.current + (event.key === "j" ? 1 : -1)));
        at.current = next;
        setChosen(next);
        document.querySelectorAll(".session-rows tbody tr")[next]?.scrollIntoView({ block: "nearest" });
      } else if (event.key === "Enter" && there.current[at.current] && !(event.target instanceof Element && event.target.closest("a, button"))) go(where(there.current[at.current]));
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return chosen;
}

/** Hook: the key / goes to the search field. */
function useSearchKey() {
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "/" || isTyping(event)) return;
      event.preventDefault();
      box.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return box;
}
