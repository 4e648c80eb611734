import { html, useEffect, useId, useRef, useState } from "../vendor/preact.js";
import { change, useAddress } from "../app/address.js";
import { refreshAll } from "../app/api.js";
import { zone } from "../app/format.js";
import { QUICK, momentOf } from "../app/time_range.js";
import { Icon } from "./icon.js";

/**
 * The range: quick ones, from and to, a step back, forward and out, and whether it moves on by itself.
 * @param {{range: import("../app/time_range.js").Range, setRange: import("../app/main.js").PageProps["setRange"]}} props
 */
export function RangePicker({ range, setRange }) {
  const [open, setOpen] = useState(false);
  const whole = useRef(/** @type {HTMLElement | null} */ (null));
  const id = useId();
  const isOff = useAddress().query.get("refresh") === "off";
  useClosing(open, whole, () => setOpen(false));
  const length = range.toMs - range.fromMs;
  const move = (/** @type {number} */ by) => setRange(range.fromMs + by * length, range.toMs + by * length);
  return html`<div class="range-picker" ref=${whole}>
    <button type="button" class="quiet only-icon" aria-label="Earlier" title="Earlier" onClick=${() => move(-1)}><${Icon} name="left" size=${16} /></button>
    <button type="button" class="quiet range-now" aria-expanded=${open} aria-controls=${id} onClick=${() => setOpen(!open)} title=${zone()}>
      <${Icon} name="work" size=${16} /><span>${range.label}</span><${Icon} name="chevron" size=${14} /></button>
    <button type="button" class="quiet only-icon" aria-label="Later" title="Later" disabled=${range.toMs >= Date.now()} onClick=${() => move(1)}><${Icon} name="right" size=${16} /></button>
    <button type="button" class="quiet only-icon" aria-label="Zoom out" title="Zoom out" onClick=${() => setRange(range.fromMs - length / 2, Math.min(range.toMs + length / 2, Math.max(Date.now(), range.toMs)))}><${Icon} name="zoomout" size=${16} /></button>
    <button type="button" class="quiet only-icon" aria-label="Refresh" title="Refresh" onClick=${refreshAll}><${Icon} name="refresh" size=${16} /></button>
    ${open && html`<div class="range-box" id=${id} role="group" aria-label="Range">
      <ul class="quick-ranges">
        ${QUICK.map(([from, to, label]) => html`<li key=${label}><button type="button" aria-pressed=${range.from === from && range.to === to}
          onClick=${() => {
            setRange(from, to);
            setOpen(false);
          }}>${label}</button></li>`)}
      </ul>
      <${Absolute} range=${range} setRange=${setRange} done=${() => setOpen(false)} />
      <label class="check"><input type="checkbox" checked=${!isOff} onChange=${() => change({ refresh: isOff ? null : "off" }, { replace: true })} /> Moves on by itself</label>
      <p class="note">Times are in ${zone()}. Drag over a chart to look closer.</p>
    </div>`}
  </div>`;
}

/** @param {{range: import("../app/time_range.js").Range, setRange: import("../app/main.js").PageProps["setRange"], done: () => void}} props */
function Absolute({ range, setRange, done }) {
  const [from, setFrom] = useState(shown(range.from, range.fromMs));
  const [to, setTo] = useState(shown(range.to, range.toMs));
  const [fault, setFault] = useState("");
  const id = useId();
  const apply = (/** @type {Event} */ event) => {
    event.preventDefault();
    const [begin, end] = [momentOf(from.trim(), Date.now()), momentOf(to.trim(), Date.now())];
    if (Number.isNaN(begin) || Number.isNaN(end)) return setFault("Write a moment as 2026-03-10 08:00, or as now-6h, now-1d/d.");
    if (begin >= end) return setFault("The range ends before it begins.");
    setRange(from.includes("now") ? from.trim() : begin, to.includes("now") ? to.trim() : end);
    return done();
  };
  return html`<form class="absolute" onSubmit=${apply}>
    <label for=${`${id}-from`}>From</label><input id=${`${id}-from`} value=${from} onInput=${(/** @type {any} */ event) => setFrom(event.target.value)} spellcheck=${false} autocomplete="off" />
    <label for=${`${id}-to`}>To</label><input id=${`${id}-to`} value=${to} onInput=${(/** @type {any} */ event) => setTo(event.target.value)} spellcheck=${false} autocomplete="off" />
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
    <button type="submit">Show</button>
  </form>`;
}

/** @param {string} text @param {number} ms */
function shown(text, ms) {
  if (text.startsWith("now")) return text;
  const at = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString();
  return `${at.slice(0, 10)} ${at.slice(11, 19)}`.replace(/:00$/, "");
}

/**
 * Close on Escape and on a click elsewhere.
 * @param {boolean} open
 * @param {{current: HTMLElement | null}} whole
 * @param {() => void} close
 */
export function useClosing(open, whole, close) {
  useEffect(() => {
    if (!open) return undefined;
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      close();
      const opener = whole.current?.querySelector("[aria-expanded]");
      if (opener instanceof HTMLElement) opener.focus();
    };
    const onClick = (/** @type {MouseEvent} */ event) => !event.composedPath().includes(/** @type {EventTarget} */ (whole.current)) && close();
    document.addEventListener("keydown", onKey);
    document.addEventListener("click", onClick);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("click", onClick);
    };
  }, [open]);
}
