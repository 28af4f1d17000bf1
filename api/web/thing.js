// The page of one thing: the address names it.
import "./callboard-entity.js";

const thing = document.getElementById("thing");
const [, kind, namespace, name] = /^\/entities\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(location.pathname) ?? [];

thing.addEventListener("callboard-shown", ({ detail }) => { document.title = `${detail.title} · Callboard`; });
thing.setAttribute("ref", name ? `${kind}:${namespace}/${name}`.toLowerCase() : new URLSearchParams(location.search).get("ref") ?? "");
