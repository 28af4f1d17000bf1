// Passages of pages: as written, with their place, the words asked for marked, long ones folded.
import { h } from "./dom.js";
import { hrefOf, nameOf } from "./links.js";
import { highlight, markdown } from "./markdown.js";
import * as say from "./say.js";

const LONG_PASSAGE_CHARS = 900;

export function passages(question, answer) {
  if (!answer.passages.length) return null;
  return h("section", { class: "block passages", "aria-label": "Passages" }, answer.passages.map((p, i) => passage(p, question, { folded: i > 0 || quoted(answer, p) })));
}

/** Whether the sentence already quotes the passage: then the passage is context, and may be folded. */
function quoted(answer, hit) {
  return answer.citations.some((c) => c.path === hit.path && c.lines[0] >= hit.lines[0] && c.lines[1] <= hit.lines[1]);
}

/** Pages that were found and of which no passage is shown. */
export function morePages(answer) {
  const rest = answer.results.filter((r) => !answer.passages.some((p) => r.ref === p.ref || r.ref.endsWith(`:${p.path}`)));
  if (!rest.length) return null;
  return h("section", { class: "sources", "aria-label": "More pages" }, h("h3", { class: "label" }, answer.passages.length ? "More pages" : "Pages"),
    h("ul", { class: "panel-list" }, rest.map((r) => h("li", {}, say.refLink(r.ref, r.title), h("span", { class: "sub" }, nameOf(r.ref))))));
}

/** One passage; `whole` shows it on the page it is from, unfolded and without its place. */
export function passage(hit, question, { folded = false, whole = false, level = "h3" } = {}) {
  const body = h("div", { class: "prose" }, markdown(withoutHeading(hit.text, hit.heading)));
  highlight(body, question);
  const article = h("article", { class: "passage" },
    h("header", {}, h(level, {}, hit.heading || hit.title, hit.title && hit.title !== hit.heading ? h("span", { class: "sub" }, hit.title) : null),
      whole ? null : h("p", { class: "where" }, pathLink(hit), h("span", {}, say.lines(hit.lines)), hit.ref && /\//.test(hit.ref) && !/^(doc|runbook):/.test(hit.ref) ? say.refLink(hit.ref) : null)),
    body);
  if (!whole && hit.text.length > (folded ? LONG_PASSAGE_CHARS / 2 : LONG_PASSAGE_CHARS * 2)) {
    article.classList.add("is-folded");
    article.append(h("button", { type: "button", class: "quiet unfold", "aria-expanded": "false",
      on: { click: (event) => { article.classList.remove("is-folded"); event.currentTarget.remove(); } } }, "Show the whole passage"));
  }
  return article;
}

function pathLink(hit) {
  if (hit.url && /^https?:/.test(hit.url)) return h("a", { href: hit.url, rel: "noreferrer noopener", target: "_blank" }, hit.path);
  const kind = /(^|\/)runbooks?\//i.test(hit.path) ? "runbook" : "doc";
  const ref = /^(doc|runbook):/.test(hit.ref ?? "") ? hit.ref : `${kind}:${hit.path}`;
  return h("a", { href: hrefOf(ref), data: { ref } }, hit.path);
}

function withoutHeading(text, heading) {
  const [first, ...rest] = text.split("\n");
  const match = /^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$/.exec(first);
  return match && match[1] === heading ? rest.join("\n") : text;
}
