// Build elements from data. Text only ever becomes text nodes: nothing here parses HTML.

/** An element. `props` keys: `class`, `on` (event → listener), `data`, anything else is an attribute; null leaves it out. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(path, size = 16) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 16 16", width: size, height: size, "aria-hidden": "true" })) {
    svg.setAttribute(name, String(value));
  }
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of Object.entries({
    d: path, fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round",
  })) line.setAttribute(name, String(value));
  svg.append(line);
  return svg;
}

export const ICONS = {
  close: "m4.5 4.5 7 7m0-7-7 7",
  copy: "M6 6h7v7H6zM10 6V3H3v7h3",
  right: "m3.5 8.5 3 3 6-7",
  arrow: "M3 8h10m-4-4 4 4-4 4",
  link: "M6.5 9.5l3-3M7 4.5l1.5-1.5a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3.2 3.2 0 0 1 3 8.500L4.500 7",
};

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
