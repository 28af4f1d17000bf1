// How the question was read: its conditions as chips, each of which can be changed or taken away.
import { openEditor } from "./editor.js";
import { h, icon, ICONS } from "./dom.js";

/** The section; null when nothing was read. */
export function reading(answer, act) {
  const { text, chips, unused, assumptions, plan } = answer.interpretation;
  if (!text && !chips.length && !unused.length) return null;
  return h("section", { class: "reading", part: "reading", "aria-label": "How the question was read" },
    h("p", { class: "reading-line" }, h("span", { class: "label" }, "Read as"), h("span", {}, text || "no question about the catalog")),
    chips.length ? h("ul", { class: "chips", part: "chips", "aria-label": "Conditions" }, chips.map((chip) => chipItem(chip, plan, act))) : null,
    unused.length ? h("p", { class: "aside" }, h("span", { class: "label" }, "Not used"), unused.map((word, i) => [i ? ", " : null, h("s", {}, word.text)])) : null,
    assumptions.length ? h("p", { class: "aside" }, h("span", { class: "label" }, "Assuming"), assumptions.join("; ")) : null);
}

function chipItem(chip, plan, act) {
  const item = h("li", { class: chip.span ? "chip" : "chip is-context", part: "chip", title: chip.span ? null : "from the conversation, or understood" });
  const label = chip.at && plan
    ? h("button", { type: "button", class: "chip-label", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-label": `Change: ${chip.label}`, data: { at: chip.at },
      on: { click: () => openEditor(item, label, chip, plan, act) } }, chip.label, icon(ICONS.down, 12))
    : h("span", { class: "chip-label" }, chip.label);
  const remove = chip.remove ? h("button", { type: "button", class: "chip-remove", "aria-label": `Remove: ${chip.label}`, title: "Remove and ask again",
    on: { click: () => act.runPlan(chip.remove) } }, icon(ICONS.close, 13)) : null;
  item.append(label, ...(remove ? [remove] : []));
  return item;
}

/** The question with its used words underlined and its unused ones struck. Offsets count code points. */
export function asRead(question, { chips, unused }) {
  const points = Array.from(question);
  const style = new Array(points.length).fill("");
  for (const chip of chips) if (chip.span) style.fill("used", chip.span[0], chip.span[1]);
  for (const word of unused) style.fill("unused", word.span[0], word.span[1]);
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
