// Runs before anything is drawn. A chosen theme must not flash in the other one; and what Today or a dashboard shows first is asked for while the modules
// that draw it are still on their way: `api.js` takes these answers.
try {
  const chosen = localStorage.getItem("hookline-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden; then the system's theme holds.
}
/** The zone of this browser. The first use of `Intl` takes as long as everything else until the first picture. */
const hooklineZone = () => /** @type {any} */ (globalThis).Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
/** @type {Record<string, Promise<Response>>} */
const hooklineBegun = {};
const hooklineAsk = (/** @type {string} */ where) => fetch(where, { credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" } });
if (location.pathname === "/" && location.search === "") {
  const timezone = hooklineZone();
  const bands = `/api/v1/bands?${new URLSearchParams({ period: "today", timezone, limit: "5000", columns: "720" })}`;
  const summary = "/api/v1/summary?max_age_s=5";
  hooklineBegun[bands] = hooklineAsk(bands);
  hooklineBegun[summary] = hooklineBegun[bands].then(() => hooklineAsk(summary)); // the picture first: the figures would take their time from it
  hooklineBegun[summary].catch(() => {}); // whoever takes it hears of it
} else if (["/latency", "/resources", "/services", "/databases", "/collector"].includes(location.pathname)) {
  const dashboard = `/api/v1/dashboards/hookline-${location.pathname.slice(1)}`;
  hooklineBegun[dashboard] = hooklineAsk(dashboard);
}
