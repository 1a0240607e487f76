// Posts JSON to the server and reads JSON back; a reply that is no JSON counts as no reply. When the session or the form
// token has run out, the page's own signed token gets access back, and the same post is sent once more.

export const REPLY_WITHIN_MS = 10_000;

export class Sender {
  /** `token`: the page's CSRF token. `renew`: {url, token} by which access is given back. */
  constructor({ token, renew, fetchPage = (...args) => fetch(...args), limitMs = REPLY_WITHIN_MS }) {
    Object.assign(this, { token, renew, fetchPage, limitMs });
  }

  /** Resolves with {status, reply}; status 0 when there was no answer in time. Never rejects. */
  async post(url, body, { keepalive = false } = {}) {
    const first = await this.#postOnce(url, body, { keepalive });
    if (first.status !== 403 || !(await this.#renewAccess())) return first;
    return this.#postOnce(url, body, { keepalive });
  }

  async #renewAccess() {
    const { status, reply } = await this.#postOnce(this.renew.url, {}, { headers: { "X-MixTrial-Renew": this.renew.token } });
    if (status !== 200 || typeof reply?.csrf !== "string") return false;
    this.token = reply.csrf;
    return true;
  }

  async #postOnce(url, body, { keepalive = false, headers = {} }) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), this.limitMs);
    try {
      const response = await this.fetchPage(url, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token, ...headers },
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
}

async function jsonOf(response) {
  if (!(response.headers.get("Content-Type") ?? "").includes("application/json")) return null;
  return response.json();
}
