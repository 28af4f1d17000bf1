// Talk to a Callboard server: JSON, and an answer's stages as they are reached.

export class Client {
  /** @param {string} server base address, ending in "/"; `token` goes along as a bearer token when it is set. */
  constructor(server) {
    this.server = server;
    this.token = null;
  }

  get(path, signal) {
    return this.#json(path, { signal });
  }

  post(path, body, signal) {
    return this.#json(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
  }

  /** Ask, and tell `onStage(name, said)` of each stage; gives the whole answer. */
  async ask(body, { signal, onStage }) {
    const response = await this.#fetch("v1/ask", { method: "POST", signal, body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" } });
    if (!response.ok) throw await problem(response);
    for await (const { name, data } of events(response.body)) {
      if (name === "answer") return data;
      if (name === "problem") throw said(data);
      onStage?.(name, data);
    }
    throw new Error("The answer broke off. Try again.");
  }

  async #json(path, options) {
    const response = await this.#fetch(path, options);
    if (!response.ok) throw await problem(response);
    return response.json();
  }

  async #fetch(path, options) {
    const headers = { ...options.headers, ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}) };
    try {
      return await fetch(new URL(path, this.server), { ...options, headers });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Error("The server cannot be reached. Is it still running?");
    }
  }
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    held += value;
    const blocks = held.split("\n\n");
    held = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n");
      const name = lines.find((line) => line.startsWith("event: "))?.slice(7);
      if (name) yield { name, data: JSON.parse(lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n")) };
    }
  }
}

async function problem(response) {
  const body = await response.json().catch(() => ({}));
  const wait = response.headers.get("Retry-After");
  return said(body.detail ? body : { ...body, detail: `The server answered ${response.status}.` }, wait);
}

function said(body, wait) {
  const number = body.status >= 500 && body.request_id ? ` (request ${body.request_id})` : "";
  const error = new Error(`${body.detail}${number}`);
  error.status = body.status;
  error.wait = wait;
  return error;
}
