// <callboard-entity ref="component:default/checkout">: everything known about one thing, for any page. See docs/embedding.md.
import { Client } from "./client.js";
import { h } from "./dom.js";
import { thingView } from "./entity.js";
import { askHref, HOME, hrefOf } from "./links.js";
import sheet, { ready } from "./sheet.js";

export class CallboardEntity extends HTMLElement {
  static observedAttributes = ["ref", "server"];

  #client = new Client(HOME);
  #body = null;
  #asked = "";

  connectedCallback() {
    if (this.#body) return;
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.#body = h("article", { class: "sheet is-thing", part: "entity", "aria-live": "polite" });
    root.append(this.#body);
    ready.then(() => this.toggleAttribute("ready", true));
    this.#draw();
  }

  attributeChangedCallback(name, _, value) {
    if (name === "server") this.#client.server = new URL(value ? `${value.replace(/\/+$/, "")}/` : HOME, document.baseURI).href;
    this.#draw();
  }

  get token() { return this.#client.token; }
  set token(value) { this.#client.token = value; }

  async #draw() {
    const ref = this.getAttribute("ref");
    if (!this.#body || !ref || this.#asked === ref) return;
    this.#asked = ref;
    this.#body.replaceChildren(h("p", { class: "editor-wait" }, "Looking…"));
    const ask = (text) => {
      const event = new CustomEvent("callboard-ask", { detail: { question: text }, bubbles: true, composed: true, cancelable: true });
      if (this.dispatchEvent(event)) location.assign(askHref(text, null, this.#client.server));
    };
    try {
      const { title, nodes } = await thingView(ref, this.#client, { ask, full: true });
      this.#body.replaceChildren(...nodes.flat(Infinity).filter(Boolean));
      for (const link of this.#body.querySelectorAll("a[data-ref]")) this.#lead(link);
      new MutationObserver(() => this.#body.querySelectorAll("a[data-ref]").forEach((link) => this.#lead(link))).observe(this.#body, { childList: true, subtree: true });
      this.dispatchEvent(new CustomEvent("callboard-shown", { detail: { ref, title }, bubbles: true, composed: true }));
    } catch (error) {
      this.#body.replaceChildren(h("h1", { id: "thing-title" }, "Not there"), h("p", {}, error.message), h("p", { class: "whole" }, h("a", { href: this.#client.server }, "Ask for something else")));
      this.dispatchEvent(new CustomEvent("callboard-shown", { detail: { ref, title: "Not there" }, bubbles: true, composed: true }));
    }
  }

  #lead(link) {
    const href = hrefOf(link.dataset.ref, { server: this.#client.server, template: this.getAttribute("entity-href") });
    if (href && link.getAttribute("href") !== href) link.setAttribute("href", href);
  }
}

if (!customElements.get("callboard-entity")) customElements.define("callboard-entity", CallboardEntity);
