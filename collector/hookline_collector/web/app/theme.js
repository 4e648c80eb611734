// Light, dark, or as the system has it; remembered in this browser. Charts hear of a change, since a canvas does not restyle itself.

import { useEffect, useState } from "../vendor/preact.js";

/** @typedef {"system" | "light" | "dark"} Theme */

const KEY = "hookline-theme";
const CHANGED = "hookline-theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");
systemDark.addEventListener("change", () => dispatchEvent(new Event(CHANGED)));

/** @returns {Theme} */
export function theme() {
  const set = document.documentElement.dataset.theme;
  return set === "light" || set === "dark" ? set : "system";
}

/** Whether dark is shown now. */
export function isDark() {
  return theme() === "dark" || (theme() === "system" && systemDark.matches);
}

/** @param {Theme} wanted */
export function setTheme(wanted) {
  if (wanted === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
  try {
    if (wanted === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, wanted);
  } catch {
    // Not remembered, but shown.
  }
  dispatchEvent(new Event(CHANGED));
}

/** Hook: the chosen theme and whether dark is shown; draws again when either changes. */
export function useTheme() {
  const [state, setState] = useState({ theme: theme(), dark: isDark() });
  useEffect(() => {
    const onChange = () => setState({ theme: theme(), dark: isDark() });
    addEventListener(CHANGED, onChange);
    return () => removeEventListener(CHANGED, onChange);
  }, []);
  return state;
}

/**
 * What colours of the style sheets are now, as `rgb(...)`: a canvas needs them so. What reads them is not displayed: a
 * transition, of however little, would tell of each the colour before.
 * @param {string[]} names of custom properties, such as `--agent`
 * @returns {Record<string, string>}
 */
export function colours(names) {
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  /** @type {Record<string, string>} */
  const found = {};
  for (const name of names) {
    probe.style.color = `var(${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}
