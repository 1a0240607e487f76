// One open page: it can be reloaded or killed at any moment, and then nothing of it happens any more.

export class Gone extends Error {}

export class Life {
  /** `count()`: says for every operation (a write to the store, a request, a reply) whether the page dies there. */
  constructor(count = () => false) {
    this.count = count;
    this.alive = true;
    this.gone = new Promise((_, reject) => {
      this.reject = reject;
    });
    this.gone.catch(() => {});
  }

  /** One more operation; false when the page is gone, perhaps just now. */
  goesOn() {
    if (this.alive && this.count()) this.end();
    return this.alive;
  }

  end() {
    this.alive = false;
    this.reject(new Gone("the page was reloaded"));
  }

  /** What a dead page never learns. */
  tell(promise) {
    return new Promise((done, failed) => {
      const onlyAlive = (say) => (value) => this.alive && say(value);
      promise.then(onlyAlive(done), onlyAlive(failed));
    });
  }
}

/** A clock that runs `speed` times faster than the wall's: ten minutes offline last seconds. */
export class FastClock {
  constructor(speed) {
    this.speed = speed;
    this.began = performance.now();
  }

  now() {
    return (performance.now() - this.began) * this.speed;
  }

  /** As the outbox needs it, for one page. */
  of(life) {
    return { now: () => this.now(), sleep: (ms) => this.#sleep(ms, life) };
  }

  #sleep(ms, life) {
    let wake;
    const woken = new Promise((done) => {
      wake = done;
      setTimeout(done, ms / this.speed);
    });
    return { done: life.tell(woken), wake };
  }
}
