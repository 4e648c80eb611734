import { html, useEffect, useId, useRef, useState } from "../vendor/preact.js";

/**
 * "How is this known?": a small button that opens the rule behind a figure, and its evidence.
 * @param {{children?: any, label?: string}} props
 */
export function KnownBy({ children, label = "How is this known?" }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const whole = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (!open) return undefined;
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      whole.current?.querySelector("button")?.focus();
    };
    const onClick = (/** @type {MouseEvent} */ event) => event.target instanceof Node && !whole.current?.contains(event.target) && setOpen(false);
    document.addEventListener("keydown", onKey);
    document.addEventListener("click", onClick);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("click", onClick);
    };
  }, [open]);
  return html`<span class="known" ref=${whole}>
    <button type="button" class="known-button" aria-expanded=${open} aria-controls=${id} aria-label=${label} title=${label} onClick=${() => setOpen(!open)}>?</button>
    ${open && html`<span class="known-text" id=${id} role="note">${children}</span>`}
  </span>`;
}
