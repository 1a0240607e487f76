// Posts JSON to the server and reads JSON back; a reply that is no JSON counts as no reply.

export const REPLY_WITHIN_MS = 10_000;

export class Sender {
  /** `token` is the page's CSRF token; a token that has run out is read again from a fresh copy of the page. */
  constructor({ token, pageUrl, fetchPage = (...args) => fetch(...args), limitMs = REPLY_WITHIN_MS }) {
    Object.assign(this, { token, pageUrl, fetchPage, limitMs });
  }

  /** Resolves with {status, reply}; status 0 when there was no answer in time. Never rejects. */
  async post(url, body, { keepalive = false } = {}) {
    const first = await this.#postOnce(url, body, keepalive);
    const isForm = first.status === 403 && first.reply === null;
    if (isForm && (await this.#renewToken())) return this.#postOnce(url, body, keepalive);
    return first;
  }

  async #postOnce(url, body, keepalive) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), this.limitMs);
    try {
      const response = await this.fetchPage(url, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify(body),
        signal: stop.signal,
        keepalive,
      });
      return { status: response.status, reply: await jsonOf(response) };
    } catch {
      return { status: 0, reply: null };
    } finally {
      clearTimeout(timer);
    }
  }

  async #renewToken() {
    try {
      const response = await this.fetchPage(this.pageUrl, { credentials: "same-origin" });
      const page = await response.text();
      const found = /<meta name="csrf-token" content="([^"]+)">/.exec(page);
      if (!response.ok || !found) return false;
      this.token = found[1];
      return true;
    } catch {
      return false;
    }
  }
}

async function jsonOf(response) {
  if (!(response.headers.get("Content-Type") ?? "").includes("application/json")) return null;
  return response.json();
}
