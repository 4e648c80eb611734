// Begins: draws the shell, loads the page that the address names, and follows links.

import { html, render, useEffect, useRef, useState } from "../vendor/preact.js";
import { address, followLinks, useAddress } from "./address.js";
import { beginLive, useLive } from "./live.js";
import { moduleOf, routeOf } from "./routes.js";
import { Shell } from "./shell.js";
import { useRange } from "./time_range.js";
import { PageProblem } from "../parts/problem.js";
import { PageSkeleton } from "../parts/skeleton.js";

/**
 * @typedef {object} PageProps what every page is given
 * @property {import("./routes.js").PageRoute} route
 * @property {Record<string, string>} params the parts of the path, such as a session's id
 * @property {import("./time_range.js").Range} range
 * @property {(from: string | number, to: string | number, options?: {replace?: boolean}) => void} setRange
 * @property {import("./live.js").LiveState} live
 */

/** @type {Map<string, Promise<any>>} */
const modules = new Map();

/** @param {string} name */
function load(name) {
  let found = modules.get(name);
  if (!found) {
    found = import(`../pages/${name}.js`);
    found.catch(() => modules.delete(name));
    modules.set(name, found);
  }
  return found;
}

/** @typedef {{name: string, Page: any, problem: any}} Shown a page's module, or why it did not come */

/** @param {string} name @returns {Promise<Shown>} */
function shownOf(name) {
  return load(name).then(
    (module) => ({ name, Page: module.default, problem: null }),
    (why) => ({ name, Page: null, problem: why }),
  );
}

/** @param {{first: Shown}} props */
function App({ first }) {
  const { path, query } = useAddress();
  const { route, params } = routeOf(path);
  const name = moduleOf(route, query);
  const { range, setRange } = useRange(route.range);
  const live = useLive();
  const [shown, setShown] = useState(first);
  useEffect(() => {
    if (shown.name === name) return undefined;
    let wanted = true;
    void shownOf(name).then((found) => wanted && setShown(found));
    return () => {
      wanted = false;
    };
  }, [name]);
  useAnnounced(route.title, path);
  const isThere = shown.name === name;
  const page = !isThere
    ? html`<${PageSkeleton} />`
    : shown.problem
      ? html`<${PageProblem} why=${shown.problem} />`
      : html`<${shown.Page} key=${path + name} route=${route} params=${params} range=${range} setRange=${setRange} live=${live} />`;
  return html`<${Shell} route=${route} params=${params} range=${range} setRange=${setRange} live=${live}>${page}<//>`;
}

/**
 * The title of the window says where one is, and after a change of page whoever uses the keyboard or a reader begins at its top.
 * @param {string} title
 * @param {string} path
 */
function useAnnounced(title, path) {
  const before = useRef(path);
  useEffect(() => {
    document.title = `${title} · Hookline`;
    if (before.current === path) return;
    before.current = path;
    scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [title, path]);
}

/** Draw the page that the address names when its module, which is on its way with this one, is there: at once as it is, rather than empty and again. */
async function begin() {
  const { path, query } = address();
  const first = await shownOf(moduleOf(routeOf(path).route, query));
  render(html`<${App} first=${first} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
}

followLinks();
beginLive();
void begin();
