// The API's page, drawn from /openapi.json: what each route takes and gives, with a form to try it. Nothing comes from outside.
import { h } from "./dom.js";
import { codeBlock, markdown } from "./markdown.js";

const root = document.getElementById("api");

function at(api, schema) {
  if (!schema?.$ref) return schema ?? {};
  return schema.$ref.replace(/^#\//, "").split("/").reduce((node, part) => node[part], api);
}

/** A schema in few words: "string", "list of Result", "answered | empty", "integer, 1 to 100". */
function typeOf(api, schema) {
  if (!schema) return "";
  if (schema.$ref) { const target = at(api, schema); return target.enum ? target.enum.join(" | ") : schema.$ref.split("/").at(-1); }
  if (schema.anyOf) return schema.anyOf.filter((s) => s.type !== "null").map((s) => typeOf(api, s)).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.type === "array") return schema.prefixItems ? `[${schema.prefixItems.map((s) => typeOf(api, s)).join(", ")}]` : `list of ${typeOf(api, schema.items)}`;
  if (schema.format === "date-time") return "moment (ISO 8601)";
  const [low, high] = [schema.minimum, schema.maximum];
  if (low !== undefined && high !== undefined) return `${schema.type}, ${low} to ${high}`;
  if (schema.maxLength) return `${schema.type}, at most ${schema.maxLength} characters`;
  return schema.type ?? "anything";
}

function example(api, schema, depth = 0) {
  const target = at(api, schema);
  if (target.examples?.length) return target.examples[0];
  if (target.default !== undefined) return target.default;
  if (target.anyOf) return example(api, target.anyOf[0], depth);
  if (target.enum) return target.enum[0];
  if (target.type === "object" && target.properties && depth < 4) {
    return Object.fromEntries(Object.entries(target.properties).map(([name, s]) => [name, example(api, s, depth + 1)]));
  }
  return { string: "…", integer: 1, number: 1.0, boolean: true, array: [], object: {} }[target.type] ?? null;
}

function fieldTable(api, rows) {
  return h("div", { class: "scroll", tabindex: "0" }, h("table", {}, h("thead", {}, h("tr", {}, ["name", "type", "meaning"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", {}, rows.map(([name, schema, required, doc]) => h("tr", {}, h("td", {}, name), h("td", {}, typeOf(api, schema), required ? h("span", { class: "sub" }, "required") : null),
      h("td", {}, doc ?? "", schema.default !== undefined && schema.default !== null && schema.default !== "" ? h("span", { class: "sub" }, `default ${JSON.stringify(schema.default)}`) : null))))));
}

function operation(api, path, verb, op) {
  const id = `${verb}-${path}`.replace(/[^a-z0-9]+/gi, "-");
  const bodySchema = op.requestBody?.content?.["application/json"]?.schema;
  const body = bodySchema ? at(api, bodySchema) : null;
  const parameters = op.parameters ?? [];
  const good = Object.entries(op.responses).find(([code]) => code.startsWith("2"));
  const content = good?.[1].content?.["application/json"];
  const shape = content?.schema ? at(api, content.schema) : null;
  return h("section", { class: "sheet operation", id, "aria-labelledby": `${id}-title` },
    h("h2", { id: `${id}-title` }, h("span", { class: "verb" }, verb.toUpperCase()), h("span", { class: "route" }, path)),
    h("div", { class: "prose" }, markdown(op.description ?? "")),
    parameters.length ? [h("h3", { class: "label" }, "Parameters"), fieldTable(api, parameters.map((p) => [p.name, p.schema, p.required, p.description]))] : null,
    body ? [h("h3", { class: "label" }, "Body"), !body.properties ? null : fieldTable(api, Object.entries(body.properties).map(([name, s]) => [name, s, body.required?.includes(name), s.description])),
      (body.examples ?? []).map((e) => codeBlock(JSON.stringify(e, null, 2), "json"))] : null,
    shape ? [h("h3", { class: "label" }, `Answer ${good[0]}`), fieldTable(api, Object.entries(shape.properties ?? {}).map(([name, s]) => [name, s, false, s.description])),
      h("details", {}, h("summary", {}, "Example"), codeBlock(JSON.stringify(content.example ?? example(api, content.schema), null, 2), "json"))] : null,
    h("details", {}, h("summary", {}, "Try it"), tryForm(path, verb, parameters, body ? body.examples?.[0] ?? {} : null)));
}

function tryForm(path, verb, parameters, body) {
  const inputs = parameters.map((p) => {
    const input = h("input", { name: p.name, value: p.schema?.examples?.[0] ?? p.schema?.anyOf?.[0]?.examples?.[0] ?? null, required: p.required });
    return [p, input];
  });
  const area = body === null ? null : h("textarea", { "aria-label": "Body", spellcheck: "false" }, JSON.stringify(body, null, 2));
  const out = h("div", { "aria-live": "polite" });
  return h("form", { class: "try", on: { submit: async (event) => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    for (const [p, input] of inputs) {
      if (p.in === "path") url = url.replace(`{${p.name}}`, encodeURIComponent(input.value));
      else if (input.value) query.set(p.name, input.value);
    }
    if (query.size) url += `?${query}`;
    try {
      const response = await fetch(url, { method: verb.toUpperCase(), headers: area ? { "Content-Type": "application/json" } : {}, body: area?.value });
      const text = await response.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it came */ }
      out.replaceChildren(codeBlock(shown, `${response.status} ${url}`));
    } catch { out.replaceChildren(h("p", {}, "The server cannot be reached.")); }
  } } }, inputs.map(([p, input]) => h("label", {}, p.name, input)), area, h("button", { type: "submit", class: "go" }, "Send"), out);
}

try {
  const api = await (await fetch("/openapi.json")).json();
  const all = Object.entries(api.paths).flatMap(([path, verbs]) => Object.entries(verbs).map(([verb, op]) => [path, verb, op]));
  root.replaceChildren(h("h1", {}, "The API"), h("p", { class: "lede" }, api.info.summary, " ", api.info.description ?? ""),
    h("nav", { class: "contents", "aria-label": "Routes" }, all.map(([path, verb, op]) => h("a", { href: `#${`${verb}-${path}`.replace(/[^a-z0-9]+/gi, "-")}` },
      h("span", { class: "verb" }, verb.toUpperCase()), h("span", { class: "route" }, path), h("span", { class: "sub" }, op.summary)))),
    ...all.map(([path, verb, op]) => operation(api, path, verb, op)));
  if (location.hash) document.querySelector(location.hash)?.scrollIntoView();
} catch {
  root.replaceChildren(h("p", {}, "The description could not be read; is the server still running?"));
}
