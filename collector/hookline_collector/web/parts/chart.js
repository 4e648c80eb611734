import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { colours, useTheme } from "../app/theme.js";
import { SERIES } from "../panels/panel_field.js";

/** What a drawing may need. */
const NEEDED = ["--text", "--quiet", "--line", "--line-strong", "--card", "--raised", "--sunk", "--accent", "--agent", "--agent-soft", "--you", "--waiting", "--prompt", "--failure", "--unknown", "--good", ...SERIES];

/** @typedef {(name: string) => string} Paint the colour of a custom property, or the colour itself */

/**
 * A chart of ECharts, on a canvas: in the colours of the theme, as wide as its place. Dragging over it chooses a range; `text` is what it shows, for
 * whoever does not see it. `options` makes ECharts' options from colours.
 * @param {{options: (paint: Paint) => any, height: number, label: string, text?: any, onZoom?: (from: number, to: number) => void, onReady?: (chart: any) => void}} props
 */
export function Chart({ options, height, label, text, onZoom, onReady }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const chart = useRef(/** @type {any} */ (null));
  const [ready, setReady] = useState(false);
  const { dark } = useTheme();
  useEffect(() => {
    let gone = false;
    /** @type {ResizeObserver | undefined} */
    let watch;
    import("../vendor/echarts.js").then(({ init }) => {
      if (gone || !place.current) return;
      chart.current = init(place.current, null, { renderer: "canvas" });
      watch = new ResizeObserver(() => chart.current?.resize());
      watch.observe(place.current);
      setReady(true);
      onReady?.(chart.current);
    });
    return () => {
      gone = true;
      watch?.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    if (!ready || !chart.current) return;
    const found = colours(NEEDED);
    const paint = (/** @type {string} */ name) => found[name] ?? name;
    chart.current.setOption({ animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: paint("--quiet"), fontSize: 11 }, ...options(paint) }, { notMerge: true, lazyUpdate: true });
  }, [ready, options, dark, height]);
  const drag = useDrag(chart, onZoom);
  const cross = useCross(chart, Boolean(onZoom));
  return html`<figure class="chart" style=${{ height: `${height}px` }}>
    <div class=${onZoom ? "chart-place zooms" : "chart-place"} ref=${place} role="img" aria-label=${label} data-drawn=${ready ? "" : null} onPointerDown=${drag.begin} onPointerMove=${cross.move} onPointerLeave=${cross.leave}></div>
    ${onZoom && html`<i class="chart-cross" ref=${cross.line} hidden></i>`}
    ${drag.box && html`<i class="chart-drag" style=${{ left: `${drag.box[0]}px`, width: `${drag.box[1]}px` }}></i>`}
    ${text && html`<figcaption class="unseen">${text}</figcaption>`}
  </figure>`;
}

/** Told the moment that somebody points at, and in which chart; null when nobody does. @type {Set<(at: number | null, from: any) => void>} */
const pointed = new Set();

/**
 * Hook: the moment that is pointed at in one chart is marked in all others over time: an element moves, nothing is drawn again.
 * @param {{current: any}} chart
 * @param {boolean} isOverTime
 */
function useCross(chart, isOverTime) {
  const line = useRef(/** @type {HTMLElement | null} */ (null));
  const frame = useRef(0);
  useEffect(() => {
    if (!isOverTime) return undefined;
    const show = (/** @type {number | null} */ at, /** @type {any} */ from) => {
      if (!line.current) return;
      const x = at === null || !chart.current || from === chart.current ? NaN : chart.current.convertToPixel({ xAxisIndex: 0 }, at);
      line.current.hidden = !(x >= 0 && x <= chart.current?.getWidth());
      if (!line.current.hidden) line.current.style.transform = `translateX(${x}px)`;
    };
    pointed.add(show);
    return () => {
      cancelAnimationFrame(frame.current);
      pointed.delete(show);
    };
  }, [isOverTime]);
  const tellAll = (/** @type {number | null} */ at) => {
    for (const show of pointed) show(at, chart.current);
  };
  const move = (/** @type {PointerEvent} */ event) => {
    if (!isOverTime || !chart.current) return;
    const x = event.clientX - /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect().left;
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => chart.current && tellAll(chart.current.convertFromPixel({ xAxisIndex: 0 }, x)));
  };
  const leave = () => {
    cancelAnimationFrame(frame.current);
    tellAll(null);
  };
  return { line, move, leave };
}

/**
 * Dragging from one moment to another.
 * @param {{current: any}} chart
 * @param {((from: number, to: number) => void) | undefined} onZoom
 */
function useDrag(chart, onZoom) {
  const [box, setBox] = useState(/** @type {[number, number] | null} */ (null));
  const begin = (/** @type {PointerEvent} */ event) => {
    if (!onZoom || event.button !== 0 || event.pointerType === "touch" || !chart.current) return;
    const target = /** @type {HTMLElement} */ (event.currentTarget);
    const left = target.getBoundingClientRect().left;
    const start = event.clientX - left;
    const onMove = (/** @type {PointerEvent} */ moved) => {
      const at = moved.clientX - left;
      if (Math.abs(at - start) > 4) setBox([Math.min(start, at), Math.abs(at - start)]);
    };
    const onUp = (/** @type {PointerEvent} */ ended) => {
      removeEventListener("pointermove", onMove);
      removeEventListener("pointerup", onUp);
      setBox(null);
      const at = ended.clientX - left;
      if (Math.abs(at - start) < 8 || !chart.current) return;
      const [from, to] = [Math.min(start, at), Math.max(start, at)].map((x) => chart.current.convertFromPixel({ xAxisIndex: 0 }, x));
      if (Number.isFinite(from) && Number.isFinite(to) && to > from) onZoom(from, to);
    };
    addEventListener("pointermove", onMove);
    addEventListener("pointerup", onUp);
  };
  return { box, begin };
}

/**
 * What a tooltip shows, as elements: texts of telemetry stay texts.
 * @param {string} title
 * @param {{name: string, value: string, colour?: string}[]} rows
 */
export function tip(title, rows) {
  const whole = document.createElement("div");
  whole.className = "tip";
  const head = document.createElement("strong");
  head.textContent = title;
  whole.append(head);
  for (const row of rows) {
    const line = document.createElement("p");
    const mark = document.createElement("i");
    mark.style.background = row.colour ?? "transparent";
    const name = document.createElement("span");
    name.textContent = row.name;
    const value = document.createElement("b");
    value.textContent = row.value;
    line.append(mark, name, value);
    whole.append(line);
  }
  return whole;
}

/** Save a chart as PNG. @param {any} chart @param {string} name @param {string} ground */
export function savePng(chart, name, ground) {
  const link = document.createElement("a");
  link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: ground });
  link.download = `${name}.png`;
  link.click();
}
