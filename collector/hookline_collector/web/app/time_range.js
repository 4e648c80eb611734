// The range that is looked at, as it stands in the address: `from=now-6h&to=now`, or milliseconds, or ISO 8601; as Grafana writes it.

import { useCallback, useEffect, useMemo, useState } from "../vendor/preact.js";
import { change, useAddress } from "./address.js";
import { clock, span } from "./format.js";

/**
 * @typedef {object} Range
 * @property {string} from as it stands in the address
 * @property {string} to
 * @property {number} fromMs
 * @property {number} toMs
 * @property {string} label in words
 * @property {boolean} isRelative whether it moves on with the time
 */

const SECOND = 1000;
const UNITS = { s: SECOND, m: 60 * SECOND, h: 3600 * SECOND, d: 86_400 * SECOND, w: 7 * 86_400 * SECOND };
const MONTHS = { M: 1, y: 12 };
const TEXT = /^now(?:([-+])(\d+)([smhdwMy]))?(?:\/([hdwMy]))?$/;
const STEPS_S = [1, 5, 10, 30, 60, 300, 900, 3600];

/** The ranges that are offered: how they stand in the address, and in words. @type {[string, string, string][]} */
export const QUICK = [
  ["now/d", "now", "Today"],
  ["now-1d/d", "now/d", "Yesterday"],
  ["now-1h", "now", "Last hour"],
  ["now-6h", "now", "Last 6 hours"],
  ["now-24h", "now", "Last 24 hours"],
  ["now/w", "now", "This week"],
  ["now-7d", "now", "Last 7 days"],
  ["now-30d", "now", "Last 30 days"],
  ["now-90d", "now", "Last 90 days"],
  ["now-1y", "now", "Last year"],
];

/**
 * Return the moment of a text in ms; NaN for what is none.
 * @param {string} text
 * @param {number} now
 */
export function momentOf(text, now) {
  if (/^\d{10,}$/.test(text)) return Number(text);
  const found = TEXT.exec(text);
  if (!found) return Date.parse(text);
  const [, sign, amount, unit, floor] = found;
  let at = new Date(now);
  if (sign) {
    const by = Number(`${sign}${amount}`);
    if (unit === "d" || unit === "w") at.setDate(at.getDate() + by * (unit === "w" ? 7 : 1));
    else if (unit in MONTHS) at.setMonth(at.getMonth() + by * MONTHS[/** @type {"M"} */ (unit)]);
    else at = new Date(now + by * UNITS[/** @type {"h"} */ (unit)]);
  }
  if (floor) floored(at, floor);
  return at.getTime();
}

/** @param {Date} at @param {string} to */
function floored(at, to) {
  if (to === "h") at.setMinutes(0, 0, 0);
  else at.setHours(0, 0, 0, 0);
  if (to === "w") at.setDate(at.getDate() - ((at.getDay() + 6) % 7));
  if (to === "M" || to === "y") at.setDate(1);
  if (to === "y") at.setMonth(0);
}

/**
 * Return a range; where the texts are none, the one that the page begins with. The end is rounded up a little, so that what is asked twice is the same.
 * @param {string} from
 * @param {string} to
 * @param {number} now
 * @returns {Range | null}
 */
export function rangeOf(from, to, now) {
  const [fromMs, toMs] = [momentOf(from, now), momentOf(to, now)];
  if (!(fromMs < toMs)) return null;
  const isRelative = from.startsWith("now") || to.startsWith("now");
  const step = stepMs(toMs - fromMs);
  const end = to === "now" ? Math.ceil(toMs / step) * step : toMs;
  const begin = from.startsWith("now-") && !from.includes("/") ? Math.floor(fromMs / step) * step : fromMs;
  const quick = QUICK.find((each) => each[0] === from && each[1] === to);
  return { from, to, fromMs: begin, toMs: end, label: quick ? quick[2] : worded(begin, end), isRelative };
}

/** @param {number} fromMs @param {number} toMs */
function worded(fromMs, toMs) {
  return toMs - fromMs < 120_000 ? `${span(fromMs, toMs)} (${clock(fromMs)})`.replace(/ \(.*/, "") : span(fromMs, toMs);
}

/** How finely the end of a range is rounded. @param {number} lengthMs */
function stepMs(lengthMs) {
  return 1000 * (STEPS_S.find((step) => step * 1000 * 400 >= lengthMs) ?? 3600);
}

/** How often a range that moves on is looked at anew. @param {number} lengthMs */
function everyMs(lengthMs) {
  if (lengthMs <= 3.6e6) return 10_000;
  return lengthMs <= 26 * 3.6e6 ? 30_000 : lengthMs <= 8 * 86.4e6 ? 60_000 : 300_000;
}

/**
 * Hook: the range of the address.
 * @param {[string, string]} begins what holds when the address says nothing
 * @returns {{range: Range, setRange: (from: string | number, to: string | number, options?: {replace?: boolean}) => void}}
 */
export function useRange([beginFrom, beginTo]) {
  const { query } = useAddress();
  const [now, setNow] = useState(Date.now);
  const from = query.get("from") ?? beginFrom;
  const to = query.get("to") ?? beginTo;
  const isOff = query.get("refresh") === "off";
  const range = useMemo(
    () => rangeOf(from, to, now) ?? /** @type {Range} */ (rangeOf(beginFrom, beginTo, now)) ?? /** @type {Range} */ (rangeOf("now-24h", "now", now)),
    [from, to, now, beginFrom, beginTo],
  );
  useEffect(() => {
    const renew = () => setNow(Date.now());
    addEventListener("hookline-refreshed", renew);
    const onSeen = () => document.hidden || isOff || renew();
    document.addEventListener("visibilitychange", onSeen);
    const timer = range.isRelative && !isOff ? setInterval(() => document.hidden || renew(), everyMs(range.toMs - range.fromMs)) : undefined;
    return () => {
      removeEventListener("hookline-refreshed", renew);
      document.removeEventListener("visibilitychange", onSeen);
      clearInterval(timer);
    };
  }, [range.isRelative, isOff, everyMs(range.toMs - range.fromMs)]);
  const setRange = useCallback(
    (/** @type {string | number} */ nextFrom, /** @type {string | number} */ nextTo, /** @type {{replace?: boolean} | undefined} */ options) => {
      const isBegin = nextFrom === beginFrom && nextTo === beginTo;
      setNow(Date.now());
      change(isBegin ? { from: null, to: null } : { from: plain(nextFrom), to: plain(nextTo) }, options);
    },
    [beginFrom, beginTo],
  );
  return { range, setRange };
}

/** @param {string | number} moment */
function plain(moment) {
  return typeof moment === "number" ? String(Math.round(moment)) : moment;
}
