// Change one condition: how it compares, and with what. Values come with how many things each would leave; a choice asks at once.
import { h, icon, ICONS } from "./dom.js";
import * as say from "./say.js";

const MANY = 8;
const WAIT_MS = 120;

let open = null;
let count = 0;

/** Open the editor of a chip under it; `act.choices` and `act.edit` talk to the server. */
export async function openEditor(item, button, chip, plan, act) {
  const again = open?.button === button;
  open?.close(false);
  if (again) return;
  const id = `e${count += 1}`;
  const box = h("div", { class: "editor", part: "editor", role: "dialog", "aria-label": `Change: ${chip.label}`, tabindex: "-1" }, h("p", { class: "editor-wait" }, "Looking…"));
  const inside = (event) => event.composedPath().includes(box) || event.composedPath().includes(button);
  const away = (event) => { if (!inside(event)) close(false); };
  const keys = (event) => { if (event.key === "Escape") { event.stopPropagation(); close(true); } };

  function close(back) {
    if (open?.box !== box) return;
    open = null;
    box.remove();
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", away, true);
    if (back) button.focus();
  }

  open = { box, button, close };
  button.setAttribute("aria-expanded", "true");
  item.append(box);
  keepInside(box);
  box.addEventListener("keydown", keys);
  box.addEventListener("focusout", (event) => { if (event.relatedTarget && !box.contains(event.relatedTarget) && event.relatedTarget !== button) close(false); });
  document.addEventListener("pointerdown", away, true);
  box.focus();

  const change = (edit) => { close(true); return act.edit(plan, { at: chip.at, ...edit }); };
  try {
    const found = await act.choices(plan, chip.at, "");
    if (open?.box !== box) return;
    box.replaceChildren(...content(found, id, change, (q) => act.choices(plan, chip.at, q), chip.remove ? () => { close(true); act.runPlan(chip.remove); } : null));
    keepInside(box);
    (box.querySelector("input") ?? box.querySelector("[role=listbox]") ?? box.querySelector("button") ?? box).focus();
    box.scrollIntoView({ block: "nearest" });
  } catch (error) {
    box.replaceChildren(h("p", { class: "editor-wait", role: "alert" }, error.message));
  }
}

/** Within the window, wherever the chip stands. */
function keepInside(box) {
  box.style.translate = "";
  const { left, right } = box.getBoundingClientRect();
  const over = right - (document.documentElement.clientWidth - 12);
  if (over > 0) box.style.translate = `${-Math.min(over, left - 12)}px 0`;
}

function content(found, id, change, search, remove) {
  const parts = [];
  if (found.operators.length > 1) parts.push(operators(found, change));
  if (found.type === "timestamp") parts.push(moments(found, id, change));
  else if (found.total || found.values.length) parts.push(...values(found, id, change, search));
  else if (found.type === "text") parts.push(words(found, id, change));
  if (remove) parts.push(h("button", { type: "button", class: "quiet editor-remove", on: { click: remove } }, "Remove this condition"));
  return parts;
}

function operators(found, change) {
  const now = { in: "eq", not_in: "not_eq" }[found.op] ?? found.op;
  return h("div", { class: "operators", role: "group", "aria-label": `How ${found.label || "it"} compares` },
    found.operators.filter((o) => o.name !== "between").map((o) => h("button", { type: "button", class: "preset", "aria-pressed": String(o.name === now),
      on: { click: () => change({ op: o.name }) } }, o.label)));
}

// ── values ───────────────────────────────────────────────────────────────────────────────────────

function values(found, id, change, search) {
  const current = new Set(Array.isArray(found.value) ? found.value : [found.value]);
  const list = h("ul", { class: "choices", id: `${id}-list`, role: "listbox", "aria-label": found.label || "Values", tabindex: found.total > MANY ? "-1" : "0" });
  let shown = [];
  let active = -1;

  const target = found.total > MANY
    ? h("input", { type: "text", class: "editor-filter", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "true", "aria-controls": `${id}-list`, "aria-label": `Find a value of ${found.label || "this condition"}`, placeholder: `Find one of ${found.total}`, autocomplete: "off", spellcheck: "false" })
    : list;

  function draw(values_) {
    shown = values_;
    list.replaceChildren(...(shown.length ? shown.map(row) : [h("li", { class: "editor-wait", role: "option", "aria-disabled": "true", "aria-selected": "false" }, "None fits")]));
    const now = shown.findIndex((c) => current.has(c.value));
    move(now >= 0 ? now : 0, false);
  }

  function row(choice, index) {
    return h("li", { role: "option", id: `${id}-${index}`, "aria-selected": String(current.has(choice.value)), on: { click: () => take(index), pointermove: () => move(index, false) } },
      h("span", { class: "choice-tick" }, current.has(choice.value) ? icon(ICONS.right, 13) : null), h("span", { class: "choice-label" }, choice.label),
      choice.count === null ? null : h("span", { class: "choice-count" }, String(choice.count)));
  }

  function move(index, follow = true) {
    list.children[active]?.classList.remove("is-active");
    active = index;
    const option = shown.length ? list.children[active] : null;
    if (!option) return target.removeAttribute("aria-activedescendant");
    option.classList.add("is-active");
    if (follow) option.scrollIntoView({ block: "nearest" });
    return target.setAttribute("aria-activedescendant", option.id);
  }

  const take = (index) => { if (shown[index]) change({ value: shown[index].value }); };

  let timer = 0;
  if (target !== list) target.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => { const text = target.value; const fresh = await search(text).catch(() => null); if (fresh && target.value === text) draw(fresh.values); }, WAIT_MS);
  });
  target.addEventListener("keydown", (event) => {
    const last = shown.length - 1;
    if (event.key === "ArrowDown") move(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp") move(active <= 0 ? last : active - 1);
    else if (event.key === "Home" && target === list) move(0);
    else if (event.key === "End" && target === list) move(last);
    else if (event.key === "Enter" || (event.key === " " && target === list)) take(active);
    else return;
    event.preventDefault();
  });
  draw(found.values);
  return target === list ? [list] : [target, list];
}

function words(found, id, change) {
  return h("form", { class: "editor-form", on: { submit: (event) => { event.preventDefault(); change({ value: event.currentTarget.elements[0].value }); } } },
    h("label", { class: "label", for: `${id}-text` }, found.label), h("input", { id: `${id}-text`, type: "text", value: found.value, maxlength: 200, required: true }), h("button", { type: "submit", class: "go" }, "Ask"));
}

// ── moments ──────────────────────────────────────────────────────────────────────────────────────

const AGO = [7, 30, 60, 90];

function moments(found, id, change) {
  const list = Array.isArray(found.value) ? found.value : [found.value];
  const between = Array.isArray(found.value);
  const field = (value, label, name) => h("label", {}, h("span", { class: "label" }, label), h("input", { type: "date", id: `${id}-${name}`, required: true, value: value?.slice(0, 10) ?? "" }));
  const at = (days) => new Date(Date.now() - days * 864e5).toISOString().slice(0, 19).concat("Z");
  return h("form", { class: "editor-form", on: { submit: (event) => {
    event.preventDefault();
    const dates = [...event.currentTarget.querySelectorAll("input")].map((input) => `${input.value}T00:00:00Z`);
    change({ value: between ? dates : dates[0] });
  } } },
  h("div", { class: "dates" }, between ? [field(list[0], "From", "from"), field(list[1], "Before", "before")] : field(list[0], "Since or before", "at")),
  h("div", { class: "presets" }, AGO.map((days) => h("button", { type: "button", class: "preset", on: { click: () => change({ value: between ? [at(days), at(0)] : at(days) }) } }, between ? `Last ${days} days` : `${days} days ago`))),
  h("button", { type: "submit", class: "go" }, "Ask"), h("p", { class: "sub" }, `Now: ${list.filter(Boolean).map((m) => say.moment(m)).join(" – ")}`));
}
