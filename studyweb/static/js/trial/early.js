// Asks for the trial's stems before the rest of the page's script is there, so that the network is never idle.

const { audio } = JSON.parse(document.getElementById("trial-data").textContent);
const asked = new Map(audio.stems.map(({ url }) => [url, fetch(url, { credentials: "same-origin" })]));
for (const reply of asked.values()) reply.catch(() => null);

/** Like fetch; the first time for each stem it is the request that is already on its way. */
export function fetchAsked(url, settings) {
  const reply = asked.get(url);
  asked.delete(url);
  return reply ?? fetch(url, settings);
}
