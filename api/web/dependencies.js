// The dependency answers as a picture: what is asked about, everything that was found, and how they hang together.
import { h } from "./dom.js";
import { graphFigure } from "./graph.js";

const FOLLOWED = new Set(["uses", "usedBy", "dependsOn", "dependencyOf"]);
const MOST = 120;

/** A section that draws itself once the server has said what relates the results; null for answers of another sort. */
export function graphOf(answer, act) {
  if (answer.status !== "answered" || answer.results.length < 1) return null;
  if (answer.kind === "path") return chain(answer);
  const subjects = subjectsOf(answer.interpretation.plan);
  if (!subjects.length) return null;
  const section = h("section", { class: "block is-drawing", "aria-label": "How they depend on each other" });
  draw(section, answer, subjects, act);
  return section;
}

async function draw(section, answer, subjects, act) {
  try {
    const refs = [...new Set([...subjects, ...answer.results.map((r) => r.ref)])].slice(0, MOST);
    const graph = await act.graph(refs);
    const figure = graphFigure(graph, { focus: subjects, caption: "Arrows lead from a thing to what it depends on." });
    if (!figure || !graph.links.length) return section.remove();
    section.replaceChildren(figure);
  } catch { section.remove(); /* the table says the same */ }
  return section.classList.remove("is-drawing");
}

function chain(answer) {
  const nodes = answer.results.map((r, hops) => ({ ref: r.ref, title: r.title, kind: r.kind, type: r.fields.type ?? null, hops }));
  const links = nodes.slice(1).map((node, i) => ({ source: nodes[i].ref, target: node.ref, relation: "uses", label: "depending on" }));
  const figure = graphFigure({ nodes, links }, { focus: [nodes[0].ref, nodes.at(-1).ref], caption: "The shortest chain of dependencies." });
  return figure ? h("section", { class: "block", "aria-label": "Path" }, figure) : null;
}

/** What the dependencies of are asked; none for plans of another sort. */
function subjectsOf(plan) {
  if (plan?.node !== "traverse" || !FOLLOWED.has(plan.relation)) return [];
  const where = plan.start.where;
  const named = where?.node === "compare" && where.field === "ref" ? where.value : [];
  return (Array.isArray(named) ? named : [named]).slice(0, 5);
}
