// Which page an address shows. A page is a module in `pages/`, loaded when it is first looked at.

/**
 * @typedef {object} PageRoute
 * @property {string} path `:name` stands for one part
 * @property {string} page its module
 * @property {string} title
 * @property {string} icon
 * @property {[string, string]} range what is looked at when the address does not say
 * @property {boolean} [inNavigation]
 * @property {boolean} [hasRange] whether the range can be chosen at the top
 * @property {boolean} [hasAgents] whether one agent can be chosen at the top
 * @property {string} [dashboard] that shows the same over time: `view=charts` in the address
 * @property {string} [first] what the page itself is called beside its charts
 * @property {string} [key] after `g`: goes there
 */

/** @type {PageRoute[]} */
export const ROUTES = [
  { path: "/", page: "today", title: "Today", icon: "today", range: ["now/d", "now"], inNavigation: true, hasRange: true, hasAgents: true, key: "t" },
  { path: "/live", page: "live", title: "Live", icon: "live", range: ["now/d", "now"], inNavigation: true, hasAgents: true, key: "l" },
  { path: "/work", page: "work", title: "Work time", icon: "work", dashboard: "hookline-work", first: "Calendar", range: ["now/w", "now"], inNavigation: true, hasRange: true, hasAgents: true, key: "w" },
  { path: "/sessions", page: "sessions", title: "Sessions", icon: "sessions", dashboard: "hookline-sessions", first: "List", range: ["now-7d", "now"], inNavigation: true, hasRange: true, hasAgents: true, key: "s" },
  { path: "/sessions/:id", page: "session", title: "Session", icon: "sessions", range: ["now-7d", "now"] },
  { path: "/latency", page: "latency", title: "Latency", icon: "latency", range: ["now-24h", "now"], inNavigation: true, hasRange: true, key: "y" },
  { path: "/resources", page: "resources", title: "Resources", icon: "resources", range: ["now-6h", "now"], inNavigation: true, hasRange: true, key: "r" },
  { path: "/services", page: "services", title: "Services", icon: "services", range: ["now-6h", "now"], inNavigation: true, hasRange: true, key: "v" },
  { path: "/requests/:id", page: "request", title: "Request", icon: "services", range: ["now-7d", "now"] },
  { path: "/databases", page: "databases", title: "Databases", icon: "databases", range: ["now-6h", "now"], inNavigation: true, hasRange: true, key: "d" },
  { path: "/databases/:name", page: "database", title: "Database", icon: "databases", range: ["now-6h", "now"], hasRange: true },
  { path: "/statements/:hash", page: "statement", title: "Statement", icon: "databases", range: ["now-24h", "now"], hasRange: true },
  { path: "/alerts", page: "alerts", title: "Alerts", icon: "alerts", range: ["now-7d", "now"], inNavigation: true, hasRange: true, key: "a" },
  { path: "/silence", page: "silence", title: "Silences", icon: "alerts", range: ["now-7d", "now"] },
  { path: "/explore", page: "explore", title: "Explore", icon: "explore", range: ["now-24h", "now"], inNavigation: true, key: "e" },
  { path: "/status", page: "status", title: "Status", icon: "status", range: ["now-6h", "now"], inNavigation: true, key: "u" },
  { path: "/collector", page: "collector", title: "Collector", icon: "collector", range: ["now-6h", "now"], hasRange: true, key: "c" },
];

/** @type {PageRoute} */
export const MISSING = { path: "", page: "missing", title: "No such page", icon: "status", range: ["now/d", "now"] };

/**
 * Return the route of a path, and what its parts stand for.
 * @param {string} path
 * @returns {{route: PageRoute, params: Record<string, string>}}
 */
export function routeOf(path) {
  const parts = split(path);
  for (const route of ROUTES) {
    const wanted = split(route.path);
    if (wanted.length !== parts.length) continue;
    if (wanted.every((each, place) => each.startsWith(":") || each === parts[place])) {
      const params = wanted.flatMap((each, place) => (each.startsWith(":") ? [[each.slice(1), decoded(parts[place])]] : []));
      return { route, params: Object.fromEntries(params) };
    }
  }
  return { route: MISSING, params: {} };
}

/**
 * The module that an address shows: the page of its route, or the charts of it.
 * @param {PageRoute} route
 * @param {URLSearchParams} query
 */
export function moduleOf(route, query) {
  return route.dashboard && query.get("view") === "charts" ? "charts" : route.page;
}

/** @param {string} path */
function split(path) {
  return path.replace(/\/+$/, "").split("/").slice(1);
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
