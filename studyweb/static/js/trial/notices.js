// The save status in the page's head and the notices under its title.

import { element, say } from "./text.js";

const place = () => document.getElementById("notices");

/** Shows the outbox's state; `onRetry` runs when the producer asks to try again. */
export function showSaving({ state, pending, login }, onRetry) {
  document.getElementById("save-status").dataset.state = state;
  document.getElementById("save-text").textContent = say(`status_${state}`);
  if (["waiting", "offline"].includes(state) && pending > 0) showNotice("saving", "warning", say("kept_here"));
  else if (state === "session") showNotice("saving", "warning", say("session_gone"), ...sessionActions(login, onRetry));
  else if (state === "elsewhere") showNotice("saving", "warning", say("session_elsewhere"), ...sessionActions(login, onRetry));
  else if (state === "saved" || state === "refused") hideNotice("saving");
}

function sessionActions(login, onRetry) {
  const retry = element("button", { type: "button", class: "secondary", onclick: onRetry }, say("try_again"));
  const way = document.getElementById("app").dataset.personalLink || login;
  if (!way) return [retry];
  return [element("a", { href: way, target: "_blank", rel: "noopener", class: "button" }, say("continue_session")), retry];
}

/** Shows a notice under a key; another one with the same key replaces it. */
export function showNotice(key, kind, text, ...actions) {
  const old = place().querySelector(`[data-key="${key}"]`);
  if (old?.dataset.text === text) return;
  const notice = element("div", { class: `notice notice-${kind}`, "data-key": key, "data-text": text }, element("p", {}, text));
  if (actions.length) notice.append(element("div", { class: "notice-actions" }, ...actions));
  if (old) old.replaceWith(notice);
  else place().append(notice);
}

export function hideNotice(key) {
  place().querySelector(`[data-key="${key}"]`)?.remove();
}
