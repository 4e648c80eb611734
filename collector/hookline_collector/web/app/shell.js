// The frame around every page: navigation, what is looked at and since when, the palette, and whether the collector answers.

import { html, useEffect, useState } from "../vendor/preact.js";
import { go, hrefKeeping, useParam } from "./address.js";
import { clockSeconds } from "./format.js";
import { ROUTES } from "./routes.js";
import { setTheme, useTheme } from "./theme.js";
import { AgentChoice } from "../parts/agent_choice.js";
import { Icon } from "../parts/icon.js";
import { Palette } from "../parts/palette.js";
import { RangePicker } from "../parts/range_picker.js";

const NAVIGATION = ROUTES.filter((route) => route.inNavigation);
const ON_PHONE = ["today", "live", "work", "sessions"];
/** @type {{theme: import("./theme.js").Theme, icon: string, label: string}[]} */
const THEMES = [
  { theme: "system", icon: "screen", label: "As the system has it" },
  { theme: "light", icon: "sun", label: "Light" },
  { theme: "dark", icon: "moon", label: "Dark" },
];

/**
 * @param {Omit<import("./main.js").PageProps, "params"> & {params: Record<string, string>, children?: any}} props
 */
export function Shell({ route, range, setRange, live, children }) {
  const [palette, setPalette] = useState(false);
  const [menu, setMenu] = useState(false);
  const [view, setView] = useParam("view");
  const isCharts = Boolean(route.dashboard) && view === "charts";
  useKeys(setPalette);
  useEffect(() => setMenu(false), [route]);
  const waiting = live.sessions.filter((session) => session.state === "waiting" && session.waiting_for !== "prompt").length;
  return html`
    <a class="skip" href="#main">To the content</a>
    <aside class=${menu ? "side open" : "side"}>
      <a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="24" height="24" /><span>Hookline</span></a>
      <button type="button" class="search" onClick=${() => setPalette(true)}><${Icon} name="search" size=${16} /><span>Find</span><kbd>Ctrl K</kbd></button>
      <nav aria-label="Pages"><ul>
        ${NAVIGATION.map((each) => html`<li key=${each.page}>
          <a href=${hrefKeeping(each.path)} aria-current=${isWithin(route, each) ? "page" : null}>
            <${Icon} name=${each.icon} /><span>${each.title}</span>${each.page === "live" && waiting > 0 && html`<b class="badge" title="sessions that wait for you">${waiting}<span class="unseen"> waiting for you</span></b>`}
          </a></li>`)}
      </ul></nav>
      <div class="side-foot"><${ThemeChoice} /><${Reach} live=${live} /></div>
    </aside>
    <div class="stage">
      <header class="top">
        <h1>${route.title}</h1>${route.dashboard && html`<${Views} route=${route} view=${view} setView=${setView} />`}
        <div class="top-tools" id="top-tools">${route.hasAgents && !isCharts && html`<${AgentChoice} range=${range} live=${live} />`}${route.hasRange && html`<${RangePicker} range=${range} setRange=${setRange} />`}</div>
      </header>
      <main id="main" tabindex="-1">${children}</main>
    </div>
    <nav class="thumbs" aria-label="Pages, for the thumb">
      ${NAVIGATION.filter((each) => ON_PHONE.includes(each.page)).map((each) => html`<a key=${each.page} href=${hrefKeeping(each.path)} aria-current=${isWithin(route, each) ? "page" : null}>
        <${Icon} name=${each.icon} size=${20} /><span>${each.title}</span>${each.page === "live" && waiting > 0 && html`<b class="badge">${waiting}<span class="unseen"> waiting for you</span></b>`}</a>`)}
      <button type="button" aria-expanded=${menu} onClick=${() => setMenu(!menu)}><${Icon} name=${menu ? "close" : "more"} size=${20} /><span>${menu ? "Close" : "More"}</span></button>
    </nav>
    ${palette && html`<${Palette} close=${() => setPalette(false)} live=${live} />`}
  `;
}

/**
 * A page and its charts.
 * @param {{route: import("./routes.js").PageRoute, view: string, setView: (view: string | null) => void}} props
 */
function Views({ route, view, setView }) {
  return html`<div class="views" role="group" aria-label=${`${route.title} as`}>
    ${[["", route.first], ["charts", "Charts"]].map(([name, label]) => html`<button key=${name} type="button" class="bare" aria-pressed=${(view === "charts") === (name === "charts")} onClick=${() => setView(name || null)}>${label}</button>`)}
  </div>`;
}

/** Whether the collector is heard, and of when the figures are if not. @param {{live: import("./live.js").LiveState}} props */
function Reach({ live }) {
  const words = {
    connecting: "Connecting …",
    live: "Live",
    lost: live.asOf ? `Not answering; as of ${clockSeconds(live.asOf)}` : "The collector does not answer",
  };
  return html`<p class="reach" data-state=${live.state} role="status"><i class="dot" aria-hidden="true"></i><span>${words[live.state]}</span></p>`;
}

function ThemeChoice() {
  const { theme } = useTheme();
  return html`<div class="themes" role="group" aria-label="Theme">
    ${THEMES.map((each) => html`<button key=${each.theme} type="button" aria-pressed=${theme === each.theme} aria-label=${each.label} title=${each.label}
      onClick=${() => setTheme(each.theme)}><${Icon} name=${each.icon} size=${16} /></button>`)}
  </div>`;
}

/**
 * @param {import("./routes.js").PageRoute} shown
 * @param {import("./routes.js").PageRoute} entry of the navigation
 */
function isWithin(shown, entry) {
  return shown === entry || (entry.path !== "/" && shown.path.startsWith(`${entry.path}/`));
}

/**
 * Ctrl K or Cmd K opens the palette; g and a letter go to a page.
 * @param {(open: boolean) => void} setPalette
 */
function useKeys(setPalette) {
  useEffect(() => {
    let pending = 0;
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setPalette(true);
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      if (event.key === "g") pending = event.timeStamp;
      else if (pending && event.timeStamp - pending < 1500) {
        pending = 0;
        const route = ROUTES.find((each) => each.key === event.key);
        if (route) go(hrefKeeping(route.path));
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [setPalette]);
}

/** Whether a key is meant for a field. @param {Event} event */
export function isTyping(event) {
  const target = event.composedPath()[0];
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest("dialog") !== null);
}
