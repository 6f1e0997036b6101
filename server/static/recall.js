// What was typed before, newest last, for the up and down arrows. It lives as long as the page.

export class Recall {
  #said = [];
  #place = 0;
  #draft = "";

  add(text) {
    if (text !== this.#said.at(-1)) this.#said.push(text);
    this.#place = this.#said.length;
    this.#draft = "";
  }

  earlier(current) {
    if (this.#place === 0) return null;
    if (this.#place === this.#said.length) this.#draft = current;
    this.#place -= 1;
    return this.#said[this.#place];
  }

  later() {
    if (this.#place === this.#said.length) return null;
    this.#place += 1;
    return this.#said[this.#place] ?? this.#draft;
  }
}
