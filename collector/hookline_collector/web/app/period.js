// The range of a page as reports are asked for it: by name where it is a whole day of now, else by moments.

import { zone } from "./format.js";

/**
 * @param {import("./time_range.js").Range} range
 * @returns {{period: string, timezone: string}}
 */
export function periodOf(range) {
  const timezone = zone();
  if (range.from === "now/d" && range.to === "now") return { period: "today", timezone };
  if (range.from === "now-1d/d" && range.to === "now/d") return { period: "yesterday", timezone };
  if (range.from === "now/w" && range.to === "now") return { period: "week", timezone };
  return { period: `${iso(range.fromMs)}..${iso(range.toMs)}`, timezone };
}

/** @param {number} ms */
function iso(ms) {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/** The local day of a moment: `2026-11-26`. @param {number | Date} at */
export function dayName(at) {
  const date = new Date(at);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
}

/** Midnight of a local day. @param {string} name @returns {number} in ms */
export function dayStart(name) {
  const [year, month, date] = name.split("-").map(Number);
  return new Date(year, month - 1, date).getTime();
}

/** The Monday of a moment's week, and so many days after it. @param {number} at @param {number} [days] */
export function weekDay(at, days = 0) {
  const date = new Date(at);
  date.setHours(0, 0, 0, 0);
  date.setDate(date.getDate() - ((date.getDay() + 6) % 7) + days);
  return date.getTime();
}
