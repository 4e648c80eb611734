import { html } from "../vendor/preact.js";
import { ApiProblem } from "../app/api.js";

/**
 * What went wrong, and what to do about it.
 * @param {{problem: ApiProblem | null, again?: () => void}} props
 */
export function Problem({ problem, again }) {
  if (!problem) return null;
  return html`<div class="problem" role="alert">
    <strong>${problem.title}</strong>
    <p>${coded(problem.detail)}</p>
    ${again && html`<button type="button" class="quiet" onClick=${again}>Try again</button>`}
  </div>`;
}

/**
 * A page that cannot be loaded.
 * @param {{why: unknown}} props
 */
export function PageProblem({ why }) {
  const problem = new ApiProblem(0, "This page did not load", `${why instanceof Error ? why.message : why}. Reload it; if that does not help, \`hookline status\` says whether the collector runs.`);
  return html`<${Problem} problem=${problem} again=${() => location.reload()} />`;
}

/** Text with `code` between back quotes, as elements. @param {string} text */
export function coded(text) {
  return text.split("`").map((part, place) => (place % 2 ? html`<code>${part}</code>` : part));
}
