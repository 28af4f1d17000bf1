// Groups as a chart: bars for kinds of things, columns for stretches of time. The numbers stay readable as text.
import { h, s } from "./dom.js";
import { isRef } from "./links.js";
import * as say from "./say.js";
import { exports } from "./table.js";

const ROWS_SHOWN = 12;
const TIME = /^\d{4}(-\d\d(-\d\d)?|-Q[1-4])?$/;
const HEIGHT = 220;
const EDGE = { top: 14, right: 8, bottom: 28, left: 44 };
const TICKS = 4;
const MOST_COLUMNS = 800;

export const overTime = (rows) => rows.length > 1 && rows.every((row) => TIME.test(row.key) && (row.value === null || typeof row.value === "number"));

/** The section for an answer's groups; null when it has none. `act.whole` gives those that the answer leaves out. */
export function groups(answer, act) {
  if (!answer.rows.length) return null;
  const unit = say.unitWords(answer.unit);
  const section = h("section", { class: "block", "aria-label": "Groups", part: "chart" });
  const draw = (whole) => section.replaceChildren(...[unit ? h("h3", { class: "label" }, unit) : null,
    overTime(whole.rows) ? columns(whole.rows, whole.unit) : bars(whole, () => act.whole(answer)), under(whole, act)].flat().filter(Boolean));
  draw(answer);
  // a stretch of time without its end would show the past as the present
  if (overTime(answer.rows) && answer.total > answer.rows.length) act.whole(answer).then(draw, () => null);
  return section;
}

function under(answer, act) {
  if (answer.rows.length < 2) return null;
  return h("div", { class: "under" }, h("p", { class: "count" }, `${Math.max(answer.total, answer.rows.length)} in all`), exports(answer, act));
}

function bars(answer, whole) {
  let rows = answer.rows;
  const most = Math.max(...rows.map((r) => (typeof r.value === "number" ? Math.abs(r.value) : 0)));
  const list = h("ol", { class: "bars" });
  const draw = (count) => list.replaceChildren(...rows.slice(0, count).map((row) => {
    const share = most > 0 && typeof row.value === "number" ? (Math.abs(row.value) / most) * 100 : 0;
    return h("li", {}, h("span", { class: "bar-label" }, isRef(row.key) ? say.refLink(row.key, row.label) : row.label),
      s("svg", { class: "bar", "aria-hidden": "true", preserveAspectRatio: "none", viewBox: "0 0 100 10" }, s("rect", { width: share, height: 10 })),
      h("span", { class: "bar-value" }, say.amount(row.value, answer.unit)));
  }));
  const total = Math.max(answer.total, rows.length);
  const folded = total > ROWS_SHOWN + 3;
  draw(folded ? ROWS_SHOWN : rows.length);
  const unfold = async () => {
    if (total > rows.length) rows = (await whole()).rows;
    draw(rows.length);
    all.remove();
    list.querySelectorAll("li a")[ROWS_SHOWN]?.focus();
  };
  const all = h("button", { type: "button", class: "quiet", on: { click: unfold } }, `Show all ${total}`);
  return [list, folded ? all : null];
}

/** Columns over time: as wide as there is room, with the value of each on its title and in the table below. */
export function columns(given, unit) {
  const rows = withGaps(given);
  const label = summary(rows, unit);
  const box = h("div", { class: "columns" });
  const draw = (width) => box.replaceChildren(picture(rows, unit, Math.max(260, width), label));
  new ResizeObserver(([entry]) => draw(entry.contentRect.width)).observe(box);
  return [box, h("details", { class: "numbers" }, h("summary", {}, "The numbers"),
    h("div", { class: "scroll is-low", tabindex: "0", role: "region", "aria-label": "The numbers" }, h("table", { class: "results" }, h("caption", { class: "out-of-sight" }, label),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "from"), h("th", { scope: "col", class: "right" }, say.unitWords(unit) || "value"))),
      h("tbody", {}, rows.map((r) => h("tr", {}, h("th", { scope: "row" }, r.label || r.key), h("td", { class: "right" }, r.value === null ? "—" : say.amount(r.value, unit))))))))];
}

/** With an empty place for each stretch that has no row, so that the axis is time. */
function withGaps(rows) {
  const held = new Map(rows.map((row) => [row.key, row]));
  const next = stepOf(rows.map((row) => row.key));
  const out = [];
  for (let key = rows[0].key, left = MOST_COLUMNS; key <= rows.at(-1).key && left > 0; key = next(key), left -= 1) out.push(held.get(key) ?? { key, label: key, value: null });
  return out.filter((row) => held.has(row.key)).length === rows.length ? out : rows;
}

function stepOf(keys) {
  if (/^\d{4}$/.test(keys[0])) return (key) => String(Number(key) + 1);
  if (/Q/.test(keys[0])) return (key) => (key.endsWith("4") ? `${Number(key.slice(0, 4)) + 1}-Q1` : `${key.slice(0, 6)}${Number(key[6]) + 1}`);
  if (/^\d{4}-\d\d$/.test(keys[0])) return (key) => (key.endsWith("12") ? `${Number(key.slice(0, 4)) + 1}-01` : `${key.slice(0, 5)}${String(Number(key.slice(5)) + 1).padStart(2, "0")}`);
  const days = keys.slice(1).map((key, i) => (Date.parse(key) - Date.parse(keys[i])) / 864e5);
  const step = days.every((n) => n % 7 === 0) ? 7 : 1;
  return (key) => new Date(Date.parse(key) + step * 864e5).toISOString().slice(0, 10);
}

function summary(rows, unit) {
  const known = rows.filter((r) => typeof r.value === "number");
  if (!known.length) return "No values";
  const [least, most] = [known.reduce((a, b) => (b.value < a.value ? b : a)), known.reduce((a, b) => (b.value > a.value ? b : a))];
  const said = (row) => `${say.amount(row.value, unit)} ${say.unitWords(unit)}`.trim();
  return `${rows.length} values from ${rows[0].key} to ${rows.at(-1).key}: lowest ${said(least)} (${least.key}), highest ${said(most)} (${most.key}), last ${said(known.at(-1))}`;
}

function picture(rows, unit, width, label) {
  const top = ceiling(Math.max(...rows.map((r) => r.value ?? 0)));
  const [inner, tall] = [width - EDGE.left - EDGE.right, HEIGHT - EDGE.top - EDGE.bottom];
  const y = (value) => EDGE.top + tall - (value / top) * tall;
  const step = inner / rows.length;
  const wide = Math.max(1, Math.min(step * 0.72, 46));
  const every = Math.ceil(rows.length / Math.max(2, Math.floor(inner / 92)));
  const ticks = Array.from({ length: TICKS + 1 }, (_, i) => (top / TICKS) * i);
  return s("svg", { role: "img", "aria-label": label, viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT },
    ticks.map((tick) => [s("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y(tick), y2: y(tick) }),
      s("text", { class: "tick", x: EDGE.left - 8, y: y(tick) + 4, "text-anchor": "end" }, say.amount(tick, unit === "usd" ? unit : null))]),
    rows.map((row, i) => {
      const x = EDGE.left + step * i + (step - wide) / 2;
      const shown = row.value ?? 0;
      return [s("rect", { class: "column", x, y: y(shown), width: wide, height: Math.max(shown > 0 ? 1.5 : 0, EDGE.top + tall - y(shown)), rx: Math.min(3, wide / 4) },
        s("title", {}, `${row.label || row.key}: ${row.value === null ? "nothing" : `${say.amount(row.value, unit)} ${say.unitWords(unit)}`}`)),
      i % every === 0 ? s("text", { class: "tick", x: x + wide / 2, y: HEIGHT - 8, "text-anchor": i === 0 ? "start" : "middle" }, short(row.key)) : null];
    }));
}

function ceiling(value) {
  if (value <= 0) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].find((n) => n * size >= value) * size;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "2026-11-02" → "2 Nov", "2026-11" → "Nov 26": as much as tells one column from the next. */
function short(key) {
  const [year, month, day] = key.split("-");
  if (!month) return year;
  if (month.startsWith("Q")) return `${month} ${year.slice(2)}`;
  return day ? `${Number(day)} ${MONTHS[month - 1]}` : `${MONTHS[month - 1]} ${year.slice(2)}`;
}
