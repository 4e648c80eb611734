// The panels that are charts: from what was answered to the options of ECharts. Colours come when it is drawn, texts are texts.

import { clock, clockSeconds, day, moment } from "../app/format.js";
import { tip } from "../parts/chart.js";
import { aligned } from "./panel_frames.js";
import { colourName, colourOf, fieldOf, mappingOf, shownValue, SERIES } from "./panel_field.js";

/** @typedef {import("../parts/chart.js").Paint} Paint */
/** @typedef {import("./panel_frames.js").Series} Series */
/** @typedef {{fromMs: number, toMs: number}} Span */

/** Marks of the time axis, as short as its length allows. @param {Span} span */
function timeLabel({ fromMs, toMs }) {
  const length = toMs - fromMs;
  return (/** @type {number} */ at) => {
    if (length < 10 * 60_000) return clockSeconds(at);
    if (length < 26 * 3.6e6) return clock(at);
    return length < 8 * 86.4e6 && new Date(at).getHours() !== 0 ? clock(at) : day(at).replace(/^\w+ /, "");
  };
}

/** @param {Span} span @param {Paint} paint */
function timeAxis(span, paint) {
  return {
    type: "time", min: span.fromMs, max: span.toMs, containShape: false, axisLine: { lineStyle: { color: paint("--line-strong") } }, axisTick: { show: false }, splitLine: { show: false },
    axisLabel: { color: paint("--quiet"), formatter: timeLabel(span), hideOverlap: true, fontSize: 11 }, splitNumber: 6,
  };
}

/** @param {any} field @param {Paint} paint @returns {any} */
function valueAxis(field, paint) {
  const isLog = field.custom?.scaleDistribution?.type === "log";
  return {
    type: isLog ? "log" : "value", name: isLog ? "log scale" : "", nameLocation: "end", nameGap: 6, nameTextStyle: { color: paint("--quiet"), fontSize: 10, align: "left" },
    min: field.min, max: field.max, splitNumber: 4, axisLine: { show: false }, axisTick: { show: false }, minorSplitLine: { show: false },
    splitLine: { lineStyle: { color: paint("--line") } }, axisLabel: { color: paint("--quiet"), fontSize: 11, formatter: (/** @type {number} */ value) => axisValue(value, field) },
    ...(isLog && SECONDS.includes(field.unit) ? logOfTime(field, paint) : {}),
  };
}

const SECONDS = ["s", "dtdurations"];
const COUNTS = ["none", "short"];
/** Steps of an axis of seconds that people count in. */
const STEPS_OF_TIME = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000];
const LOG_OF_TIME = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000, 86_400, 864_000];

/** A mark of an axis: without the seconds of a whole minute, and with the digits by which marks of small shares differ. @param {number} value @param {any} field */
export function axisValue(value, field) {
  if (field.unit === "percent" || field.unit === "percentunit") return `${Number((field.unit === "percent" ? value : value * 100).toPrecision(3))} %`;
  return shownValue(value, field).replace(/ 00 [sm]$/, "");
}

/** A logarithmic axis of seconds is marked at a minute, ten and an hour, not at the powers of ten. @param {any} field @param {Paint} paint */
function logOfTime(field, paint) {
  const least = (/** @type {number} */ value) => [...LOG_OF_TIME].reverse().find((step) => step <= value) ?? LOG_OF_TIME[0];
  const most = (/** @type {number} */ value) => LOG_OF_TIME.find((step) => step >= value) ?? value;
  return {
    min: field.min ?? ((/** @type {{min: number}} */ found) => least(found.min)), max: field.max ?? ((/** @type {{max: number}} */ found) => most(found.max)),
    splitLine: { lineStyle: { color: paint("--line") }, customValues: LOG_OF_TIME },
    axisLabel: { color: paint("--quiet"), fontSize: 11, customValues: LOG_OF_TIME, formatter: (/** @type {number} */ value) => axisValue(value, field) },
  };
}

const GRID = { left: 8, right: 12, top: 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" };

/** @param {Paint} paint */
function tooltip(paint) {
  return { confine: true, backgroundColor: paint("--raised"), borderColor: paint("--line"), borderWidth: 1, padding: [8, 10], textStyle: { color: paint("--text"), fontSize: 12 }, extraCssText: "box-shadow: 0 6px 24px #0003; border-radius: 8px;" };
}

/**
 * Lines, areas or bars over time.
 * @param {any} panel
 * @param {Series[]} series
 * @param {Span} span
 */
export function timeSeries(panel, series, span) {
  return (/** @type {Paint} */ paint) => {
    const styled = series.map((each, place) => {
      const field = fieldOf(panel, each.name);
      return { ...each, field, shown: field.displayName || each.name, colour: paint(colourOf(field.color?.mode === "thresholds" ? { ...field, color: undefined } : field, place)) };
    });
    const isStacked = (/** @type {any} */ each) => each.field.custom.stacking?.mode === "normal";
    const isBars = (/** @type {any} */ each) => each.field.custom.drawStyle === "bars";
    const withPoints = styled.filter((each) => each.points.length > 0);
    const together = [
      aligned(withPoints.filter((each) => isStacked(each) && isBars(each)), null),
      aligned(withPoints.filter((each) => isStacked(each) && !isBars(each)), 0),
      aligned(withPoints.filter((each) => !isStacked(each) && !isBars(each)), null),
    ];
    const placed = new Map(together.flat().map((each) => /** @type {[string, any]} */ ([each.name, each.points])));
    const [atLeft, atRight] = [styled.filter((each) => each.field.custom.axisPlacement !== "right"), styled.filter((each) => each.field.custom.axisPlacement === "right")];
    const [left, right] = [atLeft[0], atRight[0]];
    const base = fieldOf(panel, "");
    const shift = halfOf(styled.filter((each) => each.field.custom.drawStyle === "bars"), span);
    const begun = (/** @type {any} */ point) => point.value[0] - (styled[point.seriesIndex].field.custom.drawStyle === "bars" ? shift : 0);
    const axes = [{ ...valueAxis(left?.field ?? base, paint), ...stepsOf(left?.field ?? base, atLeft) }];
    if (right) axes.push({ ...valueAxis(right.field, paint), ...stepsOf(right.field, atRight), splitLine: { show: false }, position: "right" });
    return {
      grid: GRID, xAxis: timeAxis(span, paint), yAxis: axes,
      tooltip: {
        ...tooltip(paint), trigger: "axis", axisPointer: { type: "line", lineStyle: { color: paint("--line-strong") } },
        formatter: (/** @type {any[]} */ points) => tip(`${moment(begun(points[0]))}${span.toMs - span.fromMs < 7.2e6 ? `:${clockSeconds(begun(points[0])).slice(-2)}` : ""}`,
          points.filter((point) => point.value[1] !== null && point.value[1] !== undefined).sort((one, other) => other.value[1] - one.value[1]).slice(0, 12)
            .map((point) => ({ name: styled[point.seriesIndex].shown, value: shownValue(point.value[1], styled[point.seriesIndex].field), colour: styled[point.seriesIndex].colour }))),
      },
      series: styled.map((each, place) => drawn({ ...each, points: placed.get(each.name) ?? each.points }, place, paint, base, shift)),
    };
  };
}

/** Steps of an axis as its unit counts: bytes in powers of two, seconds in minutes and hours, and what comes in whole numbers never in parts of one. @param {any} field @param {Series[]} series */
function stepsOf(field, series) {
  const isTime = SECONDS.includes(field.unit);
  if (COUNTS.includes(field.unit)) return series.every((each) => each.points.every(([, value]) => value === null || Number.isInteger(value))) ? { minInterval: 1 } : {};
  if ((field.unit !== "bytes" && !isTime) || field.custom?.scaleDistribution?.type === "log") return {};
  const tops = series.map((each) => each.points.reduce((most, [, value]) => Math.max(most, value ?? 0), 0));
  const top = field.custom?.stacking?.mode === "normal" ? tops.reduce((sum, each) => sum + each, 0) : Math.max(0, ...tops);
  if (isTime && top < 10) return {};
  const step = isTime ? (STEPS_OF_TIME.find((each) => each >= top / 4) ?? 86_400 * Math.ceil(top / 4 / 86_400)) : Math.max(1, 2 ** Math.ceil(Math.log2(top / 4)));
  return { interval: step, max: field.max ?? Math.max(1, Math.ceil(top / step)) * step };
}

/** Half of what a bar stands for, in ms: it is drawn over its interval, not around its beginning. @param {Series[]} series @param {Span} span */
function halfOf(series, span) {
  const moments = [...new Set(series.flatMap((each) => each.points.map(([at]) => at)))].sort((one, other) => one - other);
  const least = moments.slice(1).reduce((so, at, place) => Math.min(so, at - moments[place]), Infinity);
  return Number.isFinite(least) ? least / 2 : Math.min(4.32e7, (span.toMs - span.fromMs) / 80);
}

/** @param {any} each @param {number} place @param {Paint} paint @param {any} base @param {number} shift of bars, in ms */
function drawn(each, place, paint, base, shift) {
  const custom = each.field.custom;
  const isStacked = custom.stacking?.mode === "normal";
  const shared = { name: each.shown, data: each.points, yAxisIndex: custom.axisPlacement === "right" ? 1 : 0, stack: isStacked ? "all" : undefined, itemStyle: { color: each.colour }, emphasis: { disabled: true }, ...(place === 0 ? thresholds(base, paint) : {}) };
  if (custom.drawStyle === "bars") return { ...shared, data: each.points.map((/** @type {[number, any]} */ [at, value]) => [at + shift, value]), type: "bar", barMaxWidth: 18, barMinHeight: 1, barCategoryGap: "20%", large: each.points.length > 2000 };
  return {
    ...shared, data: custom.spanNulls && each.points.length > 1 ? each.points : withDots(each.points), type: "line", connectNulls: Boolean(custom.spanNulls), showSymbol: true, symbol: "none", symbolSize: 5, sampling: "lttb",
    lineStyle: { width: custom.lineWidth ?? 1.5, color: each.colour, type: custom.lineStyle?.fill === "dash" ? "dashed" : "solid" },
    areaStyle: custom.fillOpacity && custom.scaleDistribution?.type !== "log" ? { color: each.colour, opacity: Math.min(0.9, custom.fillOpacity / 100) * (isStacked ? 0.9 : 0.8) } : undefined,
  };
}

/**
 * Points of a line, with a dot where it has nothing on either side: no line would be seen of it.
 * @param {[number, any][]} points
 * @returns {any[]}
 */
export function withDots(points) {
  const isNone = (/** @type {number} */ place) => (points[place]?.[1] ?? null) === null;
  return points.map((point, place) => (isNone(place) || !isNone(place - 1) || !isNone(place + 1) ? point : { value: point, symbol: "circle" }));
}

/** Lines where something begins to matter. @param {any} field @param {Paint} paint */
function thresholds(field, paint) {
  const mode = field.custom?.thresholdsStyle?.mode ?? "off";
  const steps = (field.thresholds?.steps ?? []).filter((/** @type {any} */ step) => step.value !== null && step.value !== undefined);
  if (mode === "off" || !steps.length) return {};
  return {
    markLine: {
      silent: true, symbol: "none", animation: false,
      data: steps.map((/** @type {any} */ step) => ({ yAxis: step.value, lineStyle: { color: paint(colourName(step.color)), type: mode.includes("dashed") ? "dashed" : "solid", width: 1 }, label: { formatter: shownValue(step.value, field), color: paint("--quiet"), fontSize: 10, position: "insideEndTop" } })),
    },
  };
}

/**
 * Bars by a text or time.
 * @param {any} panel
 * @param {Record<string, any>[]} rows
 * @param {string} by the column along the axis
 * @param {string[]} numbers
 * @param {boolean} isTime
 */
export function barChart(panel, rows, by, numbers, isTime) {
  const isLying = panel.options?.orientation === "horizontal";
  const isStacked = panel.options?.stacking === "normal" || fieldOf(panel, "").custom.stacking?.mode === "normal";
  return (/** @type {Paint} */ paint) => {
    const names = rows.map((row) => (isTime ? day(row[by]) : String(row[by] ?? "")));
    const fields = numbers.map((name) => fieldOf(panel, name));
    const paints = fields.map((field, place) => paint(colourOf(field, place)));
    const category = { type: "category", data: names, inverse: isLying, axisTick: { show: false }, axisLine: { lineStyle: { color: paint("--line-strong") } }, axisLabel: { color: paint("--quiet"), width: isLying ? 140 : 90, overflow: "truncate", hideOverlap: true, fontSize: 11 } };
    const value = valueAxis(fields[0] ?? fieldOf(panel, ""), paint);
    return {
      grid: GRID, [isLying ? "yAxis" : "xAxis"]: category, [isLying ? "xAxis" : "yAxis"]: value,
      tooltip: { ...tooltip(paint), trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: paint("--sunk"), opacity: 0.6 } }, formatter: (/** @type {any[]} */ points) => tip(names[points[0].dataIndex], points.filter((point) => point.value !== null).map((point) => ({ name: fields[point.seriesIndex].displayName || numbers[point.seriesIndex], value: shownValue(point.value, fields[point.seriesIndex]), colour: paints[point.seriesIndex] }))) },
      series: numbers.map((name, place) => ({ name, type: "bar", stack: isStacked ? "all" : undefined, barMaxWidth: 34, itemStyle: { color: paints[place] }, emphasis: { disabled: true }, data: rows.map((row) => row[name]), label: panel.options?.showValue === "always" ? { show: true, formatter: (/** @type {any} */ point) => shownValue(point.value, fields[place]), color: paint("--text"), fontSize: 11 } : undefined })),
    };
  };
}

/**
 * Cells by time and size, their number as depth of colour.
 * @param {any} panel
 * @param {Series[]} series one for each row of cells, the lowest first
 * @param {Span} span
 */
export function heatMap(panel, series, span) {
  const field = fieldOf(panel, "");
  const unit = { ...field, unit: panel.options?.yAxis?.unit ?? "" };
  const names = series.map((each) => (unit.unit && each.name !== "" && !Number.isNaN(Number(each.name)) ? axisValue(Number(each.name), unit) : each.name));
  const times = [...new Set(series.flatMap((each) => each.points.map(([at]) => at)))].sort((one, other) => one - other);
  const width = times.slice(1).reduce((least, at, place) => Math.min(least, at - times[place]), times.length > 1 ? Infinity : (span.toMs - span.fromMs) / 60);
  const most = Math.max(1, ...series.flatMap((each) => each.points.map(([, value]) => value ?? 0)));
  const cells = series.flatMap((each, row) => each.points.filter(([, value]) => value > 0).map(([at, value]) => [at, row, value]));
  return (/** @type {Paint} */ paint) => ({
    grid: GRID, xAxis: timeAxis(span, paint),
    yAxis: { type: "category", data: names, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: paint("--quiet"), fontSize: 11, hideOverlap: true } },
    tooltip: { ...tooltip(paint), trigger: "item", formatter: (/** @type {any} */ point) => tip(`${moment(point.value[0])} – ${clock(point.value[0] + width)}`, [{ name: `up to ${names[point.value[1]]}`, value: shownValue(point.value[2], { ...field, unit: field.unit || "short" }) }]) },
    series: [{
      type: "custom", data: cells, encode: { x: 0, y: 1 }, clip: true,
      renderItem: (/** @type {any} */ _, /** @type {any} */ api) => {
        const [x, y] = api.coord([api.value(0), api.value(1)]);
        const [w, h] = api.size([width, 1]);
        return { type: "rect", shape: { x: x + 0.5, y: y - h / 2 + 0.5, width: Math.max(1, w - 1), height: Math.max(1, h - 1), r: 1 }, style: { fill: mixed(paint("--agent-soft"), paint("--agent"), Math.sqrt(api.value(2) / most)) } };
      },
    }],
  });
}

/**
 * States as bars in lanes; an empty text is nothing.
 * @param {any} panel
 * @param {Series[]} lanes
 * @param {Span} span
 */
export function stateTimeline(panel, lanes, span) {
  const field = fieldOf(panel, "");
  const { states, bars } = timelineOf(panel, lanes, span);
  const share = Math.min(0.9, panel.options?.rowHeight ?? 0.8);
  return (/** @type {Paint} */ paint) => ({
    grid: GRID, xAxis: timeAxis(span, paint),
    yAxis: { type: "category", inverse: true, data: lanes.map((lane) => lane.name), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: paint("--quiet"), fontSize: 11, width: 170, overflow: "truncate" } },
    tooltip: { ...tooltip(paint), trigger: "item", formatter: (/** @type {any} */ point) => tip(lanes[point.value[0]].name, [{ name: mappingOf(states[point.value[3]], field)?.text ?? states[point.value[3]], value: `${moment(point.value[1])} – ${clock(point.value[2])}`, colour: paint(stateColour(field, states, point.value[3])) }]) },
    series: [{
      type: "custom", data: bars, encode: { x: [1, 2], y: 0 }, clip: true,
      renderItem: (/** @type {any} */ _, /** @type {any} */ api) => {
        const [x, y] = api.coord([api.value(1), api.value(0)]);
        const end = api.coord([api.value(2), api.value(0)])[0];
        const h = Math.min(26, api.size([0, 1])[1] * share);
        return { type: "rect", shape: { x, y: y - h / 2, width: Math.max(1.5, end - x), height: h, r: 2 }, style: { fill: paint(stateColour(field, states, api.value(3))) } };
      },
    }],
  });
}

/** @param {any} panel @param {Series[]} lanes @param {Span} span */
export function timelineOf(panel, lanes, span) {
  /** @type {string[]} */
  const states = [];
  /** @type {number[][]} lane, from, to, state */
  const bars = [];
  lanes.forEach((lane, row) => {
    lane.points.forEach(([at, state], place) => {
      if (!state) return;
      if (!states.includes(state)) states.push(state);
      const until = lane.points[place + 1]?.[0] ?? Math.min(span.toMs, Date.now());
      const last = bars[bars.length - 1];
      const number = states.indexOf(state);
      if (panel.options?.mergeValues !== false && last && last[0] === row && last[3] === number && last[2] === at) last[2] = until;
      else bars.push([row, Math.max(at, span.fromMs), Math.min(until, span.toMs), number]);
    });
  });
  return { states, bars };
}

/** @param {any} field @param {string[]} states @param {number} place */
export function stateColour(field, states, place) {
  const mapped = mappingOf(states[place], field)?.color;
  return mapped ? colourName(mapped) : SERIES[place % SERIES.length];
}

/**
 * Shares of a whole.
 * @param {any} panel
 * @param {{name: string, value: number, colour: string}[]} parts
 */
export function pie(panel, parts) {
  return (/** @type {Paint} */ paint) => ({
    tooltip: { ...tooltip(paint), trigger: "item", formatter: (/** @type {any} */ point) => tip(point.name, [{ name: `${point.percent} %`, value: shownValue(point.value, fieldOf(panel, point.name)), colour: point.color }]) },
    series: [{
      type: "pie", radius: panel.options?.pieType === "pie" ? "88%" : ["58%", "88%"], center: ["50%", "50%"], label: { show: false }, itemStyle: { borderColor: paint("--card"), borderWidth: 1.5 }, emphasis: { scale: false },
      data: parts.map((part) => ({ name: part.name, value: part.value, itemStyle: { color: paint(part.colour) } })),
    }],
  });
}

/** Between two colours, as `rgb(...)`. @param {string} low @param {string} high @param {number} share */
function mixed(low, high, share) {
  const [a, b] = [low, high].map((colour) => (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number));
  return `rgb(${a.map((value, place) => Math.round(value + (b[place] - value) * share)).join(",")})`;
}
