// Results as a table that sorts, and that can be taken along: as CSV, as JSON, as a link.
import { copy, h, icon, ICONS, save } from "./dom.js";
import { hrefOf, nameOf } from "./links.js";
import * as say from "./say.js";

const MOST = 1000;

/** The section for an answer's results; null when other parts of the answer show them already. */
export function results(answer, asOf, act) {
  const list = answer.results;
  if (answer.rows.length && list.every((r) => !Object.keys(r.fields).length)) return null; // drawn as a chart
  if (!list.length) return null;
  const fields = columnsOf(list);
  if (!fields.length && list.length === 1) return single(list[0]);
  const more = answer.total > list.length;
  return h("section", { class: "block", "aria-label": "Results" },
    h("div", { class: "scroll", part: "table" }, table(answer, list, fields, asOf)),
    answer.total < 2 ? null : h("div", { class: "under" },
      h("p", { class: "count" }, more ? `${list.length} of ${answer.total}` : `${answer.total} in all`,
        more && answer.interpretation.plan ? h("button", { type: "button", class: "quiet", on: { click: () => act.more(answer) } }, answer.total > MOST ? "Show 1,000" : `Show all ${answer.total}`) : null),
      list.length > 1 ? exports(answer, act) : null));
}

function columnsOf(list) {
  return [...new Set(list.flatMap((r) => Object.keys(r.fields)))].filter((f) => f !== "ref" && list.some((r) => !say.nothing(r.fields[f])));
}

function table(answer, list, fields, asOf) {
  const element = h("table", { class: "results" });
  const columns = [{ name: "", label: list.every((r) => r.kind === list[0].kind) ? list[0].kind : "Name" }, ...fields.map((f) => ({ name: f, label: say.words(f) }))];
  const state = { column: null, down: false };
  const numeric = new Set(fields.filter((f) => list.some((r) => typeof r.fields[f] === "number") && list.every((r) => say.nothing(r.fields[f]) || typeof r.fields[f] === "number")));
  const said = h("caption", { class: "out-of-sight", "aria-live": "polite" });

  function draw() {
    const order = state.column === null ? list : [...list].sort((a, b) => compare(key(a, state.column), key(b, state.column), state.down));
    const sorted = columns.find((c) => c.name === state.column);
    said.textContent = `${answer.total} results${sorted ? `, by ${sorted.label}, ${state.down ? "descending" : "ascending"}` : ""}`;
    element.replaceChildren(said,
      h("thead", {}, h("tr", {}, columns.map((c) => h("th", { scope: "col", class: numeric.has(c.name) ? "right" : null,
        "aria-sort": state.column === c.name ? (state.down ? "descending" : "ascending") : null },
      h("button", { type: "button", data: { column: c.name }, on: { click: () => sort(c.name) } }, c.label, h("span", { class: "sort", "aria-hidden": "true" }, state.column === c.name ? (state.down ? "↓" : "↑") : "")))))),
      h("tbody", {}, order.map((r) => h("tr", {}, h("th", { scope: "row" }, thing(r)), fields.map((f) => h("td", { class: numeric.has(f) ? "right" : null, data: { label: say.words(f) } }, say.value(r.fields[f], f, asOf)))))));
  }

  function sort(column) {
    if (state.column !== column) Object.assign(state, { column, down: false });
    else if (!state.down) state.down = true;
    else Object.assign(state, { column: null, down: false });
    draw();
    element.querySelector(`button[data-column="${column}"]`).focus();
  }

  draw();
  return element;
}

function single(result) {
  return h("section", { class: "block", "aria-label": "Result" }, h("ul", { class: "cards" }, h("li", {}, thing(result))));
}

export function thing(result) {
  const sub = nameOf(result.ref);
  const title = result.title || sub;
  return [hrefOf(result.ref) ? say.refLink(result.ref, title) : h("span", { title: result.ref }, title),
    sub.toLowerCase() === title.toLowerCase() || "path" in result.fields ? null : h("span", { class: "sub" }, sub)];
}

function key(result, column) {
  return column === "" ? result.title.toLowerCase() : result.fields[column];
}

function compare(a, b, down) {
  if (say.nothing(a) || say.nothing(b)) return say.nothing(a) - say.nothing(b);
  const way = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  return down ? -way : way;
}

// ── taking it along ──────────────────────────────────────────────────────────────────────────────

/** Buttons that hand the whole answer over, also what is not shown. */
export function exports(answer, act) {
  const said = h("span", { role: "status", class: "exported" });
  const make = (label, path, work) => h("button", { type: "button", class: "quiet", on: { click: async () => {
    try { said.textContent = await work(); } catch (error) { said.textContent = error.message; }
  } } }, icon(path, 14), label);
  return h("div", { class: "exports", role: "group", "aria-label": "Take it along" }, said,
    make("CSV", ICONS.save, async () => { const whole = await act.whole(answer); save("callboard.csv", "text/csv;charset=utf-8", csv(whole)); return saidOf(whole); }),
    make("JSON", ICONS.save, async () => { const whole = await act.whole(answer); save("callboard.json", "application/json", `${JSON.stringify(whole, null, 2)}\n`); return saidOf(whole); }),
    make("Link", ICONS.link, async () => { await copy(act.link(answer)); return "Link copied"; }));
}

function saidOf(whole) {
  const count = whole.results.length || whole.rows.length;
  return whole.total > count && whole.results.length ? `Saved the first ${count} of ${whole.total}` : `Saved ${count}`;
}

/** An answer's rows or results as CSV (RFC 4180), with a byte order mark so that spreadsheets read it as UTF-8. */
export function csv(answer) {
  const grouped = answer.rows.length && answer.results.every((r) => !Object.keys(r.fields).length);
  const fields = grouped ? [] : columnsOf(answer.results);
  const head = grouped ? ["key", "label", answer.unit ?? "value"] : ["ref", "kind", "title", ...fields];
  const body = grouped ? answer.rows.map((r) => [r.key, r.label, r.value]) : answer.results.map((r) => [r.ref, r.kind, r.title, ...fields.map((f) => r.fields[f])]);
  return `\uFEFF${[head, ...body].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = Array.isArray(value) ? value.join("; ") : typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text; // a spreadsheet would run it as a formula
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
