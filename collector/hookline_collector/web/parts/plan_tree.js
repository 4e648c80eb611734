// A plan as a tree, as EXPLAIN prints it: the plans of a statement side by side, and what one has that the other lacks.

import { html } from "../vendor/preact.js";
import { compact, moment } from "../app/format.js";

/** @typedef {{plan_hash: string, first: string, last: string, plan_source: string, plan_cost: number | null, plan: string}} StoredPlan */
/** @typedef {{depth: number, text: string, cost: string}} PlanLine */

const SAID = ["Join Type", "Strategy", "Relation Name", "Index Name", "CTE Name", "Function Name", "Subplan Name"];
const CONDITIONS = ["Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter", "Filter", "Sort Key", "Group Key"];
const DEEPEST = 60;

/** @param {{plans: StoredPlan[]}} props */
export function Plans({ plans }) {
  if (plans.length === 0) return null;
  const drawn = plans.map((plan) => ({ plan, lines: linesOf(plan.plan) }));
  const shared = drawn.length > 1 ? commonTo(drawn.map(({ lines }) => lines)) : null;
  return html`<h3 class="plans-head">${plans.length === 1 ? "Plan" : `${plans.length} plans, the one in use last first`}</h3>
    <div class="plans">${drawn.map(({ plan, lines }) => html`<section key=${plan.plan_hash} class="plan" aria-label=${`Plan ${plan.plan_hash}`}>
      <p class="note"><code>${plan.plan_hash}</code> · ${moment(plan.first)} – ${moment(plan.last)} · ${plan.plan_source}${plan.plan_cost ? ` · cost ${compact(plan.plan_cost)}` : ""}</p>
      <ol class="plan-tree" tabindex="0">${lines.map((line, place) => html`<li key=${place} class=${shared && !shared.has(line.text) ? "only-here" : ""} style=${{ paddingLeft: `${line.depth * 14}px` }}>
        ${shared && !shared.has(line.text) && html`<span class="unseen">only here: </span>`}${line.text}${line.cost && html` <span class="note">${line.cost}</span>`}</li>`)}</ol>
    </section>`)}</div>`;
}

/** @param {PlanLine[][]} trees @returns {Set<string>} */
function commonTo(trees) {
  const [first, ...others] = trees.map((lines) => new Set(lines.map((line) => line.text)));
  return new Set([...(first ?? [])].filter((text) => others.every((other) => other.has(text))));
}

/** @param {string} text @returns {PlanLine[]} */
function linesOf(text) {
  try {
    const read = JSON.parse(text);
    const root = Array.isArray(read) ? read[0] : read;
    const found = /** @type {PlanLine[]} */ ([]);
    walk(root?.Plan ?? root, 0, found);
    return found;
  } catch {
    return text.split("\n").map((line) => ({ depth: 0, text: line, cost: "" }));
  }
}

/** @param {any} node @param {number} depth @param {PlanLine[]} found */
function walk(node, depth, found) {
  if (node === null || typeof node !== "object" || depth > DEEPEST) return;
  const said = SAID.filter((name) => node[name]).map((name) => String(node[name]));
  const cost = typeof node["Total Cost"] === "number" ? `cost ${compact(node["Total Cost"])}, ${compact(node["Plan Rows"] ?? 0)} rows` : "";
  found.push({ depth, text: [node["Node Type"] ?? "Node", ...said].join(" · "), cost });
  for (const name of CONDITIONS) if (node[name]) found.push({ depth: depth + 1, text: `${name}: ${[node[name]].flat().join(", ")}`, cost: "" });
  if (Array.isArray(node.Plans)) for (const below of node.Plans) walk(below, depth + 1, found);
}
