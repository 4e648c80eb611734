import { html } from "../vendor/preact.js";
import { NONE, duration, moment, percent } from "../app/format.js";
import { KnownBy } from "./known_by.js";

/**
 * A limit of the account: how full, how far its time has gone, and whether it lasts.
 * @param {{window: any, name: string, now: number}} props as `/api/v1/reports/windows` tells it
 */
export function Limit({ window, name, now }) {
  const left = (Date.parse(window.end) - now) / 1000;
  const used = window.used_percent;
  const isFast = window.pace !== null && window.pace > 1;
  const tone = used !== null && used >= 90 ? "failure" : isFast ? "waiting" : "agent";
  const pace = window.pace === null ? "" : `pace ${window.pace.toFixed(2)}`;
  const words = window.limit_reached ? `full by ${moment(window.limit_reached)}` : pace;
  return html`<div class="limit">
    <h3>${name}<${KnownBy}>Used as the client's status line told it; the thin mark is how much of its time has gone. Pace is the one over the other: above 1 it is used up before it resets.<//>
      <b>${used === null ? NONE : percent(used)}</b></h3>
    <div class="limit-meter" role="img" aria-label=${`${name}: ${used === null ? "not told how full" : `${percent(used)} used`}, ${percent(window.elapsed_percent)} of its time gone`}>
      <i class=${tone} style=${{ width: `${Math.min(100, used ?? 0)}%` }}></i><s style=${{ left: `${Math.min(100, window.elapsed_percent ?? 0)}%` }}></s></div>
    <p class="limit-line"><span class=${isFast ? "warns" : ""}>${words}</span><span>resets ${left > 0 ? `in ${inWords(left)}` : "now"}</span></p>
  </div>`;
}

/**
 * The limits that run now, each with its name.
 * @param {any} told as `/api/v1/reports/windows` tells them, or null
 * @returns {[string, any][]}
 */
export function runningLimits(told) {
  const five = (told?.windows ?? []).filter((/** @type {any} */ each) => each.is_active && each.source !== "gap").slice(0, 1);
  const week = (told?.weeks ?? []).filter((/** @type {any} */ each) => each.is_active).slice(0, 1);
  return [...five.map((/** @type {any} */ each) => /** @type {[string, any]} */ (["Five-hour limit", each])), ...week.map((/** @type {any} */ each) => /** @type {[string, any]} */ (["Weekly limit", each]))];
}

/** To the minute: no seconds tick beside a bar. @param {number} seconds */
function inWords(seconds) {
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} m` : duration(seconds);
}
