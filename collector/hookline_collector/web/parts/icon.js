import { html } from "../vendor/preact.js";

/** Drawn on a grid of 20, in strokes. @type {Record<string, string>} */
const PATHS = {
  today: "M3.5 6.5h13M3.5 4.5h13v12h-13zM7 3v3M13 3v3M6.5 10h3M6.5 13h7",
  live: "M2.5 10h3l2.2-5.5 4 11L14 10h3.5",
  work: "M10 3a7 7 0 1 0 .01 0M10 6v4.2l2.8 1.8",
  sessions: "M4 5.5h12M4 10h8M4 14.5h10M15.5 10h.5",
  latency: "M3.5 16.5v-4M8 16.5V8M12.3 16.5v-6M16.7 16.5V4",
  resources: "M5.5 5.5h9v9h-9zM8 8.2h4v3.6H8zM8 3v2.5M12 3v2.5M8 14.5V17M12 14.5V17M3 8h2.5M3 12h2.5M14.5 8H17M14.5 12H17",
  alerts: "M5 14V9a5 5 0 0 1 10 0v5l1.2 1.2H3.8zM8.4 17.2h3.2",
  explore: "M3.5 4.5h13v11h-13zM6.5 8l2.2 2-2.2 2M10.5 12.5h3",
  status: "M10 17s6-2.6 6-7.5V5l-6-2-6 2v4.500C4 14.4 10 17 10 17zM7.5 9.800l1.8 1.8 3.3-3.4",
  collector: "M3.5 5.500c0-3 13-3 13 0v9c0 3-13 3-13 0zM3.5 5.500c0 3 13 3 13 0M3.5 10c0 3 13 3 13 0",
  services: "M4 4.500h12v4H4zM4 11.500h12v4H4zM6.5 6.500h.5M6.5 13.500h.5M10 6.500h3.500M10 13.500h3.500",
  databases: "M4 5.500c0-2.500 12-2.500 12 0v9c0 2.500-12 2.500-12 0zM4 5.500c0 2.500 12 2.500 12 0M4 8.500c0 2.500 12 2.500 12 0M4 11.500c0 2.500 12 2.500 12 0",
  search: "M9 3.500a5.5 5.5 0 1 0 .01 0M13 13l3.5 3.5",
  refresh: "M15.8 8A6.2 6.2 0 1 0 16 11.500M16 4v4h-4",
  chevron: "M6 8l4 4 4-4",
  left: "M12 5l-5 5 5 5",
  right: "M8 5l5 5-5 5",
  close: "M5 5l10 10M15 5L5 15",
  more: "M4 6h12M4 10h12M4 14h12",
  sun: "M10 6.500a3.5 3.5 0 1 0 .01 0M10 2v1.500M10 16.500V18M2 10h1.500M16.5 10H18M4.3 4.300l1.1 1.100M14.6 14.600l1.1 1.100M15.7 4.300l-1.1 1.100M5.4 14.600l-1.1 1.1",
  moon: "M16 12A6.5 6.5 0 0 1 8 4a6.5 6.5 0 1 0 8 8z",
  screen: "M3 4.500h14v9.500H3zM7.5 17h5",
  copy: "M7 7h9v9H7zM4 13V4h9",
  link: "M8.5 11.500l3-3M9 6.500l1.8-1.800a3.2 3.2 0 0 1 4.5 4.500L13.5 11M11 13.500l-1.8 1.800a3.2 3.2 0 0 1-4.5-4.500L6.5 9",
  download: "M10 3v9.500M6 9l4 4 4-4M3.5 16.500h13",
  table: "M3.5 4.500h13v11h-13zM3.5 8.200h13M3.5 11.900h13M8 8.200v7.3",
  chart: "M3.5 15.500l4-5 3 2.5 5.5-7.5",
  zoomout: "M9 3.500a5.5 5.5 0 1 0 .01 0M13 13l3.5 3.500M6.5 9h5",
  warn: "M10 3.500L17.5 16.500h-15zM10 8v4M10 14.200v.3",
  check: "M4 10.500l4 4 8-9",
  play: "M6 4l10 6-10 6z",
  bell: "M5 14V9a5 5 0 0 1 10 0v5l1.2 1.200H3.800zM8.4 17.200h3.2",
};

/** @param {{name: string, size?: number, label?: string}} props */
export function Icon({ name, size = 18, label }) {
  const said = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return html`<svg class="icon" viewBox="0 0 20 20" width=${size} height=${size} ...${said}><path d=${PATHS[name] ?? PATHS.status} /></svg>`;
}
