// Requests of services as a table: of a page of a statement, and wherever else slow ones are listed.

import { html } from "../vendor/preact.js";
import { hrefKeeping } from "../app/address.js";
import { count, duration, moment } from "../app/format.js";

/** @param {{requests: any[], label: string, none: string}} props */
export function RequestRows({ requests, label, none }) {
  if (requests.length === 0) return html`<p class="note">${none}</p>`;
  return html`<div class="scroll-x"><table class="plain" aria-label=${label}>
    <thead><tr><th>Request</th><th>When</th><th class="n">Took</th><th class="n roomy">Calls</th><th class="n roomy">In databases</th><th class="roomy">Kept because</th></tr></thead>
    <tbody>${requests.map((each) => html`<tr key=${each.request_id}>
      <td><a href=${hrefKeeping(`/requests/${encodeURIComponent(each.request_id)}`)}>${[each.method, each.route].filter(Boolean).join(" ")}</a>
        <span class="note clip">${[each.service, each.response_status, each.error_type].filter(Boolean).join(" · ")}</span></td>
      <td>${moment(each.started)}</td><td class="n">${duration(each.duration_s)}</td><td class="n roomy">${count(each.db_calls)}</td>
      <td class="n roomy">${duration(each.db_s)}</td><td class="roomy">${KEPT[/** @type {"limit"} */ (each.kept_because)] ?? each.kept_because}</td></tr>`)}</tbody></table></div>`;
}

export const KEPT = { failed: "it failed", limit: "over its limit", route: "slower than 99 of 100 of its route", sampled: "picked by chance" };
