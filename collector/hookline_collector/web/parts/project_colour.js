// One colour for a project wherever it is drawn, kept by this browser. Eight are told apart; a ninth project shares one, and its name stands beside it.

const KEY = "hookline-project-colours";
const COLOURS = 8;
/** @type {Map<string, number> | null} */
let known = null;

/** @returns {Map<string, number>} */
function read() {
  try {
    return new Map(JSON.parse(localStorage.getItem(KEY) ?? "[]").slice(-200));
  } catch {
    return new Map();
  }
}

/**
 * The place of a project's colour, from 1 to 8; 0 for work of no project.
 * @param {string} project
 */
export function colourOf(project) {
  if (!project) return 0;
  known ??= read();
  let found = known.get(project);
  if (!found) {
    found = (known.size % COLOURS) + 1;
    known.set(project, found);
    try {
      localStorage.setItem(KEY, JSON.stringify([...known]));
    } catch {
      // kept for as long as this page is open
    }
  }
  return found;
}

/** The colour as CSS names it. @param {string} project */
export function projectColour(project) {
  const place = colourOf(project);
  return place ? `var(--series-${place})` : "var(--unknown)";
}
