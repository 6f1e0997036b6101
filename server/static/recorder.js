// Runs beside the page, in the thread of its sound: hands on what the microphone gives, some 40 ms at a time.

const SOME = 2048; // samples

class Recorder extends AudioWorkletProcessor {
  #collected = new Float32Array(SOME);
  #count = 0;

  process([[samples]]) {
    if (samples) {
      this.#collected.set(samples, this.#count);
      this.#count += samples.length;
      if (this.#count === SOME) {
        this.port.postMessage(this.#collected);
        this.#count = 0;
      }
    }
    return true;
  }
}

registerProcessor("recorder", Recorder);
