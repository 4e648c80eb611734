// A week as calendar columns: blocks in their project's colour, with what you and what agents did side by side in each; and a month as a heat map.

import { html, useEffect, useMemo, useRef } from "../vendor/preact.js";
import { clock, count, day, hours, plural } from "../app/format.js";
import { dayName, weekDay } from "../app/period.js";
import { lanesOf } from "./band_geometry.js";
import { projectColour } from "./project_colour.js";

const HOUR = 3.6e6;
const ROW = 44;
/** What one pixel of the height stands for, in ms: what is nearer together is one mark. */
const PIXEL = HOUR / ROW;

/**
 * @typedef {object} Placed
 * @property {number} from in ms
 * @property {number} to
 * @property {any} block
 */

/**
 * @param {{blocks: any[], measured: any[], intervals: import("./band_geometry.js").Interval[], isAddedUp: boolean, sums: Map<string, number>, monday: number, now: number, chosen: string, choose: (key: string) => void}} props
 * isAddedUp: intervals are of everybody, and say nothing of the blocks of one person among several; sums are the days' lengths, what runs side by side counted once; blocks are as they count; measured, where they differ, are drawn beneath in outline
 */
export function Week({ blocks, measured, intervals, isAddedUp, sums, monday, now, chosen, choose }) {
  const days = useMemo(() => Array.from({ length: 7 }, (_, place) => ({ from: weekDay(monday, place), to: weekDay(monday, place + 1) })), [monday]);
  const [first, last] = useMemo(() => hoursOf([...blocks, ...measured]), [blocks, measured]);
  const height = (last - first) * ROW;
  const strips = useMemo(() => stripsOf(intervals), [intervals]);
  const isOfOne = useMemo(() => blocks.every((each) => each.people === 1 && each.user === blocks[0].user), [blocks]);
  const isUnknown = isAddedUp && !isOfOne;
  const whole = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    const [today, box] = [whole.current?.querySelector(".today-column"), whole.current?.parentElement];
    if (today && box) box.scrollLeft += Math.max(0, today.getBoundingClientRect().right - box.getBoundingClientRect().right + 12); // on a phone a week is wider than the screen
  }, [monday]);
  return html`<div class="week" role="group" aria-label="The week" ref=${whole}>
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
            strips=${strips} isOfOne=${isOfOne} isUnknown=${isUnknown} isChosen=${chosen === keyOf(thing.block)} choose=${() => choose(keyOf(thing.block))} />`)}
          ${isToday && html`<i class="week-now" style=${{ top: `${y(now)}px` }}></i>`}
        </div></section>`;
    })}
  </div>`;
}

/** @param {{placed: Placed, y: (at: number) => number, lane: number, lanes: number, strips: Map<string, Run[]>, isOfOne: boolean, isUnknown: boolean, isChosen: boolean, choose: () => void}} props */
function BlockBox({ placed, y, lane, lanes, strips, isOfOne, isUnknown, isChosen, choose }) {
  const { block, from, to } = placed;
  const [top, bottom] = [y(from), y(to)];
  const height = Math.max(7, bottom - top - 1);
  const project = block.projects[0] ?? "";
  const isOne = block.merged_blocks === 1;
  const found = (/** @type {string} */ kind) => {
    if (isOne && isUnknown) return [];
    return strips.get(isOne && !isOfOne ? keyOfStrip(kind, project, block.user) : keyOfStrip(kind, project)) ?? [];
  };
  const strip = (/** @type {string} */ kind) => cut(found(kind), from, to).map((each) => html`<i key=${each.from} style=${{ top: `${y(each.from) - top}px`, height: `${Math.max(1, y(each.to) - y(each.from))}px` }}></i>`);
  const more = `${clock(from)} to ${clock(to)}${isOne ? "" : `, ${plural(block.merged_blocks, "block")} of ${people(block)}`}${block.correction_ids.length ? ", corrected by hand" : ""}`;
  const [name, length] = [project || "no project", hours(block.duration_s)];
  return html`<button type="button" class=${`work-block${isChosen ? " chosen" : ""}${block.correction_ids.length ? " corrected" : ""}`} aria-pressed=${isChosen} title=${`${name}, ${length}, ${more}`} onClick=${choose}
    style=${{ top: `${top}px`, height: `${height}px`, left: `${(lane / lanes) * 100}%`, width: `calc(${100 / lanes}% - 2px)`, "--project": projectColour(project) }}>
    <span class="block-strips" aria-hidden="true"><span class="you">${strip("human")}</span><span class="agent">${strip("agent")}</span></span>
    ${height > 13 && html`<span class="block-words"><b>${name}</b>${height > 34 && html` <small>${length}${!isOne && `, ${people(block)}`}</small>`}</span>`}
    <span class="unseen"> ${height > 34 ? more : height > 13 ? `${length}, ${more}` : `${name}, ${length}, ${more}`}</span>
  </button>`;
}

/** Whose a block is, where it is several people's. @param {any} block */
export function people(block) {
  return block.people === 1 ? "1 person" : `${count(block.people)} people`;
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

/** @typedef {{from: number, to: number}} Run */

/** What names a strip: one person's, or with no user everybody's. @param {string} kind @param {string} project @param {string} [user] */
function keyOfStrip(kind, project, user) {
  return [kind, project, ...(user === undefined ? [] : [user])].join("\0");
}

/**
 * What people and agents did, by kind and project, of each person and of everybody; neighbours less than a pixel apart are one, in the order of time. Made once: a block looks up its piece.
 * @param {import("./band_geometry.js").Interval[]} intervals
 * @returns {Map<string, Run[]>}
 */
export function stripsOf(intervals) {
  /** @type {Map<string, Run[]>} */
  const found = new Map();
  for (const each of [...intervals].sort((one, other) => one.from - other.from)) {
    for (const key of [keyOfStrip(each.of.kind, each.of.project, each.of.user), keyOfStrip(each.of.kind, each.of.project)]) {
      const runs = found.get(key);
      const last = runs?.[runs.length - 1];
      if (!runs) found.set(key, [{ from: each.from, to: each.to }]);
      else if (last && each.from - last.to < PIXEL) last.to = Math.max(last.to, each.to);
      else runs.push({ from: each.from, to: each.to });
    }
  }
  return found;
}

/** The runs that lie in a span, cut to it. @param {Run[]} runs in order @param {number} from @param {number} to @returns {Run[]} */
function cut(runs, from, to) {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle].to <= from) low = middle + 1;
    else high = middle;
  }
  const there = [];
  for (let place = low; place < runs.length && runs[place].from < to; place += 1) there.push({ from: Math.max(from, runs[place].from), to: Math.min(to, runs[place].to) });
  return there;
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
    <thead><tr><th><span class="unseen">Week</span></th>${["M", "T", "W", "T", "F", "S", "S"].map((letter, place) => html`<th key=${place}>${letter}</th>`)}</tr></thead>
    <tbody>${mondays.map((monday) => html`<tr key=${monday} class=${monday === shown[0] ? "this" : ""}><th><button type="button" class="bare" onClick=${() => go(monday)}>${day(monday).split(" ").slice(1).join(" ")}</button></th>
      ${Array.from({ length: 7 }, (_, place) => {
        const name = dayName(weekDay(monday, place));
        const seconds = byName.get(name) ?? 0;
        return html`<td key=${place} title=${`${name}: ${hours(seconds)}`} style=${{ "--share": seconds / most }} class=${seconds ? "some" : ""}><span>${seconds ? hours(seconds) : ""}</span></td>`;
      })}</tr>`)}</tbody></table>`;
}
