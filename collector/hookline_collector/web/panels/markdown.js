import { html } from "../vendor/preact.js";

/**
 * The little of Markdown that texts of dashboards use, as elements: paragraphs, lists, bold, emphasis, code, links.
 * @param {{text: string}} props
 */
export function Markdown({ text }) {
  const blocks = text.trim().split(/\n\s*\n/);
  return html`<div class="markdown">${blocks.map((block, place) => {
    const lines = block.split("\n");
    if (lines.every((line) => /^\s*[-*] /.test(line))) return html`<ul key=${place}>${lines.map((line, number) => html`<li key=${number}>${inline(line.replace(/^\s*[-*] /, ""))}</li>`)}</ul>`;
    const heading = /^(#{1,4}) (.*)$/.exec(block);
    return heading ? html`<h4 key=${place}>${inline(heading[2])}</h4>` : html`<p key=${place}>${inline(block)}</p>`;
  })}</div>`;
}

/** @param {string} text */
function inline(text) {
  return text.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`|\[[^\]]+\]\([^)\s]+\))/).map((part) => {
    if (part.startsWith("**")) return html`<strong>${part.slice(2, -2)}</strong>`;
    if (part.startsWith("*") && part.endsWith("*") && part.length > 2) return html`<em>${part.slice(1, -1)}</em>`;
    if (part.startsWith("`")) return html`<code>${part.slice(1, -1)}</code>`;
    const link = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part);
    return link && /^(https?:\/\/|\/(?!\/))/.test(link[2]) ? html`<a href=${link[2].replace(/^\/d\/hookline-/, "/")}>${link[1]}</a>` : part;
  });
}
