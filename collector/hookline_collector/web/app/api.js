// The API. An answer is remembered with its tag: what did not change is not sent again, and a page that is come back to is there at once.

import { useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { href } from "./address.js";

/** What went wrong, in words that say what to do. */
export class ApiProblem extends Error {
  /**
   * @param {number} status 0 where nobody answered
   * @param {string} title
   * @param {string} detail
   */
  constructor(status, title, detail) {
    super(detail || title);
    this.name = "ApiProblem";
    this.status = status;
    this.title = title;
    this.detail = detail;
  }
}

/** @typedef {{tag: string, data: any, asOf: number}} Remembered */

const MOST_REMEMBERED = 150;
const REFRESHED = "hookline-refreshed";
export const REACHED = "hookline-reached";
const MOMENT_MS = 150;
let onTheirWay = 0;
/** @type {Map<string, Remembered>} */
const remembered = new Map();

/**
 * Ask for something. Raises ApiProblem.
 * @param {string} path such as `/api/v1/summary`
 * @param {Record<string, unknown>} [params]
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
export async function get(path, params = {}, { signal } = {}) {
  const where = href(path, params);
  const known = remembered.get(where);
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (known?.tag) headers["If-None-Match"] = known.tag;
  const answer = await reach(where, { headers, signal });
  if (answer.status === 304 && known) {
    known.asOf = Date.now();
    return known.data;
  }
  const data = await read(answer);
  remember(where, { tag: answer.headers.get("ETag") ?? "", data, asOf: Date.now() });
  return data;
}

/**
 * Change something, or ask with a body. Raises ApiProblem.
 * @param {"POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
export async function send(method, path, body, { signal } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await reach(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
  return answer.status === 204 ? null : read(answer);
}

/** Ask for everything on the page again. */
export function refreshAll() {
  dispatchEvent(new Event(REFRESHED));
}

/**
 * @template T
 * @typedef {object} Answered
 * @property {T | null} data the newest answer; while another is on its way, the one before
 * @property {ApiProblem | null} problem
 * @property {boolean} loading
 * @property {boolean} stale whether `data` belongs to another question than the one that is asked now
 * @property {number} asOf when it was answered, in ms; 0 before the first answer
 * @property {() => void} again
 */

/**
 * Hook: the answer to a question; asked again when it changes, on every refresh, and every `everyMs` while somebody looks.
 * @template [T=any]
 * @param {string | null} path null asks nothing
 * @param {Record<string, unknown>} [params]
 * @param {{everyMs?: number, isLast?: boolean}} [options] isLast: asked when nothing else is on its way
 * @returns {Answered<T>}
 */
export function useAnswer(path, params = {}, { everyMs = 0, isLast = false } = {}) {
  const where = path === null ? null : href(path, params);
  const known = where === null ? undefined : remembered.get(where);
  const [state, setState] = useState(() => ({ where, data: known?.data ?? null, problem: /** @type {ApiProblem | null} */ (null), loading: where !== null, asOf: known?.asOf ?? 0 }));
  const ask = useRef(() => {});
  useEffect(() => {
    if (where === null || path === null) return undefined;
    /** @type {AbortController | null} */
    let running = null;
    const askNow = async () => {
      if (running) return;
      const mine = new AbortController();
      running = mine;
      setState((before) => ({ ...before, loading: true }));
      try {
        if (isLast) await quiet();
        mine.signal.throwIfAborted();
        const data = await get(where, {}, { signal: mine.signal });
        setState({ where, data, problem: null, loading: false, asOf: Date.now() });
      } catch (why) {
        if (mine.signal.aborted) return;
        const problem = why instanceof ApiProblem ? why : new ApiProblem(0, "Defect of this page", String(why));
        setState((before) => ({ ...before, problem, loading: false }));
      } finally {
        if (running === mine) running = null;
      }
    };
    ask.current = () => void askNow();
    if (known) setState((before) => (before.where === where ? before : { where, data: known.data, problem: null, loading: true, asOf: known.asOf }));
    void askNow();
    const timer = everyMs ? setInterval(() => document.hidden || void askNow(), everyMs) : undefined;
    const onSeen = () => everyMs && !document.hidden && void askNow();
    const onRefresh = () => void askNow();
    addEventListener(REFRESHED, onRefresh);
    document.addEventListener("visibilitychange", onSeen);
    return () => {
      running?.abort();
      clearInterval(timer);
      removeEventListener(REFRESHED, onRefresh);
      document.removeEventListener("visibilitychange", onSeen);
    };
  }, [where, everyMs]);
  return useMemo(() => ({ ...state, stale: state.where !== where, again: () => ask.current() }), [state, where]);
}

/**
 * @param {string} where
 * @param {RequestInit} options
 */
async function reach(where, options) {
  onTheirWay += 1;
  try {
    const answer = await (begun(where, options) ?? fetch(where, { credentials: "same-origin", cache: "no-store", ...options }));
    options.signal?.throwIfAborted();
    dispatchEvent(new CustomEvent(REACHED, { detail: true }));
    return answer;
  } catch (why) {
    if (options.signal?.aborted) throw why;
    dispatchEvent(new CustomEvent(REACHED, { detail: false }));
    throw new ApiProblem(0, "The collector does not answer", "It may have stopped: `hookline status` says so, `hookline up --detach` starts it.");
  } finally {
    onTheirWay -= 1;
  }
}

/** Wait until nothing has been on its way for a moment. */
async function quiet() {
  do await new Promise((done) => setTimeout(done, MOMENT_MS));
  while (onTheirWay > 0 || Object.keys(hooklineBegun).length > 0);
}

/**
 * What was asked before this module came (`first.js`), given out once.
 * @param {string} where
 * @param {RequestInit} options
 */
function begun(where, options) {
  const answer = options.method ? undefined : hooklineBegun[where];
  if (answer) delete hooklineBegun[where];
  return answer;
}

/** @param {Response} answer */
async function read(answer) {
  const text = await answer.text();
  if (answer.ok) return text ? JSON.parse(text) : null;
  if (answer.status === 401) throw new ApiProblem(401, "This page needs its token", "Open the link that `hookline open` prints.");
  let told;
  try {
    told = JSON.parse(text);
  } catch {
    told = {};
  }
  throw new ApiProblem(answer.status, told.title ?? answer.statusText, told.detail ?? text.slice(0, 300));
}

/**
 * @param {string} where
 * @param {Remembered} found
 */
function remember(where, found) {
  remembered.delete(where);
  remembered.set(where, found);
  if (remembered.size > MOST_REMEMBERED) remembered.delete(/** @type {string} */ (remembered.keys().next().value));
}
