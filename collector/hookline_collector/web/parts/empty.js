import { html, useState } from "../vendor/preact.js";

/**
 * Nothing to show: says so, and what to do. `command` can be copied.
 * @param {{title: string, command?: string, children?: any, small?: boolean}} props
 */
export function Empty({ title, command, children, small = false }) {
  return html`<section class=${small ? "empty small" : "empty"}>
    <h2>${title}</h2>
    ${children}
    ${command && html`<${Command} text=${command} />`}
  </section>`;
}

/**
 * A command, with a button that copies it.
 * @param {{text: string}} props
 */
export function Command({ text }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return html`<p class="command"><code>${text}</code><button type="button" class="quiet" onClick=${copy}>${copied ? "Copied" : "Copy"}</button></p>`;
}
