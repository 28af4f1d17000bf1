// One answer on the page: the question as it was read, the sentence, then whatever the answer is made of.
import { groups } from "./chart.js";
import { h } from "./dom.js";
import { graphOf } from "./dependencies.js";
import { hrefOf } from "./links.js";
import { markdown } from "./markdown.js";
import { morePages, passages } from "./passages.js";
import { asRead, reading } from "./reading.js";
import * as say from "./say.js";
import { results } from "./table.js";
import { trend } from "./trend.js";

const STATUS = {
  empty: "Nothing matches",
  unknown_name: "No such name",
  ambiguous: "More than one reading",
  no_such_fact: "Not in the catalog",
  out_of_scope: "Not a catalog question",
};
const LONG_TEXT_CHARS = 170;

let sheets = 0;

/** The sheet for an answer. `act` holds what its buttons do: ask, runPlan, edit, choices, more, whole, link, graph, feedback, open. */
export function answerSheet(question, answer, act) {
  const asOf = new Date(answer.interpretation.as_of);
  const id = `a${sheets += 1}`;
  const cite = (n) => (answer.citations.some((c) => c.id === n) ? h("sup", { class: "cite" }, h("a", { href: `#${id}-c${n}`, "aria-label": `Source ${n}` }, String(n))) : null);
  return h("article", { class: `sheet is-${answer.status}`, part: "answer", "aria-labelledby": `${id}-q` },
    h("header", { class: "sheet-top" },
      h("h2", { id: `${id}-q`, class: "asked" }, question ? asRead(question, answer.interpretation) : answer.interpretation.text),
      STATUS[answer.status] ? h("p", { class: "status" }, STATUS[answer.status]) : null),
    figure(answer),
    h("div", { class: answer.text.length > LONG_TEXT_CHARS ? "said is-long" : "said", part: "text" }, markdown(answer.text, { cite })),
    answer.status === "answered" ? null : options(answer, act),
    reading(answer, act),
    trend(answer, act),
    groups(answer, act),
    graphOf(answer, act),
    answer.kind === "passages" ? null : results(answer, asOf, act),
    passages(question ?? answer.interpretation.text, answer),
    answer.kind === "passages" ? morePages(answer) : null,
    answer.status === "answered" ? options(answer, act) : null,
    sources(answer, id),
    h("footer", { class: "sheet-end" }, next(answer, act), details(answer, asOf, question, act)));
}

function figure(answer) {
  if (answer.value === null || answer.value === undefined || answer.status !== "answered") return null;
  const isYesNo = typeof answer.value === "boolean";
  return h("p", { class: `figure${isYesNo ? " is-word" : ""}` }, h("strong", {}, say.isMoment(answer.value) ? say.date(answer.value) : say.amount(answer.value, answer.unit)),
    isYesNo ? null : h("span", {}, say.isMoment(answer.value) ? say.ago(answer.value, new Date(answer.interpretation.as_of)) : say.unitWords(answer.unit)));
}

function options(answer, act) {
  if (!answer.options.length) return null;
  const title = answer.status === "unknown_name" ? "Did you mean" : answer.status === "ambiguous" ? "Which one?"
    : answer.interpretation.plan?.node === "review" ? "Look closer" : "It could also mean";
  return h("section", { class: answer.status === "answered" ? "options is-aside" : "options", "aria-label": title }, h("h3", { class: "label" }, title),
    h("ul", {}, answer.options.map((option) => h("li", {}, h("button", { type: "button",
      on: { click: () => choose(option, act) } }, option.label)))));
}

function choose(option, act) {
  if (option.plan) return act.runPlan(option.plan);
  if (option.question) return act.ask(option.question);
  const href = hrefOf(option.ref);
  if (href) return act.open(option.ref);
  return act.ask(option.label);
}

// ── what stands below ────────────────────────────────────────────────────────────────────────────

function sources(answer, id) {
  if (!answer.citations.length) return null;
  const items = answer.citations.map((c) => h("li", { id: `${id}-c${c.id}`, tabindex: "-1" }, h("span", { class: "cite-number" }, String(c.id)),
    h("span", { class: "path" }, say.place(c.path, c.lines)), c.ref ? [" ", say.refLink(c.ref)] : null));
  const list = h("ol", { class: "sources-list" }, items);
  return h("section", { class: "sources", "aria-label": "Sources" }, items.length > 6
    ? h("details", {}, h("summary", {}, `${items.length} sources`), list)
    : [h("h3", { class: "label" }, "Sources"), list]);
}

function next(answer, act) {
  if (!answer.suggestions.length) return null;
  return h("section", { class: "next", "aria-label": "Ask next" }, h("h3", { class: "label" }, answer.status === "answered" ? "Ask next" : "Try"),
    h("ul", {}, answer.suggestions.map((text) => h("li", {}, h("button", { type: "button", on: { click: () => act.ask(text) } }, text)))));
}

function details(answer, asOf, question, act) {
  return h("div", { class: "meta" },
    h("span", {}, `As of ${say.moment(asOf.toISOString())}`),
    h("span", {}, `${answer.took_ms < 10 ? answer.took_ms.toFixed(1) : Math.round(answer.took_ms)} ms`),
    answer.interpretation.sql ? h("details", { class: "sql" }, h("summary", {}, "SQL"), h("pre", { tabindex: "0", "aria-label": "SQL" }, h("code", {}, answer.interpretation.sql))) : null,
    feedback(question, answer, act));
}

/** Right or wrong; what is wrong may be said in a sentence. */
function feedback(question, answer, act) {
  const send = async (verdict, comment) => {
    const taken = await act.feedback(verdict, question, answer, comment);
    box.replaceChildren(taken ? "Noted, thank you." : "That could not be saved.");
  };
  const why = () => {
    const input = h("input", { type: "text", maxlength: 1000, "aria-label": "What would have been right?", placeholder: "What would have been right?" });
    box.replaceChildren(h("form", { class: "why", on: { submit: (event) => { event.preventDefault(); send("wrong", input.value.trim()); } } },
      input, h("button", { type: "submit", class: "quiet" }, "Send")));
    input.focus();
  };
  const box = h("span", { class: "feedback", role: "group", "aria-label": "Was this right?" }, "Right?",
    h("button", { type: "button", class: "quiet", on: { click: () => send("right") } }, "Yes"),
    h("button", { type: "button", class: "quiet", on: { click: why } }, "No"));
  return box;
}
