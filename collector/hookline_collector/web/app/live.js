// What every session does now, from the collector's stream. One stream a page; none while the page is hidden, unless somebody wants to hear of it.

import { useEffect, useState } from "../vendor/preact.js";
import { REACHED } from "./api.js";

/**
 * @typedef {object} LiveState
 * @property {"connecting" | "live" | "lost"} state
 * @property {any[]} sessions those that are not over, as `/api/v1/live` tells them
 * @property {number} total
 * @property {number} asOf when something was last heard, in ms; 0 before the first word
 */

const QUIET_MS = 25_000; // the stream says something every ten seconds
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 15_000;
const HIDDEN_MS = 30_000;

/** @type {LiveState} */
let now = { state: "connecting", sessions: [], total: 0, asOf: 0 };
/** @type {Map<string, any>} */
let byId = new Map();
/** @type {EventSource | null} */
let stream = null;
/** @type {Set<(state: LiveState) => void>} */
const listeners = new Set();
let retryMs = FIRST_RETRY_MS;
let keepers = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let rest;

/** @param {Partial<LiveState>} changes */
function tell(changes) {
  now = { ...now, ...changes };
  for (const listener of listeners) listener(now);
}

function open() {
  if (stream) return;
  clearTimeout(retry);
  stream = new EventSource("/api/v1/live");
  stream.addEventListener("sessions", (event) => {
    const told = JSON.parse(event.data);
    byId = new Map(told.sessions.map((/** @type {any} */ each) => [each.session_id, each]));
    heard(told.sessions_total);
  });
  stream.addEventListener("changed", (event) => {
    for (const each of JSON.parse(event.data).sessions) {
      if (each.state === "ended") byId.delete(each.session_id);
      else byId.set(each.session_id, each);
    }
    heard(byId.size);
  });
  stream.addEventListener("error", lost);
}

/** @param {number} total */
function heard(total) {
  retryMs = FIRST_RETRY_MS;
  tell({ state: "live", sessions: [...byId.values()], total, asOf: Date.now() });
}

function close() {
  stream?.close();
  stream = null;
  clearTimeout(retry);
}

function lost() {
  close();
  if (now.state !== "lost") tell({ state: "lost" });
  retry = setTimeout(() => document.hidden && !keepers ? undefined : open(), retryMs);
  retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
}

function onVisibility() {
  clearTimeout(rest);
  if (!document.hidden) open();
  else if (!keepers) rest = setTimeout(close, HIDDEN_MS);
}

/** Begin to listen, once for the page. */
export function beginLive() {
  open();
  document.addEventListener("visibilitychange", onVisibility);
  addEventListener(REACHED, (event) => {
    if (/** @type {CustomEvent} */ (event).detail && now.state === "lost" && !stream) {
      retryMs = FIRST_RETRY_MS;
      open();
    } else if (!(/** @type {CustomEvent} */ (event).detail) && now.state === "live") lost();
  });
  setInterval(() => {
    if (now.state === "live" && !document.hidden && Date.now() - now.asOf > QUIET_MS) lost();
  }, 5_000);
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
}

/** Hold the stream open while the page is hidden: for a sound or a notice. Returns what lets it go. */
export function keepLive() {
  keepers += 1;
  return () => {
    keepers -= 1;
  };
}

/** Hook: what every session does now. @returns {LiveState} */
export function useLive() {
  const [state, setState] = useState(now);
  useEffect(() => {
    listeners.add(setState);
    setState(now);
    return () => void listeners.delete(setState);
  }, []);
  return state;
}

/** Hook: the time, every so often: what lasts is seen to last. @param {number} [everyMs] */
export function useNow(everyMs = 1000) {
  const [at, setAt] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setAt(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return at;
}
