// One agent, or all: a choice at the top of the pages that are no dashboards (those have a filter of their own). It is there when there is one to make.

import { html } from "../vendor/preact.js";
import { useParam } from "../app/address.js";
import { useAnswer } from "../app/api.js";

/** The agent that is looked at; empty: all. */
export function useAgent() {
  return useParam("agent")[0];
}

/** @param {{range: import("../app/time_range.js").Range, live: import("../app/live.js").LiveState}} props */
export function AgentChoice({ range, live }) {
  const [agent, setAgent] = useParam("agent");
  const { data } = useAnswer("/api/v1/dashboards/hookline-sessions/variables", { name: "agent", from: range.fromMs, to: range.toMs }, { isLast: true });
  const known = [...(data?.variables?.agent?.values ?? []), ...live.sessions.map((each) => each.agent), agent];
  const agents = [...new Set(known.filter(Boolean))].sort();
  if (agents.length < 2 && !agent) return null;
  return html`<select class="agent-choice" aria-label="Agent" value=${agent} onChange=${(/** @type {any} */ event) => setAgent(event.target.value)}>
    <option value="">All agents</option>${agents.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}</select>`;
}
