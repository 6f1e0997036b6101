// How far a reply is, in milliseconds as the skill reckons them: the screen counts by it. Without a voice it is the wall's
// clock; a voice that is slower or faster leads it; interrupted, it stands still.

const FORGETS_MS = 60_000; // what stands still is not shown for ever, for a screen outlives the words

export class Clock {
  #at = 0;
  #since = performance.now();
  #position = null; // of the voice that leads
  #stands = false;

  now = () => {
    if (this.#position) return this.#position();
    const passed = performance.now() - this.#since;
    if (this.#stands) return passed < FORGETS_MS ? this.#at : Infinity;
    return this.#at + passed;
  };

  // A voice leads from now on: `position` tells how far it is.
  follow(position) {
    this.#stands = false;
    this.#position = position;
  }

  goOn() {
    if (!this.#stands) this.#leave(false);
  }

  resume() {
    this.#leave(false);
  }

  stop() {
    this.#leave(true);
  }

  #leave(stands) {
    this.#at = this.now();
    this.#since = performance.now();
    this.#position = null;
    this.#stands = stands;
  }
}
