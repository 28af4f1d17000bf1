// The page: one box, the newest answer under it, the earlier ones of the conversation below.
import { answerSheet } from "./answer.js";
import { combobox } from "./combobox.js";
import { h, icon, ICONS } from "./dom.js";
import { openPanel } from "./panel.js";

const $ = (id) => document.getElementById(id);
const [form, input, list, answers, examples, live, panel] = ["ask", "q", "suggestions", "answers", "examples", "live", "panel"].map($);

const state = { conversation: null, turns: [], asking: null, shownFor: "" };

// What the address and the history say is asked; opening a panel changes neither.
const here = () => location.search + JSON.stringify(history.state);

// ── talking to the server ────────────────────────────────────────────────────────────────────────

async function request(url, options = {}) {
  const response = await fetch(url, options).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Error("The server cannot be reached. Is it still running?");
  });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.detail ? `${body.detail}${response.status >= 500 && body.request_id ? ` (request ${body.request_id})` : ""}` : `The server answered ${response.status}.`);
  return body;
}

const post = (url, body, signal) => request(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });

// ── asking ───────────────────────────────────────────────────────────────────────────────────────

async function ask(question, { plan = null, limit = null, push = true, fresh = false } = {}) {
  const text = question?.trim() || null;
  if (!text && !plan) return input.focus();
  suggestBox.close();
  state.asking?.abort();
  const control = state.asking = new AbortController();
  document.body.classList.add("has-answer");
  examples.hidden = true;
  input.value = text ?? input.value;
  if (panel.open) panel.close();
  if (push) history.pushState({ question: text, plan }, "", text ? `?q=${encodeURIComponent(text)}` : location.pathname + location.search);
  state.shownFor = here();
  document.title = text ? `${text} · Callboard` : "Callboard";
  answers.classList.add("is-waiting");
  answers.setAttribute("aria-busy", "true");
  try {
    const answer = await post("/v1/ask", { question: plan ? undefined : text, plan: plan ?? undefined, limit: limit ?? undefined,
      conversation: (fresh ? null : state.conversation) ?? undefined }, control.signal);
    if (fresh) state.turns = [];
    state.conversation = answer.conversation;
    show(plan ? null : text, answer);
  } catch (error) {
    if (error.name === "AbortError") return null;
    answers.replaceChildren(h("article", { class: "sheet is-error", role: "alert" }, h("h2", { class: "asked" }, "That did not work"), h("div", { class: "said" }, h("p", {}, error.message))));
  } finally {
    if (state.asking === control) { answers.classList.remove("is-waiting"); answers.removeAttribute("aria-busy"); }
  }
  return null;
}

function show(question, answer) {
  if (!(question === null && state.turns[0]?.question === null)) state.turns.unshift({ question, answer });
  else state.turns[0] = { question, answer };
  const earlier = state.turns.slice(1, 9);
  answers.replaceChildren(
    answerSheet(question, answer, {
      ask: (text) => ask(text),
      runPlan: (plan) => ask(null, { plan }),
      more: (shown) => ask(null, { plan: shown.interpretation.plan, limit: Math.min(shown.total, 1000), push: false }),
      feedback,
    }),
    earlier.length ? h("section", { class: "earlier", "aria-label": "Earlier in this conversation" },
      h("div", { class: "earlier-top" }, h("h2", { class: "label" }, "Earlier"), h("button", { type: "button", class: "quiet", on: { click: startOver } }, "Start over")),
      h("ol", {}, earlier.map((turn) => h("li", {}, h("button", { type: "button", on: { click: () => (turn.question ? ask(turn.question, { fresh: true }) : ask(null, { plan: turn.answer.interpretation.plan })) } },
        h("span", {}, turn.question ?? turn.answer.interpretation.text)))))) : "");
  input.placeholder = "Ask a follow-up, or something new";
  live.textContent = answer.text.replace(/[*_`]/g, "").slice(0, 400);
  if (document.activeElement === input) input.select();
}

async function feedback(verdict, question, answer) {
  try {
    await post("/v1/feedback", { verdict, question: question ?? undefined, conversation: answer.conversation ?? undefined,
      status: answer.status, plan: answer.interpretation.plan ?? undefined });
    return true;
  } catch { return false; }
}

function startOver() {
  Object.assign(state, { conversation: null, turns: [] });
  document.body.classList.remove("has-answer");
  document.title = "Callboard";
  answers.replaceChildren();
  input.value = "";
  input.placeholder = "who owns checkout?";
  history.pushState({}, "", "/");
  showExamples();
  input.focus();
}

async function showExamples() {
  try {
    const { suggestions } = await request("/v1/suggest?q=&limit=5");
    if (document.body.classList.contains("has-answer") || !suggestions.length) return;
    input.placeholder = suggestions[0].text;
    examples.querySelector("ol").replaceChildren(...suggestions.map((s) => h("li", {}, h("button", { type: "button", on: { click: () => ask(s.text) } },
      h("span", {}, s.text), icon(ICONS.arrow)))));
    examples.hidden = false;
  } catch { /* the box works without them */ }
}

// ── wiring ───────────────────────────────────────────────────────────────────────────────────────

const suggestBox = combobox(input, list, {
  fetchFor: async (text, signal) => (await request(`/v1/suggest?q=${encodeURIComponent(text)}&limit=7`, { signal })).suggestions,
  take: (item) => {
    if (item.kind === "question") return ask(item.text);
    input.value = `${item.text} `;
    input.focus();
    return input.setSelectionRange(input.value.length, input.value.length);
  },
});

form.addEventListener("submit", (event) => { event.preventDefault(); ask(input.value); });
$("home").addEventListener("click", (event) => { event.preventDefault(); startOver(); });

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !panel.open && !event.ctrlKey && !event.metaKey) { event.preventDefault(); input.focus(); input.select(); }
});

// Citation marks lead to the source on this page; the address stays the question's.
answers.addEventListener("click", (event) => {
  const link = event.target.closest("sup.cite a");
  if (!link) return;
  event.preventDefault();
  const target = document.getElementById(link.getAttribute("href").slice(1));
  const folded = target?.closest("details");
  if (folded) folded.open = true;
  target?.focus();
  target?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
});

function leavePanel() {
  history.pushState(history.state, "", location.pathname + location.search);
  panel.close();
}

async function route() {
  const shown = await openPanel(panel, location.hash, { get: request, ask: (text) => { panel.close(); ask(text); }, close: leavePanel });
  if (!shown && panel.open) panel.close();
}

panel.addEventListener("cancel", (event) => { event.preventDefault(); leavePanel(); });
panel.addEventListener("click", (event) => { if (event.target === panel) leavePanel(); });
window.addEventListener("hashchange", route);
window.addEventListener("popstate", () => { if (!location.hash && state.shownFor !== here()) restore(); });

function restore() {
  state.shownFor = here();
  const question = new URLSearchParams(location.search).get("q");
  const plan = history.state?.plan ?? null;
  if (question || plan) {
    input.value = question ?? "";
    ask(question, { plan, push: false, fresh: !plan });
  } else {
    document.body.classList.remove("has-answer");
    answers.replaceChildren();
    input.value = "";
    showExamples();
  }
}

restore();
route();
if (!location.hash && !location.search && matchMedia("(hover: hover)").matches) input.focus();
