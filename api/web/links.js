// Where references lead. Every link carries its reference, so whoever embeds the box can lead it elsewhere.

const REF = /^([a-z][a-z0-9-]*):([A-Za-z0-9_.-]+)\/([A-Za-z0-9_.-]+)$/;
const PAGE = /^(doc|runbook):(.+)$/;

/** The server these scripts came from. */
export const HOME = new URL("..", import.meta.url).href;

export const isRef = (value) => typeof value === "string" && (REF.test(value) || PAGE.test(value));

/** The page of a thing on the server; null when there is none. `template` is a host's own: "/catalog/{namespace}/{kind}/{name}". */
export function hrefOf(ref, { server = HOME, template = null } = {}) {
  const entity = REF.exec(ref ?? "");
  if (entity) {
    const [, kind, namespace, name] = entity;
    return template ? template.replaceAll("{kind}", kind).replaceAll("{namespace}", namespace).replaceAll("{name}", name)
      : new URL(`entities/${kind}/${namespace}/${name}`, server).href;
  }
  return PAGE.test(ref ?? "") ? new URL(`pages?ref=${encodeURIComponent(ref)}`, server).href : null;
}

export function nameOf(ref) {
  const entity = REF.exec(ref);
  if (entity) return entity[2] === "default" ? entity[3] : `${entity[2]}/${entity[3]}`;
  return ref.replace(/^[a-z]+:/, "");
}

/** A reading as part of an address: without what is left at its default. */
export function packed(plan) {
  return JSON.stringify(plan, (key, value) => (value === null || (Array.isArray(value) && !value.length) ? undefined : value));
}

/** The address of a question or reading on the server's own page. */
export function askHref(question, plan, server = HOME) {
  const url = new URL(server);
  if (question) url.searchParams.set("q", question);
  if (plan) url.searchParams.set("plan", packed(plan));
  return url.href;
}
