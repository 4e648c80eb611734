// A dashboard, drawn from the JSON that Grafana is given: its filters, its grid, its panels. The server runs a panel's statement by its name.

import { html, useMemo } from "../vendor/preact.js";
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

/**
 * @param {{uid: string, range: import("../app/time_range.js").Range, setRange: import("../app/main.js").PageProps["setRange"]}} props
 */
export function Dashboard({ uid, range, setRange }) {
  const { data: dashboard, problem, again } = useAnswer(`/api/v1/dashboards/${uid}`);
  const wanted = useMemo(() => (dashboard?.templating?.list ?? []).filter((/** @type {any} */ each) => each.type === "query"), [dashboard]);
  const { data: found } = useAnswer(wanted.length ? `/api/v1/dashboards/${uid}/variables` : null, { from: range.fromMs, to: range.toMs });
  const filters = useFilters();
  if (problem?.status === 404) return html`<${Empty} title="This dashboard is not installed"><p>It comes with Hookline; <code>hookline status</code> says which version runs.</p><//>`;
  if (problem && !dashboard) return html`<${Problem} problem=${problem} again=${again} />`;
  if (!dashboard) return html`<${PageSkeleton} />`;
  const variables = wanted.map((/** @type {any} */ each) => ({ name: each.name, label: each.label || each.name, values: found?.variables?.[each.name]?.values ?? [] }));
  const hasZone = dashboard.templating?.list?.some((/** @type {any} */ each) => each.name === "timezone");
  const asked = hasZone ? { ...filters, "var.timezone": [zone()] } : filters;
  const panels = [...dashboard.panels].sort((one, other) => one.gridPos.y - other.gridPos.y || one.gridPos.x - other.gridPos.x);
  return html`
    ${variables.length > 0 && html`<${Filters} variables=${variables} />`}
    <div class="grid">${panels.map((/** @type {any} */ panel) => html`<${Placed} key=${panel.id} uid=${uid} panel=${panel} range=${range} zoom=${setRange} filters=${asked} />`)}</div>`;
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
