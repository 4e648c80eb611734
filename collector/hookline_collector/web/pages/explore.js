import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { change, useAddress } from "../app/address.js";
import { ApiProblem, send } from "../app/api.js";
import { duration, plural } from "../app/format.js";
import { colours } from "../app/theme.js";
import { barChart, timeSeries } from "../panels/panel_charts.js";
import { Chart, savePng } from "../parts/chart.js";
import { Empty } from "../parts/empty.js";
import { Icon } from "../parts/icon.js";
import { Problem } from "../parts/problem.js";
import { Skeleton } from "../parts/skeleton.js";
import { SqlEditor } from "../parts/sql_editor.js";
import { Table, asCsv, plain, saveText } from "../parts/table.js";

const SCHEMA = "SELECT table, name, type, comment FROM system.columns WHERE database = currentDatabase() ORDER BY table, position";
/** Views that answer people's questions stand first; what Hookline keeps for itself, last. */
const FIRST = ["sessions", "turns", "tool_calls", "usage", "activity", "work_blocks", "alerts", "usage_limits", "otel_traces", "otel_logs"];
const INSIDE = /(_state|_mv|_between|_at|_known)$|^(otlp_|agent_|worked_|schema_)/;
/** @type {[string, string][]} */
const EXAMPLES = [
  ["Which tools take the most time?", "SELECT tool, count() AS calls, round(sum(run_s)) AS seconds, round(quantileIf(0.95)(run_s, outcome != 'denied'), 2) AS p95_s\nFROM tool_calls\nWHERE started > now() - INTERVAL 7 DAY\nGROUP BY tool\nORDER BY seconds DESC\nLIMIT 20"],
  ["How many calls in each hour?", "SELECT toStartOfHour(started) AS hour, count() AS calls, countIf(outcome = 'failure') AS failed\nFROM tool_calls\nWHERE started > now() - INTERVAL 3 DAY\nGROUP BY hour\nORDER BY hour"],
  ["Which calls failed most recently?", "SELECT started, project, tool, error_type, session_id\nFROM tool_calls\nWHERE outcome = 'failure'\nORDER BY started DESC\nLIMIT 50"],
  ["Where did I work this week?", "SELECT project, count() AS sessions, sum(prompts) AS prompts, sum(calls) AS calls\nFROM sessions\nWHERE started > now() - INTERVAL 7 DAY\nGROUP BY project\nORDER BY prompts DESC"],
  ["What waited longest for my permission?", "SELECT started, project, tool, round(wait_s) AS waited_s, session_id\nFROM tool_calls\nWHERE wait_s > 0\nORDER BY wait_s DESC\nLIMIT 20"],
  ["What did each model cost?", "SELECT model, count() AS requests, sum(input_tokens + output_tokens) AS tokens, round(sum(cost_usd), 2) AS usd\nFROM usage\nGROUP BY model\nORDER BY usd DESC"],
];

/** @typedef {{columns: string[], types: string[], rows: any[][], duration_s: number}} Result */

export default function Explore() {
  const { query } = useAddress();
  const asked = query.get("sql") ?? "";
  const view = query.get("view") ?? "table";
  const [text, setText] = useState(asked || EXAMPLES[0][1]);
  const [state, setState] = useState(/** @type {{result: Result | null, problem: ApiProblem | null, running: boolean}} */ ({ result: null, problem: null, running: false }));
  const running = useRef(/** @type {AbortController | null} */ (null));
  const tables = useSchema();
  const schema = useMemo(() => Object.fromEntries(tables.map((table) => [table.name, table.columns.map((column) => column.name)])), [tables]);
  const run = async (/** @type {string} */ sql) => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    setState((before) => ({ ...before, problem: null, running: true }));
    try {
      setState({ result: await send("POST", "/api/v1/query", { sql }, { signal: mine.signal }), problem: null, running: false });
    } catch (why) {
      if (!mine.signal.aborted) setState((before) => ({ ...before, problem: why instanceof ApiProblem ? why : new ApiProblem(0, "Defect of this page", String(why)), running: false }));
    }
  };
  useEffect(() => {
    if (!asked) return;
    setText(asked);
    void run(asked);
  }, [asked]);
  useEffect(() => () => running.current?.abort(), []);
  const go = () => (text === asked ? void run(text) : change({ sql: text }));
  const browser = useMemo(() => html`<${SchemaBrowser} tables=${tables} insert=${(/** @type {string} */ name) => setText(`SELECT *\nFROM ${name}\nLIMIT 100`)} />`, [tables]); // not drawn anew with each letter
  return html`<div class="explore">
    ${browser}
    <div class="explore-main">
      <section class="card"><div class="editor-card"><${SqlEditor} value=${text} schema=${schema} onChange=${setText} onRun=${go} label="SQL statement" /></div>
        <div class="editor-foot"><button type="button" onClick=${go} disabled=${!text.trim()}><span class="with-icon"><${Icon} name="play" size=${13} />Run</span></button><kbd>Ctrl Enter</kbd>
          <label class="unseen" for="examples">Examples</label>
          <select id="examples" class="push" value="" onChange=${(/** @type {any} */ event) => { const found = EXAMPLES[Number(event.target.value)]; event.target.value = ""; if (found) change({ sql: found[1] }); }}>
            <option value="">Questions to begin with …</option>${EXAMPLES.map(([question], place) => html`<option key=${place} value=${place}>${question}</option>`)}</select></div></section>
      ${state.problem && html`<${Problem} problem=${state.problem} />`}
      ${state.running && !state.result && html`<${Skeleton} height=${220} />`}
      ${state.result && html`<${ResultCard} result=${state.result} view=${view} old=${state.running || state.problem !== null} />`}
      ${!state.result && !state.problem && !state.running && html`<${Empty} title="Ask your data"><p>Everything that Hookline knows can be read with SQL (ClickHouse's). Nothing can be changed by it. Begin with a question, or with a table at the side; the address then holds the statement, so a link shares it.</p>
        <ul class="questions">${EXAMPLES.map(([question, sql]) => html`<li key=${question}><button type="button" class="bare" onClick=${() => change({ sql })}>${question}</button></li>`)}</ul><//>`}
    </div></div>`;
}

/** @param {{result: Result, view: string, old: boolean}} props */
function ResultCard({ result, view, old }) {
  const numbers = result.types.map((type) => /^(Nullable\(|LowCardinality\(|SimpleAggregateFunction\(\w+, )*(U?Int|Float|Decimal)/.test(type));
  const rows = useMemo(() => result.rows.map((row) => Object.fromEntries(row.map((value, place) => [String(place), value]))), [result]);
  const columns = useMemo(() => result.columns.map((name, place) => ({ key: String(place), label: name, isNumber: numbers[place], show: (/** @type {any} */ value) => cell(name, value), sortBy: (/** @type {any} */ value) => (numbers[place] && value !== null ? Number(value) : value) })), [result]);
  const drawn = useMemo(() => drawing(result, numbers), [result]);
  const chart = useRef(/** @type {any} */ (null));
  return html`<section class=${old ? "card old-result" : "card"}><header><h2>${plural(result.rows.length, "row")}</h2><span class="note">${duration(result.duration_s)}</span>
      <div class="push switch" role="group" aria-label="Shown as">
        <button type="button" class="quiet" aria-pressed=${view !== "chart"} onClick=${() => change({ view: null }, { replace: true })}>Table</button>
        <button type="button" class="quiet" aria-pressed=${view === "chart"} disabled=${!drawn} title=${drawn ? "" : "A chart needs a column to stand along its axis, and a number"} onClick=${() => change({ view: "chart" }, { replace: true })}>Chart</button></div>
      <button type="button" class="quiet" onClick=${() => saveText(asCsv(columns, rows), "result.csv", "text/csv")}>CSV</button>
      ${view === "chart" && drawn && html`<button type="button" class="quiet" onClick=${() => chart.current && savePng(chart.current, "result", colours(["--card"])["--card"])}>PNG</button>`}
    </header>
    <div class="body">${view === "chart" && drawn ? html`<${Chart} options=${drawn.options} height=${360} label=${drawn.words} onReady=${(/** @type {any} */ made) => { chart.current = made; }} />` : html`<${Table} columns=${columns} rows=${rows} label="Result" none="The statement gives no row." />`}</div></section>`;
}

/** A value of a result; the id of a session leads to it. @param {string} name @param {any} value */
function cell(name, value) {
  if (value === null) return html`<span class="note">null</span>`;
  const text = plain(value);
  if (name === "session_id" && text) return html`<a href=${`/sessions/${encodeURIComponent(text)}`}>${text}</a>`;
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

/**
 * A chart of a result, where it has a column for the axis and a number: lines over time, else bars.
 * @param {Result} result
 * @param {boolean[]} numbers
 */
function drawing(result, numbers) {
  const time = result.types.findIndex((type) => /Date/.test(type));
  const text = result.types.findIndex((type, place) => !numbers[place] && place !== time);
  const values = numbers.flatMap((is, place) => (is ? [place] : []));
  if (!values.length || !result.rows.length || (time < 0 && text < 0)) return null;
  const words = `${values.map((place) => result.columns[place]).join(", ")} by ${result.columns[time >= 0 ? time : text]}`;
  if (time >= 0) {
    const at = result.rows.map((row) => Date.parse(String(row[time]).replace(" ", "T").replace(/(\.\d{3})\d*/, "$1") + (/[zZ]$|[+-]\d\d:?\d\d$/.test(String(row[time])) ? "" : String(row[time]).length > 10 ? "Z" : "T00:00:00Z")));
    const order = at.map((_, place) => place).sort((one, other) => at[one] - at[other]);
    const split = text >= 0;
    /** @type {Map<string, [number, any][]>} */
    const found = new Map();
    for (const row of order) for (const place of values) {
      const name = split ? `${plain(result.rows[row][text])}${values.length > 1 ? ` ${result.columns[place]}` : ""}` : result.columns[place];
      const points = found.get(name) ?? [];
      points.push([at[row], result.rows[row][place] === null ? null : Number(result.rows[row][place])]);
      found.set(name, points);
    }
    const series = [...found].slice(0, 24).map(([name, points]) => ({ name, points }));
    return { words, options: timeSeries({ type: "timeseries", fieldConfig: { defaults: { custom: { lineWidth: 1.5, fillOpacity: 8 } } } }, series, { fromMs: at[order[0]], toMs: at[order[order.length - 1]] }) };
  }
  const rows = result.rows.slice(0, 60).map((row) => Object.fromEntries(row.map((value, place) => [result.columns[place], numbers[place] && value !== null ? Number(value) : value])));
  return { words, options: barChart({ type: "barchart", options: { orientation: "horizontal" }, fieldConfig: {} }, rows, result.columns[text], values.map((place) => result.columns[place]), false) };
}

/** @typedef {{name: string, columns: {name: string, type: string, comment: string}[]}} SchemaTable */

/** Tables and columns, those for people first. */
function useSchema() {
  const [tables, setTables] = useState(/** @type {SchemaTable[]} */ ([]));
  useEffect(() => {
    send("POST", "/api/v1/query", { sql: SCHEMA }).then((result) => {
      /** @type {Map<string, SchemaTable>} */
      const found = new Map();
      for (const [table, name, type, comment] of result.rows) {
        if (!found.has(table)) found.set(table, { name: table, columns: [] });
        found.get(table)?.columns.push({ name, type, comment });
      }
      setTables([...found.values()].sort((one, other) => place(one.name) - place(other.name) || one.name.localeCompare(other.name)));
    }, () => setTables([]));
  }, []);
  return tables;
}

/** @param {string} table */
function place(table) {
  const first = FIRST.indexOf(table);
  return first >= 0 ? first : INSIDE.test(table) ? 200 : 100;
}

/** @param {{tables: SchemaTable[], insert: (name: string) => void}} props */
function SchemaBrowser({ tables, insert }) {
  const [text, setText] = useState("");
  const [all, setAll] = useState(false);
  const word = text.toLowerCase();
  const shown = tables.filter((table) => (all || word || place(table.name) < 200) && (table.name.toLowerCase().includes(word) || table.columns.some((column) => column.name.toLowerCase().includes(word))));
  return html`<aside class="card schema" aria-label="Tables">
    <div class="schema-head"><input type="search" aria-label="Find a table or column" placeholder="Find a table or column" value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)} /></div>
    ${tables.length === 0 ? html`<div class="body"><${Skeleton} lines=${6} /></div>` : html`<ul>${shown.map((table) => html`<li key=${table.name}><details open=${word.length > 1 && !table.name.includes(word) ? true : null}>
      <summary><span class="clip">${table.name}</span></summary>
      <p><button type="button" class="bare" onClick=${() => insert(table.name)}>Look at its rows</button></p>
      <ul class="schema-columns">${table.columns.map((column) => html`<li key=${column.name} title=${column.comment}><span class="clip">${column.name}</span><span class="note clip" title=${column.type}>${shortType(column.type)}</span></li>`)}</ul></details></li>`)}</ul>`}
    ${tables.length > 0 && !word && html`<p class="schema-foot"><button type="button" class="bare" onClick=${() => setAll(!all)}>${all ? "Fewer" : "Also what Hookline keeps for itself"}</button></p>`}
  </aside>`;
}

/** @param {string} type */
function shortType(type) {
  return type.replace(/^(?:LowCardinality|Nullable)\((.*)\)$/, "$1").replace(/^SimpleAggregateFunction\(\w+, (.*)\)$/, "$1").replace(/^DateTime64\(.*\)$/, "DateTime");
}
