// What a page shows, over time: its dashboard, from the JSON that Grafana is given.

import { html } from "../vendor/preact.js";
import { Dashboard } from "../panels/dashboard.js";

/** @param {import("../app/main.js").PageProps} props */
export default function Page({ route, range, setRange }) {
  return html`<${Dashboard} uid=${route.dashboard ?? ""} range=${range} setRange=${setRange} />`;
}
