// Everything known about one thing: facts with their source and age, what hangs on it, what it hangs together with; or one whole page.
import { h } from "./dom.js";
import { graphFigure } from "./graph.js";
import { hrefOf } from "./links.js";
import { passage } from "./passages.js";
import * as say from "./say.js";

const SHOWN = 12;
const FACTS_SHOWN = 16;
const UNITS = new Set(["count"]);

// Relations as people say them, most asked about first. The direct ones that a wider one or a fact above repeats are left to the API.
const RELATIONS = new Map([
  ["uses", "depends on"], ["usedBy", "used by"], ["providesApi", "provides"], ["apiProvidedBy", "provided by"],
  ["consumesApi", "consumes"], ["apiConsumedBy", "consumed by"], ["ownsWithin", "owns"], ["within", "part of"], ["contains", "contains"],
  ["memberOf", "member of"], ["hasMember", "members"], ["childOf", "under"], ["parentOf", "teams under it"],
]);
const REPEATED = new Set(["ownedBy", "ownerOf", "ownedWithin", "partOf", "hasPart", "dependsOn", "dependencyOf"]);
const PLURAL = { Incident: "Incidents", Alert: "Alerts", Finding: "Findings", SLO: "Objectives", Change: "Changes" };

/** What there is to fetch and show for a reference: gives `{ title, nodes }`. `client` talks to the server, `ask` asks a question. */
export async function thingView(ref, client, { ask, full = false }) {
  if (/^(doc|runbook):/.test(ref)) {
    const page = await client.get(`v1/pages?ref=${encodeURIComponent(ref)}`);
    return { title: page.title, nodes: pageView(page, full) };
  }
  const [, kind, namespace, name] = /^([^:]+):([^/]+)\/(.+)$/.exec(ref) ?? [];
  const page = await client.get(`v1/entities/${[kind, namespace, name].map(encodeURIComponent).join("/")}`);
  return { title: page.title, nodes: entityView(page, client, ask, full) };
}

function entityView(page, client, ask, full) {
  const title = (...words) => h(full ? "h2" : "h3", { class: "label" }, ...words);
  const type = page.facts.find((f) => f.field === "type")?.value;
  const head = h("header", { class: "thing-top" },
    h("p", { class: "label" }, type ? `${page.kind} · ${type}` : page.kind),
    h(full ? "h1" : "h2", { id: "thing-title", tabindex: "-1" }, page.title),
    h("p", { class: "mono" }, page.ref),
    page.description ? h("p", { class: "panel-lede" }, page.description) : null,
    h("ul", { class: "asks", "aria-label": "Ask about it" }, questions(page).map((text) => h("li", {}, h("button", { type: "button", on: { click: () => ask(text) } }, text)))),
    full ? null : h("p", { class: "whole" }, h("a", { href: hrefOf(page.ref) }, "Open the whole page")));
  const known = h("div", { class: "thing-known" }, facts(page, title), full ? null : [deployments(page, title), page.records.map((group) => records(group, title))]);
  const around = h("div", { class: "thing-around" }, full ? [deployments(page, title), page.records.map((group) => records(group, title))] : null, pages(page, title), relations(page, title));
  return [head, full ? neighbourhood(page, client, title) : null, h("div", { class: full ? "thing is-full" : "thing" }, known, around)];
}

function questions(page) {
  const name = page.name;
  if (page.kind === "Group") return [`services owned by ${name}`, `who is in ${name}?`, `who is on call for ${name}?`];
  if (page.kind === "User") return [`services owned by ${name}`];
  if (page.kind === "Resource") return [`what breaks if ${name} goes down?`, `who owns ${name}?`];
  return [`who owns ${name}?`, `what depends on ${name}?`, `runbook for ${name}`];
}

// ── facts ────────────────────────────────────────────────────────────────────────────────────────

function facts(page, title) {
  return [title("Facts"),
    page.facts.length ? listed(page) : h("p", { class: "none" }, "Nothing is written down about it yet."),
    page.links.length ? h("ul", { class: "panel-list" }, page.links.map(link)) : null,
    page.source ? h("p", { class: "aside declared" }, h("span", { class: "label" }, "Written in"), h("span", { class: "mono" }, say.place(page.source.path, page.source.lines)),
      page.read_at ? h("span", { class: "written" }, `read ${say.ago(page.read_at)}`) : null) : null];
}

function listed(page) {
  const list = h("dl", { class: "facts" });
  const draw = (count) => list.replaceChildren(...page.facts.slice(0, count).map((f) => h("div", {},
    h("dt", {}, Array.isArray(f.value) && f.value.length > 1 ? say.words(f.field) : f.label),
    h("dd", {}, h("span", {}, say.value(f.value, f.field), UNITS.has(f.unit) || !f.unit ? null : ` ${f.unit}`), written(f.source, page)))));
  const folded = page.facts.length > FACTS_SHOWN + 4;
  draw(folded ? FACTS_SHOWN : page.facts.length);
  const all = h("button", { type: "button", class: "quiet", on: { click: () => { draw(page.facts.length); all.remove(); } } }, `Show all ${page.facts.length} facts`);
  return [list, folded ? all : null];
}

/** Where a fact stands, who read it, and how old it is: by its source when that says so, else by when the files were read. */
function written(source, page) {
  if (!source) return h("span", { class: "written" }, "computed");
  const place = source.path === page.source?.path ? say.lines(source.lines) : say.place(source.path, source.lines);
  const age = source.as_of ? `as of ${say.ago(source.as_of)}` : page.read_at ? `read ${say.ago(page.read_at)}` : null;
  return h("span", { class: "written", title: [say.place(source.path, source.lines), source.format, source.as_of ? say.moment(source.as_of) : page.read_at ? `read ${say.moment(page.read_at)}` : null].filter(Boolean).join(" · ") },
    [place, source.format?.replaceAll("-", " "), age].filter(Boolean).join(" · "));
}

function link(text) {
  const match = /^(.*?)\s*<(https?:\/\/[^>\s]+)>$/.exec(text);
  return h("li", {}, match ? h("a", { href: match[2], rel: "noreferrer noopener", target: "_blank" }, match[1] || match[2]) : text);
}

// ── records ──────────────────────────────────────────────────────────────────────────────────────

function records({ kind, total, records: list }, title) {
  return [title(PLURAL[kind] ?? kind, tally(total)), h("ul", { class: "records" }, list.map((r) => {
    const { name: _, ...fields } = r.fields; // the title says it
    const name = r.title === r.ref || r.title === r.ref.split(":")[1] ? (fields.rule ?? fields.message ?? say.words(r.title)) : r.title;
    const rest = Object.entries(fields).filter(([, value]) => value !== name && value !== false);
    return h("li", {}, h("p", { class: "record-title" }, name),
      h("p", { class: "sub" }, rest.map(([field, value], i) => [i ? " · " : null, typeof value === "boolean" ? say.words(field) : [`${say.words(field)} `, say.value(value, field)]])),
      r.source ? h("p", { class: "written" }, [say.place(r.source.path, r.source.lines), r.source.format?.replaceAll("-", " ")].filter(Boolean).join(" · ")) : null);
  })), total > list.length ? h("p", { class: "sub" }, `${total - list.length} more`) : null];
}

function deployments(page, title) {
  if (!page.deployments.length) return null;
  return [title("Latest deployments"), h("ul", { class: "panel-list" }, page.deployments.map((d) => h("li", {},
    d.at ? h("time", { datetime: d.at, title: say.moment(d.at) }, say.ago(d.at)) : "some time",
    h("span", { class: "sub" }, [d.environment, d.version, d.outcome === "success" ? null : d.outcome, d.rolled_back ? "rolled back" : null, d.actor].filter(Boolean).join(" · ")))))];
}

// ── around it ────────────────────────────────────────────────────────────────────────────────────

function neighbourhood(page, client, title) {
  const section = h("section", { class: "around-it is-drawing", "aria-label": "Neighbourhood" });
  const draw = async () => {
    try {
      const graph = await client.get(`v1/graph?ref=${encodeURIComponent(page.ref)}&hops=1`);
      const links = graph.links.filter((l) => l.source === page.ref || l.target === page.ref); // what its neighbours share would hide it
      const figure = graphFigure({ ...graph, links }, { focus: [page.ref], caption: "Whole lines lead to what is depended on; dashed ones to owners, to what it is part of and to what it provides." });
      if (figure) section.replaceChildren(title("Neighbourhood"), figure);
      else section.remove();
    } catch { section.remove(); /* the lists say the same */ }
    section.classList.remove("is-drawing");
  };
  draw();
  return section;
}

function pages(page, title) {
  if (!page.pages.length) return null;
  return [title("Pages"), h("ul", { class: "panel-list" }, page.pages.map((p) => h("li", {}, say.refLink(p.ref, p.title), h("span", { class: "sub" }, p.runbook ? "runbook" : "doc"))))];
}

function relations(page, title) {
  const order = [...RELATIONS.keys()];
  const place = (group) => (order.indexOf(group.name) + order.length + 1) % (order.length + 1);
  return page.relations.filter((group) => !REPEATED.has(group.name)).sort((a, b) => place(a) - place(b)).map((group) => relation(group, title));
}

function relation(group, title) {
  const list = h("ul", { class: "panel-list is-flow" });
  const draw = (count) => list.replaceChildren(...group.things.slice(0, count).map((t) => h("li", {},
    t.kind ? say.refLink(t.ref, t.title) : h("span", { class: "none", title: "not in the catalog" }, t.ref))));
  draw(SHOWN);
  const all = h("button", { type: "button", class: "quiet", on: { click: () => { draw(group.things.length); all.remove(); list.querySelectorAll("a")[SHOWN]?.focus(); } } }, `Show all ${group.total}`);
  return [title(RELATIONS.get(group.name) ?? group.label, tally(group.total)), list, group.things.length > SHOWN ? all : null];
}

const tally = (count) => h("span", { class: "tally" }, String(count));

function pageView(page, full) {
  return [
    h("header", { class: "thing-top" }, h("p", { class: "label" }, page.runbook ? "Runbook" : "Page"),
      h(full ? "h1" : "h2", { id: "thing-title", tabindex: "-1" }, page.title), h("p", { class: "mono" }, page.path),
      page.about.length ? h("p", { class: "aside" }, h("span", { class: "label" }, "About"), page.about.map((t, i) => [i ? ", " : null, say.refLink(t.ref, t.title)])) : null),
    page.passages.map((p) => passage({ ...p, path: page.path, ref: null, title: "" }, "", { whole: true, level: full ? "h2" : "h3" })),
  ];
}
