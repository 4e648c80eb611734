import { html } from "../vendor/preact.js";
import { KnownBy } from "./known_by.js";

/**
 * One figure: what it is, how much, and a note.
 * @param {{label: string, value: any, note?: any, title?: string, tone?: "" | "agent" | "you" | "waiting" | "failure", href?: string, known?: any, children?: any}} props
 */
export function Tile({ label, value, note, title, tone = "", href, known, children }) {
  return html`<article class=${`tile ${tone}`}>
    <h3>${href ? html`<a href=${href}>${label}</a>` : label}${known && html`<${KnownBy}>${known}<//>`}</h3>
    <p class="figure" title=${title}>${value}</p>
    ${note !== undefined && html`<p class="note">${note}</p>`}
    ${children}
  </article>`;
}
