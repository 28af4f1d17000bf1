// The box that completes while one types: the WAI-ARIA combobox with a list, driven by keys, mouse or touch.
import { h, icon, ICONS } from "./dom.js";

const WAIT_MS = 70;

/** Wire an input and its listbox. `fetchFor(text, signal)` gives suggestions, `take(suggestion)` is told of a choice, `recent()` fills an empty box. */
export function combobox(input, list, { fetchFor, take, recent }) {
  let items = [];
  let active = -1;
  let timer = 0;
  let asking = null;

  function close() {
    clearTimeout(timer);
    asking?.abort();
    items = [];
    active = -1;
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function show(found) {
    items = found;
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.replaceChildren(...found.map(row));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
  }

  function row(item, index) {
    const labelled = item.kind === "entity" && item.label && !item.text.toLowerCase().endsWith(item.label.toLowerCase());
    return h("li", { id: `suggestion-${index}`, role: "option", "aria-selected": "false", class: `is-${item.kind}`,
      on: { mousedown: (event) => event.preventDefault(), click: () => choose(index), mousemove: () => move(index) } },
    h("span", { class: "suggestion-text" }, bold(item.text, input.value), labelled ? h("span", { class: "suggestion-label" }, item.label) : null),
    h("span", { class: "suggestion-kind" }, item.kind === "recent" ? [icon(ICONS.clock, 13), "asked before"] : item.detail));
  }

  function move(index) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = list.children[active];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    return input.setAttribute("aria-activedescendant", option.id);
  }

  function choose(index) {
    const item = items[index];
    close();
    take(item);
  }

  async function refresh() {
    asking?.abort();
    asking = new AbortController();
    const text = input.value;
    try {
      const found = text.trim() ? await fetchFor(text, asking.signal) : recent();
      if (input.value === text && input.getRootNode().activeElement === input) show(found);
    } catch { /* a newer keystroke, or no network: typing goes on without suggestions */ }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, WAIT_MS);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const last = items.length - 1;
    if (event.key === "ArrowDown" && !items.length) refresh();
    else if (event.key === "ArrowDown") move(active >= last ? -1 : active + 1);
    else if (event.key === "ArrowUp" && items.length) move(active < 0 ? last : active - 1);
    else if (event.key === "Escape" && items.length) { close(); event.stopPropagation(); }
    else if (event.key === "Tab" && active >= 0) { event.preventDefault(); choose(active); return; }
    else if (event.key === "Enter" && active >= 0) choose(active);
    else return;
    event.preventDefault();
  });
  return { close };
}

function bold(text, typed) {
  const word = typed.trimEnd().split(/\s+/).at(-1) ?? "";
  const at = text.toLowerCase().lastIndexOf(word.toLowerCase());
  if (!word || at < 0) return [text];
  return [text.slice(0, at), h("b", {}, text.slice(at, at + word.length)), text.slice(at + word.length)];
}
