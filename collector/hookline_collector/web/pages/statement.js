// One statement: what it did in each database, with which plans, and which slow requests called it.

import { html } from "../vendor/preact.js";
import { hrefKeeping } from "../app/address.js";
import { useAnswer } from "../app/api.js";
import { compact, count, duration } from "../app/format.js";
import { hundredth, meanOf, periodOf } from "../parts/asked_period.js";
import { Empty } from "../parts/empty.js";
import { Plans } from "../parts/plan_tree.js";
import { Problem } from "../parts/problem.js";
import { RequestRows } from "../parts/request_rows.js";
import { Skeleton } from "../parts/skeleton.js";
import { Tile } from "../parts/tile.js";

/** @param {import("../app/main.js").PageProps} props */
export default function Page({ params, range }) {
  const period = periodOf(range);
  const databases = useAnswer("/api/v1/databases", { period });
  if (databases.problem && !databases.data) return html`<${Problem} problem=${databases.problem} again=${databases.again} />`;
  if (!databases.data) return html`<div class="stack"><${Skeleton} height=${90} /><${Skeleton} height=${300} /></div>`;
  const names = databases.data.databases.map((/** @type {any} */ each) => each.database);
  if (names.length === 0) return html`<${Empty} title="No database was looked at in this time"><p>Choose a longer range at the top.</p><//>`;
  return html`<div class="stack"><header class="request-head"><h2>Statement</h2><p class="note"><code>${params.hash}</code></p></header>
    ${names.map((/** @type {string} */ name, /** @type {number} */ place) => html`<${InDatabase} key=${name} name=${name} hash=${params.hash} period=${period} withCallers=${place === 0} />`)}</div>`;
}

/** @param {{name: string, hash: string, period: string, withCallers: boolean}} props */
function InDatabase({ name, hash, period, withCallers }) {
  const where = `/api/v1/databases/${encodeURIComponent(name)}`;
  const figures = useAnswer(`${where}/statements`, { period, statement_hash: hash });
  const plans = useAnswer(`${where}/plans`, { period, statement_hash: hash, with_plan: "true" });
  if (!figures.data) return figures.problem ? html`<${Problem} problem=${figures.problem} again=${figures.again} />` : html`<${Skeleton} height=${120} />`;
  const [found] = figures.data.statements;
  return html`
    ${found && html`<section class="card" aria-label=${`In ${name}`}><header><h2><a href=${hrefKeeping(`/databases/${encodeURIComponent(name)}`)}>${name}</a></h2></header><div class="body">
      <pre class="statement-text">${found.query_text}</pre>
      <div class="tiles">
        <${Tile} label="Calls" value=${compact(found.calls)} note=${`${found.call_rate.toFixed(2)} a second`} title=${count(found.calls)} />
        <${Tile} label="Mean" value=${duration(found.mean_s)} note=${found.deviation_s === null ? "deviation not known" : `± ${duration(found.deviation_s)}`} />
        <${Tile} label="In all" value=${duration(found.total_s)} note=${`${hundredth(found.share_percent)} of what is listed`} />
        <${Tile} label="Sessions busy with it" value=${meanOf(found.active_sessions)} note=${found.wait_class ? `mostly ${found.wait_class}` : ""} />
        <${Tile} label="Blocks" value=${compact(found.blocks_hit + found.blocks_read)} note=${`${compact(found.blocks_read)} read from outside`} />
      </div>
      <${Plans} plans=${plans.data?.plans ?? []} />
    </div></section>`}
    ${withCallers && html`<section class="card" aria-label="Slow requests that called it"><header><h2>Slow requests that called it</h2></header><div class="body"><${RequestRows} requests=${figures.data.callers} label="Slow requests that called it" none="No request was kept that called it." /></div></section>`}`;
}
