import { html } from "../vendor/preact.js";
import { Empty } from "../parts/empty.js";

export default function Missing() {
  return html`<${Empty} title="No page has this address">
    <p>The link may be of an older version, or cut off. <a href="/">Today</a> is where everything begins.</p>
  <//>`;
}
