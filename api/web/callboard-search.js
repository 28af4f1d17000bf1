// <callboard-search>: a box that answers questions about a software catalog, for any page. No build step, nothing from elsewhere.
//
//   <script type="module" src="https://callboard.example.com/web/callboard-search.js"></script>
//   <callboard-search placeholder="who owns checkout?"></callboard-search>
//
// Attributes: server, placeholder, question, entity-href ("/catalog/{namespace}/{kind}/{name}"), history="off", theme="light|dark".
// Events: callboard-answer, callboard-open (cancelable), callboard-close, callboard-clear. docs/embedding.md has all of it.
import { answerSheet } from "./answer.js";
import { Client } from "./client.js";
import { combobox } from "./combobox.js";
import { h, icon, ICONS, s } from "./dom.js";
import { thingView } from "./entity.js";
import { asked, remember } from "./history.js";
import { askHref, HOME, hrefOf } from "./links.js";
import sheet, { ready } from "./sheet.js";

const EARLIER_SHOWN = 8;
const RECENT_SHOWN = 6;
const MOST = 1000;
const PATIENCE_MS = 180;

export class CallboardSearch extends HTMLElement {
  static observedAttributes = ["placeholder", "server"];

  #client = new Client(HOME);
  #turns = [];
  #conversation = null;
  #asking = null;
  #parts = null;
  #suggest = null;
  #opener = null;

  connectedCallback() {
    if (this.#parts) return;
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [sheet];
    this.#build(root);
    ready.then(() => this.toggleAttribute("ready", true));
    const question = this.getAttribute("question");
    if (question) this.ask(question);
  }

  attributeChangedCallback(name, _, value) {
    if (name === "server") this.#client.server = new URL(value ? `${value.replace(/\/+$/, "")}/` : HOME, document.baseURI).href;
    if (name === "placeholder" && this.#parts) this.#parts.input.placeholder = value ?? "";
  }

  /** Sent as a bearer token; null for none. */
  get token() { return this.#client.token; }
  set token(value) { this.#client.token = value; }

  /** To the box, wherever the focus was inside. */
  focus(options) { this.#parts?.input.focus(options); }

  /** What is typed. */
  get value() { return this.#parts?.input.value ?? ""; }
  set value(text) { if (this.#parts) this.#parts.input.value = text; }

  /** The answer that is shown; null for none. */
  get answer() { return this.#turns[0]?.answer ?? null; }

  /** Talks to the same server, with the same token. */
  get client() { return this.#client; }

  // ── asking ─────────────────────────────────────────────────────────────────────────────────────

  /** Ask a question; `fresh` begins a new conversation. Gives the answer, or null when it was refused or overtaken. */
  async ask(question, { fresh = false } = {}) {
    const text = question.trim();
    if (!text) return this.#parts.input.focus();
    this.#parts.input.value = text;
    return this.#run({ question: text }, { question: text, fresh });
  }

  /** Run a reading; `edit` changes one condition of it first. */
  async run(plan, { edit = null, limit = null, question = null, chip = null } = {}) {
    return this.#run({ plan, edit: edit ?? undefined, limit: limit ?? undefined }, { question, plan, chip });
  }

  /** Forget the conversation and show nothing. */
  clear() {
    this.#asking?.abort();
    Object.assign(this, { value: "" });
    this.#turns = [];
    this.#conversation = null;
    this.#parts.answers.replaceChildren();
    this.#parts.progress.replaceChildren();
    this.removeAttribute("answered");
    this.#parts.input.placeholder = this.getAttribute("placeholder") ?? "";
    this.#tell("callboard-clear", {});
  }

  async #run(body, { question, plan = null, fresh = false, chip = null }) {
    this.#suggest.close();
    this.close();
    this.#asking?.abort();
    const control = this.#asking = new AbortController();
    const { answers } = this.#parts;
    const slow = setTimeout(() => this.#wait(question), PATIENCE_MS);
    answers.setAttribute("aria-busy", "true");
    if (fresh) Object.assign(this.#turns, { length: 0 });
    try {
      const answer = await this.#client.ask({ ...body, conversation: (fresh ? null : this.#conversation) ?? undefined },
        { signal: control.signal, onStage: (stage, said) => this.#stage(stage, said) });
      this.#conversation = answer.conversation;
      this.#show(plan ? null : question, answer, chip);
      if (question && !plan && this.getAttribute("history") !== "off") remember(question);
      this.#tell("callboard-answer", { question: plan ? null : question, plan: plan ? answer.interpretation.plan : null, answer });
      return answer;
    } catch (error) {
      if (error.name === "AbortError") return null;
      this.#fail(error, () => this.#run(body, { question, plan, fresh, chip }));
      return null;
    } finally {
      clearTimeout(slow);
      if (this.#asking === control) {
        answers.classList.remove("is-waiting");
        answers.removeAttribute("aria-busy");
        this.#parts.progress.replaceChildren();
      }
    }
  }

  #show(question, answer, chip) {
    const turn = { question, answer };
    if (question === null && this.#turns[0]?.question === null) this.#turns[0] = turn;
    else this.#turns.unshift(turn);
    const { answers, live, input } = this.#parts;
    answers.replaceChildren(answerSheet(question, answer, this.#acts()), this.#earlier());
    this.toggleAttribute("answered", true);
    input.placeholder = "Ask a follow-up, or something new";
    live.textContent = answer.text.replace(/[*_`]/g, "").slice(0, 400);
    if (chip !== null) (answers.querySelector(`.chip-label[data-at="${chip}"]`) ?? answers.querySelector(".chip-label") ?? answers).focus();
    else if (this.shadowRoot.activeElement === input) input.select();
  }

  #earlier() {
    const earlier = this.#turns.slice(1, EARLIER_SHOWN + 1);
    if (!earlier.length) return "";
    const again = ({ question, answer }) => (question ? this.ask(question, { fresh: true }) : this.run(answer.interpretation.plan));
    return h("section", { class: "earlier", part: "earlier", "aria-label": "Earlier in this conversation" },
      h("div", { class: "earlier-top" }, h("h2", { class: "label" }, "Earlier"), h("button", { type: "button", class: "quiet", on: { click: () => { this.clear(); this.#parts.input.focus(); } } }, "Start over")),
      h("ol", {}, earlier.map((turn) => h("li", {}, h("button", { type: "button", on: { click: () => again(turn) } }, h("span", {}, turn.question ?? turn.answer.interpretation.text))))));
  }

  /** Nothing yet: the old answer steps back, and what is known so far is said. */
  #wait(question) {
    const { answers, progress } = this.#parts;
    answers.classList.add("is-waiting");
    if (!progress.childElementCount) progress.append(h("p", {}, h("span", { class: "dot", "aria-hidden": "true" }), "Reading the question…"));
    if (!answers.childElementCount) {
      answers.replaceChildren(h("article", { class: "sheet is-loading", "aria-hidden": "true" }, h("p", { class: "asking" }, question ?? ""), h("span", { class: "bone" }), h("span", { class: "bone is-short" }), h("span", { class: "bone is-block" })));
    }
  }

  #stage(stage, said) {
    const text = stage === "reading" ? (said.text ? `Read as: ${said.text}` : "Looking in the pages…")
      : stage === "rows" ? `${said.total} found` : stage === "passages" ? `${said.pages.length} ${said.pages.length === 1 ? "page" : "pages"} found` : "";
    if (text) this.#parts.progress.replaceChildren(h("p", {}, h("span", { class: "dot", "aria-hidden": "true" }), text));
  }

  #fail(error, again) {
    const wait = error.wait ? ` You can try again in ${error.wait} s.` : "";
    this.#parts.answers.replaceChildren(h("article", { class: "sheet is-error", role: "alert", part: "error" }, h("h2", { class: "asked" }, "That did not work"),
      h("div", { class: "said" }, h("p", {}, `${error.message}${wait}`)), h("button", { type: "button", class: "again", on: { click: again } }, "Try again")));
  }

  /** What the parts of an answer may do. */
  #acts() {
    const client = this.#client;
    return {
      ask: (text) => this.ask(text),
      runPlan: (plan) => this.run(plan, { chip: "" }),
      edit: (plan, edit) => this.run(plan, { edit, chip: edit.at }),
      choices: (plan, at, q) => client.post("v1/choices", { plan, at, q }),
      more: (answer) => this.run(answer.interpretation.plan, { limit: Math.min(answer.total, MOST) }),
      whole: async (answer) => (answer.interpretation.plan && answer.total > Math.max(answer.results.length, answer.rows.length)
        ? client.post("v1/ask", { plan: answer.interpretation.plan, limit: Math.min(answer.total, MOST) }) : answer),
      aside: (plan) => client.post("v1/ask", { plan }),
      link: (answer) => { const turn = this.#turns.find((t) => t.answer === answer); return askHref(turn?.question, turn?.question ? null : answer.interpretation.plan, client.server); },
      graph: (refs) => client.get(`v1/graph?${refs.map((ref) => `ref=${encodeURIComponent(ref)}`).join("&")}`),
      open: (ref) => this.#follow(ref),
      feedback: (verdict, question, answer, comment) => client.post("v1/feedback", { verdict, question: question ?? this.#turns.find((t) => t.question)?.question, edited: question ? undefined : true, comment: comment || undefined,
        conversation: answer.conversation ?? undefined, status: answer.status, plan: answer.interpretation.plan ?? undefined }).then(() => true, () => false),
    };
  }

  // ── one thing beside the answer ────────────────────────────────────────────────────────────────

  /** Show a thing or a page beside the answer. */
  async open(ref) {
    const { panel } = this.#parts;
    const body = h("div", { class: "panel-body" }, h("p", { class: "editor-wait" }, "Looking…"));
    const shut = h("button", { type: "button", class: "shut", "aria-label": "Close", on: { click: () => this.close() } }, icon(ICONS.close, 18));
    panel.setAttribute("aria-label", ref);
    panel.replaceChildren(shut, body);
    if (!panel.open) { this.#opener = this.shadowRoot.activeElement; panel.showModal(); }
    panel.scrollTop = 0;
    try {
      const { title, nodes } = await thingView(ref, this.#client, { ask: (text) => this.ask(text) });
      panel.setAttribute("aria-label", title);
      body.replaceChildren(...nodes.flat(Infinity).filter(Boolean));
      this.#relink(body);
      body.querySelector("#thing-title").focus();
    } catch (error) {
      body.replaceChildren(h("h2", {}, "Not there"), h("p", {}, error.message));
    }
  }

  /** Put the thing away again. */
  close() {
    const { panel } = this.#parts;
    if (!panel.open) return;
    panel.close();
    this.#opener?.focus?.();
    this.#tell("callboard-close", {});
  }

  #follow(ref) {
    if (this.#tell("callboard-open", { ref, href: this.#href(ref) })) this.open(ref);
  }

  #href(ref) {
    return hrefOf(ref, { server: this.#client.server, template: this.getAttribute("entity-href") });
  }

  #clicked(event) {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.("a[data-ref]");
    if (link) {
      if (this.hasAttribute("entity-href") && !/^(doc|runbook):/.test(link.dataset.ref)) {
        if (!this.#tell("callboard-open", { ref: link.dataset.ref, href: link.href })) event.preventDefault();
        return;
      }
      event.preventDefault();
      this.#follow(link.dataset.ref);
      return;
    }
    const mark = event.target.closest?.("sup.cite a"); // to the source on this page; the address stays the host's
    if (!mark) return;
    event.preventDefault();
    const target = this.shadowRoot.getElementById(mark.getAttribute("href").slice(1));
    const folded = target?.closest("details");
    if (folded) folded.open = true;
    target?.focus();
    target?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  /** Lead links where the host wants them. */
  #relink(root) {
    for (const link of root.querySelectorAll("a[data-ref]")) link.setAttribute("href", this.#href(link.dataset.ref) ?? "");
  }

  // ── building ───────────────────────────────────────────────────────────────────────────────────

  #build(root) {
    const input = h("input", { id: "q", type: "text", part: "input", maxlength: 2000, enterkeyhint: "search", autocapitalize: "none", autocomplete: "off", spellcheck: "false",
      "aria-label": this.getAttribute("label") ?? "Your question", placeholder: this.getAttribute("placeholder") ?? "", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "suggestions", "aria-haspopup": "listbox" });
    const list = h("ul", { id: "suggestions", class: "suggestions", part: "suggestions", role: "listbox", "aria-label": "Suggestions", hidden: true });
    const glass = s("svg", { class: "box-icon", viewBox: "0 0 24 24", width: 22, height: 22, "aria-hidden": "true" },
      s("circle", { cx: 10.5, cy: 10.5, r: 6.5, fill: "none", stroke: "currentColor", "stroke-width": 2 }), s("path", { d: "m15.5 15.5 5 5", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round" }));
    const form = h("form", { role: "search", "aria-label": this.getAttribute("label") ?? "Ask the catalog", on: { submit: (event) => { event.preventDefault(); this.ask(input.value); } } },
      h("div", { class: "box", part: "box" }, glass, input, h("button", { type: "submit", class: "go", part: "button" }, "Ask")), list);
    const progress = h("div", { class: "progress", part: "progress", role: "status" });
    const answers = h("div", { id: "answers", class: "answers", tabindex: "-1" });
    const live = h("p", { class: "out-of-sight", role: "status", "aria-live": "polite" });
    const panel = h("dialog", { class: "panel", part: "panel", on: {
      cancel: (event) => { event.preventDefault(); this.close(); }, click: (event) => { if (event.target === panel) this.close(); } } });
    root.append(form, progress, answers, live, panel);
    root.addEventListener("click", (event) => this.#clicked(event));
    new MutationObserver(() => this.#relink(answers)).observe(answers, { childList: true, subtree: true });
    this.#parts = { input, answers, progress, live, panel };
    this.#suggest = combobox(input, list, {
      fetchFor: async (text, signal) => (await this.#client.get(`v1/suggest?q=${encodeURIComponent(text)}&limit=7`, signal)).suggestions,
      recent: () => (this.getAttribute("history") === "off" ? [] : asked().slice(0, RECENT_SHOWN).map((text) => ({ kind: "recent", text }))),
      take: (item) => {
        if (item.kind === "question" || item.kind === "recent") return this.ask(item.text);
        input.value = `${item.text} `;
        input.focus();
        return input.setSelectionRange(input.value.length, input.value.length);
      },
    });
  }

  #tell(name, detail) {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
  }
}

if (!customElements.get("callboard-search")) customElements.define("callboard-search", CallboardSearch);
