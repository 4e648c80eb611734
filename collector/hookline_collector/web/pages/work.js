// Work time: a week as a calendar, the time sheet beside it, corrections drawn over what was measured, and exports.

import { html, useMemo, useState } from "../vendor/preact.js";
import { href, hrefKeeping, useParam } from "../app/address.js";
import { send, useAnswer } from "../app/api.js";
import { clock, count, day, duration, hours, hoursBetween, money, moment, plural, tokens, zone } from "../app/format.js";
import { useNow } from "../app/live.js";
import { dayName, weekDay } from "../app/period.js";
import { useAgent } from "../parts/agent_choice.js";
import { intervalsOf } from "../parts/band_geometry.js";
import { Heat, Week, keyOf, people } from "../parts/calendar.js";
import { KnownBy } from "../parts/known_by.js";
import { Problem } from "../parts/problem.js";
import { projectColour } from "../parts/project_colour.js";
import { Skeleton } from "../parts/skeleton.js";

const ROUNDS = /** @type {[string, string][]} */ ([["0", "to the second"], ["360", "up to 6 m"], ["900", "up to 15 m"], ["1800", "up to 30 m"]]);
const MOST_SESSIONS = 6;
const WRITER = "hookline-writer";
const MOST_PROMPTS = 12;
const MOST_PEOPLE = 12;
/** Of more stretches everybody's come added up, in columns of five minutes. */
const DRAWN = { limit: 20000, columns: 2016 };
const KIND_WORDS = { project: "belongs to", no_work: "was no work", add: "was work for" };

/** @param {import("../app/main.js").PageProps} props */
export default function Page({ range, setRange }) {
  const now = useNow(15_000);
  const monday = weekDay(range.from === "now/w" ? now : range.fromMs);
  const agent = useAgent();
  const [user, setUser] = useParam("user");
  const asked = { period: `${dayName(monday)}..${dayName(weekDay(monday, 6))}`, timezone: zone(), agent, user };
  const [round, setRound] = useParam("round", "0", { replace: true });
  const [chosen, setChosen] = useParam("block", "");
  const report = useAnswer("/api/v1/reports/calendar", { ...asked, round_s: round }, { everyMs: 30_000 });
  const bands = useAnswer("/api/v1/bands", { ...asked, ...DRAWN, without_blocks: "true" }, { everyMs: 60_000 });
  const month = useAnswer("/api/v1/reports/work", { period: `${dayName(weekDay(monday, -35))}..${dayName(weekDay(monday, 6))}`, timezone: zone(), by: "day", agent, user, without_blocks: "true" });
  const data = report.data;
  const isCorrected = data && data.corrections.length > 0;
  const blocks = useMemo(() => (data ? (isCorrected ? data.corrected_blocks : data.blocks) : []), [data]);
  const many = blocks.reduce((/** @type {number} */ so, /** @type {any} */ each) => so + each.merged_blocks, 0);
  const intervals = useMemo(() => intervalsOf(bands.data?.stretches ?? [], now), [bands.data, now]);
  const sums = useMemo(() => new Map((month.data?.rows ?? []).map((/** @type {any} */ each) => [each.key, each.corrected_s ?? 0])), [month.data]);
  const block = blocks.find((/** @type {any} */ each) => keyOf(each) === chosen || each.started === chosen);
  const goTo = (/** @type {number} */ at) => (at === weekDay(Date.now()) ? setRange("now/w", "now") : setRange(at, weekDay(at, 7)));
  const again = () => {
    report.again();
    month.again();
    bands.again();
  };
  return html`<div class="work-page">
    <div class="work-head"><button type="button" class="quiet only-icon" aria-label="The week before" onClick=${() => goTo(weekDay(monday, -7))}>‹</button>
      <h2>${day(monday)} – ${day(weekDay(monday, 6))}</h2><button type="button" class="quiet only-icon" aria-label="The week after" disabled=${weekDay(monday, 7) > now} onClick=${() => goTo(weekDay(monday, 7))}>›</button>
      <span class="note">${zone()}</span>${user && html`<button type="button" class="quiet" onClick=${() => setUser(null)}>only ${user} ✕<span class="unseen">, show everybody</span></button>`}
      <span class="exports"><label>Round blocks <select value=${round} onChange=${(/** @type {any} */ event) => setRound(event.target.value)}>${ROUNDS.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}</select></label>
        ${[["CSV", "sheet", "csv"], ["iCalendar", "ics", "ics"], ["Timewarrior", "timewarrior", "txt"]].map(([label, format, ending]) => html`<a key=${format} class="export" download=${`hookline-${dayName(monday)}.${ending}`} href=${href("/api/v1/reports/work", { ...asked, by: "project", round_s: round, format })}>${label}</a>`)}
        <button type="button" class="quiet" onClick=${() => print()}>Print</button></span></div>
    ${report.problem && html`<${Problem} problem=${report.problem} again=${report.again} />`}
    <div class="work-columns">
      <section class="card calendar-card">${data ? html`<${Week} blocks=${blocks} measured=${isCorrected ? data.blocks : []} intervals=${intervals} isAddedUp=${bands.data?.column_s > 0} sums=${sums} monday=${monday} now=${now} chosen=${block ? keyOf(block) : ""} choose=${setChosen} />` : html`<div class="body"><${Skeleton} height=${420} /></div>`}
        <p class="band-key"><span><i class="swatch you"></i>you, estimated</span><span><i class="swatch agent"></i>agents</span>${isCorrected && html`<span><i class="swatch was"></i>as measured</span><span>✎ corrected by hand</span>`}</p>
        ${many > blocks.length && html`<p class="body note">${count(many)} blocks are too many to draw one by one: those of a project that lie on or next to one another are drawn as one, which says of how many people it is. A click names them.</p>`}</section>
      <div class="people-column">
        ${block && block.merged_blocks > 1 && html`<${PeopleCard} block=${block} agent=${agent} close=${() => setChosen(null)} />`}
        ${block && block.merged_blocks === 1 && html`<${BlockCard} block=${block} agent=${agent} projects=${[...new Set((data?.rows ?? []).map((/** @type {any} */ each) => each.project))]} done=${again} close=${() => setChosen(null)} />`}
        <${Sheet} data=${data} monday=${monday} round=${Number(round)} />
        <${Corrections} data=${data} monday=${monday} done=${again} />
        <section class="card heat-card" aria-label="Six weeks"><header><h2>Six weeks</h2></header><div class="body">${month.data ? html`<${Heat} days=${month.data.rows.map((/** @type {any} */ each) => ({ key: each.key, seconds: each.corrected_s ?? 0 }))} shown=${[monday, weekDay(monday, 7)]} go=${goTo} />` : html`<${Skeleton} lines=${5} />`}</div></section>
      </div>
    </div></div>`;
}

/** The time sheet by project and day. @param {{data: any, monday: number, round: number}} props */
function Sheet({ data, monday, round }) {
  if (!data) return html`<section class="card"><header><h2>Time sheet</h2></header><div class="body"><${Skeleton} /></div></section>`;
  const names = Array.from({ length: 7 }, (_, place) => dayName(weekDay(monday, place)));
  const rows = /** @type {{day: string, project: string, rounded_s: number}[]} */ (data.rows);
  const projects = [...new Set(rows.map((each) => each.project))].sort();
  const sum = (/** @type {(row: any) => boolean} */ isIn) => rows.filter(isIn).reduce((so, each) => so + each.rounded_s, 0);
  const cell = (/** @type {number} */ seconds) => (seconds > 0 ? hours(seconds) : html`<span class="zero">·</span>`);
  const totals = data.totals;
  const isOther = totals.corrected_s !== null && totals.corrected_s !== totals.worked_s;
  return html`<section class="card sheet" aria-label="Time sheet"><header><h2>Time sheet</h2><${KnownBy}>Blocks of each project, ${round ? "each rounded up, " : ""}added up by day. Projects side by side count in each of them, a pause between two projects in none; the week's own length counts all of it once.<//></header>
    ${rows.length === 0 ? html`<p class="body note">No work was recorded in this week.</p>` : html`<div class="scroll-x" tabindex="0" role="group" aria-label="Rows"><table class="plain tight"><thead><tr><th>Project</th>${names.map((name, place) => html`<th key=${name} class="n">${"MTWTFSS"[place]}</th>`)}<th class="n">Sum</th></tr></thead>
      <tbody>${projects.map((project) => html`<tr key=${project}><td class="clip" title=${project}><i class="swatch" style=${{ background: projectColour(project) }}></i>${project || "no project"}</td>
          ${names.map((name) => html`<td key=${name} class="n">${cell(sum((each) => each.day === name && each.project === project))}</td>`)}<td class="n"><b>${hours(sum((each) => each.project === project))}</b></td></tr>`)}
        <tr class="sum"><td>All</td>${names.map((name) => html`<td key=${name} class="n">${cell(sum((each) => each.day === name))}</td>`)}<td class="n"><b>${hours(sum(() => true))}</b></td></tr></tbody></table></div>`}
    <p class="body note">The week, side by side counted once: <b>${hours(totals.corrected_s)}</b>${isOther && html` corrected by hand, measured <b>${hours(totals.worked_s)}</b>`}. Agents ${hours(totals.agent_s)}, you ${hoursBetween(totals.human_s, totals.human_at_most_s)} (estimated), cost ${money(totals.cost_usd)}.</p></section>`;
}

/** Who says so, where it was somebody else than whose work it is; kept in this browser. @returns {string} */
function knownWriter() {
  try {
    return localStorage.getItem(WRITER) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} name */
function keepWriter(name) {
  try {
    localStorage.setItem(WRITER, name);
  } catch {
    // Storage may be forbidden; then it is asked for again.
  }
}

/** Who worked in blocks that are drawn as one: a person's own are looked at one by one. @param {{block: any, agent: string, close: () => void}} props */
function PeopleCard({ block, agent, close }) {
  const project = block.projects[0] ?? "";
  const { data, problem } = useAnswer("/api/v1/reports/work", { period: block.day, timezone: zone(), by: "user", project, agent, without_blocks: "true" });
  const rows = /** @type {any[]} */ (data?.rows ?? []);
  return html`<section class="card block-card" aria-label="The chosen blocks"><header><i class="swatch" style=${{ background: projectColour(project) }}></i><h2>${project || "no project"}</h2>
      <button type="button" class="bare more-link" onClick=${close}>close</button></header>
    <div class="body"><p><b>${hours(block.duration_s)}</b> · ${day(block.started)} ${clock(block.started)} – ${clock(block.ended)} · ${plural(block.merged_blocks, "block")} of ${people(block)}</p>
      <p class="note">${block.human_s === null ? "" : `people ${hours(block.human_s)}, agents ${hours(block.agent_s)}, added up; `}who worked ${project ? "at the project " : ""}on this day:</p>
      <${Problem} problem=${problem} />${!data && !problem && html`<${Skeleton} lines=${4} />`}
      ${rows.length > 0 && html`<table class="plain tight"><thead><tr><th>Person</th><th class="n">Worked</th><th class="n">Agents</th><th class="n">Prompts</th></tr></thead>
        <tbody>${rows.slice(0, MOST_PEOPLE).map((each) => html`<tr key=${each.key}><td class="clip"><a href=${hrefKeeping("/work", { user: each.key })}>${each.key || "somebody"}</a></td>
          <td class="n">${hours(each.corrected_s)}</td><td class="n">${hours(each.agent_s)}</td><td class="n">${count(each.prompts)}</td></tr>`)}</tbody></table>`}
      ${rows.length > MOST_PEOPLE && html`<p class="note">and ${count(rows.length - MOST_PEOPLE)} more, who worked less</p>`}</div></section>`;
}

/** What is behind a block, and what can be said of it. @param {{block: any, agent: string, projects: string[], done: () => void, close: () => void}} props */
function BlockCard({ block, agent, projects, done, close }) {
  const [project, setProject] = useState("");
  const [comment, setComment] = useState("");
  const [writer, setWriter] = useState(() => knownWriter() || block.user);
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const say = async (/** @type {Record<string, string>} */ what) => {
    try {
      await send("POST", "/api/v1/corrections", { ...what, user: block.user, start: block.started, end: block.ended, from_project: block.projects.length === 1 ? block.projects[0] : "", comment, created_by: writer.trim() });
      if (writer.trim() !== block.user) keepWriter(writer.trim());
      setProblem(null);
      done();
      close();
    } catch (why) {
      setProblem(why);
    }
  };
  return html`<section class="card block-card" aria-label="The chosen block"><header><i class="swatch" style=${{ background: projectColour(block.projects[0] ?? "") }}></i><h2>${block.projects.join(", ") || "no project"}</h2>
      <button type="button" class="bare more-link" onClick=${close}>close</button></header>
    <div class="body"><p><b>${hours(block.duration_s)}</b> · ${day(block.started)} ${clock(block.started)} – ${clock(block.ended)} · ${block.user || "somebody"}</p>
      <${Behind} key=${keyOf(block)} block=${block} agent=${agent} />
      <form class="correct" onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        if (project.trim()) void say({ correction_kind: "project", project: project.trim() });
      }}>
        <label>This belongs to<input list="known-projects" value=${project} placeholder="another project" onInput=${(/** @type {any} */ event) => setProject(event.target.value)} /></label>
        <datalist id="known-projects">${projects.filter(Boolean).map((each) => html`<option key=${each} value=${each}></option>`)}</datalist>
        <label>Note<input value=${comment} placeholder="why, for later" onInput=${(/** @type {any} */ event) => setComment(event.target.value)} /></label>
        <label>Said by<input value=${writer} autocomplete="username" maxlength="100" onInput=${(/** @type {any} */ event) => setWriter(event.target.value)} /></label>
        <p class="buttons"><button type="submit" disabled=${!project.trim()}>Move it</button><button type="button" class="quiet" onClick=${() => say({ correction_kind: "no_work" })}>This was no work</button></p>
        <p class="note">What was measured stays; the correction is drawn over it and can be taken back.</p>
      </form><${Problem} problem=${problem} /></div></section>`;
}

/** What a block names: asked for when it is chosen, as the names of a week are many. @param {{block: any, agent: string}} props */
function Behind({ block, agent }) {
  const { data, problem } = useAnswer("/api/v1/reports/work", { period: block.day, timezone: zone(), by: "project", user: block.user, agent });
  const isIt = (/** @type {any} */ each) => keyOf(each) === keyOf(block);
  const found = data?.corrected_blocks.find(isIt) ?? data?.blocks.find(isIt);
  const clocks = block.human_s === null ? "only a piece of what was measured" : `you ${hours(block.human_s)}, agents ${hours(block.agent_s)}`;
  if (!found) return html`<p class="note">${clocks}</p><${Problem} problem=${problem} />${!data && !problem && html`<${Skeleton} lines=${2} />`}`;
  return html`<p class="note">${clocks} · ${plural(found.prompt_ids_total, "prompt")}${found.branches.length ? ` · ${found.branches.join(", ")}` : ""}</p>
    ${found.session_ids.slice(0, MOST_SESSIONS).map((/** @type {string} */ each) => html`<${BlockPrompts} key=${each} sessionId=${each} ids=${found.prompt_ids} />`)}
    <ul class="link-list">${found.session_ids.slice(MOST_SESSIONS).map((/** @type {string} */ each) => html`<li key=${each}><a href=${`/sessions/${encodeURIComponent(each)}`}>session ${each.slice(0, 12)}</a></li>`)}
      ${found.revisions.map((/** @type {string} */ each) => html`<li key=${each} class="note">commit <code>${each.slice(0, 8)}</code></li>`)}</ul>`;
}

/** The prompts of a block in one of its sessions. @param {{sessionId: string, ids: string[]}} props */
function BlockPrompts({ sessionId, ids }) {
  const { data, problem } = useAnswer(`/api/v1/sessions/${encodeURIComponent(sessionId)}`);
  const turns = (data?.turns ?? []).filter((/** @type {any} */ each) => ids.includes(each.prompt_id));
  return html`<div class="block-session"><a href=${`/sessions/${encodeURIComponent(sessionId)}`}>session ${sessionId.slice(0, 12)}</a>
    ${!data && !problem && html`<${Skeleton} lines=${1} />`}
    ${turns.length > 0 && html`<table class="plain tight"><thead><tr><th>Prompt at</th><th class="n">Took</th><th class="n">Tokens</th><th class="n">Cost</th></tr></thead>
      <tbody>${turns.slice(0, MOST_PROMPTS).map((/** @type {any} */ each) => html`<tr key=${each.prompt_id}><td>${clock(each.started)}</td><td class="n">${duration(each.duration_s)}</td>
        <td class="n" title=${count(each.total_tokens)}>${tokens(each.total_tokens)}</td><td class="n">${money(each.cost_usd)}</td></tr>`)}</tbody></table>`}
    ${turns.length > MOST_PROMPTS && html`<p class="note">${turns.length - MOST_PROMPTS} more in the session</p>`}</div>`;
}

/** What was said by hand in the week; and adding what nothing measured. @param {{data: any, monday: number, done: () => void}} props */
function Corrections({ data, monday, done }) {
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const given = data?.corrections ?? [];
  const user = data?.blocks[0]?.user ?? "";
  const act = async (/** @type {Promise<any>} */ doing) => {
    try {
      await doing;
      setProblem(null);
      setOpen(false);
      done();
    } catch (why) {
      setProblem(why);
    }
  };
  const add = (/** @type {any} */ event) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const at = (/** @type {string} */ name) => new Date(`${fields.get("day")}T${fields.get(name)}`).toISOString();
    const writer = String(fields.get("writer")).trim();
    if (writer !== fields.get("user")) keepWriter(writer);
    void act(send("POST", "/api/v1/corrections", { correction_kind: "add", created_by: writer, user: fields.get("user"), project: fields.get("project"), comment: fields.get("comment"), start: at("from"), end: at("to") }));
  };
  return html`<section class=${given.length ? "card corrections" : "card corrections none"} aria-label="Corrections"><header><h2>Corrections</h2><span class="note">${given.length ? count(given.length) : ""}</span><button type="button" class="bare more-link" aria-expanded=${open} onClick=${() => setOpen(!open)}>${open ? "close" : "Add work"}</button></header>
    <div class="body">${open && html`<form class="correct" onSubmit=${add}>
        <label>Day<input type="date" name="day" required value=${dayName(Math.min(Date.now(), weekDay(monday, 6)))} /></label>
        <label>From<input type="time" name="from" required value="09:00" /></label><label>To<input type="time" name="to" required value="10:00" /></label>
        <label>Project<input name="project" required list="known-projects" /></label><label>Person<input name="user" value=${user} /></label><label>Note<input name="comment" placeholder="such as: a meeting" /></label><label>Said by<input name="writer" value=${knownWriter() || user} autocomplete="username" maxlength="100" /></label>
        <p class="buttons"><button type="submit">Add</button></p></form>`}
      <${Problem} problem=${problem} />
      ${given.length === 0 ? html`<p class="note">None in this week. Choose a block to say that it belongs elsewhere or was no work.</p>` : html`<ul class="said">${given.map((/** @type {any} */ correction) => html`<li key=${correction.correction_id}>
        <span><b>${moment(correction.start)} – ${clock(correction.end)}</b> ${correction.from_project ? `${correction.from_project} ` : ""}${KIND_WORDS[/** @type {"add"} */ (correction.correction_kind)]} ${correction.project}
        <small class="note">${[correction.comment, correction.created_by, moment(correction.created)].filter(Boolean).join(" · ")}</small></span>
        <button type="button" class="bare" onClick=${() => act(send("DELETE", `/api/v1/corrections/${encodeURIComponent(correction.correction_id)}`))}>take back</button></li>`)}</ul>`}</div></section>`;
}
