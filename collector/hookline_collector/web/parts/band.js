// The day band: when you worked, when agents did and how many, what waited for you, and in which blocks. Drawn on a canvas from columns of pixels, so
// that many thousand stretches stay smooth; a table behind it says the same to whoever reads it. Hover or arrow keys read exact times, a drag selects a
// range, a click opens.

import { html, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { clock, clockSeconds, day, hours, ticking } from "../app/format.js";
import { colours, useTheme } from "../app/theme.js";
import { at, columnsOf, intervalsOf, rowsOf, runsOf, ticksOf } from "./band_geometry.js";
import { projectColour } from "./project_colour.js";

/** @typedef {import("./band_geometry.js").Interval} Interval */
/**
 * @typedef {object} Bands what `/api/v1/bands` answers
 * @property {import("./band_geometry.js").Stretch[]} stretches
 * @property {{started: string, ended: string, session_ids: string[]}[]} sleeps
 * @property {any[]} blocks
 * @property {any[]} corrected_blocks
 * @property {string} now
 * @property {boolean} has_more_stretches
 * @property {number} column_s how long a column is in which stretches are added up; 0 where they are told one by one
 */

const AXIS = 20;
const YOU = 18;
const WAIT = 14;
const BLOCK = 24;
const GAP = 7;
const MOST_ROWS = 120;
/** A band that ends so little before now is looked at from its end. */
const NEWEST_MS = 60_000;
/** How bands are asked for: more stretches are added up in columns. `first.js` and the collector, which begin them, say the same. */
export const DRAWN = { limit: 5000, columns: 720 };
/** A click on what is added up looks at so many columns. */
const CLOSER = 40;
const FONT_PX = 11.5;
const NEEDED = ["--you", "--waiting", "--prompt", "--line", "--line-strong", "--quiet", "--text", "--card", "--unknown", ...Array.from({ length: 8 }, (_, n) => `--series-${n + 1}`)];
const WORDS = { agent: "agents", human: "you, estimated", waiting: "waiting" };

/**
 * @param {{bands: Bands, from: number, to: number, now: number, onRange?: (from: number, to: number) => void, onOpen?: (what: {block?: any, session?: string}) => void,
 *   tall?: boolean, label?: string, withBlocks?: boolean, withAxis?: boolean}} props
 */
export function Band({ bands, from, to, now, onRange, onOpen, tall = true, label = "", withBlocks = true, withAxis = true }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const frame = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [width, setWidth] = useState(0);
  const [cursor, setCursor] = useState(/** @type {number | null} */ (null));
  const [drag, setDrag] = useState(/** @type {{begin: number, end: number} | null} */ (null));
  const { dark } = useTheme();
  const id = useId();
  const intervals = useMemo(() => intervalsOf(bands.stretches, now), [bands, now]);
  const isAddedUp = bands.column_s > 0;
  const agentsHeight = tall ? 46 : 26;
  const rows = useMemo(() => lanes(withAxis, agentsHeight, withBlocks), [withAxis, agentsHeight, withBlocks]);
  useLayoutEffect(() => {
    const watched = /** @type {HTMLDivElement} */ (frame.current);
    const measure = () => setWidth(watched.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(watched);
    return () => observer.disconnect();
  }, []);
  const xOf = (/** @type {number} */ moment) => ((moment - from) / (to - from)) * width;
  useLayoutEffect(() => {
    const box = frame.current?.parentElement;
    const isNewest = now >= from && now - to < NEWEST_MS;
    if (box && width > box.clientWidth && isNewest) box.scrollLeft = xOf(Math.min(now, to)) - box.clientWidth * 0.9; // on a phone a day is wider than the screen
  }, [width > 0]);
  useLayoutEffect(() => {
    if (canvas.current && width > 0) draw(canvas.current, width, rows, { bands, intervals, from, to, now });
  }, [bands, intervals, from, to, now, width, rows, dark]);
  const momentOf = (/** @type {number} */ x) => from + (Math.min(Math.max(x, 0), width) / width) * (to - from);
  const place = (/** @type {PointerEvent | MouseEvent} */ event) => event.clientX - /** @type {HTMLElement} */ (frame.current).getBoundingClientRect().left;
  const open = (/** @type {number} */ moment, /** @type {boolean} */ onBlocks) => {
    const half = bands.column_s * 500 * CLOSER;
    if (isAddedUp) return onRange?.(Math.round(Math.max(from, moment - half)), Math.round(Math.min(to, moment + half)));
    const found = at(intervals, moment, ((to - from) / width) * 3);
    const first = found.waiting[0] ?? found.agents[0] ?? found.you[0];
    const block = bands.blocks.find((each) => Date.parse(each.started) <= moment && Date.parse(each.ended) >= moment);
    if (onBlocks && block) onOpen?.({ block });
    else if (first) onOpen?.({ session: first.of.session_id, block });
    else if (block) onOpen?.({ block });
  };
  const onUp = (/** @type {PointerEvent} */ event) => {
    const x = place(event);
    const begun = drag;
    setDrag(null);
    if (begun && Math.abs(x - begun.begin) > 5 && onRange) onRange(...ordered(momentOf(begun.begin), momentOf(x)));
    else if (begun) open(momentOf(x), withBlocks && event.offsetY > rows.blocks.top - 3);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -12, PageDown: 12 }[event.key];
    if (step) {
      event.preventDefault();
      const by = (to - from) / 150;
      setCursor(Math.min(to, Math.max(from, (cursor ?? Math.min(now, to)) + step * by)));
    } else if (event.key === "Enter" && cursor !== null) open(cursor, false);
    else if (event.key === "Escape") setCursor(null);
  };
  const read = cursor === null || drag ? null : at(intervals, cursor, isAddedUp ? 0 : ((to - from) / Math.max(1, width)) * 1.5);
  return html`<div class=${tall ? "band" : "band low"}>
    <div class="band-names" aria-hidden="true" style=${{ height: `${rows.height}px` }}>
      <span class="you" style=${{ top: `${rows.you.top}px` }}>you</span><span class="agent" style=${{ top: `${rows.agents.top + rows.agents.height - 17}px` }}>agents</span>
      <span class="waiting" style=${{ top: `${rows.waiting.top - 2}px` }}>waiting</span>${withBlocks && html`<span style=${{ top: `${rows.blocks.top}px` }}>blocks</span>`}
    </div>
    <div class="band-scroll"><div class="band-frame" ref=${frame} tabindex="0" role="img" aria-label=${label || "The day as a band"} aria-describedby=${id}
      style=${{ height: `${rows.height}px` }} onKeyDown=${onKey} onBlur=${() => setCursor(null)}
      onPointerMove=${(/** @type {PointerEvent} */ event) => {
        setCursor(momentOf(place(event)));
        if (drag) setDrag({ ...drag, end: place(event) });
      }}
      onPointerLeave=${() => drag || setCursor(null)}
      onPointerDown=${(/** @type {PointerEvent} */ event) => {
        if (event.button !== 0) return;
        if (event.pointerType !== "touch") /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
        setDrag({ begin: place(event), end: place(event) });
      }}
      onPointerUp=${onUp} onPointerCancel=${() => setDrag(null)}>
      <canvas ref=${canvas}></canvas>
      ${drag && Math.abs(drag.end - drag.begin) > 3 && html`<i class="band-drag" style=${{ left: `${Math.min(drag.begin, drag.end)}px`, width: `${Math.abs(drag.end - drag.begin)}px` }}>
        <b>${ordered(momentOf(drag.begin), momentOf(drag.end)).map(clock).join(" – ")}</b></i>`}
      ${read && cursor !== null && html`<i class="band-line" style=${{ left: `${xOf(cursor)}px` }}></i>
        <div class="band-tip" role="status" style=${xOf(cursor) > width * 0.6 ? { right: `${width - xOf(cursor) + 10}px` } : { left: `${xOf(cursor) + 10}px` }}><${Tip} at=${cursor} read=${read} bands=${bands} now=${now} /></div>`}
    </div></div>
    <${Told} id=${id} intervals=${intervals} bands=${bands} />
  </div>`;
}

/** What there is at a moment, in words. @param {{at: number, read: ReturnType<typeof at>, bands: Bands, now: number}} props */
function Tip({ at: moment, read, bands, now }) {
  const asleep = bands.sleeps.find((each) => Date.parse(each.started) <= moment && Date.parse(each.ended) >= moment);
  const agents = read.agents.reduce((sum, each) => sum + each.of.agents, 0);
  const isEmpty = !agents && !read.you.length && !read.waiting.length && !asleep;
  return html`<strong>${clockSeconds(moment)}</strong>
    ${agents > 0 && html`<p><i class="swatch agent"></i>${agents === 1 ? "1 agent" : `${agents} agents`}${bands.column_s > 0 && " on average"}<span>${named(read.agents)}</span></p>`}
    ${read.you.length > 0 && html`<p><i class="swatch you"></i>you, estimated<span>${named(read.you)}</span></p>`}
    ${bands.column_s > 0 && read.waiting.length > 0 && html`<p><i class="swatch waiting"></i>waits for somebody<span>${named(read.waiting)}</span></p>`}
    ${bands.column_s === 0 && read.waiting.slice(0, 4).map((each) => html`<p><i class=${`swatch ${each.of.waiting_for === "prompt" ? "prompt" : "waiting"}`}></i>waits for your ${each.of.waiting_for}
      <span>${each.of.project || "no project"} · ${ticking((Math.min(each.to, now) - each.from) / 1000)}</span></p>`)}
    ${asleep && html`<p><i class="swatch asleep"></i>the machine slept<span>${clock(asleep.started)} – ${clock(asleep.ended)}</span></p>`}
    ${isEmpty && html`<p class="note">${moment > now ? "not yet" : "nothing"}</p>`}`;
}

/** @param {Interval[]} found */
function named(found) {
  return [...new Set(found.map((each) => each.of.project || "no project"))].join(", ");
}

/** The same as a table, for readers. @param {{id: string, intervals: Interval[], bands: Bands}} props */
function Told({ id, intervals, bands }) {
  const { rows, left } = useMemo(() => rowsOf(intervals, MOST_ROWS), [intervals]);
  return html`<div class="unseen" id=${id}><table><caption>${rows.length === 0 ? "Nothing was recorded." : "Who worked when, and what waited"}</caption>
    <thead><tr><th>From</th><th>To</th><th>What</th><th>Project</th></tr></thead>
    <tbody>${rows.map((row, place) => html`<tr key=${place}><td>${clockSeconds(row.from)}</td><td>${clockSeconds(row.to)}</td>
      <td>${WORDS[/** @type {"agent"} */ (row.kind)]}${row.kind === "waiting" ? ` for your ${row.waiting_for}` : ""}</td><td>${row.project}</td></tr>`)}
    ${bands.sleeps.map((each) => html`<tr key=${each.started}><td>${clockSeconds(each.started)}</td><td>${clockSeconds(each.ended)}</td><td>the machine slept</td><td></td></tr>`)}
    ${bands.blocks.map((each) => html`<tr key=${each.started + each.user}><td>${clockSeconds(each.started)}</td><td>${clockSeconds(each.ended)}</td><td>block of ${hours(each.duration_s)}</td><td>${each.projects.join(", ")}</td></tr>`)}</tbody></table>
    ${left > 0 && html`<p>${left} more are left out; a shorter range has all.</p>`}</div>`;
}

/** @param {boolean} withAxis @param {number} agents @param {boolean} withBlocks */
function lanes(withAxis, agents, withBlocks) {
  let top = withAxis ? AXIS + 4 : 2;
  const next = (/** @type {number} */ height) => {
    const lane = { top, height };
    top += height + GAP;
    return lane;
  };
  const found = { axis: withAxis ? AXIS : 0, you: next(YOU), agents: next(agents), waiting: next(WAIT), blocks: withBlocks ? next(BLOCK) : { top, height: 0 } };
  return { ...found, height: top };
}

/** @param {number} one @param {number} other @returns {[number, number]} */
function ordered(one, other) {
  return [Math.round(Math.min(one, other)), Math.round(Math.max(one, other))];
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {ReturnType<typeof lanes>} rows
 * @param {{bands: Bands, intervals: Interval[], from: number, to: number, now: number}} shown
 */
function draw(canvas, width, rows, { bands, intervals, from, to, now }) {
  const ratio = Math.min(3, devicePixelRatio || 1);
  const columns = Math.round(width * ratio);
  canvas.width = columns;
  canvas.height = Math.round(rows.height * ratio);
  Object.assign(canvas.style, { width: `${width}px`, height: `${rows.height}px` });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.scale(ratio, ratio);
  const colour = paints();
  const x = (/** @type {number} */ moment) => ((moment - from) / (to - from)) * width;
  pen.font = `${FONT_PX}px ${getComputedStyle(canvas).fontFamily}`;
  drawAxis(pen, colour, rows, width, from, to, x);
  drawSleeps(pen, colour, rows, bands, x);
  const of = (/** @type {string} */ kind) => intervals.filter((each) => each.of.kind === kind);
  const fill = (/** @type {Interval[]} */ found, /** @type {{top: number, height: number}} */ lane, /** @type {string} */ paint, soft = false) => {
    for (const run of runsOf(columnsOf(found, from, to, columns))) {
      const [left, wide] = [run.from / ratio, (run.to - run.from) / ratio];
      pen.fillStyle = soft && wide > 6 ? softened(pen, paint, left, wide) : paint;
      pen.fillRect(left, lane.top, Math.max(wide, 1 / ratio), lane.height);
    }
  };
  fill(of("human"), rows.you, colour("--you"), true);
  drawAgents(pen, colour, rows.agents, of("agent"), from, to, columns, ratio, bands.column_s > 0);
  const waiting = of("waiting");
  fill(waiting.filter((each) => each.of.waiting_for === "prompt"), { top: rows.waiting.top + 5, height: rows.waiting.height - 5 }, colour("--prompt"));
  fill(waiting.filter((each) => each.of.waiting_for !== "prompt"), rows.waiting, colour("--waiting"));
  if (rows.blocks.height) drawBlocks(pen, colour, rows.blocks, bands, x, width);
  if (now > from && now < to) {
    pen.fillStyle = colour("--line-strong");
    pen.fillRect(x(now), rows.axis, 1, rows.height - rows.axis);
  }
}

/** What the band is painted in, by the names of `NEEDED` or as `projectColour` says them. @returns {Colour} */
function paints() {
  const found = colours(NEEDED);
  return (name) => found[name.replace(/^var\((.*)\)$/, "$1")] ?? name;
}

/** @typedef {(name: string) => string} Colour */

/** @param {CanvasRenderingContext2D} pen @param {Colour} colour @param {ReturnType<typeof lanes>} rows @param {number} width @param {number} from @param {number} to @param {(moment: number) => number} x */
function drawAxis(pen, colour, rows, width, from, to, x) {
  const { step, marks } = ticksOf(from, to, Math.max(2, width / 74));
  pen.textBaseline = "middle";
  for (const mark of marks) {
    const place = Math.round(x(mark));
    pen.fillStyle = colour("--line");
    pen.fillRect(place, rows.axis, 1, rows.height - rows.axis);
    if (!rows.axis) continue;
    pen.fillStyle = colour("--quiet");
    const isDay = step >= 86.4e6 || new Date(mark).getHours() + new Date(mark).getMinutes() === 0;
    const words = isDay && to - from > 86.5e6 ? day(mark) : step < 60e3 ? clockSeconds(mark) : clock(mark);
    const wide = pen.measureText(words).width;
    if (place + wide / 2 < width && place - wide / 2 > -2) pen.fillText(words, place - wide / 2, rows.axis / 2);
    else if (place - wide / 2 <= -2 && place > -1) pen.fillText(words, 0, rows.axis / 2);
  }
}

/** @param {CanvasRenderingContext2D} pen @param {Colour} colour @param {ReturnType<typeof lanes>} rows @param {Bands} bands @param {(moment: number) => number} x */
function drawSleeps(pen, colour, rows, bands, x) {
  const [top, bottom] = [rows.you.top, rows.waiting.top + rows.waiting.height];
  for (const each of bands.sleeps) {
    const [left, right] = [x(Date.parse(each.started)), x(Date.parse(each.ended))];
    pen.save();
    pen.beginPath();
    pen.rect(left, top, Math.max(1, right - left), bottom - top);
    pen.clip();
    pen.strokeStyle = colour("--line-strong");
    pen.lineWidth = 1;
    for (let at_ = left - (bottom - top); at_ < right; at_ += 7) {
      pen.beginPath();
      pen.moveTo(at_, bottom);
      pen.lineTo(at_ + (bottom - top), top);
      pen.stroke();
    }
    pen.restore();
    const words = "asleep";
    const wide = pen.measureText(words).width;
    if (right - left > wide + 16) {
      pen.fillStyle = colour("--card");
      pen.fillRect((left + right - wide) / 2 - 5, (top + bottom) / 2 - 9, wide + 10, 18);
      pen.fillStyle = colour("--quiet");
      pen.fillText(words, (left + right - wide) / 2, (top + bottom) / 2);
    }
  }
}

/**
 * How high says how many at once; colour says for which project.
 * @param {CanvasRenderingContext2D} pen @param {Colour} colour @param {{top: number, height: number}} lane @param {Interval[]} agents
 * @param {number} from @param {number} to @param {number} columns @param {number} ratio @param {boolean} isAddedUp
 */
function drawAgents(pen, colour, lane, agents, from, to, columns, ratio, isAddedUp) {
  /** @type {Map<string, Interval[]>} */
  const byProject = new Map();
  for (const each of agents) {
    const there = byProject.get(each.of.project);
    if (there) there.push(each);
    else byProject.set(each.of.project, [each]);
  }
  const layers = [...byProject].map(([project, found]) => ({ paint: colour(projectColour(project)), columns: columnsOf(found, from, to, columns, (each) => each.of.agents, isAddedUp) }));
  const heights = new Float32Array(columns);
  for (const layer of layers) for (let column = 0; column < columns; column += 1) heights[column] += layer.columns[column];
  const most = Math.max(2, heights.reduce((so, each) => Math.max(so, each), 0));
  const unit = Math.min(lane.height / most, lane.height / 2);
  const floor = new Float32Array(columns);
  for (const layer of layers) {
    pen.fillStyle = layer.paint;
    let begin = 0;
    for (let column = 1; column <= columns; column += 1) {
      const isSame = column < columns && layer.columns[column] === layer.columns[begin] && floor[column] === floor[begin];
      if (isSame) continue;
      const count = layer.columns[begin];
      if (count > 0) pen.fillRect(begin / ratio, lane.top + lane.height - (floor[begin] + count) * unit, (column - begin) / ratio, count * unit);
      begin = column;
    }
    for (let column = 0; column < columns; column += 1) floor[column] += layer.columns[column];
  }
}

/** @param {CanvasRenderingContext2D} pen @param {Colour} colour @param {{top: number, height: number}} lane @param {Bands} bands @param {(moment: number) => number} x @param {number} width */
function drawBlocks(pen, colour, lane, bands, x, width) {
  let reach = -Infinity;
  for (const block of bands.blocks) {
    const [left, right] = [Math.max(0, x(Date.parse(block.started))), Math.min(width, x(Date.parse(block.ended)))];
    if (right < 0 || left > width) continue;
    pen.strokeStyle = colour("--quiet");
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(left + 0.5, lane.top);
    pen.lineTo(left + 0.5, lane.top + 5);
    pen.lineTo(Math.max(left + 1.5, right - 0.5), lane.top + 5);
    pen.lineTo(Math.max(left + 1.5, right - 0.5), lane.top);
    pen.stroke();
    const whole = `${hours(block.duration_s)} ${block.projects.join(", ")}`.trim();
    const words = [whole, hours(block.duration_s)].find((each) => pen.measureText(each).width < Math.max(right - left, 0) + 12);
    if (!words) continue;
    const wide = pen.measureText(words).width;
    const begin = Math.min(Math.max((left + right - wide) / 2, 0), width - wide);
    if (begin < reach + 6) continue;
    reach = begin + wide;
    pen.fillStyle = colour("--text");
    pen.fillText(words, begin, lane.top + 15);
  }
  pen.setLineDash([3, 2]);
  pen.strokeStyle = colour("--you");
  for (const block of bands.corrected_blocks.filter((each) => each.correction_ids.length)) {
    const [left, right] = [x(Date.parse(block.started)), x(Date.parse(block.ended))];
    pen.strokeRect(left + 0.5, lane.top + 0.5, Math.max(2, right - left - 1), lane.height - 3);
  }
  pen.setLineDash([]);
}

/** An edge that nobody saw is soft. @param {CanvasRenderingContext2D} pen @param {string} paint @param {number} left @param {number} wide */
function softened(pen, paint, left, wide) {
  const gradient = pen.createLinearGradient(left, 0, left + wide, 0);
  const edge = Math.min(0.35, 8 / wide);
  const clear = paint.replace(/^rgb\((.*)\)$/, "rgba($1, 0.15)");
  gradient.addColorStop(0, clear);
  gradient.addColorStop(edge, paint);
  gradient.addColorStop(1, paint);
  return gradient;
}

/** What the colours of the band mean. @param {{projects: string[]}} props */
export function BandKey({ projects }) {
  return html`<p class="band-key"><span><i class="swatch you"></i>you, estimated</span>
    ${projects.map((project) => html`<span key=${project}><i class="swatch" style=${{ background: projectColour(project) }}></i>${project || "no project"}</span>`)}
    <span><i class="swatch waiting"></i>waits for your permission or answer</span><span><i class="swatch prompt"></i>waits for your prompt</span></p>`;
}
