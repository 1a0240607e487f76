// Between one browser and the real server: keeps cookies, and does to a request what the session's plan says.

const OFFLINE_MS = 10 * 60 * 1_000;
const LATE_BY = 3;
const PORTAL = "<!doctype html><title>Welcome to our network</title>";
export const ANSWERS = /\/answers\/$/;

export class Network {
  /** `site`: {url}, another one after a restart. `plan`: what goes wrong. `clock`: when offline ends. */
  constructor({ site, plan, clock }) {
    Object.assign(this, { site, plan, clock });
    this.cookies = new Map();
    this.requests = 0;
    this.offlineUntil = -1;
    this.late = [];
    this.receipts = new Set();
  }

  /** The `fetch` of one page. */
  fetchFor(life) {
    return (path, options = {}) => life.tell(this.#send(path, options, life));
  }

  /** One request without any fault, from this browser. */
  async direct(path, options = {}) {
    const reply = await this.#request(path, options);
    for (const line of reply.headers.getSetCookie()) this.#keep(line);
    return { status: reply.status, headers: reply.headers, text: await reply.text() };
  }

  // A request that the server gets although the browser has given it up: its reply, cookies included, reaches nobody.
  #unheard(path, options) {
    this.#request(path, { ...options, signal: undefined }).then((reply) => reply.text()).catch(() => {});
  }

  #request(path, { method = "GET", headers = {}, body }) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    return fetch(this.site.url + path, { method, headers: { ...headers, cookie }, body, redirect: "manual" });
  }

  async #send(path, options, life) {
    const number = this.requests;
    this.requests += 1;
    this.#deliverLate(number);
    if (life.alive && this.plan.diesInFlight()) {
      this.#unheard(path, options);
      life.end();
    }
    if (!life.goesOn()) return null;
    const reply = await this.#afflicted(path, options, this.plan.atRequest(number, path));
    return life.goesOn() ? this.#handOver(path, reply) : null;
  }

  async #afflicted(path, options, fault) {
    if (fault === "offline") this.offlineUntil = this.clock.now() + OFFLINE_MS;
    if (fault === "cut before" || this.clock.now() < this.offlineUntil) throw new TypeError("no network");
    if (fault === "late") this.late.push({ due: this.requests + LATE_BY, path, options });
    if (fault === "late") throw new TypeError("no network");
    if (fault === "stall") return stalled(options.signal);
    if (fault === "unavailable") return page(503);
    if (fault === "portal") return page(200);
    if (fault === "double") this.#unheard(path, options);
    const reply = await this.direct(path, options);
    if (fault === "cut after") throw new TypeError("no network");
    return fault === "cut short" ? { ...reply, text: reply.text.slice(0, reply.text.length / 2) } : reply;
  }

  // Receipts count as seen when they reach the page.
  #handOver(path, { status, headers, text }) {
    if (status === 200 && ANSWERS.test(path) && text.startsWith("{") && text.endsWith("}")) {
      for (const receipt of JSON.parse(text).receipts ?? []) this.receipts.add(receipt.client_uuid);
    }
    return new Response(text, { status, headers });
  }

  #deliverLate(number) {
    const due = this.late.filter((each) => each.due <= number);
    this.late = this.late.filter((each) => each.due > number);
    for (const { path, options } of due) this.#unheard(path, options);
  }

  #keep(line) {
    const [pair] = line.split(";");
    const at = pair.indexOf("=");
    if (/max-age=0\b/i.test(line)) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

function page(status) {
  return { status, headers: new Headers({ "Content-Type": "text/html" }), text: PORTAL };
}

function stalled(signal) {
  if (!signal) throw new TypeError("no network");
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new TypeError("no reply in time"))));
}
