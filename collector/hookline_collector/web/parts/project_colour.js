// One colour for a project in bands, calendars, lists and sessions, kept by this browser; dashboards colour series by their order, as Grafana does.
// Eight are told apart; a ninth project shares one, and its name stands beside it.

const KEY = "hookline-project-colours";
/** The series' colours in this order: those that look like waiting or like you come last. */
const ORDER = [1, 3, 5, 6, 8, 4, 7, 2];
const COLOURS = ORDER.length;
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
    found = freeFrom(hashOf(project) % (COLOURS - 1), new Set(known.values()));
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
  return place ? `var(--series-${ORDER[place - 1]})` : "var(--unknown)";
}

/** The first place that no project has yet, beginning with its own; where all are taken its own. @param {number} begin @param {Set<number>} taken */
function freeFrom(begin, taken) {
  for (let step = 0; step < COLOURS; step += 1) {
    const place = ((begin + step) % COLOURS) + 1;
    if (!taken.has(place)) return place;
  }
  return begin + 1;
}

/** @param {string} text */
function hashOf(text) {
  let hash = 2_166_136_261;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return hash;
}
