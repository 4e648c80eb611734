// The state of a page is its address: path, range, filters, zoom, selection. Links are plain links; back and forward work as in any page.

import { useCallback, useEffect, useMemo, useState } from "../vendor/preact.js";

/**
 * @typedef {object} Address
 * @property {string} path
 * @property {URLSearchParams} query
 */

const MOVED = "hookline-moved";
/** What goes along when one page links to another: the range, and the agent. */
const KEPT = ["from", "to", "refresh", "agent"];

/** @returns {Address} */
export function address() {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/**
 * Return an address. A value that is empty or null is left out; a list stands there several times.
 * @param {string} path
 * @param {Record<string, unknown> | URLSearchParams} [query]
 */
export function href(path, query = {}) {
  const made = query instanceof URLSearchParams ? query : new URLSearchParams();
  if (!(query instanceof URLSearchParams)) {
    for (const [name, value] of Object.entries(query)) {
      for (const each of Array.isArray(value) ? value : [value]) if (each !== null && each !== undefined && each !== "") made.append(name, String(each));
    }
  }
  const text = made.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * Return the address of another page, with the range that is looked at now.
 * @param {string} path
 * @param {Record<string, unknown>} [query]
 */
export function hrefKeeping(path, query = {}) {
  const now = address().query;
  const kept = Object.fromEntries(KEPT.filter((name) => now.has(name)).map((name) => [name, now.get(name)]));
  return href(path, { ...kept, ...query });
}

/**
 * Go to an address of ours.
 * @param {string} where
 * @param {{replace?: boolean}} [options] replace: no step for the back button
 */
export function go(where, { replace = false } = {}) {
  const target = new URL(where, location.href);
  if (target.href === location.href) return;
  history[replace ? "replaceState" : "pushState"](null, "", target);
  dispatchEvent(new Event(MOVED));
}

/**
 * Change parameters of the address that is shown; null or "" takes one away.
 * @param {Record<string, unknown>} changes
 * @param {{replace?: boolean}} [options]
 */
export function change(changes, options) {
  const { path, query } = address();
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    for (const each of Array.isArray(value) ? value : [value]) if (each !== null && each !== undefined && each !== "") query.append(name, String(each));
  }
  go(href(path, query), options);
}

/** Hook: the address; draws again when it changes. @returns {Address} */
export function useAddress() {
  const [search, setSearch] = useState(location.pathname + location.search);
  useEffect(() => {
    const onMove = () => setSearch(location.pathname + location.search);
    addEventListener("popstate", onMove);
    addEventListener(MOVED, onMove);
    onMove();
    return () => {
      removeEventListener("popstate", onMove);
      removeEventListener(MOVED, onMove);
    };
  }, []);
  return useMemo(address, [search]);
}

/**
 * Hook: one parameter of the address, and a function that changes it.
 * @param {string} name
 * @param {string} [fallback] what holds when it is not there; it is not written there
 * @param {{replace?: boolean}} [options] of the change
 * @returns {[string, (value: string | null) => void]}
 */
export function useParam(name, fallback = "", options) {
  const value = useAddress().query.get(name) ?? fallback;
  const set = useCallback((/** @type {string | null} */ next) => change({ [name]: next === fallback ? null : next }, options), [name, fallback]);
  return [value, set];
}

/**
 * Hook: a parameter that stands there several times.
 * @param {string} name
 * @returns {[string[], (values: string[]) => void]}
 */
export function useParams(name) {
  const { query } = useAddress();
  const all = query.getAll(name);
  const values = useMemo(() => all, [all.join("\0")]);
  return [values, useCallback((/** @type {string[]} */ next) => change({ [name]: next }), [name])];
}

/** Let clicks on links of ours change the page without loading it; whoever wants a new tab gets one. */
export function followLinks() {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname.startsWith("/api/") || link.pathname.startsWith("/assets/") || link.dataset.load !== undefined) return;
    if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
    event.preventDefault();
    go(link.href);
  });
}
