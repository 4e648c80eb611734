import { html, useId, useRef, useState } from "../vendor/preact.js";
import { change, useAddress } from "../app/address.js";
import { Icon } from "./icon.js";
import { useClosing } from "./range_picker.js";

/**
 * Filters: each a list of values to choose from, kept in the address as `var.NAME`. None chosen means all.
 * @param {{variables: {name: string, label: string, values: string[]}[]}} props
 */
export function Filters({ variables }) {
  const { query } = useAddress();
  const isSet = variables.some((variable) => query.has(`var.${variable.name}`));
  return html`<div class="filters" role="group" aria-label="Filters">
    ${variables.map((variable) => html`<${Filter} key=${variable.name} ...${variable} chosen=${query.getAll(`var.${variable.name}`)} />`)}
    ${isSet && html`<button type="button" class="bare" onClick=${() => change(Object.fromEntries(variables.map((each) => [`var.${each.name}`, null])))}>Clear</button>`}
  </div>`;
}

/** @param {{name: string, label: string, values: string[], chosen: string[]}} props */
function Filter({ name, label, values, chosen }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const whole = useRef(/** @type {HTMLElement | null} */ (null));
  const id = useId();
  useClosing(open, whole, () => setOpen(false));
  const toggle = (/** @type {string} */ value) => change({ [`var.${name}`]: chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value] }, { replace: true });
  const all = [...new Set([...chosen, ...values])].filter((value) => value.toLowerCase().includes(text.toLowerCase()));
  return html`<div class="filter" ref=${whole}>
    <button type="button" class=${chosen.length ? "quiet set" : "quiet"} aria-expanded=${open} aria-controls=${id} onClick=${() => setOpen(!open)}>
      <span class="filter-name">${label}</span><span class="clip">${chosen.length ? chosen.map((each) => each || "none").join(", ") : "all"}</span><${Icon} name="chevron" size=${14} /></button>
    ${open && html`<div class="filter-box" id=${id} role="group" aria-label=${label}>
      ${values.length > 8 && html`<input type="search" aria-label=${`Find in ${label}`} placeholder="Find" value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)} />`}
      <ul>${all.map((value) => html`<li key=${value}><label class="check"><input type="checkbox" checked=${chosen.includes(value)} onChange=${() => toggle(value)} /><span class="clip">${value || "none"}</span></label></li>`)}</ul>
      ${all.length === 0 && html`<p class="note">Nothing in this range.</p>`}
    </div>`}
  </div>`;
}
