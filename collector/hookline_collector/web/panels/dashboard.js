// A dashboard, drawn from the JSON that Grafana is given: its filters, its grid, its panels. The server runs a panel's statement by its name.

import { html, useMemo, useState } from "../vendor/preact.js";
import { useAddress } from "../app/address.js";
import { useAnswer } from "../app/api.js";
import { zone } from "../app/format.js";
import { Empty } from "../parts/empty.js";
import { Filters } from "../parts/filters.js";
import { Problem } from "../parts/problem.js";
import { PageSkeleton } from "../parts/skeleton.js";
import { Panel } from "./panel.js";

const ROW_PX = 30;
const GAP_PX = 8;
/** How to begin, where a dashboard has nothing in its range: title, words, and what to copy. @type {Record<string, [string, any, string?]>} */
const BEGINNINGS = {
  "hookline-services": ["No service told of itself in this range", html`<p>One line in a Python service does: its requests, their database calls and its process are here a minute later.</p>`, "hookline.instrument(app)"],
  "hookline-databases": ["No database was watched in this range", html`<p>Make a role that reads statistics, and no row of a table; name the database in the settings, and <code>hookline up</code> watches it.</p>`, "hookline db setup"],
};
const AGENTS = ["hookline-latency", "hookline-resources", "hookline-work", "hookline-sessions"];

/**
 * @param {{uid: string, range: import("../app/time_range.js").Range, setRange: import("../app/main.js").PageProps["setRange"]}} props
 */
export function Dashboard({ uid, range, setRange }) {
  const { data: dashboard, problem, again } = useAnswer(`/api/v1/dashboards/${uid}`);
  const wanted = useMemo(() => (dashboard?.templating?.list ?? []).filter((/** @type {any} */ each) => each.type === "query"), [dashboard]);
  const { data: found } = useAnswer(wanted.length ? `/api/v1/dashboards/${uid}/variables` : null, { from: range.fromMs, to: range.toMs }, { isLast: true });
  const filters = useFilters();
  const [isWhole, setIsWhole] = useState(false);
  if (problem?.status === 404) return html`<${Empty} title="This dashboard is not installed"><p>It comes with Hookline; <code>hookline status</code> says which version runs.</p><//>`;
  if (problem && !dashboard) return html`<${Problem} problem=${problem} again=${again} />`;
  if (!dashboard) return html`<${PageSkeleton} />`;
  const variables = wanted.map((/** @type {any} */ each) => ({ name: each.name, label: each.label || each.name, values: found?.variables?.[each.name]?.values ?? [] }));
  const hasZone = dashboard.templating?.list?.some((/** @type {any} */ each) => each.name === "timezone");
  const asked = hasZone ? { ...filters, "var.timezone": [zone()] } : filters;
  const isEmpty = Boolean(found) && variables.every((/** @type {any} */ each) => each.values.length === 0) && Object.keys(filters).length === 0;
  if (isEmpty && !isWhole && (uid in BEGINNINGS || AGENTS.includes(uid))) return html`<${Beginning} uid=${uid} show=${() => setIsWhole(true)} />`;
  const panels = [...dashboard.panels].sort((one, other) => one.gridPos.y - other.gridPos.y || one.gridPos.x - other.gridPos.x);
  return html`
    ${variables.length > 0 && html`<${Filters} variables=${variables} />`}
    <div class="grid">${panels.map((/** @type {any} */ panel) => html`<${Placed} key=${panel.id} uid=${uid} panel=${panel} range=${range} zoom=${setRange} filters=${asked} />`)}</div>`;
}

/** One word of how to begin, rather than the same in every panel. @param {{uid: string, show: () => void}} props */
function Beginning({ uid, show }) {
  const [title, words, command] = BEGINNINGS[uid] ?? ["No agent was asked for anything in this range", html`<p>Choose a longer one at the top. Where nothing was ever recorded, <a href="/">Today</a> says how to begin.</p>`];
  return html`<${Empty} title=${title} command=${command}>${words}<p><button type="button" class="quiet" onClick=${show}>Show the panels</button></p><//>`;
}

/** @param {Omit<import("./panel.js").PanelProps, "height">} props */
function Placed({ panel, ...rest }) {
  const { x, y, w, h } = panel.gridPos;
  const style = { gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}` };
  if (panel.type === "row") return html`<h2 class="grid-row" style=${style}>${panel.title}</h2>`;
  return html`<div class="grid-cell" style=${style}><${Panel} panel=${panel} height=${h * ROW_PX + (h - 1) * GAP_PX} ...${rest} /></div>`;
}

/** The filters of the address, as the API takes them. */
function useFilters() {
  const { query } = useAddress();
  const text = [...query].filter(([name]) => name.startsWith("var.")).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return useMemo(() => {
    /** @type {Record<string, string[]>} */
    const filters = {};
    for (const [name, value] of new URLSearchParams(text)) (filters[name] ??= []).push(value);
    return filters;
  }, [text]);
}
