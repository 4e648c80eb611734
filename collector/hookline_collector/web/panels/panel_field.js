// How a field of a panel is shown: Grafana's `fieldConfig` with its overrides, its units, colours, thresholds, mappings and links.

import { bytes, clockSeconds, compact, count, day, duration, hours, money, NONE, percent } from "../app/format.js";

/** @typedef {Record<string, any>} FieldStyle defaults with the overrides that match */

/** Colours that mean something, as the dashboards write them, and ours for both themes. @type {Record<string, string>} */
const MEANT = {
  "#1f9e89": "--agent", "#5b5bd6": "--you", "#d98e04": "--waiting", "#efc973": "--prompt", "#d13438": "--failure", "#8a8f98": "--unknown",
  "#3b82c4": "--series-1", "#2f9e44": "--good", green: "--good", yellow: "--prompt", orange: "--waiting", red: "--failure", blue: "--series-1",
  purple: "--series-4", text: "--text",
};
export const SERIES = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `--series-${number}`);
const IEC = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/**
 * @param {any} panel
 * @param {string} name of the column or series
 * @returns {FieldStyle}
 */
export function fieldOf(panel, name) {
  const config = panel.fieldConfig ?? {};
  const field = { ...(config.defaults ?? {}), custom: { ...(config.defaults?.custom ?? {}) } };
  for (const override of config.overrides ?? []) {
    if (!matches(override.matcher, name)) continue;
    for (const { id, value } of override.properties) {
      if (id.startsWith("custom.")) field.custom[id.slice(7)] = value;
      else field[id] = value;
    }
  }
  return field;
}

/** @param {{id: string, options: string}} matcher @param {string} name */
function matches(matcher, name) {
  if (matcher.id === "byName") return matcher.options === name;
  if (matcher.id !== "byRegexp") return false;
  const found = /^\/(.*)\/([a-z]*)$/.exec(matcher.options);
  try {
    return new RegExp(found ? found[1] : matcher.options, found ? found[2] : "").test(name);
  } catch {
    return false;
  }
}

/** A value in its unit; what a mapping says instead of it, where one does. @param {any} value @param {FieldStyle} field @returns {string} */
export function shownValue(value, field) {
  const mapped = mappingOf(value, field);
  if (mapped?.text) return mapped.text;
  if (value === null || value === undefined) return NONE;
  if (field.unit === "dateTimeAsIso") return `${day(value)} ${clockSeconds(value)}`;
  if (field.unit === "bool_yes_no") return value ? "yes" : "no";
  return typeof value === "number" ? number(value, field) : String(value);
}

/** @param {number} value @param {FieldStyle} field */
function number(value, { unit = "", decimals }) {
  switch (unit) {
    case "s":
    case "dtdurations":
      return duration(value);
    case "ms":
      return duration(value / 1000);
    case "h":
      return hours(value * 3600);
    case "bytes":
      return iec(value);
    case "decbytes":
      return bytes(value);
    case "Bps":
      return `${bytes(value)}/s`;
    case "percent":
      return percent(value);
    case "percentunit":
      return percent(value * 100);
    case "currencyUSD":
      return money(value);
    case "cps":
      return `${compact(rounded(value, decimals))} a second`;
    case "short":
      return compact(rounded(value, decimals));
    default:
      return Number.isInteger(value) ? count(value) : Math.abs(value) >= 1000 ? count(value) : String(Number(value.toPrecision(decimals ? decimals + 1 : 3)));
  }
}

/** @param {number} value @param {number | undefined} decimals */
function rounded(value, decimals) {
  return decimals === undefined ? value : Number(value.toFixed(decimals));
}

/** @param {number} value */
function iec(value) {
  let place = 0;
  while (Math.abs(value) >= 1023.5 && place < IEC.length - 1) {
    value /= 1024;
    place += 1;
  }
  return `${Number(value.toPrecision(3))} ${IEC[place]}`;
}

/** What a mapping says of a value. @param {any} value @param {FieldStyle} field @returns {{text?: string, color?: string} | undefined} */
export function mappingOf(value, field) {
  for (const mapping of field.mappings ?? []) {
    if (mapping.type === "value" && mapping.options?.[String(value)]) return mapping.options[String(value)];
    const { from, to, result } = mapping.options ?? {};
    if (mapping.type === "range" && typeof value === "number" && value >= (from ?? -Infinity) && value <= (to ?? Infinity)) return result;
  }
  return undefined;
}

/** A colour of a dashboard as one of ours: a custom property where it means something, else as it is. @param {string | undefined} colour */
export function colourName(colour) {
  if (!colour) return "--series-1";
  return MEANT[colour.toLowerCase()] ?? MEANT[colour.toLowerCase().replace(/^(semi-dark|dark|light|super-light)-/, "")] ?? colour;
}

/** As CSS takes it. @param {string} name */
export function cssColour(name) {
  return name.startsWith("--") ? `var(${name})` : name;
}

/** The colour of a series or value. @param {FieldStyle} field @param {number} place among its like @param {any} [value] */
export function colourOf(field, place, value) {
  const mapped = mappingOf(value, field);
  if (mapped?.color) return colourName(mapped.color);
  const mode = field.color?.mode ?? "palette-classic";
  if (mode === "fixed") return colourName(field.color.fixedColor);
  if (mode === "thresholds" && typeof value === "number") return thresholdColour(field, value);
  return SERIES[place % SERIES.length];
}

/** The colour of the step that a value has reached. @param {FieldStyle} field @param {number} value */
export function thresholdColour(field, value) {
  const { mode, steps = [] } = field.thresholds ?? {};
  const [low, high] = [field.min ?? 0, field.max ?? 100];
  const at = mode === "percentage" ? ((value - low) / (high - low || 1)) * 100 : value;
  let found = steps[0]?.color;
  for (const step of steps) if (step.value !== null && step.value !== undefined && at >= step.value) found = step.color;
  return colourName(found);
}

/**
 * The address of a data link, with what stands in the row; one to a dashboard as our page of it.
 * @param {{url: string}} link
 * @param {Record<string, any>} row
 * @param {any} value
 * @param {{fromMs: number, toMs: number}} range
 */
export function linkOf(link, row, value, range) {
  const filled = link.url.replace(/\$\{([^}]+)\}/g, (_, name) => encodeURIComponent(String(meant(name, row, value, range) ?? "")));
  if (/^https?:/.test(filled)) return filled;
  const found = /^\/d\/hookline-(\w+)[^?]*(?:\?(.*))?$/.exec(filled);
  if (!found) return filled.startsWith("/") && !filled.startsWith("//") ? filled : "#";
  const query = new URLSearchParams(found[2] ?? "");
  const session = query.get("var-session");
  if (found[1] === "sessions" && session) return `/sessions/${encodeURIComponent(session)}`;
  const own = pageOf(found[1], query);
  if (own) return own;
  const pairs = [...query].map(([name, each]) => [name.replace(/^var-/, "var."), each]);
  const text = new URLSearchParams(["work", "sessions"].includes(found[1]) ? [["view", "charts"], ...pairs] : pairs).toString();
  return `/${found[1]}${text ? `?${text}` : ""}`;
}

/**
 * Our page of one request, database or statement, in the same range.
 * @param {string} dashboard
 * @param {URLSearchParams} query
 */
function pageOf(dashboard, query) {
  const range = new URLSearchParams([...query].filter(([name]) => name === "from" || name === "to")).toString();
  const to = (/** @type {string} */ path, /** @type {string} */ name) => `/${path}/${encodeURIComponent(name)}${range ? `?${range}` : ""}`;
  const [request, database, statement] = ["request", "database", "statement"].map((name) => query.get(`var-${name}`));
  if (dashboard === "services" && request) return to("requests", request);
  if (dashboard === "databases" && statement) return to("statements", statement);
  return dashboard === "databases" && database ? to("databases", database) : "";
}

/** @param {string} name @param {Record<string, any>} row @param {any} value @param {{fromMs: number, toMs: number}} range */
function meant(name, row, value, range) {
  const field = /^__data\.fields(?:\["(.+)"\]|\.([\w]+))/.exec(name);
  if (field) return row[field[1] ?? field[2]];
  if (name.startsWith("__value")) return value;
  return { __from: range.fromMs, __to: range.toMs }[name];
}
