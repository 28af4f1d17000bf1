// The page around the box: what may be asked, what was asked here before, and an address for everything that is shown.
import "./callboard-search.js";
import { h, icon, ICONS } from "./dom.js";
import { asked, forget } from "./history.js";
import { packed } from "./links.js";

const $ = (id) => document.getElementById(id);
const [search, examples, recent] = ["search", "examples", "recent"].map($);
const RECENT_SHOWN = 5;

// What the address and the history say is shown; opening a panel changes neither.
const here = () => location.search;
const state = { shownFor: null, restoring: false };

// ── addresses ────────────────────────────────────────────────────────────────────────────────────

search.addEventListener("callboard-answer", ({ detail }) => {
  document.body.classList.add("has-answer");
  document.title = `${detail.question ?? detail.answer.interpretation.text} · Callboard`;
  if (state.restoring) return;
  const address = detail.question ? `?q=${encodeURIComponent(detail.question)}` : `?plan=${encodeURIComponent(packed(detail.plan ?? {}))}`;
  if (address !== location.search) history.pushState({}, "", address);
  state.shownFor = here();
});

search.addEventListener("callboard-clear", () => {
  document.body.classList.remove("has-answer");
  document.title = "Callboard";
  if (location.search || location.hash) history.pushState({}, "", "/");
  state.shownFor = here();
  board();
});

search.addEventListener("callboard-open", (event) => {
  event.preventDefault();
  location.hash = `#/${event.detail.ref}`;
});

search.addEventListener("callboard-close", () => {
  if (location.hash.startsWith("#/")) history.pushState({}, "", location.pathname + location.search);
});

function panel() {
  const ref = /^#\/((?:[a-z-]+:).+)$/.exec(decodeURIComponent(location.hash))?.[1];
  if (ref) search.open(ref);
  else search.close();
}

async function restore() {
  state.shownFor = here();
  const given = new URLSearchParams(location.search);
  state.restoring = true;
  try {
    if (given.get("plan")) await search.run(JSON.parse(given.get("plan")));
    else if (given.get("q")) await search.ask(given.get("q"), { fresh: true });
    else search.clear();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    search.clear(); // the address holds no reading
  } finally { state.restoring = false; }
}

window.addEventListener("hashchange", panel);
window.addEventListener("popstate", () => { if (state.shownFor !== here()) restore(); });

// ── the board on the empty page ──────────────────────────────────────────────────────────────────

const entry = (text) => h("li", {}, h("button", { type: "button", on: { click: () => search.ask(text) } }, h("span", {}, text), icon(ICONS.arrow)));

async function board() {
  const before = asked().slice(0, RECENT_SHOWN);
  recent.hidden = !before.length;
  recent.querySelector("ol").replaceChildren(...before.map(entry));
  try {
    const { suggestions } = await search.client.get("v1/suggest?q=&limit=5");
    if (!suggestions.length) return;
    search.setAttribute("placeholder", suggestions[0].text);
    examples.querySelector("ol").replaceChildren(...suggestions.map((s) => entry(s.text)));
    examples.hidden = false;
  } catch { /* the box works without them */ }
}

$("forget").addEventListener("click", () => { forget(); recent.hidden = true; search.focus(); });
$("home").addEventListener("click", (event) => { event.preventDefault(); search.clear(); search.focus(); });

document.addEventListener("keydown", (event) => {
  const typing = event.composedPath()[0].closest?.("input, textarea, select, [contenteditable], dialog");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); search.focus(); }
});

await restore();
panel();
if (!location.hash && !location.search && matchMedia("(hover: hover)").matches) search.focus();
