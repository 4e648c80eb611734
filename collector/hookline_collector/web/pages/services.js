import { html } from "../vendor/preact.js";
import { Dashboard } from "../panels/dashboard.js";

/** @param {import("../app/main.js").PageProps} props */
export default function Page({ range, setRange }) {
  return html`<${Dashboard} uid="hookline-services" range=${range} setRange=${setRange} />`;
}
