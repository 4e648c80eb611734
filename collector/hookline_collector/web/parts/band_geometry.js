// The geometry of the day band: pure, from stretches of time to columns of pixels. Twenty thousand stretches are a few milliseconds.

/**
 * @typedef {object} Stretch what `/api/v1/bands` tells
 * @property {"agent" | "human" | "waiting"} kind
 * @property {string} waiting_for
 * @property {string} user
 * @property {string} project
 * @property {string} branch
 * @property {string} session_id
 * @property {string} prompt_id
 * @property {number} agents
 * @property {string} started
 * @property {string | null} ended null while it goes on
 * @property {string} evidence
 */

/**
 * @typedef {object} Interval a stretch with its moments in ms
 * @property {number} from
 * @property {number} to
 * @property {Stretch} of
 */

/**
 * @typedef {object} Run equal columns side by side
 * @property {number} from the first column
 * @property {number} to the column after the last
 * @property {number} value
 */

/**
 * Stretches with their moments as numbers; what goes on ends now.
 * @param {Stretch[]} stretches
 * @param {number} now
 * @returns {Interval[]}
 */
export function intervalsOf(stretches, now) {
  return stretches.map((of) => ({ from: Date.parse(of.started), to: of.ended === null ? now : Date.parse(of.ended), of }));
}

/**
 * For each column the most that runs in it at once. What is narrower than a column still has one.
 * @param {Interval[]} intervals
 * @param {number} from of the axis, in ms
 * @param {number} to
 * @param {number} width in columns
 * @param {(interval: Interval) => number} [weight]
 * @param {boolean} [isAddedUp] whether they are columns already: where one ends the next begins, and no pixel has both
 * @returns {Float32Array}
 */
export function columnsOf(intervals, from, to, width, weight = () => 1, isAddedUp = false) {
  const [down, up] = isAddedUp ? [Math.round, Math.round] : [Math.floor, Math.ceil];
  const columns = new Float32Array(width);
  const edges = [];
  for (const each of intervals) {
    if (each.to < from || each.from > to) continue;
    const by = weight(each);
    edges.push([each.from, by], [Math.max(each.to, each.from), -by]);
  }
  edges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const scale = width / (to - from);
  let level = 0;
  for (let place = 0; place < edges.length; place += 1) {
    level += edges[place][1];
    if (level <= 0) continue;
    const begin = Math.max(0, down((edges[place][0] - from) * scale));
    const until = place + 1 < edges.length ? edges[place + 1][0] : edges[place][0];
    const end = Math.min(width, Math.max(begin + 1, up((until - from) * scale)));
    for (let column = begin; column < end; column += 1) if (columns[column] < level) columns[column] = level;
  }
  return columns;
}

/**
 * Equal columns as runs; those of nothing are left out.
 * @param {Float32Array} columns
 * @returns {Run[]}
 */
export function runsOf(columns) {
  /** @type {Run[]} */
  const runs = [];
  for (let column = 0; column < columns.length; column += 1) {
    const value = columns[column];
    const last = runs[runs.length - 1];
    if (last && last.to === column && last.value === value) last.to = column + 1;
    else if (value > 0) runs.push({ from: column, to: column + 1, value });
  }
  return runs;
}

/**
 * What there is at a moment.
 * @param {Interval[]} intervals
 * @param {number} at
 * @param {number} [slack] so much beside it counts, for what is narrower than a pixel
 */
export function at(intervals, at, slack = 0) {
  const found = intervals.filter((each) => each.from <= at + slack && each.to >= at - slack);
  return {
    agents: found.filter((each) => each.of.kind === "agent"),
    you: found.filter((each) => each.of.kind === "human"),
    waiting: found.filter((each) => each.of.kind === "waiting"),
  };
}

const HOUR = 3.6e6;
/** @type {number[]} */
const STEPS = [1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 300e3, 600e3, 900e3, 1800e3, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR, 168 * HOUR];

/**
 * Where marks of time stand, at most so many: on full hours, minutes or seconds of the clock that is on the wall here.
 * @param {number} from
 * @param {number} to
 * @param {number} most
 */
export function ticksOf(from, to, most) {
  const step = STEPS.find((each) => (to - from) / each <= most) ?? STEPS[STEPS.length - 1];
  const marks = [];
  const midnight = new Date(from);
  midnight.setHours(0, 0, 0, 0);
  const first = midnight.getTime();
  for (let mark = first + Math.ceil((from - first) / step) * step; mark <= to; mark += step) marks.push(mark);
  return { step, marks };
}

/**
 * The part of the axis that has something on it, in whole hours, so that a day is not half empty; never less than `least` hours.
 * @param {{from: number, to: number}[]} spans
 * @param {number} from
 * @param {number} to
 * @param {number} now
 * @param {number} [least]
 * @returns {[number, number]}
 */
export function filled(spans, from, to, now, least = 8) {
  const there = spans.filter((each) => each.to > from && each.from < to);
  const isToday = now > from && now < to;
  if (there.length === 0) return isToday ? fitted(now - (least / 2) * HOUR, now + (least / 2) * HOUR, from, to) : [from, to];
  const begin = Math.min(...extremes(there, "from"), isToday ? now : Infinity);
  const end = Math.max(...extremes(there, "to"), isToday ? now : -Infinity);
  const short = Math.max(0, least * HOUR - (end - begin));
  return fitted(begin - Math.min(short / 4, 2 * HOUR), end + (short * 3) / 4, from, to);
}

/** @param {{from: number, to: number}[]} spans @param {"from" | "to"} edge @returns {number[]} */
function extremes(spans, edge) {
  let least = Infinity;
  let most = -Infinity;
  for (const each of spans) {
    if (each[edge] < least) least = each[edge];
    if (each[edge] > most) most = each[edge];
  }
  return edge === "from" ? [least] : [most];
}

/** @param {number} begin @param {number} end @param {number} from @param {number} to @returns {[number, number]} */
function fitted(begin, end, from, to) {
  return [Math.max(from, Math.floor(begin / HOUR) * HOUR), Math.min(to, Math.ceil((end + 1) / HOUR) * HOUR)];
}

/**
 * Stretches of a kind as sentences for whoever reads and does not see: neighbours of the same are one.
 * @param {Interval[]} intervals
 * @param {number} most
 */
export function rowsOf(intervals, most) {
  /** @type {{from: number, to: number, kind: string, project: string, waiting_for: string}[]} */
  const rows = [];
  /** @type {Map<string, {from: number, to: number, kind: string, project: string, waiting_for: string}>} */
  const last = new Map();
  for (const each of intervals) {
    const key = `${each.of.kind}\0${each.of.project}\0${each.of.waiting_for}`;
    const before = last.get(key);
    if (before && each.from - before.to < 60_000) before.to = Math.max(before.to, each.to);
    else {
      const row = { from: each.from, to: each.to, kind: each.of.kind, project: each.of.project, waiting_for: each.of.waiting_for };
      last.set(key, row);
      rows.push(row);
    }
  }
  return { rows: rows.slice(0, most), left: Math.max(0, rows.length - most) };
}

/**
 * Place things that overlap side by side.
 * @template {{from: number, to: number}} T
 * @param {T[]} things
 * @returns {{thing: T, lane: number, lanes: number}[]}
 */
export function lanesOf(things) {
  const sorted = [...things].sort((a, b) => a.from - b.from || b.to - a.to);
  /** @type {{thing: T, lane: number, lanes: number}[]} */
  const placed = [];
  /** @type {{thing: T, lane: number, lanes: number}[]} */
  let group = [];
  let reach = -Infinity;
  /** @type {number[]} */
  let ends = [];
  const close = () => {
    for (const each of group) each.lanes = ends.length;
    group = [];
    ends = [];
  };
  for (const thing of sorted) {
    if (thing.from >= reach) close();
    let lane = ends.findIndex((end) => end <= thing.from);
    if (lane < 0) lane = ends.length;
    ends[lane] = thing.to;
    reach = Math.max(reach, thing.to);
    const each = { thing, lane, lanes: 1 };
    group.push(each);
    placed.push(each);
  }
  close();
  return placed;
}
