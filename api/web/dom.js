// Build elements from data. Text only ever becomes text nodes: nothing here parses HTML.

/** An element. `props` keys: `class`, `on` (event → listener), `data`, anything else is an attribute; null leaves it out. */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element; `props` as for `h`, all of them attributes but `on` and `data`. */
export function s(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(path, size = 16) {
  return s("svg", { viewBox: "0 0 16 16", width: size, height: size, "aria-hidden": "true" },
    s("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round" }));
}

export const ICONS = {
  close: "m4.5 4.5 7 7m0-7-7 7",
  copy: "M6 6h7v7H6zM10 6V3H3v7h3",
  right: "m3.5 8.5 3 3 6-7",
  arrow: "M3 8h10m-4-4 4 4-4 4",
  clock: "M8 4.500V8l2.500 1.500M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0",
  down: "m4.500 6.500 3.500 3.500 3.500-3.500",
  save: "M8 2.500v7.500m-3-3 3 3 3-3M3 13.500h10",
  link: "M6.5 9.5l3-3M7 4.5l1.5-1.5a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3.2 3.2 0 0 1 3 8.500L4.500 7",
};

/** Hand text to the reader as a file. */
export function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Put text on the clipboard; works without a secure context too. */
export async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = h("textarea", { class: "out-of-sight", readonly: true, "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function copyButton(text, label) {
  const button = h("button", { type: "button", class: "copy", "aria-label": label }, icon(ICONS.copy, 15), h("span", {}, "Copy"));
  button.addEventListener("click", async () => {
    await copy(text);
    button.lastChild.textContent = "Copied";
    setTimeout(() => { button.lastChild.textContent = "Copy"; }, 1600);
  });
  return button;
}
