// The plain pages of a session: read as far as a person needs them to go on.

const FORM = "application/x-www-form-urlencoded";

/** The fields of a page's form as an agreeable person sends them. */
export function filledForm(html) {
  const fields = new URLSearchParams();
  for (const [, attributes] of html.matchAll(/<input([^>]*)>/g)) {
    const { type = "text", name, value = "" } = attributesOf(attributes);
    if (!name || (type === "radio" && fields.has(name))) continue;
    fields.append(name, value);
  }
  return { method: "POST", headers: { "Content-Type": FORM }, body: fields.toString() };
}

/** The data of a trial's page, or null on another page. */
export function trialDataOf(html) {
  const found = /<script id="trial-data" type="application\/json">(.*?)<\/script>/s.exec(html);
  return found && JSON.parse(found[1]);
}

/** The page's CSRF token for its scripts. */
export function tokenOf(html) {
  return /<meta name="csrf-token" content="([^"]*)"/.exec(html)[1];
}

/** The path of the participant's personal link, as a trial's page offers it. */
export function personalLinkOf(html) {
  return new URL(/data-personal-link="([^"]*)"/.exec(html)[1]).pathname;
}

function attributesOf(text) {
  return Object.fromEntries([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
}
