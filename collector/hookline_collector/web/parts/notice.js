// A sound, or a notice of the browser, when something waits for you longer than you chose: once for each wait, and above all while the page is hidden.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { go } from "../app/address.js";
import { keepLive } from "../app/live.js";
import { doing, inState, needsYou } from "./session_words.js";

const KEY = "hookline-notice";
const STEPS = /** @type {[number, string][]} */ ([[0, "at once"], [30, "after 30 s"], [60, "after 1 m"], [300, "after 5 m"], [900, "after 15 m"]]);
const UNHEARD = "The browser lets a page sound only after a click or a key on it: click anywhere once.";
const BLOCKED = "The browser blocks notices of this page: allow them in what it shows beside the address.";
const NO_NOTICES = "This browser shows notices only of pages at localhost or over https.";

/** @typedef {{sound: boolean, notify: boolean, after: number}} NoticeChoice */

/** @returns {NoticeChoice} */
function chosenNotice() {
  try {
    return { sound: false, notify: false, after: 30, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { sound: false, notify: false, after: 30 };
  }
}

/**
 * Hook: sounds and notifies; what is chosen is kept in this browser.
 * @param {any[]} sessions
 */
export function useNotice(sessions) {
  const [choice, setChoice] = useState(chosenNotice);
  const [trouble, setTrouble] = useState("");
  const told = useRef(/** @type {Set<string>} */ (new Set()));
  const set = (/** @type {Partial<NoticeChoice>} */ changes) => {
    const next = { ...choice, ...changes };
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // Storage may be forbidden; then the choice holds as long as the page.
    }
    setChoice(next);
  };
  const isOn = choice.sound || choice.notify;
  useEffect(() => (isOn ? keepLive() : undefined), [isOn]);
  const isHeard = useHeard(choice.sound);
  useEffect(() => {
    if (!isOn) return undefined;
    const look = () => {
      for (const session of sessions.filter(needsYou)) {
        const wait = `${session.session_id} ${session.since}`;
        if (told.current.has(wait) || inState(session, Date.now()) < choice.after) continue;
        told.current.add(wait);
        if (choice.sound) beep();
        if (choice.notify && !notify(session)) setTrouble(BLOCKED);
      }
    };
    look();
    const timer = setInterval(look, 1000); // a wait grows while nothing is told, and while nobody looks
    return () => clearInterval(timer);
  }, [sessions, choice]);
  const askToNotify = async () => {
    setTrouble("");
    if (choice.notify) set({ notify: false });
    else if (!("Notification" in window)) setTrouble(NO_NOTICES);
    else if ((await Notification.requestPermission()) === "granted") set({ notify: true });
    else setTrouble(BLOCKED);
  };
  return { choice, set, askToNotify, trouble: trouble || (choice.sound && !isHeard ? UNHEARD : "") };
}

/** @param {{notice: ReturnType<typeof useNotice>}} props */
export function NoticeBar({ notice }) {
  const { choice, set, askToNotify, trouble } = notice;
  const isWall = !!document.fullscreenElement;
  return html`<div class="notice-bar" role="group" aria-label="When something waits for you">
    <span class="note">When something waits for you</span>
    <select aria-label="After how long" value=${String(choice.after)} onChange=${(/** @type {any} */ event) => set({ after: Number(event.target.value) })}>${STEPS.map(([seconds, label]) => html`<option key=${seconds} value=${String(seconds)}>${label}</option>`)}</select>
    <button type="button" class="quiet" aria-pressed=${choice.sound} onClick=${() => {
      if (!choice.sound) beep();
      set({ sound: !choice.sound });
    }}>Sound</button>
    <button type="button" class="quiet" aria-pressed=${choice.notify} onClick=${askToNotify}>Browser notice</button>
    <button type="button" class="quiet wall" onClick=${() => (isWall ? document.exitFullscreen() : document.documentElement.requestFullscreen())}>Whole screen</button>
    ${trouble && html`<p class="note notice-trouble" role="status">${trouble}</p>`}
  </div>`;
}

/** Notify; a click on it shows the session. Returns whether the browser took it. @param {any} session */
function notify(session) {
  if (!("Notification" in window) || Notification.permission !== "granted") return false;
  try {
    const shown = new Notification(session.project || "Hookline", { body: doing(session), tag: session.session_id });
    shown.onclick = () => {
      window.focus();
      go(`/sessions/${encodeURIComponent(session.session_id)}`);
    };
    return true;
  } catch {
    return false; // some browsers of phones take notices only of workers
  }
}

/** @type {AudioContext | null} one for the page: a browser lets few run */
let audio = null;

/**
 * Hook: whether a sound would be heard. After the page was loaded anew it is not before somebody clicked; the first click wakes it.
 * @param {boolean} isWanted
 */
function useHeard(isWanted) {
  const [isHeard, setIsHeard] = useState(true);
  useEffect(() => {
    if (!isWanted) return undefined;
    const ready = (audio ??= new AudioContext());
    const look = () => setIsHeard(ready.state === "running");
    const wake = () => void ready.resume();
    ready.addEventListener("statechange", look);
    document.addEventListener("pointerdown", wake);
    document.addEventListener("keydown", wake);
    look();
    return () => {
      ready.removeEventListener("statechange", look);
      document.removeEventListener("pointerdown", wake);
      document.removeEventListener("keydown", wake);
    };
  }, [isWanted]);
  return isHeard;
}

/** Two soft tones. */
function beep() {
  const by = (audio ??= new AudioContext());
  void by.resume();
  [660, 880].forEach((pitch, place) => {
    const [tone, volume, at] = [by.createOscillator(), by.createGain(), by.currentTime + place * 0.16];
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
    tone.connect(volume).connect(by.destination);
    tone.start(at);
    tone.stop(at + 0.32);
  });
}
