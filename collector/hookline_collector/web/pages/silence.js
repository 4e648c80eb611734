import { html } from "../vendor/preact.js";
import { Silencing } from "../parts/silencing.js";

export default function Silence() {
  return html`<${Silencing} /><p class="note"><a href="/alerts">All alerts</a>: what fires, and who was notified.</p>`;
}
