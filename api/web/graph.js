// How things hang together, as a picture in layers: one column for each step, an arrow for each relation, every box a link.
// What it shows can be read without it: each box says what it is related to, and the results stand below as a table.
import { h, s } from "./dom.js";
import { hrefOf } from "./links.js";

const BOX = { width: 154, height: 44 };
const GAP = { x: 54, y: 14 };
const EDGE = 10;
const LOOP = 40;
const SWEEPS = 4;
const TITLE_CHARS = 21;
const MOST_SHOWN = 60;
const LEAST_SCALE = 0.78;

let count = 0;

/**
 * A figure for a graph of the API.
 * @param {object} graph nodes and links, as `GET /v1/graph` gives them
 * @param {object} how `focus`: refs that stand out; `caption`: what it shows
 */
export function graphFigure(graph, { focus = [], caption }) {
  const { layers, left } = layered(graph, focus);
  if (layers.flat().length < 2) return null;
  const places = placed(layers);
  const drawn = new Set(places.map((p) => p.node.ref));
  const id = `g${count += 1}`;
  const links = graph.links.filter((l) => l.source !== l.target && drawn.has(l.source) && drawn.has(l.target));
  const height = Math.max(...places.map((p) => p.y)) + BOX.height + EDGE;
  const at = new Map(places.map((p) => [p.node.ref, p]));
  const last = layers.length - 1;
  const looped = links.some((l) => at.get(l.source).column === last && at.get(l.target).column === last);
  const width = Math.max(...places.map((p) => p.x)) + BOX.width + EDGE + (looped ? LOOP : 0);
  const drawing = s("svg", { class: "graph", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": caption },
    s("defs", {}, arrow(`${id}-tip`, "tip"), arrow(`${id}-lit`, "tip is-lit")),
    links.map((link) => edge(link, at, id)), places.map((place) => box(place, links, at, focus)));
  const light = (ref) => {
    drawing.classList.toggle("is-lit", Boolean(ref));
    for (const line of drawing.querySelectorAll(".edge")) {
      const lit = Boolean(ref) && (line.dataset.source === ref || line.dataset.target === ref);
      line.classList.toggle("is-lit", lit);
      line.setAttribute("marker-end", `url(#${id}-${lit ? "lit" : "tip"})`);
    }
  };
  for (const event of ["pointerover", "focusin"]) drawing.addEventListener(event, (e) => light(e.target.closest?.("[data-ref]")?.dataset.ref));
  for (const event of ["pointerleave", "focusout"]) drawing.addEventListener(event, () => light(null));
  drawing.style.maxWidth = `${width}px`; // it shrinks with its room, as far as it can still be read
  drawing.style.minWidth = `${Math.round(width * LEAST_SCALE)}px`;
  const region = h("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": `${caption}; scrolls sideways` }, drawing);
  new ResizeObserver((_, observer) => { // once it has its size: what is asked about is in sight
    const centre = places.filter((p) => focus.includes(p.node.ref)).map((p) => (p.x + BOX.width / 2) / width)[0];
    if (centre !== undefined) region.scrollLeft = centre * region.scrollWidth - region.clientWidth / 2;
    observer.disconnect();
  }).observe(region);
  return h("figure", { class: "graph-figure", part: "graph" }, region,
    h("figcaption", {}, caption, left || graph.cut ? ` The ${layers.flat().length} closest are drawn.` : null));
}

function arrow(id, name) {
  return s("marker", { id, viewBox: "0 0 8 8", refX: 7.5, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" },
    s("path", { class: name, d: "M0 .8 7.500 4 0 7.200z" }));
}

// ── where everything stands ──────────────────────────────────────────────────────────────────────

/** Columns from left to right, so that arrows point right: what is depended on stands right of what depends on it. */
function layered(graph, focus) {
  const nodes = nearest(graph, focus);
  const known = new Set(nodes.map((n) => n.ref));
  const out = neighbours(graph.links, known, "source", "target");
  const into = neighbours(graph.links, known, "target", "source");
  const level = new Map(focus.filter((ref) => known.has(ref)).map((ref) => [ref, 0]));
  if (!level.size) for (const node of nodes) if (!into.get(node.ref)?.length) level.set(node.ref, 0);
  if (!level.size && nodes.length) level.set(nodes[0].ref, 0);
  for (const [next, way] of [[out, 1], [into, -1]]) {
    const queue = [...level.keys()].filter((ref) => Math.sign(level.get(ref)) !== -way);
    while (queue.length) {
      const ref = queue.shift();
      for (const other of next.get(ref) ?? []) {
        if (level.has(other)) continue;
        level.set(other, level.get(ref) + way);
        queue.push(other);
      }
    }
  }
  for (const node of nodes) if (!level.has(node.ref)) level.set(node.ref, 0);
  const least = Math.min(...level.values());
  const layers = [];
  for (const node of nodes) (layers[level.get(node.ref) - least] ??= []).push(node);
  const filled = layers.filter(Boolean);
  order(filled, out, into);
  return { layers: filled, left: graph.nodes.length - nodes.length };
}

function nearest(graph, focus) {
  if (graph.nodes.length <= MOST_SHOWN) return graph.nodes;
  const first = new Set(focus);
  const degree = new Map();
  for (const { source, target } of graph.links) for (const ref of [source, target]) degree.set(ref, (degree.get(ref) ?? 0) + 1);
  const rank = (n) => (first.has(n.ref) ? -1e6 : n.hops * 1000 - (degree.get(n.ref) ?? 0));
  return [...graph.nodes].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_SHOWN);
}

function neighbours(links, known, from, to) {
  const map = new Map();
  for (const link of links) {
    if (!known.has(link[from]) || !known.has(link[to])) continue;
    if (!map.has(link[from])) map.set(link[from], []);
    map.get(link[from]).push(link[to]);
  }
  return map;
}

/** Fewer crossings: each box goes to the mean height of what it is joined to, a few times over. */
function order(layers, out, into) {
  const height = new Map();
  const note = () => layers.forEach((layer) => layer.forEach((node, i) => height.set(node.ref, i - layer.length / 2)));
  note();
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const layer of sweep % 2 ? [...layers].reverse() : layers) {
      const mean = (node) => {
        const near = [...(out.get(node.ref) ?? []), ...(into.get(node.ref) ?? [])].map((ref) => height.get(ref));
        return near.length ? near.reduce((a, b) => a + b, 0) / near.length : height.get(node.ref);
      };
      const means = new Map(layer.map((node) => [node.ref, mean(node)]));
      layer.sort((a, b) => means.get(a.ref) - means.get(b.ref) || a.title.localeCompare(b.title));
    }
    note();
  }
}

function placed(layers) {
  const tallest = Math.max(...layers.map((layer) => layer.length));
  const whole = tallest * (BOX.height + GAP.y) - GAP.y;
  return layers.flatMap((layer, column) => {
    const own = layer.length * (BOX.height + GAP.y) - GAP.y;
    return layer.map((node, row) => ({ node, column, x: EDGE + column * (BOX.width + GAP.x), y: EDGE + (whole - own) / 2 + row * (BOX.height + GAP.y) }));
  });
}

// ── drawing ──────────────────────────────────────────────────────────────────────────────────────

function edge(link, at, id) {
  const [from, to] = [at.get(link.source), at.get(link.target)];
  const [y1, y2] = [from.y + BOX.height / 2, to.y + BOX.height / 2];
  let d;
  if (from.column === to.column) {
    const x = from.x + BOX.width;
    d = `M${x} ${y1} C${x + 46} ${y1} ${x + 46} ${y2} ${x + 2} ${y2}`;
  } else if (from.column < to.column) {
    const [x1, x2] = [from.x + BOX.width, to.x - 2];
    const bend = Math.max(28, (x2 - x1) / 2);
    d = `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  } else {
    const [x1, x2] = [from.x, to.x + BOX.width + 2];
    d = `M${x1} ${y1} C${x1 - 40} ${y1} ${x2 + 40} ${y2} ${x2} ${y2}`;
  }
  return s("path", { class: link.relation === "uses" ? "edge" : "edge is-dashed", d, "marker-end": `url(#${id}-tip)`, data: { source: link.source, target: link.target } });
}

function box({ node, x, y }, links, at, focus) {
  const sub = node.type ?? node.kind ?? "not in the catalog";
  const said = relatedTo(node.ref, links, at);
  const inner = [s("title", {}, `${node.title} (${sub})`), s("rect", { width: BOX.width, height: BOX.height, rx: 9 }),
    s("text", { class: "box-title", x: 13, y: 19 }, shortened(node.title)), s("text", { class: "box-sub", x: 13, y: 34 }, sub)];
  const props = { class: `box${focus.includes(node.ref) ? " is-focus" : ""}`, transform: `translate(${x} ${y})`, data: { ref: node.ref } };
  const href = hrefOf(node.ref);
  return href ? s("a", { ...props, href, "aria-label": `${node.title}, ${sub}${said}` }, inner) : s("g", props, inner);
}

function relatedTo(ref, links, at) {
  const said = new Map();
  for (const link of links) {
    if (link.source !== ref) continue;
    if (!said.has(link.label)) said.set(link.label, []);
    said.get(link.label).push(at.get(link.target).node.title);
  }
  return [...said].map(([label, titles]) => `; ${label} ${titles.join(", ")}`).join("");
}

function shortened(title) {
  return title.length > TITLE_CHARS ? `${title.slice(0, TITLE_CHARS - 1).trimEnd()}…` : title;
}
