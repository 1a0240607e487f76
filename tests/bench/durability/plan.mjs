// What goes wrong in a session, and where: every kind of fault at every place in turn, then several by lot.

import { seeded } from "../../browser/modules/fake_param.mjs";

const REQUESTS = 30;
const POSTS = 7;
const OPERATIONS = 90;
const WRITES = 30;

/** Kinds at a request of the session, whatever it asks for. */
const AT_REQUEST = ["cut before", "cut after", "cut short", "double", "late", "unavailable", "offline"];
/** Kinds at a post of answers. */
const AT_POST = ["stall", "portal", "signed out", "rival", "second tab", "other session"];
const LOTS = [...AT_REQUEST, ...AT_POST, "reload", "reload in flight", "full disk", "stranger"];

/** Every kind of fault at every place: [[{kind, at}], ...]. */
export function inTurn() {
  const at = (kinds, places) => kinds.flatMap((kind) => range(places).map((place) => [{ kind, at: place }]));
  return [
    ...at(AT_REQUEST, REQUESTS),
    ...at(AT_POST, POSTS),
    ...at(["reload"], OPERATIONS),
    ...at(["reload in flight"], REQUESTS),
    ...at(["full disk"], WRITES),
    ...at(["stranger"], 1),
  ];
}

/** The faults of `count` sessions: all of them in turn where there is room; else every kind, its places spread evenly. */
export function plansFor(count) {
  const all = inTurn();
  if (count <= all.length) return spread(all, count);
  return [...all, ...range(count - all.length).map((number) => byLot(seeded(number + 1)))];
}

function spread(all, count) {
  const rounds = Math.ceil(count / LOTS.length);
  return range(count).map((number) => {
    const places = all.filter(([fault]) => fault.kind === LOTS[number % LOTS.length]);
    const round = Math.floor(number / LOTS.length);
    return places[Math.floor(((round + 0.5) / rounds) * places.length)];
  });
}

function byLot(random) {
  return range(2 + Math.floor(random() * 3)).map(() => {
    const kind = LOTS[Math.floor(random() * LOTS.length)];
    return { kind, at: Math.floor(random() * (AT_POST.includes(kind) ? POSTS : REQUESTS)) };
  });
}

/** The faults of one session while it goes on; each strikes once. */
export class Plan {
  constructor(faults) {
    this.faults = faults.map((fault) => ({ ...fault, left: true }));
    this.counted = { operations: 0, writes: 0, posts: 0, requests: 0 };
  }

  has(kind) {
    return this.faults.some((fault) => fault.kind === kind);
  }

  /** The fault of request `number`. */
  atRequest(number, path) {
    const isPost = path.endsWith("/answers/");
    const post = this.counted.posts;
    if (isPost) this.counted.posts += 1;
    return this.#take(AT_REQUEST, number) ?? (isPost ? this.#take(["stall", "portal"], post) : null);
  }

  /** What happens around the next post of answers: signed out, a rival, a second tab, somebody else's session. */
  beforePost() {
    return this.#take(["signed out", "rival", "second tab", "other session"], this.counted.posts);
  }

  /** One more operation of the page: whether it dies there. */
  dies() {
    this.counted.operations += 1;
    return this.#take(["reload"], this.counted.operations) !== null;
  }

  /** One more request of a page: whether it dies with the request on its way. */
  diesInFlight() {
    this.counted.requests += 1;
    return this.#take(["reload in flight"], this.counted.requests) !== null;
  }

  /** One more write to the disk: whether it fails. */
  diskFails() {
    this.counted.writes += 1;
    return this.#take(["full disk"], this.counted.writes) !== null;
  }

  #take(kinds, at) {
    const found = this.faults.find((fault) => fault.left && kinds.includes(fault.kind) && fault.at <= at);
    if (!found) return null;
    found.left = false;
    return found.kind;
  }
}

function range(count) {
  return [...Array(count).keys()];
}
