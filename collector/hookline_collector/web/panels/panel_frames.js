// What a panel's answer holds: series over time, rows, lanes of states. Both forms of an answer, wide and long, come out the same.

/** @typedef {{name: string, type: string, role: "time" | "number" | "text"}} Column */
/** @typedef {{ref: string, format: string, columns: Column[], data: any[][], rows: number, truncated?: boolean}} Target */
/** @typedef {{name: string, points: [number, any][]}} Series */

/** @param {Target} target @param {string} role */
export function columnsOf(target, role) {
  return target.columns.map((column, place) => ({ ...column, place })).filter((column) => column.role === role);
}

/**
 * Series over time: one for each number column, or one for each text of the long form.
 * @param {Target[]} targets
 * @returns {Series[]}
 */
export function seriesOf(targets) {
  /** @type {Map<string, Series>} */
  const found = new Map();
  for (const target of targets) {
    const [time] = columnsOf(target, "time");
    if (!time) continue;
    const labels = columnsOf(target, "text");
    const numbers = columnsOf(target, "number");
    for (let row = 0; row < target.rows; row += 1) {
      const label = labels.map((column) => target.data[column.place][row]).filter(Boolean).join(" ");
      for (const column of numbers) {
        const name = !labels.length ? column.name : numbers.length > 1 ? `${label} ${column.name}` : label || column.name;
        let series = found.get(name);
        if (!series) found.set(name, (series = { name, points: [] }));
        series.points.push([target.data[time.place][row], target.data[column.place][row]]);
      }
    }
  }
  return [...found.values()];
}

/**
 * The same series without the interval that is not over: a line that fell because the newest minute has only begun would tell of a fall that was none.
 * What has only begun is kept where there is next to nothing else.
 * @param {Series[]} series
 * @param {number} untilMs where the range ends
 * @param {number} intervalMs
 */
export function ofWholeIntervals(series, untilMs, intervalMs) {
  return series.map((each) => {
    const whole = each.points.filter(([at]) => at + intervalMs <= untilMs);
    return whole.length > 1 ? { ...each, points: whole } : each;
  });
}

/**
 * The same series with a point of each at every moment that any of them has one: what is stacked is stacked point upon point, whatever their moments.
 * @template {Series} T
 * @param {T[]} series
 * @param {any} none what stands where a series has nothing
 * @returns {T[]}
 */
export function aligned(series, none) {
  const moments = [...new Set(series.flatMap((each) => each.points.map(([at]) => at)))].sort((one, other) => one - other);
  return series.map((each) => {
    const known = new Map(each.points);
    return { ...each, points: moments.map((at) => /** @type {[number, any]} */ ([at, known.get(at) ?? none])) };
  });
}

/**
 * Lanes of states: a text holds until the next one of its lane.
 * @param {Target[]} targets
 * @returns {Series[]}
 */
export function lanesOf(targets) {
  /** @type {Map<string, Series>} */
  const found = new Map();
  for (const target of targets) {
    const [time] = columnsOf(target, "time");
    if (!time) continue;
    const texts = columnsOf(target, "text");
    const isLong = texts.length === 2 && target.columns.length === 3;
    for (let row = 0; row < target.rows; row += 1) {
      const at = target.data[time.place][row];
      for (const state of isLong ? [texts[1]] : texts) {
        const name = isLong ? String(target.data[texts[0].place][row]) : state.name;
        let lane = found.get(name);
        if (!lane) found.set(name, (lane = { name, points: [] }));
        lane.points.push([at, target.data[state.place][row]]);
      }
    }
  }
  return [...found.values()];
}

/**
 * Rows as objects by column name.
 * @param {Target} target
 * @returns {Record<string, any>[]}
 */
export function rowsOf(target) {
  return Array.from({ length: target.rows }, (_, row) => Object.fromEntries(target.columns.map((column, place) => [column.name, target.data[place][row]])));
}

/** One number of many, as the panel says. @param {any[]} values @param {string} calc @returns {number | null} */
export function reduced(values, calc) {
  const known = values.filter((value) => typeof value === "number" && !Number.isNaN(value));
  if (!known.length) return null;
  switch (calc) {
    case "sum":
      return known.reduce((sum, value) => sum + value, 0);
    case "mean":
      return known.reduce((sum, value) => sum + value, 0) / known.length;
    case "max":
      return known.reduce((most, value) => Math.max(most, value), -Infinity);
    case "min":
      return known.reduce((least, value) => Math.min(least, value), Infinity);
    case "first":
    case "firstNotNull":
      return known[0];
    case "count":
      return known.length;
    default:
      return known[known.length - 1];
  }
}

/** What a calculation is called. @type {Record<string, string>} */
export const CALCS = { lastNotNull: "last", last: "last", mean: "mean", max: "max", min: "min", sum: "total", count: "count" };
