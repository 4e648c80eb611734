import { html, useMemo, useState } from "../vendor/preact.js";
import { Icon } from "./icon.js";

/**
 * @typedef {object} TableColumn
 * @property {string} key
 * @property {string} label
 * @property {boolean} [isNumber] right, and the largest first when it is sorted
 * @property {(value: any, row: any) => any} [show] what stands in a cell
 * @property {(value: any, row: any) => any} [sortBy] what it is sorted by, if not the value
 * @property {number} [width] in px
 */

const FIRST = 100;

/**
 * A table that sorts by a click or Enter on a heading; the first rows, and more when wanted.
 * @param {{columns: TableColumn[], rows: any[], label: string, sort?: {key: string, desc: boolean}, rowKey?: (row: any, place: number) => string, none?: string, csv?: string}} props
 */
export function Table({ columns, rows, label, sort, rowKey = (_, place) => String(place), none = "Nothing to show.", csv }) {
  const [order, setOrder] = useState(sort ?? null);
  const [most, setMost] = useState(FIRST);
  const sorted = useMemo(() => (order ? inOrder(rows, columns, order) : rows), [rows, columns, order]);
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${`${label}: rows`}>
    <table>
      <caption class="unseen">${label}</caption>
      <thead><tr>${columns.map((column) => {
        const isSorted = order?.key === column.key;
        return html`<th key=${column.key} scope="col" class=${column.isNumber ? "n" : ""} style=${column.width ? { width: `${column.width}px` } : null} aria-sort=${isSorted ? (order.desc ? "descending" : "ascending") : "none"}>
          <button type="button" class="sort" onClick=${() => setOrder({ key: column.key, desc: isSorted ? !order.desc : Boolean(column.isNumber) })}>${column.label}<i aria-hidden="true">${isSorted ? (order.desc ? "↓" : "↑") : ""}</i></button></th>`;
      })}</tr></thead>
      <tbody>
        ${sorted.slice(0, most).map((row, place) => html`<tr key=${rowKey(row, place)}>${columns.map((column) => html`<td key=${column.key} class=${column.isNumber ? "n" : ""}>${column.show ? column.show(row[column.key], row) : plain(row[column.key])}</td>`)}</tr>`)}
        ${rows.length === 0 && html`<tr class="none"><td colspan=${columns.length}>${none}</td></tr>`}
      </tbody>
    </table>
    ${(rows.length > most || csv) && html`<p class="table-foot">
      ${rows.length > most && html`<button type="button" class="quiet" onClick=${() => setMost(most + 500)}>Show more (${rows.length - most} left)</button>`}
      ${csv && html`<button type="button" class="quiet" onClick=${() => saveText(asCsv(columns, sorted), `${csv}.csv`, "text/csv")}><${Icon} name="download" size=${14} /> CSV</button>`}
    </p>`}
  </div>`;
}

/** @param {any[]} rows @param {TableColumn[]} columns @param {{key: string, desc: boolean}} order */
function inOrder(rows, columns, { key, desc }) {
  const column = columns.find((each) => each.key === key);
  const valueOf = (/** @type {any} */ row) => (column?.sortBy ? column.sortBy(row[key], row) : row[key]);
  return [...rows].sort((left, right) => {
    const [a, b] = [valueOf(left), valueOf(right)];
    if (a === b) return 0;
    if (a === null || a === undefined) return 1;
    if (b === null || b === undefined) return -1;
    return (a < b ? -1 : 1) * (desc ? -1 : 1);
  });
}

/** @param {any} value */
export function plain(value) {
  if (value === null || value === undefined || value === "") return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Rows as CSV; no cell is a formula. @param {TableColumn[]} columns @param {any[]} rows */
export function asCsv(columns, rows) {
  const cell = (/** @type {any} */ value) => {
    const text = typeof value === "number" ? String(value) : plain(value).replace(/^(?=[=+\-@\t\r])/, "'");
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[columns.map((column) => cell(column.label)), ...rows.map((row) => columns.map((column) => cell(row[column.key])))].map((line) => line.join(",")).join("\n")}\n`;
}

/** Give a text to the browser as a file. @param {string} text @param {string} name @param {string} type */
export function saveText(text, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
