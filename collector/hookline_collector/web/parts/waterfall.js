// A session as a waterfall: rows of spans, one within another, over one axis. Only the rows that are seen are made, so ten thousand stay smooth.

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { clock, clockMillis, clockSeconds, compact, count, duration, money } from "../app/format.js";
import { ticksOf } from "./band_geometry.js";
import { childrenOf, rowsOfTree } from "./span_rows.js";

const ROW = 24;
const MARGIN = 12;
const STEP = 6 * ROW; // rows are made anew when so much was scrolled; the margin covers what lies between
const WORDS = { turn: "prompt", request: "model", call: "", wait: "waits for your", hook: "hook", subagent: "subagent", compaction: "compaction" };
const MANY = 400;

/**
 * @param {{spans: any[], from: number, to: number, full: [number, number], onRange: (from: number, to: number) => void, height?: number}} props
 */
export function Waterfall({ spans, from, to, full, onRange, height = 460 }) {
  const tree = useMemo(() => childrenOf(spans), [spans]);
  const [closed, setClosed] = useState(/** @type {Set<string>} */ (new Set()));
  const [chosen, setChosen] = useState("");
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [top, setTop] = useState(0);
  const isBegun = useRef(false);
  useEffect(() => {
    if (isBegun.current) return; // what came since leaves open and closed what somebody opened and closed
    isBegun.current = true;
    if (spans.length > MANY) setClosed(turnsOf(spans));
  }, [spans]);
  const rows = useMemo(() => rowsOfTree(tree, closed, from, to), [tree, closed, from, to]);
  const toggle = (/** @type {string} */ id) => setClosed((before) => {
    const next = new Set(before);
    if (!next.delete(id)) next.add(id);
    return next;
  });
  const first = Math.max(0, Math.floor(top / ROW) - MARGIN);
  const last = Math.min(rows.length, Math.ceil((top + height) / ROW) + MARGIN);
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const place = rows.findIndex((row) => row.span.span_id === chosen);
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      const next = rows[Math.min(rows.length - 1, Math.max(0, place + step))];
      if (!next) return;
      setChosen(next.span.span_id);
      const y = rows.indexOf(next) * ROW;
      const shown = /** @type {HTMLElement} */ (box.current);
      if (y < shown.scrollTop) shown.scrollTop = y;
      else if (y + ROW > shown.scrollTop + height - 26) shown.scrollTop = y + ROW - height + 26;
    } else if (place >= 0 && ((event.key === "ArrowRight" && closed.has(chosen)) || (event.key === "ArrowLeft" && !closed.has(chosen)) || event.key === "Enter")) {
      event.preventDefault();
      if (rows[place].has) toggle(chosen);
    }
  };
  const picked = spans.find((each) => each.span_id === chosen);
  return html`<div class="waterfall">
    <div class="waterfall-tools"><span class="note">${count(spans.length)} spans, ${count(rows.length)} rows</span>
      <button type="button" class="bare" onClick=${() => setClosed(new Set())}>open all</button><button type="button" class="bare" onClick=${() => setClosed(turnsOf(spans))}>close all</button>
      ${(from !== full[0] || to !== full[1]) && html`<button type="button" class="bare" onClick=${() => onRange(...full)}>whole session</button>`}</div>
    <div class="waterfall-box" ref=${box} tabindex="0" role="tree" aria-label="What happened, one within another" style=${{ height: `${Math.min(height, rows.length * ROW + 30)}px` }}
      onScroll=${(/** @type {any} */ event) => setTop(Math.floor(event.currentTarget.scrollTop / STEP) * STEP)} onKeyDown=${onKey}>
      <${Axis} from=${from} to=${to} onRange=${onRange} />
      <div class="waterfall-rows" style=${{ height: `${rows.length * ROW}px` }}>
        ${rows.slice(first, last).map((row, place) => html`<${SpanLine} key=${row.span.span_id} row=${row} y=${(first + place) * ROW} from=${from} to=${to} isClosed=${closed.has(row.span.span_id)}
          isChosen=${chosen === row.span.span_id} choose=${() => setChosen(row.span.span_id)} toggle=${() => toggle(row.span.span_id)} />`)}
      </div>
    </div>
    ${picked && html`<${Details} span=${picked} />`}
  </div>`;
}

/** @param {any[]} spans */
function turnsOf(spans) {
  return new Set(spans.filter((each) => each.kind === "turn").map((each) => each.span_id));
}

/** The hours, and where a drag looks closer. @param {{from: number, to: number, onRange: (from: number, to: number) => void}} props */
function Axis({ from, to, onRange }) {
  const line = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [width, setWidth] = useState(600);
  const [drag, setDrag] = useState(/** @type {[number, number] | null} */ (null));
  useLayoutEffect(() => setWidth(line.current?.clientWidth ?? 600), [from, to]);
  const { marks, step } = ticksOf(from, to, Math.max(2, width / 80));
  const place = (/** @type {PointerEvent} */ event) => Math.min(1, Math.max(0, (event.clientX - /** @type {HTMLElement} */ (line.current).getBoundingClientRect().left) / width));
  return html`<div class="waterfall-axis"><span></span><div ref=${line}
    onPointerDown=${(/** @type {PointerEvent} */ event) => {
      /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
      setDrag([place(event), place(event)]);
    }}
    onPointerMove=${(/** @type {PointerEvent} */ event) => drag && setDrag([drag[0], place(event)])}
    onPointerUp=${() => {
      if (drag && Math.abs(drag[1] - drag[0]) * width > 5) onRange(from + Math.min(...drag) * (to - from), from + Math.max(...drag) * (to - from));
      setDrag(null);
    }}>
    ${marks.map((mark) => html`<time key=${mark} style=${{ left: `${((mark - from) / (to - from)) * 100}%` }}>${step < 60_000 ? clockSeconds(mark) : clock(mark)}</time>`)}
    ${drag && html`<i class="band-drag" style=${{ left: `${Math.min(...drag) * 100}%`, width: `${Math.abs(drag[1] - drag[0]) * 100}%` }}></i>`}
  </div></div>`;
}

/** @param {{row: import("./span_rows.js").SpanRow, y: number, from: number, to: number, isClosed: boolean, isChosen: boolean, choose: () => void, toggle: () => void}} props */
function SpanLine({ row, y, from, to, isClosed, isChosen, choose, toggle }) {
  const { span } = row;
  const share = (/** @type {number} */ at) => ((at - from) / (to - from)) * 100;
  const [left, right] = [Math.max(0, share(row.from)), Math.min(100, share(row.to))];
  const wait = span.wait_s > 0 && span.kind === "call" ? Math.min(100, Math.max(0, share(row.from + span.wait_s * 1000))) : left;
  const isFailed = span.outcome === "failure" || span.outcome === "denied";
  return html`<div class=${`span-row ${span.kind}${isChosen ? " chosen" : ""}${isFailed ? " bad" : ""}`} role="treeitem" aria-level=${row.depth + 1} aria-selected=${isChosen} aria-expanded=${row.has ? !isClosed : null}
    style=${{ top: `${y}px` }} onClick=${choose} onDblClick=${() => row.has && toggle()}>
    <span class="span-name" style=${{ paddingLeft: `${6 + row.depth * 14}px` }}>
      ${row.has ? html`<button type="button" class="twist" tabindex="-1" aria-label=${isClosed ? "open" : "close"} onClick=${(/** @type {Event} */ event) => {
          event.stopPropagation();
          toggle();
        }}>${isClosed ? "▸" : "▾"}</button>` : html`<i class="twist"></i>`}
      <span class="clip">${nameOf(span)}</span></span>
    <span class="span-track">
      ${wait > left && html`<i class="bar-wait" style=${{ left: `${left}%`, width: `${wait - left}%` }}></i>`}
      <i class=${`bar-run${span.evidence === "inferred" ? " soft" : ""}${span.is_open ? " open" : ""}`} style=${{ left: `${wait}%`, width: `max(2px, ${right - wait}%)` }}></i>
      <b style=${right > 78 ? { right: `${100 - left + 0.5}%` } : { left: `${right + 0.5}%` }}>${duration((row.to - row.from) / 1000)}</b>
    </span></div>`;
}

/** @param {any} span */
export function nameOf(span) {
  if (span.kind === "wait") return `waits for your ${span.waiting_for}`;
  if (span.kind === "turn") return span.name === "user" ? "prompt" : `prompt (${span.name.replaceAll("_", " ")})`;
  const word = WORDS[/** @type {"call"} */ (span.kind)];
  return word && span.name !== word ? `${word} ${span.name}` : span.name;
}

/** @param {{span: any}} props */
function Details({ span }) {
  const known = span.is_open ? "goes on" : span.evidence ? `its end is ${span.evidence}` : "";
  return html`<dl class="span-details" aria-label="The chosen span"><div><dt>What</dt><dd>${nameOf(span)}</dd></div>
    <div><dt>From</dt><dd>${clockMillis(span.started)}</dd></div><div><dt>To</dt><dd>${clockMillis(span.ended)}</dd></div>
    <div><dt>Took</dt><dd>${duration((Date.parse(span.ended) - Date.parse(span.started)) / 1000)}</dd></div>
    ${span.wait_s > 0 && html`<div><dt>Waited for you</dt><dd>${duration(span.wait_s)}</dd></div>`}
    ${span.process_cpu_s !== null && html`<div><dt>Processor</dt><dd>${span.process_cpu_shared ? "at most " : ""}${duration(span.process_cpu_s)} <span class="note">${span.process_cpu_shared ? "with other calls that ran meanwhile" : "of the processes that ended during it"}</span></dd></div>`}
    ${span.outcome && html`<div><dt>Outcome</dt><dd class=${span.outcome === "failure" ? "failed" : ""}>${span.outcome}${span.error_type ? ` (${span.error_type})` : ""}</dd></div>`}
    ${span.total_tokens > 0 && html`<div><dt>Tokens</dt><dd>${compact(span.total_tokens)}</dd></div>`}
    ${span.cost_usd !== null && html`<div><dt>Cost</dt><dd>${money(span.cost_usd)}</dd></div>`}
    ${known && html`<div><dt>Known</dt><dd>${known}</dd></div>`}
  </dl>`;
}
