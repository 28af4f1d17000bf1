// One answer on the page: the question as it was read, the sentence, then whatever the answer is made of.
import { h, icon, ICONS } from "./dom.js";
import { highlight, markdown } from "./markdown.js";
import * as say from "./say.js";

const STATUS = {
  empty: "Nothing matches",
  unknown_name: "No such name",
  ambiguous: "More than one reading",
  no_such_fact: "Not in the catalog",
  out_of_scope: "Not a catalog question",
};
const LONG_PASSAGE_CHARS = 900;
const LONG_TEXT_CHARS = 170;
const ROWS_SHOWN = 12;

/** The sheet for an answer. `act` holds what its buttons do: runPlan, ask, more, feedback. */
export function answerSheet(question, answer, act) {
  const asOf = new Date(answer.interpretation.as_of);
  const id = `a${Math.round(performance.now())}`;
  const cite = (n) => (answer.citations.some((c) => c.id === n) ? h("sup", { class: "cite" }, h("a", { href: `#${id}-c${n}`, "aria-label": `Source ${n}` }, String(n))) : null);
  return h("article", { class: `sheet is-${answer.status}`, "aria-labelledby": `${id}-q` },
    h("header", { class: "sheet-top" },
      h("h2", { id: `${id}-q`, class: "asked" }, question ? asRead(question, answer.interpretation) : answer.interpretation.text),
      STATUS[answer.status] ? h("p", { class: "status" }, STATUS[answer.status]) : null),
    figure(answer),
    h("div", { class: answer.text.length > LONG_TEXT_CHARS ? "said is-long" : "said" }, markdown(answer.text, { cite })),
    answer.status === "answered" ? null : options(answer, act),
    reading(question, answer, act),
    groups(answer),
    answer.kind === "passages" ? null : results(answer, asOf, act),
    passages(question ?? answer.interpretation.text, answer),
    answer.kind === "passages" ? morePages(answer) : null,
    answer.status === "answered" ? options(answer, act) : null,
    sources(answer, id),
    h("footer", { class: "sheet-end" }, next(answer, act), details(answer, asOf, question, act)));
}

/** The question with its used words underlined and its unused ones struck. Offsets count code points. */
function asRead(question, reading) {
  const points = Array.from(question);
  const style = new Array(points.length).fill("");
  for (const chip of reading.chips) if (chip.span) style.fill("used", chip.span[0], chip.span[1]);
  for (const word of reading.unused) style.fill("unused", word.span[0], word.span[1]);
  const out = [];
  for (let at = 0; at < points.length;) {
    let end = at + 1;
    while (end < points.length && style[end] === style[at]) end += 1;
    const text = points.slice(at, end).join("");
    if (style[at] === "unused") out.push(h("s", { class: "unused", title: "not used in this answer" }, text));
    else out.push(style[at] ? h("span", { class: "used" }, text) : text);
    at = end;
  }
  return out;
}

function figure(answer) {
  if (answer.value === null || answer.value === undefined || answer.status !== "answered") return null;
  const isYesNo = typeof answer.value === "boolean";
  return h("p", { class: `figure${isYesNo ? " is-word" : ""}` }, h("strong", {}, say.isMoment(answer.value) ? say.date(answer.value) : say.amount(answer.value, answer.unit)),
    isYesNo ? null : h("span", {}, say.isMoment(answer.value) ? say.ago(answer.value, new Date(answer.interpretation.as_of)) : say.unitWords(answer.unit)));
}

function reading(question, answer, act) {
  const { text, chips, unused, assumptions } = answer.interpretation;
  if (!text && !chips.length && !unused.length) return null;
  return h("section", { class: "reading", "aria-label": "How the question was read" },
    h("p", { class: "reading-line" }, h("span", { class: "label" }, "Read as"), h("span", {}, text || "no question about the catalog")),
    chips.length ? h("ul", { class: "chips", "aria-label": "Conditions" }, chips.map((chip) => chipItem(chip, act))) : null,
    unused.length ? h("p", { class: "aside" }, h("span", { class: "label" }, "Not used"), unused.map((word, i) => [i ? ", " : null, h("s", {}, word.text)])) : null,
    assumptions.length ? h("p", { class: "aside" }, h("span", { class: "label" }, "Assuming"), assumptions.join("; ")) : null);
}

function chipItem(chip, act) {
  const remove = chip.remove ? h("button", { type: "button", "aria-label": `Remove: ${chip.label}`, title: "Remove and ask again",
    on: { click: () => act.runPlan(chip.remove) } }, icon(ICONS.close, 13)) : null;
  return h("li", { class: chip.span ? "chip" : "chip is-context", title: chip.span ? null : "from the conversation" }, h("span", {}, chip.label), remove);
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
  const href = say.hrefOf(option.ref);
  if (href) { location.hash = href; return null; }
  return act.ask(option.label);
}

// ── results ──────────────────────────────────────────────────────────────────────────────────────

function results(answer, asOf, act) {
  const list = answer.results;
  // groups that are things are drawn as bars already
  if (answer.rows.length && list.every((r) => !Object.keys(r.fields).length)) return null;
  if (!list.length) return null;
  if (answer.kind === "path") return chain(list);
  const fields = [...new Set(list.flatMap((r) => Object.keys(r.fields)))].filter((f) => f !== "ref" && list.some((r) => !say.nothing(r.fields[f])));
  if (!fields.length && list.length === 1) return single(list[0]);
  const table = h("table", { class: "results" });
  const columns = [{ name: "", label: list.every((r) => r.kind === list[0].kind) ? list[0].kind : "Name" }, ...fields.map((f) => ({ name: f, label: say.words(f) }))];
  const state = { column: null, down: false };
  const numeric = new Set(fields.filter((f) => list.some((r) => typeof r.fields[f] === "number") && list.every((r) => r.fields[f] === null || typeof r.fields[f] === "number")));

  function draw() {
    const order = state.column === null ? list : [...list].sort((a, b) => compare(key(a, state.column), key(b, state.column), state.down));
    table.replaceChildren(
      h("caption", { class: "out-of-sight" }, `${answer.total} results`),
      h("thead", {}, h("tr", {}, columns.map((c) => h("th", { scope: "col", class: numeric.has(c.name) ? "right" : null,
        "aria-sort": state.column === c.name ? (state.down ? "descending" : "ascending") : null },
      h("button", { type: "button", data: { column: c.name }, on: { click: () => sort(c.name) } }, c.label, h("span", { class: "sort", "aria-hidden": "true" }, state.column === c.name ? (state.down ? "↓" : "↑") : "")))))),
      h("tbody", {}, order.map((r) => h("tr", {}, h("th", { scope: "row" }, thing(r)), fields.map((f) => h("td", { class: numeric.has(f) ? "right" : null, "data-label": say.words(f) }, say.value(r.fields[f], f, asOf)))))));
  }

  function sort(column) {
    if (state.column !== column) Object.assign(state, { column, down: false });
    else if (!state.down) state.down = true;
    else Object.assign(state, { column: null, down: false });
    draw();
    table.querySelector(`button[data-column="${column}"]`).focus();
  }

  draw();
  const more = answer.total > list.length;
  return h("section", { class: "block", "aria-label": "Results" }, h("div", { class: "scroll" }, table),
    more || list.length > 3 ? h("p", { class: "count" }, more ? `${list.length} of ${answer.total}` : `${answer.total} in all`,
      more && answer.interpretation.plan ? h("button", { type: "button", class: "quiet", on: { click: () => act.more(answer) } }, answer.total > 1000 ? "Show 1,000" : `Show all ${answer.total}`) : null) : null);
}

function single(result) {
  return h("section", { class: "block", "aria-label": "Result" }, h("ul", { class: "cards" }, h("li", {}, thing(result))));
}

function thing(result) {
  const href = say.hrefOf(result.ref);
  const sub = say.nameOf(result.ref);
  const title = result.title || sub;
  return [href ? h("a", { href, class: "ref", title: result.ref }, title) : h("span", { title: result.ref }, title),
    sub.toLowerCase() === title.toLowerCase() || "path" in result.fields ? null : h("span", { class: "sub" }, sub)];
}

function chain(list) {
  return h("section", { class: "block", "aria-label": "Path" }, h("ol", { class: "chain" }, list.map((r) => h("li", {}, thing(r), h("span", { class: "sub" }, r.kind)))));
}

function key(result, column) {
  return column === "" ? result.title.toLowerCase() : result.fields[column];
}

function compare(a, b, down) {
  const empty = (v) => v === null || v === undefined || v === "";
  if (empty(a) || empty(b)) return empty(a) - empty(b);
  const way = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  return down ? -way : way;
}

// ── groups ───────────────────────────────────────────────────────────────────────────────────────

function groups(answer) {
  const rows = answer.rows;
  if (!rows.length) return null;
  const most = Math.max(...rows.map((r) => (typeof r.value === "number" ? Math.abs(r.value) : 0)));
  const list = h("ol", { class: "bars" });
  const unit = say.unitWords(answer.unit);
  const draw = (count) => list.replaceChildren(...rows.slice(0, count).map((row) => {
    const bar = h("span", { class: "bar", "aria-hidden": "true" }, h("i"));
    if (most > 0 && typeof row.value === "number") bar.firstChild.style.width = `${(Math.abs(row.value) / most) * 100}%`;
    return h("li", {}, h("span", { class: "bar-label" }, say.isRef(row.key) ? say.refLink(row.key, row.label) : row.label), bar,
      h("span", { class: "bar-value" }, say.amount(row.value, answer.unit)));
  }));
  draw(ROWS_SHOWN + 3 >= rows.length ? rows.length : ROWS_SHOWN);
  const all = h("button", { type: "button", class: "quiet", on: { click: () => { draw(rows.length); all.remove(); } } }, `Show all ${rows.length}`);
  return h("section", { class: "block", "aria-label": "Groups" }, unit ? h("h3", { class: "label" }, unit) : null, list, ROWS_SHOWN + 3 < rows.length ? all : null);
}

// ── passages ─────────────────────────────────────────────────────────────────────────────────────

function passages(question, answer) {
  if (!answer.passages.length) return null;
  return h("section", { class: "block passages", "aria-label": "Passages" }, answer.passages.map((p, i) => passage(p, question, i > 0 || quotes(answer, p))));
}

/** Whether the sentence already quotes the passage: then the passage is context, and may be folded. */
function quotes(answer, hit) {
  return answer.text.length > LONG_TEXT_CHARS && answer.citations.some((c) => c.path === hit.path && c.lines[0] >= hit.lines[0] && c.lines[1] <= hit.lines[1]);
}

/** Pages that were found and of which no passage is shown. */
function morePages(answer) {
  const rest = answer.results.filter((r) => !answer.passages.some((p) => r.ref === p.ref || r.ref.endsWith(`:${p.path}`)));
  if (!rest.length) return null;
  return h("section", { class: "sources", "aria-label": "More pages" }, h("h3", { class: "label" }, answer.passages.length ? "More pages" : "Pages"),
    h("ul", { class: "panel-list" }, rest.map((r) => h("li", {}, say.refLink(r.ref, r.title), h("span", { class: "sub" }, say.nameOf(r.ref))))));
}

export function passage(hit, question, folded = false) {
  const body = h("div", { class: "prose" }, markdown(withoutHeading(hit.text, hit.heading)));
  highlight(body, question);
  const article = h("article", { class: "passage" },
    h("header", {}, h("h3", {}, hit.heading || hit.title, hit.title && hit.title !== hit.heading ? h("span", { class: "sub" }, hit.title) : null),
      h("p", { class: "where" }, pathLink(hit), h("span", {}, say.lines(hit.lines)), hit.ref && /\//.test(hit.ref) && !/^(doc|runbook):/.test(hit.ref) ? say.refLink(hit.ref) : null)),
    body);
  if (hit.text.length > (folded ? LONG_PASSAGE_CHARS / 2 : LONG_PASSAGE_CHARS * 2)) {
    article.classList.add("is-folded");
    article.append(h("button", { type: "button", class: "quiet unfold", "aria-expanded": "false",
      on: { click: (event) => { article.classList.remove("is-folded"); event.currentTarget.remove(); } } }, "Show the whole passage"));
  }
  return article;
}

function pathLink(hit) {
  if (hit.url && /^https?:/.test(hit.url)) return h("a", { href: hit.url, rel: "noreferrer noopener", target: "_blank" }, hit.path);
  const kind = /(^|\/)runbooks?\//i.test(hit.path) ? "runbook" : "doc";
  return h("a", { href: say.hrefOf(/^(doc|runbook):/.test(hit.ref ?? "") ? hit.ref : `${kind}:${hit.path}`) }, hit.path);
}

function withoutHeading(text, heading) {
  const [first, ...rest] = text.split("\n");
  const match = /^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$/.exec(first);
  return match && match[1] === heading ? rest.join("\n") : text;
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
  const said = h("span", { class: "feedback", role: "group", "aria-label": "Was this right?" }, "Right?",
    ["right", "wrong"].map((verdict) => h("button", { type: "button", class: "quiet", on: { click: async () => {
      const taken = await act.feedback(verdict, question, answer);
      said.replaceChildren(taken ? "Noted, thank you." : "That could not be saved.");
    } } }, verdict === "right" ? "Yes" : "No")));
  return h("div", { class: "meta" },
    h("span", {}, `As of ${say.moment(asOf.toISOString())}`),
    h("span", {}, `${answer.took_ms < 10 ? answer.took_ms.toFixed(1) : Math.round(answer.took_ms)} ms`),
    answer.interpretation.sql ? h("details", { class: "sql" }, h("summary", {}, "SQL"), h("pre", { tabindex: "0" }, h("code", {}, answer.interpretation.sql))) : null,
    said);
}
