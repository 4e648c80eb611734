import { html } from "../vendor/preact.js";
import { Empty } from "../parts/empty.js";

/** @param {import("../app/main.js").PageProps} props */
export default function Page({ route }) {
  return html`<${Empty} title=${`${route.title} is not here yet`}>
    <p>Until it is: <a href="/" data-load>the day so far</a>, or <code>hookline report</code>, <code>hookline live</code> and <code>hookline sessions</code> in a terminal.</p>
  <//>`;
}
