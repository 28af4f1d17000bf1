// The panel beside the answers: everything known about one entity, or one whole page of documentation.
import { h, icon, ICONS } from "./dom.js";
import { passage } from "./answer.js";
import * as say from "./say.js";

const SHOWN = 12;

// Relations as people say them, most asked about first. The direct ones that a wider one or a fact above repeats are left to the API.
const RELATIONS = new Map([
  ["uses", "depends on"], ["usedBy", "used by"], ["providesApi", "provides"], ["apiProvidedBy", "provided by"],
  ["consumesApi", "consumes"], ["apiConsumedBy", "consumed by"], ["ownsWithin", "owns"], ["within", "part of"], ["contains", "contains"],
  ["memberOf", "member of"], ["hasMember", "members"], ["childOf", "under"], ["parentOf", "teams under it"],
]);
const REPEATED = new Set(["ownedBy", "ownerOf", "ownedWithin", "partOf", "hasPart", "dependsOn", "dependencyOf"]);

/** Fill a dialog for a location hash ("#/entity/…", "#/page/…"). Returns false when the hash asks for no panel. */
export async function openPanel(dialog, hash, { get, ask, close }) {
  const entity = /^#\/entity\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(hash);
  const page = /^#\/page\/(.+)$/.exec(hash);
  if (!entity && !page) return false;
  const shut = h("button", { type: "button", class: "shut", "aria-label": "Close", on: { click: close } }, icon(ICONS.close, 18));
  let content;
  try {
    content = entity
      ? entityView(await get(`/v1/entities/${entity.slice(1).join("/")}`), ask)
      : pageView(await get(`/v1/pages?ref=${encodeURIComponent(decodeURIComponent(page[1]))}`));
  } catch (error) {
    content = [h("h2", { id: "panel-title" }, "Not there"), h("p", {}, error.message)];
  }
  dialog.replaceChildren(shut, h("div", { class: "panel-body" }, content));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  return true;
}

function entityView(page, ask) {
  return [
    h("p", { class: "label" }, page.facts.find((f) => f.field === "type")?.value ? `${page.kind} · ${page.facts.find((f) => f.field === "type").value}` : page.kind),
    h("h2", { id: "panel-title", tabindex: "-1", autofocus: true }, page.title),
    h("p", { class: "mono" }, page.ref),
    page.description ? h("p", { class: "panel-lede" }, page.description) : null,
    h("ul", { class: "asks" }, questions(page).map((text) => h("li", {}, h("button", { type: "button", on: { click: () => ask(text) } }, text)))),
    facts(page),
    page.source ? h("p", { class: "aside" }, h("span", { class: "label" }, "Written in"), h("span", { class: "mono" }, say.place(page.source.path, page.source.lines))) : null,
    page.deployments.length ? deployments(page) : null,
    page.pages.length ? [h("h3", { class: "label" }, "Pages"), h("ul", { class: "panel-list" }, page.pages.map((p) => h("li", {},
      h("a", { href: say.hrefOf(p.ref), class: "ref" }, p.title), h("span", { class: "sub" }, p.runbook ? "runbook" : "doc"))))] : null,
    relations(page),
  ];
}

function questions(page) {
  const name = page.name;
  if (page.kind === "Group") return [`services owned by ${name}`, `who is in ${name}?`];
  if (page.kind === "User") return [`services owned by ${name}`];
  if (page.kind === "Resource") return [`what breaks if ${name} goes down?`, `who owns ${name}?`];
  return [`who owns ${name}?`, `what depends on ${name}?`];
}

function facts(page) {
  if (!page.facts.length) return null;
  return [h("h3", { class: "label" }, "Facts"), h("dl", { class: "facts" }, page.facts.map((f) => h("div", {},
    h("dt", {}, Array.isArray(f.value) && f.value.length > 1 ? say.words(f.field) : f.label), h("dd", {}, say.value(f.value, f.field), f.unit ? ` ${f.unit}` : null,
      f.source ? h("span", { class: "written", title: [say.place(f.source.path, f.source.lines), f.source.format].filter(Boolean).join(" · ") },
        f.source.path === page.source?.path ? say.lines(f.source.lines) : say.place(f.source.path, f.source.lines), f.source.as_of ? `, as of ${f.source.as_of.slice(0, 10)}` : null) : null)))),
  page.links.length ? h("ul", { class: "panel-list" }, page.links.map((text) => {
    const match = /^(.*?)\s*<(https?:\/\/[^>\s]+)>$/.exec(text);
    return h("li", {}, match ? h("a", { href: match[2], rel: "noreferrer noopener", target: "_blank" }, match[1] || match[2]) : text);
  })) : null];
}

function deployments(page) {
  return [h("h3", { class: "label" }, "Latest deployments"), h("ul", { class: "panel-list" }, page.deployments.map((d) => h("li", {},
    d.at ? h("time", { datetime: d.at, title: say.moment(d.at) }, say.ago(d.at)) : "some time",
    h("span", { class: "sub" }, [d.environment, d.version, d.outcome === "success" ? null : d.outcome, d.rolled_back ? "rolled back" : null, d.actor].filter(Boolean).join(" · ")))))];
}

function relations(page) {
  const order = [...RELATIONS.keys()];
  const place = (group) => (order.indexOf(group.name) + order.length + 1) % (order.length + 1);
  return page.relations.filter((group) => !REPEATED.has(group.name)).sort((a, b) => place(a) - place(b)).map(relation);
}

function relation(group) {
  const list = h("ul", { class: "panel-list is-flow" });
  const draw = (count) => list.replaceChildren(...group.things.slice(0, count).map((t) => h("li", {},
    t.kind ? say.refLink(t.ref, t.title) : h("span", { class: "none", title: "not in the catalog" }, t.ref))));
  draw(SHOWN);
  const all = h("button", { type: "button", class: "quiet", on: { click: () => { draw(group.things.length); all.remove(); } } }, `Show all ${group.total}`);
  return [h("h3", { class: "label" }, RELATIONS.get(group.name) ?? group.label, h("span", { class: "tally" }, String(group.total))), list, group.things.length > SHOWN ? all : null];
}

function pageView(page) {
  return [
    h("p", { class: "label" }, page.runbook ? "Runbook" : "Page"),
    h("h2", { id: "panel-title", tabindex: "-1", autofocus: true }, page.title),
    h("p", { class: "mono" }, page.path),
    page.about.length ? h("p", { class: "aside" }, h("span", { class: "label" }, "About"), page.about.map((t, i) => [i ? ", " : null, say.refLink(t.ref, t.title)])) : null,
    page.passages.map((p) => passage({ ...p, path: page.path, ref: null, title: "" }, "")).map((node) => { node.classList.remove("is-folded"); node.querySelector(".unfold")?.remove(); node.querySelector(".where")?.remove(); return node; }),
  ];
}
