// A small Markdown, rendered into elements: paragraphs, headings, lists, tables, quotes, code, emphasis, links, [1] citations.
// The text may come from any file of the organisation, so it never becomes HTML and links lead only to http(s) and mailto.
import { copyButton, h } from "./dom.js";

const FENCE = /^\s{0,3}(```+|~~~+)\s*([\w+#.-]*)/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const HEADING = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const INLINE = /(`+)([\s\S]*?[^`])\1(?!`)|\*\*([\s\S]+?)\*\*|__([\s\S]+?)__|\*([^\s*][^*]*?)\*|(?<![\w])_([^\s_][^_]*?)_(?![\w])|!?\[([^\]]*)\]\(\s*<?([^)\s>]*)>?(?:\s+"[^"]*")?\s*\)|\[(\d{1,3})\]|<?(https?:\/\/[^\s<>)]+[^\s<>).,;:!?'"])>?/g;

/** A fragment for a Markdown text. `cite(n)` gives the node for [n], or null to leave the brackets as they are. */
export function markdown(text, { cite = () => null } = {}) {
  const fragment = document.createDocumentFragment();
  fragment.append(...blocks(String(text ?? "").replace(/\r\n?/g, "\n").split("\n"), cite));
  return fragment;
}

function blocks(rows, cite) {
  const out = [];
  let at = 0;
  while (at < rows.length) {
    const row = rows[at];
    const fence = FENCE.exec(row);
    const heading = HEADING.exec(row);
    if (!row.trim()) { at += 1; }
    else if (fence) {
      const end = rows.findIndex((r, i) => i > at && r.trim().startsWith(fence[1]) && !r.trim().slice(fence[1].length).trim());
      const stop = end < 0 ? rows.length : end;
      out.push(codeBlock(dedent(rows.slice(at + 1, stop)).join("\n"), fence[2]));
      at = stop + 1;
    } else if (heading) {
      out.push(h("p", { class: `md-heading md-h${heading[1].length}` }, inline(heading[2], cite)));
      at += 1;
    } else if (/^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(row)) { out.push(h("hr")); at += 1; }
    else if (row.trim().startsWith(">")) {
      const quoted = take(rows, at, (r) => r.trim().startsWith(">"));
      out.push(h("blockquote", {}, blocks(quoted.map((r) => r.replace(/^\s*>\s?/, "")), cite)));
      at += quoted.length;
    } else if (row.includes("|") && TABLE_RULE.test(rows[at + 1] ?? "") && (rows[at + 1] ?? "").includes("-")) {
      const body = take(rows, at + 2, (r) => r.includes("|") && r.trim());
      out.push(table(row, rows[at + 1], body, cite));
      at += 2 + body.length;
    } else if (ITEM.test(row)) {
      const used = listRows(rows, at);
      out.push(list(rows.slice(at, at + used), cite));
      at += used;
    } else {
      const para = take(rows, at, (r, i) => r.trim() && (i === at || !(FENCE.test(r) || HEADING.test(r) || ITEM.test(r) || r.trim().startsWith(">"))));
      out.push(h("p", {}, inline(para.map((r) => r.trim()).join("\n"), cite)));
      at += para.length;
    }
  }
  return out;
}

function take(rows, from, holds) {
  let end = from;
  while (end < rows.length && holds(rows[end], end)) end += 1;
  return rows.slice(from, end);
}

function dedent(rows) {
  const depth = Math.min(...rows.filter((r) => r.trim()).map((r) => r.length - r.trimStart().length), 12);
  return Number.isFinite(depth) && depth > 0 ? rows.map((r) => r.slice(depth)) : rows;
}

function listRows(rows, from) {
  const depth = ITEM.exec(rows[from])[1].length;
  let at = from;
  let fenced = null;
  while (at < rows.length) {
    const row = rows[at];
    const fence = FENCE.exec(row);
    if (fenced) { if (row.trim().startsWith(fenced)) fenced = null; at += 1; continue; }
    const indent = row.length - row.trimStart().length;
    if (row.trim() && at > from && indent <= depth && !ITEM.test(row)) break;
    if (!row.trim() && !(rows[at + 1] ?? "").trim()) break;
    if (fence) fenced = fence[1];
    at += 1;
  }
  return Math.max(1, at - from);
}

function list(rows, cite) {
  const [, indent, marker] = ITEM.exec(rows[0]);
  const items = [];
  for (const row of rows) {
    const item = ITEM.exec(row);
    if (item && item[1].length <= indent.length) items.push([item[3]]);
    else items.at(-1).push(row);
  }
  const ordered = /\d/.test(marker);
  const start = ordered ? Number.parseInt(marker, 10) : 1;
  return h(ordered ? "ol" : "ul", ordered && start !== 1 ? { start } : {}, items.map(([first, ...rest]) => {
    const task = /^\[([ xX])\]\s+(.*)$/.exec(first);
    const inner = blocks([task ? task[2] : first, ...dedent(rest)], cite);
    if (inner[0]?.tagName === "P" && !inner[0].className) inner.splice(0, 1, ...inner[0].childNodes);
    return h("li", task ? { class: "task" } : {}, task ? `${task[1] === " " ? "☐" : "☑"} ` : null, inner);
  }));
}

function cells(row) {
  return row.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function table(head, rule, body, cite) {
  const sides = cells(rule).map((cell) => (/^:?-+:$/.test(cell) ? "right" : ""));
  const row = (tag) => (text) => h("tr", {}, cells(text).map((cell, i) => h(tag, { class: sides[i] || null }, inline(cell, cite))));
  return h("div", { class: "scroll" }, h("table", { class: "md-table" }, h("thead", {}, row("th")(head)), h("tbody", {}, body.map(row("td")))));
}

export function codeBlock(text, language = "") {
  return h("div", { class: "code" },
    h("div", { class: "code-top" }, h("span", {}, language || "text"), copyButton(text, "Copy this code")),
    h("pre", { tabindex: "0" }, h("code", {}, text)));
}

function inline(text, cite) {
  const out = [];
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > last) out.push(text.slice(last, match.index));
    out.push(inlineNode(match, cite));
    last = match.index + match[0].length;
  }
  if (last < text.length) out.push(text.slice(last));
  return out;
}

function inlineNode(match, cite) {
  const [whole, , code, bold, strong, star, under, label, target, number, bare] = match;
  if (code !== undefined) return h("code", {}, code.trim());
  if (bold ?? strong) return h("strong", {}, inline(bold ?? strong, cite));
  if (star ?? under) return h("em", {}, inline(star ?? under, cite));
  if (label !== undefined && target !== undefined) return link(target, label || target, cite);
  if (number !== undefined) return cite(Number(number)) ?? whole;
  return link(bare, bare.replace(/^https?:\/\//, ""), cite);
}

function link(target, label, cite) {
  if (/^#\/(entity|page)\//.test(target)) return h("a", { href: target, class: "ref" }, inline(label, cite));
  if (!/^(https?:\/\/|mailto:)/i.test(target)) return h("span", { class: "md-inner", title: target }, inline(label, cite));
  return h("a", { href: target, rel: "noreferrer noopener", target: "_blank" }, /^https?:/.test(label) ? label : inline(label, cite));
}

const STOP = new Set("the and for are was were who what when where which how does did with without that this from has have not any all can should would you our their its into there than then them they will your about need team service services runbook".split(" "));

/** Mark the question's content words inside an element, leaving code as it is. */
export function highlight(element, question) {
  const stems = [...new Set((question.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []).filter((w) => !STOP.has(w)).map(stem))];
  if (!stems.length) return;
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${stems.join("|")})[\\p{L}\\p{N}]{0,4}(?![\\p{L}\\p{N}])`, "giu");
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("pre, button, .code-top")) nodes.push(walker.currentNode);
  for (const node of nodes) {
    const parts = [];
    let last = 0;
    for (const match of node.data.matchAll(pattern)) {
      parts.push(node.data.slice(last, match.index), h("mark", {}, match[0]));
      last = match.index + match[0].length;
    }
    if (parts.length) node.replaceWith(...parts, node.data.slice(last));
  }
}

function stem(word) {
  return word.length > 4 ? word.replace(/(ing|ed|es|s|e)$/, "") : word;
}
