// A measure as one number hides whether it gets better: the same measure, week by week, drawn below it.
import { columns, overTime } from "./chart.js";
import { h } from "./dom.js";

const WEEKS = 13;

/** A section that draws itself once the weeks are known; null for answers that are no measure. */
export function trend(answer, act) {
  const plan = answer.interpretation.plan;
  if (answer.status !== "answered" || answer.kind !== "value" || plan?.node !== "aggregate" || !plan.metric || plan.having) return null;
  const section = h("section", { class: "block is-drawing", "aria-label": "Week by week" });
  draw(section, plan, new Date(answer.interpretation.as_of), act);
  return section;
}

async function draw(section, plan, asOf, act) {
  const start = new Date(asOf - WEEKS * 7 * 864e5).toISOString().slice(0, 10);
  try {
    const weekly = await act.aside({ ...plan, every: "week", window: { start: `${start}T00:00:00Z`, end: asOf.toISOString() } });
    if (!overTime(weekly.rows)) return section.remove();
    section.replaceChildren(h("h3", { class: "label" }, `Week by week, the last ${WEEKS}`), ...columns(weekly.rows, weekly.unit));
  } catch { section.remove(); /* not every measure can be put by week */ }
  return section.classList.remove("is-drawing");
}
