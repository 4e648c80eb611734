// A week as calendar columns: blocks in their project's colour, with what you and what agents did side by side in each; and a month as a heat map.

import { html, useMemo } from "../vendor/preact.js";
import { clock, day, hours } from "../app/format.js";
import { dayName, weekDay } from "../app/period.js";
import { lanesOf } from "./band_geometry.js";
import { projectColour } from "./project_colour.js";

const HOUR = 3.6e6;
const ROW = 44;

/**
 * @typedef {object} Placed
 * @property {number} from in ms
 * @property {number} to
 * @property {any} block
 */

/**
 * @param {{blocks: any[], measured: any[], intervals: import("./band_geometry.js").Interval[], sums: Map<string, number>, monday: number, now: number, chosen: string, choose: (key: string) => void}} props
 * sums are the days' lengths, what runs side by side counted once; blocks are as they count; measured, where they differ, are drawn beneath in outline
 */
export function Week({ blocks, measured, intervals, sums, monday, now, chosen, choose }) {
  const days = useMemo(() => Array.from({ length: 7 }, (_, place) => ({ from: weekDay(monday, place), to: weekDay(monday, place + 1) })), [monday]);
  const [first, last] = useMemo(() => hoursOf([...blocks, ...measured]), [blocks, measured]);
  const height = (last - first) * ROW;
  return html`<div class="week" role="group" aria-label="The week">
    <div class="week-hours" aria-hidden="true" style=${{ height: `${height + 34}px` }}>${Array.from({ length: last - first }, (_, place) => html`<span key=${place} style=${{ top: `${34 + place * ROW}px` }}>${String(first + place).padStart(2, "0")}:00</span>`)}</div>
    ${days.map((each) => {
      const there = within(blocks, each);
      const isToday = now >= each.from && now < each.to;
      const sum = sums.get(dayName(each.from)) ?? 0;
      const y = (/** @type {number} */ at) => (Math.min(Math.max((at - each.from) / HOUR, first), last) - first) * ROW;
      return html`<section key=${each.from} class=${isToday ? "week-day today-column" : "week-day"} aria-label=${day(each.from)}>
        <header><b>${day(each.from).split(" ")[0]}</b><span>${new Date(each.from).getDate()}</span><span class="n">${sum > 0 ? hours(sum) : ""}</span></header>
        <div class="week-grid" style=${{ height: `${height}px`, backgroundSize: `100% ${ROW}px` }}>
          ${within(measured, each).map((block) => html`<i key=${`m${block.started}${block.projects}`} class="was" style=${{ top: `${y(Date.parse(block.started))}px`, height: `${Math.max(2, y(Date.parse(block.ended)) - y(Date.parse(block.started)))}px` }}></i>`)}
          ${lanesOf(there.map((block) => ({ from: Date.parse(block.started), to: Date.parse(block.ended), block }))).map(({ thing, lane, lanes }) => html`<${BlockBox} key=${keyOf(thing.block)} placed=${thing} y=${y} lane=${lane} lanes=${lanes}
            intervals=${intervals} isChosen=${chosen === keyOf(thing.block)} choose=${() => choose(keyOf(thing.block))} />`)}
          ${isToday && html`<i class="week-now" style=${{ top: `${y(now)}px` }}></i>`}
        </div></section>`;
    })}
  </div>`;
}

/** @param {{placed: Placed, y: (at: number) => number, lane: number, lanes: number, intervals: import("./band_geometry.js").Interval[], isChosen: boolean, choose: () => void}} props */
function BlockBox({ placed, y, lane, lanes, intervals, isChosen, choose }) {
  const { block, from, to } = placed;
  const [top, bottom] = [y(from), y(to)];
  const height = Math.max(7, bottom - top - 1);
  const project = block.projects[0] ?? "";
  const inside = (/** @type {string} */ kind) => merged(intervals.filter((each) => each.of.kind === kind && each.of.project === project && each.of.user === block.user && each.to > from && each.from < to), from, to);
  const strip = (/** @type {string} */ kind) => inside(kind).map((each) => html`<i key=${each.from} style=${{ top: `${y(each.from) - top}px`, height: `${Math.max(1, y(each.to) - y(each.from))}px` }}></i>`);
  const words = `${project || "no project"}, ${clock(from)} to ${clock(to)}, ${hours(block.duration_s)}${block.correction_ids.length ? ", corrected by hand" : ""}`;
  return html`<button type="button" class=${`work-block${isChosen ? " chosen" : ""}${block.correction_ids.length ? " corrected" : ""}`} aria-pressed=${isChosen} aria-label=${words} title=${words} onClick=${choose}
    style=${{ top: `${top}px`, height: `${height}px`, left: `${(lane / lanes) * 100}%`, width: `calc(${100 / lanes}% - 2px)`, "--project": projectColour(project) }}>
    <span class="block-strips" aria-hidden="true"><span class="you">${strip("human")}</span><span class="agent">${strip("agent")}</span></span>
    ${height > 17 && html`<span class="block-words"><b>${project || "no project"}</b>${height > 34 && html`<small>${hours(block.duration_s)}</small>`}</span>`}
  </button>`;
}

/** What names a block. @param {any} block */
export function keyOf(block) {
  return `${block.started} ${block.user} ${block.projects[0] ?? ""}`;
}

/** @param {any[]} blocks @param {{from: number, to: number}} span @returns {any[]} */
function within(blocks, span) {
  return blocks.filter((each) => Date.parse(each.started) < span.to && Date.parse(each.ended) > span.from);
}

/** The hours that hold all blocks, at least nine to five. @param {any[]} blocks @returns {[number, number]} */
function hoursOf(blocks) {
  let [first, last] = [9, 17];
  for (const block of blocks) {
    const [begin, end] = [new Date(block.started), new Date(Date.parse(block.ended) - 1)];
    first = Math.min(first, begin.getHours());
    last = Math.max(last, end.getHours() + 1);
  }
  return [first, last];
}

/** Neighbours within a minute are one; cut to the block. @param {import("./band_geometry.js").Interval[]} found @param {number} from @param {number} to */
function merged(found, from, to) {
  /** @type {{from: number, to: number}[]} */
  const runs = [];
  for (const each of found) {
    const last = runs[runs.length - 1];
    const [begin, end] = [Math.max(from, each.from), Math.min(to, each.to)];
    if (last && begin - last.to < 60_000) last.to = Math.max(last.to, end);
    else runs.push({ from: begin, to: end });
  }
  return runs;
}

/**
 * Weeks of days; the darker, the longer.
 * @param {{days: {key: string, seconds: number}[], shown: [number, number], go: (monday: number) => void}} props
 */
export function Heat({ days, shown, go }) {
  const most = Math.max(4 * 3600, ...days.map((each) => each.seconds));
  const byName = new Map(days.map((each) => [each.key, each.seconds]));
  const mondays = Array.from({ length: 6 }, (_, place) => weekDay(shown[0], (place - 5) * 7)).filter((each) => each <= shown[0]);
  return html`<table class="heat-table"><caption class="unseen">Hours a day of six weeks</caption>
    <thead><tr><th></th>${["M", "T", "W", "T", "F", "S", "S"].map((letter, place) => html`<th key=${place}>${letter}</th>`)}</tr></thead>
    <tbody>${mondays.map((monday) => html`<tr key=${monday} class=${monday === shown[0] ? "this" : ""}><th><button type="button" class="bare" onClick=${() => go(monday)}>${day(monday).split(" ").slice(1).join(" ")}</button></th>
      ${Array.from({ length: 7 }, (_, place) => {
        const name = dayName(weekDay(monday, place));
        const seconds = byName.get(name) ?? 0;
        return html`<td key=${place} title=${`${name}: ${hours(seconds)}`} style=${{ "--share": seconds / most }} class=${seconds ? "some" : ""}><span>${seconds ? hours(seconds) : ""}</span></td>`;
      })}</tr>`)}</tbody></table>`;
}
