// One panel of a dashboard: asks for what it shows, and draws it as its type says.

import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { useAnswer } from "../app/api.js";
import { href } from "../app/address.js";
import { clockSeconds, day, moment, percent } from "../app/format.js";
import { colours } from "../app/theme.js";
import { Chart, savePng } from "../parts/chart.js";
import { Icon } from "../parts/icon.js";
import { KnownBy } from "../parts/known_by.js";
import { coded } from "../parts/problem.js";
import { useClosing } from "../parts/range_picker.js";
import { Skeleton } from "../parts/skeleton.js";
import { Table } from "../parts/table.js";
import { barChart, heatMap, pie, stateColour, stateTimeline, timelineOf, timeSeries } from "./panel_charts.js";
import { colourOf, cssColour, fieldOf, linkOf, shownValue, thresholdColour } from "./panel_field.js";
import { CALCS, columnsOf, lanesOf, ofWholeIntervals, reduced, rowsOf, seriesOf } from "./panel_frames.js";
import { Markdown } from "./markdown.js";

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800];
/** Ids of sessions, traces and requests: the first digits tell them apart, the rest is in the title. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[0-9a-f]{32}(?::[0-9a-f]{16})?$/;
/** Shapes that say nothing without their names, even when there is one alone. */
const NAMED = ["state-timeline", "piechart"];
/** Texts with more signs than this are given room. */
const LONG = 48;
/** A word as short as this is not broken. */
const WORD = 28;
const OVER_TIME = ["timeseries", "heatmap", "state-timeline"];

/**
 * @typedef {object} PanelProps
 * @property {string} uid of the dashboard
 * @property {any} panel
 * @property {import("../app/time_range.js").Range} range
 * @property {(from: number, to: number) => void} zoom
 * @property {Record<string, string[]>} filters as parameters, `var.NAME`
 * @property {number} height in px
 */
/** @typedef {{to: number, interval_ms: number}} Whole where an answer ends, and how long its intervals are, in ms */

/** @param {PanelProps} props */
export function Panel({ uid, panel, range, zoom, filters, height }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const [seen, width] = useSeen(place);
  const [asTable, setAsTable] = useState(false);
  const chart = useRef(/** @type {any} */ (null));
  const isText = panel.type === "text";
  const path = `/api/v1/dashboards/${uid}/panels/${panel.id}`;
  const params = { from: range.fromMs, to: range.toMs, interval_ms: intervalMs(range, width), ...filters };
  const { data, problem, loading, stale, asOf, again } = useAnswer(seen && !isText ? path : null, params);
  const targets = data?.targets ?? null;
  const isEmpty = targets !== null && targets.every((/** @type {any} */ target) => target.rows === 0);
  const inside = height - (panel.title ? 52 : 20);
  const draw = () => {
    if (isText) return html`<${Markdown} text=${panel.options?.content ?? ""} />`;
    if (problem && !targets) return html`<div class="panel-said" role="alert"><p><strong>${problem.title}</strong> ${coded(problem.detail)}</p><button type="button" class="quiet" onClick=${again}>Try again</button></div>`;
    if (targets === null) return html`<${Skeleton} height=${Math.max(20, inside - 14)} />`;
    if (isEmpty) return html`<p class="panel-said none">${fieldOf(panel, "").noValue || "Nothing in this range."}</p>`;
    if (asTable) return html`<${AsTable} panel=${panel} targets=${targets} range=${range} />`;
    return html`<${Drawn} panel=${panel} targets=${targets} whole=${data} range=${range} zoom=${zoom} height=${inside} onReady=${(/** @type {any} */ made) => (chart.current = made)} />`;
  };
  const name = `${panel.title || panel.type}`;
  return html`<section class=${`card panel panel-${panel.type}${stale || (problem && targets) ? " old" : ""}`} ref=${place} aria-label=${name} aria-busy=${loading && targets === null ? "true" : null} style=${{ minHeight: `${height}px` }}>
    ${panel.title && html`<header>
      <h2 class="clip" title=${panel.title}>${panel.title}</h2>
      ${panel.description && html`<${KnownBy} label=${`What ${panel.title} shows`}>${coded(panel.description)}<//>`}
      ${problem && targets && html`<span class="old-note" title=${problem.message}>as of ${clockSeconds(asOf)}</span>`}
      ${!isText && html`<${PanelMenu} name=${name} asTable=${asTable} setAsTable=${setAsTable} csv=${href(path, { ...params, format: "csv" })}
        png=${targets && !isEmpty && !asTable && chart.current ? () => savePng(chart.current, name, colours(["--card"])["--card"]) : null} />`}
    </header>`}
    <div class="panel-body">${draw()}</div>
  </section>`;
}

/**
 * Whether a panel was scrolled to, and how wide it is: what is not seen is not asked for.
 * @param {{current: HTMLElement | null}} place
 * @returns {[boolean, number]}
 */
function useSeen(place) {
  const [seen, setSeen] = useState(false);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    if (!place.current) return undefined;
    setWidth(place.current.clientWidth || 600);
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      setSeen(true);
      watch.disconnect();
    }, { rootMargin: "300px" });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  return [seen, width];
}

/** How long an interval is so that each has a few pixels. @param {{fromMs: number, toMs: number}} range @param {number} width */
function intervalMs(range, width) {
  const least = (range.toMs - range.fromMs) / 1000 / Math.max(40, width / 7);
  return 1000 * (STEPS_S.find((step) => step >= least) ?? 604_800);
}

/** @param {{name: string, asTable: boolean, setAsTable: (is: boolean) => void, csv: string, png: (() => void) | null}} props */
function PanelMenu({ name, asTable, setAsTable, csv, png }) {
  const [open, setOpen] = useState(false);
  const whole = useRef(/** @type {HTMLElement | null} */ (null));
  useClosing(open, whole, () => setOpen(false));
  const then = (/** @type {() => void} */ act) => () => {
    setOpen(false);
    act();
  };
  return html`<div class="panel-menu" ref=${whole}>
    <button type="button" class="menu-button" aria-expanded=${open} aria-label=${`More of ${name}`} title="More" onClick=${() => setOpen(!open)}><${Icon} name="more" size=${16} /></button>
    ${open && html`<div class="menu-box">
      <button type="button" onClick=${then(() => setAsTable(!asTable))}><${Icon} name=${asTable ? "chart" : "table"} size=${15} />${asTable ? "As it was" : "As a table"}</button>
      <a href=${csv} download=${`${name}.csv`} onClick=${() => setOpen(false)}><${Icon} name="download" size=${15} />CSV</a>
      ${png && html`<button type="button" onClick=${then(png)}><${Icon} name="download" size=${15} />PNG</button>`}
    </div>`}
  </div>`;
}

/** @param {{panel: any, targets: any[], whole: Whole, range: import("../app/time_range.js").Range, zoom: PanelProps["zoom"], height: number, onReady: (chart: any) => void}} props */
function Drawn({ panel, targets, whole, range, zoom, height, onReady }) {
  switch (panel.type) {
    case "timeseries":
    case "heatmap":
    case "state-timeline":
    case "barchart":
    case "piechart":
      return html`<${Charted} panel=${panel} targets=${targets} whole=${whole} range=${range} zoom=${zoom} height=${height} onReady=${onReady} />`;
    case "stat":
      return html`<${Stat} panel=${panel} targets=${targets} />`;
    case "gauge":
      return html`<${Gauges} panel=${panel} targets=${targets} height=${height} />`;
    case "bargauge":
      return html`<${BarGauge} panel=${panel} targets=${targets} range=${range} />`;
    default:
      return html`<${AsTable} panel=${panel} targets=${targets} range=${range} />`;
  }
}

/** @param {{panel: any, targets: any[], whole: Whole, range: import("../app/time_range.js").Range, zoom: PanelProps["zoom"], height: number, onReady: (chart: any) => void}} props */
function Charted({ panel, targets, whole, range, zoom, height, onReady }) {
  const [hidden, setHidden] = useState(/** @type {string[]} */ ([]));
  const toggle = (/** @type {string} */ name) => setHidden(hidden.includes(name) ? hidden.filter((each) => each !== name) : [...hidden, name]);
  const made = useMemo(() => charted(panel, targets, whole, range, hidden), [panel, targets, hidden]);
  const legend = panel.options?.legend ?? {};
  const isShown = legend.showLegend !== false && legend.displayMode !== "hidden" && made.legend.length > 0 && (made.legend.length > 1 || (legend.calcs ?? []).length > 0 || NAMED.includes(panel.type));
  const beside = legend.placement === "right" || panel.type === "piechart";
  const rows = Math.min(made.legend.length, 4) + (made.calcs.length ? 1 : 0);
  const below = isShown && !beside ? (made.calcs.length ? rows * 20 + 6 : 24) : 0;
  return html`<div class=${beside ? "charted beside" : "charted"}>
    <${Chart} options=${made.options} height=${Math.max(60, height - below)} label=${`${panel.title}. ${made.words}`} onZoom=${OVER_TIME.includes(panel.type) ? zoom : undefined} onReady=${onReady} />
    ${isShown && html`<${Legend} entries=${made.legend} calcs=${made.calcs} hidden=${hidden} toggle=${made.canHide ? toggle : null} maxHeight=${beside ? height : below} />`}
  </div>`;
}

/**
 * @param {any} panel
 * @param {any[]} targets
 * @param {Whole} whole
 * @param {import("../app/time_range.js").Range} range
 * @param {string[]} hidden
 * @returns {{options: any, legend: {name: string, shown: string, colour: string, values: string[]}[], calcs: string[], words: string, canHide: boolean}}
 */
function charted(panel, targets, whole, range, hidden) {
  const field = fieldOf(panel, "");
  if (panel.type === "state-timeline") {
    const lanes = lanesOf(targets);
    const { states } = timelineOf(panel, lanes, range);
    const legend = states.map((state, place) => ({ name: state, shown: shownValue(state, field), colour: stateColour(field, states, place), values: [] }));
    return { options: stateTimeline(panel, lanes, range), legend, calcs: [], words: `States of ${lanes.map((lane) => lane.name).slice(0, 10).join(", ")}: ${legend.map((each) => each.shown).join(", ")}.`, canHide: false };
  }
  if (panel.type === "piechart") {
    const parts = partsOf(panel, targets);
    const total = parts.reduce((sum, part) => sum + part.value, 0) || 1;
    const wanted = panel.options?.legend?.values ?? ["value", "percent"];
    const legend = parts.map((part) => ({ ...part, shown: part.name, values: wanted.map((/** @type {string} */ kind) => (kind === "percent" ? percent((part.value / total) * 100) : shownValue(part.value, fieldOf(panel, part.name)))) }));
    return { options: pie(panel, parts), legend, calcs: wanted.map((/** @type {string} */ kind) => (kind === "percent" ? "%" : "")), words: legend.slice(0, 10).map((each) => `${each.shown}: ${each.values.join(", ")}`).join("; "), canHide: false };
  }
  if (panel.type === "barchart") {
    const target = targets[0];
    const by = target.columns.find((/** @type {any} */ column) => column.name === panel.options?.xField) ?? target.columns.find((/** @type {any} */ column) => column.role !== "number");
    const rows = rowsOf(target);
    const numbers = columnsOf(target, "number").map((column) => column.name).filter((name) => name !== by.name && !hidden.includes(name));
    const legend = columnsOf(target, "number").map((column, place) => ({ name: column.name, shown: fieldOf(panel, column.name).displayName || column.name, colour: colourOf(fieldOf(panel, column.name), place), values: [] }));
    return { options: barChart(panel, rows, by.name, numbers, by.role === "time"), legend, calcs: [], words: rows.slice(0, 10).map((row) => `${row[by.name]}: ${numbers.map((name) => shownValue(row[name], fieldOf(panel, name))).join(", ")}`).join("; "), canHide: true };
  }
  const found = seriesOf(targets);
  const isBars = field.custom.drawStyle === "bars";
  const all = panel.type === "timeseries" && !isBars ? ofWholeIntervals(found, whole.to, whole.interval_ms) : found;
  if (panel.type === "heatmap") return { options: heatMap(panel, all, range), legend: [], calcs: [], words: `Rows: ${all.map((each) => each.name).join(", ")}.`, canHide: false };
  const calcs = panel.options?.legend?.displayMode === "table" ? (panel.options.legend.calcs ?? []) : [];
  const legend = all.map((each, place) => {
    const its = fieldOf(panel, each.name);
    const values = each.points.map((point) => point[1]);
    return { name: each.name, shown: its.displayName || each.name, colour: colourOf(its.color?.mode === "thresholds" ? { ...its, color: undefined } : its, place), values: calcs.map((/** @type {string} */ calc) => shownValue(reduced(values, calc), its)), last: shownValue(reduced(values, "last"), its) };
  });
  // What is hidden keeps its place, so that the others keep their colour.
  const shown = all.map((each) => (hidden.includes(each.name) ? { ...each, points: [] } : each));
  return { options: timeSeries(panel, shown, range), legend, calcs: calcs.map((/** @type {string} */ calc) => CALCS[calc] ?? calc), words: legend.slice(0, 12).map((each) => `${each.shown}: last ${each.last}`).join("; "), canHide: true };
}

/** @param {{entries: {name: string, shown: string, colour: string, values: string[]}[], calcs: string[], hidden: string[], toggle: ((name: string) => void) | null, maxHeight: number}} props */
function Legend({ entries, calcs, hidden, toggle, maxHeight }) {
  const name = (/** @type {typeof entries[0]} */ entry) => {
    const content = html`<i class="key" style=${{ background: cssColour(entry.colour) }}></i><span class="clip">${entry.shown}</span>`;
    return toggle ? html`<button type="button" class="legend-name" aria-pressed=${!hidden.includes(entry.name)} title=${entry.shown} onClick=${() => toggle(entry.name)}>${content}</button>` : html`<span class="legend-name" title=${entry.shown}>${content}</span>`;
  };
  if (!calcs.length) return html`<ul class="legend-list">${entries.map((entry) => html`<li key=${entry.name}>${name(entry)}</li>`)}</ul>`;
  return html`<div class="legend-scroll" tabindex="0" role="group" aria-label="Legend" style=${{ maxHeight: `${maxHeight}px` }}><table class="legend-table">
    <thead><tr><th><span class="unseen">Series</span></th>${calcs.map((calc) => html`<th key=${calc} class="n">${calc || html`<span class="unseen">value</span>`}</th>`)}</tr></thead>
    <tbody>${entries.map((entry) => html`<tr key=${entry.name}><td>${name(entry)}</td>${entry.values.map((value, place) => html`<td key=${place} class="n">${value}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

/**
 * Figures of a panel: of its rows where it shows those, else one for each number.
 * @param {any} panel
 * @param {any[]} targets
 * @returns {{name: string, value: any, colour: string, field: any, points: [number, any][]}[]}
 */
function figuresOf(panel, targets) {
  const options = panel.options?.reduceOptions ?? {};
  const calc = options.calcs?.[0] ?? "lastNotNull";
  if (targets.some((target) => columnsOf(target, "time").length)) {
    return seriesOf(targets).map((series, place) => figure(panel, series.name, reduced(series.points.map((point) => point[1]), calc), place, series.points));
  }
  if (options.values) return partsOf(panel, targets).map((part, place) => figure(panel, part.name, part.value, place, [], part.column));
  return targets.flatMap((target) => columnsOf(target, "number").map((column, place) => figure(panel, column.name, reduced(target.data[column.place], calc), place, [])));
}

/** @param {any} panel @param {string} name @param {any} value @param {number} place @param {[number, any][]} points @param {string} [column] */
function figure(panel, name, value, place, points, column) {
  const field = column && !hasOverride(panel, name) ? fieldOf(panel, column) : fieldOf(panel, name);
  return { name: field.displayName && !column ? field.displayName : name, value, colour: colourOf(field, place, value), field, points };
}

/** @param {any} panel @param {string} name */
function hasOverride(panel, name) {
  return (panel.fieldConfig?.overrides ?? []).some((/** @type {any} */ each) => each.matcher.options === name);
}

/** Rows with a text and a number. @param {any} panel @param {any[]} targets @returns {{name: string, value: number, colour: string, column: string, row: any}[]} */
function partsOf(panel, targets) {
  return targets.flatMap((target) => {
    const [text] = columnsOf(target, "text");
    const [number] = columnsOf(target, "number");
    if (!number) return [];
    return rowsOf(target).map((row, place) => {
      const name = text ? String(row[text.name]) || "none" : number.name;
      const field = hasOverride(panel, name) ? fieldOf(panel, name) : fieldOf(panel, number.name);
      return { name, value: row[number.name] ?? 0, colour: colourOf(field, place, row[number.name]), column: number.name, row };
    });
  });
}

/** @param {{panel: any, targets: any[]}} props */
function Stat({ panel, targets }) {
  const figures = figuresOf(panel, targets);
  const isToned = (/** @type {any} */ each) => panel.options?.colorMode !== "none" && (each.field.color?.mode === "thresholds" || each.field.mappings?.length);
  return html`<dl class="stats">${figures.map((each) => html`<div key=${each.name} class="stat">
    ${(figures.length > 1 || panel.options?.textMode === "value_and_name") && html`<dt class="clip"><i class="key" style=${{ background: cssColour(each.colour) }}></i>${each.name}</dt>`}
    <dd class="figure" style=${isToned(each) ? { color: `color-mix(in srgb, ${cssColour(each.colour)} 62%, var(--text))` } : null} title=${each.value === null ? "" : String(each.value)}>${each.value === null ? each.field.noValue && figures.length === 1 ? html`<small>${each.field.noValue}</small>` : "–" : shownValue(each.value, each.field)}</dd>
    ${panel.options?.graphMode === "area" && each.points.length > 2 && html`<${Spark} points=${each.points} colour=${each.colour} />`}
  </div>`)}</dl>`;
}

/** A small line of how it went. @param {{points: [number, any][], colour: string}} props */
function Spark({ points, colour }) {
  const known = points.filter((point) => typeof point[1] === "number");
  if (known.length < 2) return null;
  const [from, to] = [known[0][0], known[known.length - 1][0]];
  const values = known.map((point) => point[1]);
  const [low, high] = [Math.min(...values, 0), Math.max(...values)];
  const line = known.map(([at, value]) => `${(((at - from) / (to - from || 1)) * 100).toFixed(2)},${(28 - ((value - low) / (high - low || 1)) * 26).toFixed(2)}`).join(" ");
  return html`<svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true"><polygon points=${`0,30 ${line} 100,30`} fill=${cssColour(colour)} opacity=".14" /><polyline points=${line} fill="none" stroke=${cssColour(colour)} stroke-width="1.5" vector-effect="non-scaling-stroke" /></svg>`;
}

/** @param {{panel: any, targets: any[], height: number}} props */
function Gauges({ panel, targets, height }) {
  const figures = figuresOf(panel, targets);
  return html`<div class="gauges">${figures.map((each) => {
    const [low, high] = [each.field.min ?? 0, each.field.max ?? 100];
    const share = each.value === null ? 0 : Math.max(0, Math.min(1, (each.value - low) / (high - low || 1)));
    const colour = each.value === null ? "--unknown" : each.field.thresholds?.steps?.length > 1 ? thresholdColour(each.field, each.value) : each.colour;
    return html`<div key=${each.name} class="gauge" role="img" aria-label=${`${each.name}: ${shownValue(each.value, each.field)}`}>
      <svg viewBox="0 0 100 62" style=${{ maxHeight: `${Math.max(50, height - 26)}px` }} aria-hidden="true">
        <path d="M8 54a42 42 0 0 1 84 0" fill="none" stroke="var(--line)" stroke-width="9" stroke-linecap="round" />
        ${share > 0 && html`<path d="M8 54a42 42 0 0 1 84 0" fill="none" stroke=${cssColour(colour)} stroke-width="9" stroke-linecap="round" pathLength="100" stroke-dasharray=${`${share * 100} 100`} />`}
        <text x="50" y="52" text-anchor="middle" class="gauge-value">${shownValue(each.value, each.field)}</text>
      </svg><p class="note clip">${each.name}</p></div>`;
  })}</div>`;
}

/** @param {{panel: any, targets: any[], range: import("../app/time_range.js").Range}} props */
function BarGauge({ panel, targets, range }) {
  const parts = panel.options?.reduceOptions?.values ? partsOf(panel, targets) : figuresOf(panel, targets).map((each) => ({ ...each, column: each.name, row: {} }));
  const fields = parts.map((part) => fieldOf(panel, part.column));
  const most = Math.max(...fields.map((field) => field.max ?? 0), ...parts.map((part) => part.value ?? 0)) || 1;
  return html`<ul class="bars">${parts.map((part, place) => {
    const link = fields[place].links?.[0];
    return html`<li key=${part.name}><span class="bar-name clip" title=${part.name}>${link ? html`<a href=${linkOf(link, part.row, part.value, range)}>${part.name}</a>` : part.name}</span>
      <span class="bar-track"><i style=${{ width: `${Math.max(0.5, (part.value / most) * 100)}%`, background: cssColour(fields[place].color?.mode === "palette-classic" || !fields[place].color ? "--agent" : part.colour) }}></i></span>
      <span class="bar-value">${shownValue(part.value, fields[place])}</span></li>`;
  })}</ul>`;
}

/** Rows as a table: for a panel that is one, and for every other that somebody wants to read. @param {{panel: any, targets: any[], range: import("../app/time_range.js").Range}} props */
export function AsTable({ panel, targets, range }) {
  const target = targets[0];
  const rows = useMemo(() => rowsOf(target), [target]);
  const columns = useMemo(() => target.columns.map((/** @type {any} */ column) => tableColumn(panel, column, rows, range)).filter(Boolean), [panel, target, rows]);
  const [first] = panel.options?.sortBy ?? [];
  const sorted = first && columns.find((/** @type {any} */ column) => column.label === first.displayName || column.key === first.displayName);
  return html`<${Table} columns=${columns} rows=${rows} label=${panel.title || "Rows"} sort=${sorted ? { key: sorted.key, desc: Boolean(first.desc) } : undefined} />`;
}

/** How moments of a column are written: to the second where all are of today, as days where all are midnights. @param {(number | null)[]} moments */
function shortMoment(moments) {
  const dates = moments.filter((each) => each !== null).map((each) => new Date(/** @type {number} */ (each)));
  if (dates.every((each) => each.toDateString() === new Date().toDateString())) return clockSeconds;
  return dates.every((each) => each.getHours() + each.getMinutes() + each.getSeconds() === 0) ? day : moment;
}

/** @param {any} panel @param {any} column @param {any[]} rows @param {import("../app/time_range.js").Range} range */
function tableColumn(panel, column, rows, range) {
  const field = fieldOf(panel, column.name);
  if (field.custom.hidden) return null;
  if (column.role === "time" && !field.unit?.startsWith("date")) field.unit = "dateTimeAsIso";
  const kind = field.custom.cellOptions?.type ?? "auto";
  const most = kind === "gauge" ? (field.max ?? Math.max(...rows.map((row) => row[column.name] ?? 0))) : 0;
  const isLong = column.role === "text" && rows.some((row) => String(row[column.name] ?? "").length > LONG);
  const short = column.role === "time" ? shortMoment(rows.map((row) => row[column.name])) : moment;
  const show = (/** @type {any} */ value, /** @type {any} */ row) => {
    const text = column.role === "text" && (value === "" || value === null) ? "" : shownValue(value, field);
    const colour = kind.startsWith("color") || kind === "gauge" ? cssColour(colourOf({ ...field, color: field.color?.mode === "fixed" ? field.color : { mode: "thresholds" } }, 0, value)) : "";
    const link = field.links?.[0];
    const shown = ID.test(text) ? html`<span title=${text}>${text.slice(0, 8)}</span>` : text;
    const content = link && text ? html`<a href=${linkOf(link, row, value, range)}>${shown}</a>` : shown;
    if (kind === "gauge") return html`<span class="cell-gauge"><span class="bar-track"><i style=${{ width: `${Math.max(0, Math.min(100, (value / (most || 1)) * 100))}%`, background: colour }}></i></span>${content}</span>`;
    if (kind === "color-background") return html`<span class="cell-toned" style=${{ background: `color-mix(in srgb, ${colour} 20%, transparent)` }}>${content}</span>`;
    if (column.role === "time") return html`<span class="moment" title=${text}>${link ? content : short(value)}</span>`;
    if (column.role === "text" && text.length <= WORD && !text.includes(" ")) return html`<span class="moment">${content}</span>`;
    if (isLong && !kind.startsWith("color")) return html`<span class="long">${content}</span>`;
    if (kind === "color-text") return html`<span style=${{ color: `color-mix(in srgb, ${colour} 62%, var(--text))` }}>${content}</span>`;
    return content;
  };
  return { key: column.name, label: field.displayName || column.name, isNumber: column.role === "number", show, width: field.custom.width };
}
