// How figures are written, everywhere the same. What is not known is an en dash, never a zero.

export const NONE = "–";
const THIN = "\u202f";
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
/** @type {[number, number, string][]} from which size, by what, and the letter */
const SCALES = [[999.5e9, 1e12, "T"], [999.5e6, 1e9, "bn"], [999.5e3, 1e6, "M"], [0, 1e3, "k"]];

/** @typedef {number | null | undefined} Figure */

/** @param {Figure} value @returns {value is null | undefined} */
const unknown = (value) => value === null || value === undefined || Number.isNaN(value);

/**
 * A sum of hours, as in a time sheet: `2:41`. Some seconds are not none: `< 1 m`.
 * @param {Figure} seconds
 */
export function hours(seconds) {
  if (unknown(seconds)) return NONE;
  if (seconds > 0 && seconds < 60) return "< 1 m";
  const minutes = Math.round(Math.abs(seconds) / 60);
  return `${seconds < 0 && minutes ? "−" : ""}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

/**
 * An estimate of a sum of hours, at least and at most: `0:30–0:54`; `up to 0:05` where the least is next to nothing, and once where both are written alike.
 * @param {Figure} least
 * @param {Figure} most
 */
export function hoursBetween(least, most) {
  if (unknown(least) || unknown(most) || hours(least) === hours(most)) return hours(most ?? least);
  return least < 60 ? `up to ${hours(most)}` : `${hours(least)}–${hours(most)}`;
}

/**
 * How long something took, in two units at most: `110 ms`, `3.25 s`, `1 m 16 s`, `2 h 05 m`, `3 d 4 h`.
 * @param {Figure} seconds
 * @returns {string}
 */
export function duration(seconds) {
  if (unknown(seconds)) return NONE;
  if (seconds < 0) return `−${duration(-seconds)}`;
  if (seconds === 0) return `0 s`;
  if (seconds < 0.000_999_5) return `${trim(seconds * 1e6, 3)} µs`;
  if (seconds < 0.999_5) return `${trim(seconds * 1e3, 3)} ms`;
  if (seconds < 59.95) return `${trim(seconds, 3)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
  const inHours = Math.round(seconds / 3600);
  return `${Math.floor(inHours / 24)} d ${inHours % 24} h`;
}

/**
 * A duration that ticks, in whole seconds: no digit that jumps.
 * @param {Figure} seconds
 */
export function ticking(seconds) {
  if (unknown(seconds)) return NONE;
  return seconds < 60 ? `${Math.max(0, Math.floor(seconds))} s` : duration(Math.floor(seconds));
}

/**
 * A whole number with its thousands apart.
 * @param {Figure} number
 */
export function count(number) {
  return unknown(number) ? NONE : String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, THIN);
}

/**
 * A number in three digits: `412`, `39.9 k`, `3.1 M`. The whole number belongs into the title.
 * @param {Figure} number
 */
export function compact(number) {
  if (unknown(number)) return NONE;
  const size = Math.abs(number);
  if (size < 1000) return Number.isInteger(number) ? String(number) : trim(number, 3);
  const [, divisor, unit] = SCALES.find(([least]) => size >= least) ?? SCALES[SCALES.length - 1];
  return `${trim(number / divisor, 3)} ${unit}`;
}

/** Tokens: as `compact`. None at all is what nobody told: there is no request without any. @param {Figure} number */
export const tokens = (number) => compact(number || null);

/** Dollars: `$14.20`; small amounts with the digits that they need. @param {Figure} usd @returns {string} */
export function money(usd) {
  if (unknown(usd)) return NONE;
  if (usd < 0) return `−${money(-usd)}`;
  if (usd >= 10_000) return `$${count(usd)}`;
  if (usd === 0 || usd >= 0.995) return `$${usd.toFixed(2)}`;
  return usd < 0.000_1 ? "<$0.0001" : `$${usd.toFixed(usd < 0.01 ? 4 : usd < 0.1 ? 3 : 2)}`;
}

/** Tokens with their word, and none where nobody told of any. @param {Figure} number */
export const tokensTold = (number) => (number ? `${tokens(number)} tokens` : "tokens not told");

/** @param {Figure} number of bytes; powers of ten, as disks are sold */
export function bytes(number) {
  if (unknown(number)) return NONE;
  let size = number;
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  while (Math.abs(size) >= 999.5 && units.length > 1) {
    size /= 1000;
    units.shift();
  }
  return `${trim(size, 3)} ${units[0]}`;
}

/** A share of a hundred: `7.3 %`. @param {Figure} share from 0 to 100 */
export function percent(share) {
  if (unknown(share)) return NONE;
  return `${share !== 0 && Math.abs(share) < 9.95 ? trim(share, 2) : Math.round(share)} %`;
}

/** @param {Figure} number @param {string} word @param {string} [many] */
export function plural(number, word, many = `${word}s`) {
  return `${count(number)} ${number === 1 ? word : many}`;
}

// ---- moments: in the zone of this browser -------------------------------------------------------------------------------------------------------

/** @typedef {number | string | Date | null | undefined} Moment in ms, or ISO 8601 */

/**
 * A moment in words of our own: they are English everywhere, and `Intl` takes longer until its first than a page to be drawn.
 * @param {Moment} moment
 * @param {(date: Date) => string} write
 */
function written(moment, write) {
  if (moment === null || moment === undefined || moment === "") return NONE;
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? NONE : write(date);
}

/** @param {Date} date */
const inMinutes = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;
/** @param {Date} date */
const inSeconds = (date) => `${inMinutes(date)}:${two(date.getSeconds())}`;
/** @param {Date} date */
const shortMonth = (date) => MONTHS[date.getMonth()].slice(0, date.getMonth() === 8 ? 4 : 3);

/** `14:32` @param {Moment} moment */
export const clock = (moment) => written(moment, inMinutes);
/** `14:32:05` @param {Moment} moment */
export const clockSeconds = (moment) => written(moment, inSeconds);
/** `14:32:05.250` @param {Moment} moment */
export const clockMillis = (moment) => written(moment, (date) => `${inSeconds(date)}.${String(date.getMilliseconds()).padStart(3, "0")}`);
/** `Tue 10 Mar` @param {Moment} moment */
export const day = (moment) => written(moment, (date) => `${DAYS[date.getDay()].slice(0, 3)} ${date.getDate()} ${shortMonth(date)}`);
/** `Tuesday 10 March 2026` @param {Moment} moment */
export const longDay = (moment) => written(moment, (date) => `${DAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`);

/** `14:32` today, `Tue 10 Mar 14:32` in this year, with the year else. @param {Moment} moment @param {number} [now] */
export function moment(moment, now = Date.now()) {
  if (moment === null || moment === undefined || moment === "") return NONE;
  const [at, today] = [new Date(moment), new Date(now)];
  if (at.toDateString() === today.toDateString()) return clock(at);
  const year = at.getFullYear() === today.getFullYear() ? "" : ` ${at.getFullYear()}`;
  return `${day(at)}${year} ${clock(at)}`;
}

/** From one moment to another, the day said once. @param {Moment} from @param {Moment} to */
export function span(from, to) {
  const sameDay = from && to && new Date(from).toDateString() === new Date(to).toDateString();
  return `${moment(from)} – ${sameDay ? clock(to) : moment(to)}`;
}

/** `3 m ago` @param {Moment} when @param {number} [now] */
export function ago(when, now = Date.now()) {
  if (when === null || when === undefined || when === "") return NONE;
  const seconds = (now - new Date(when).getTime()) / 1000;
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

let ownZone = "";

/** The zone that moments are written in: `Europe/Berlin`. */
export function zone() {
  return (ownZone ||= hooklineZone());
}

/** Whether a zone is that of this browser, under whichever of its names: `Asia/Kolkata` is its `Asia/Calcutta`. @param {string} name */
export function isOwnZone(name) {
  if (name === zone()) return true;
  const { Temporal } = /** @type {any} */ (globalThis);
  try {
    if (Temporal) return new Temporal.ZonedDateTime(0n, name).equals(new Temporal.ZonedDateTime(0n, zone()));
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone === zone();
  } catch {
    return false;
  }
}

/** @param {number} number @param {number} digits that count */
function trim(number, digits) {
  const whole = Math.max(1, Math.floor(Math.log10(Math.abs(number) || 1)) + 1);
  return number.toFixed(Math.max(0, digits - whole)).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

/** @param {number} number */
function two(number) {
  return String(number).padStart(2, "0");
}
