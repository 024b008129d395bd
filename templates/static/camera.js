// The camera: pictures of it go to a decoder until a code is read.

const PAUSE = { native: 90, zxing: 90, server: 650 }; // milliseconds between two looks
const SAME_CODE = 4000; // milliseconds in which one code counts once

/** The word for a failure to open the camera; the page has the sentences. */
function wordFor(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "missing";
  return "busy";
}

export class Camera {
  #section; #video; #onCode; #openDecoder; #stream = null; #last = ["", 0];

  constructor(section, openDecoder, onCode) {
    this.#section = section;
    this.#video = section.querySelector("video");
    this.#openDecoder = openDecoder;
    this.#onCode = onCode;
    this.#part(".camera-start").addEventListener("click", () => this.start());
    this.#part(".camera-stop").addEventListener("click", () => this.stop());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.stop(); });
    section.hidden = !navigator.mediaDevices?.getUserMedia; // without HTTPS there is no camera to offer
  }

  async start() {
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false,
      });
      this.#video.srcObject = this.#stream;
      this.#show(true, this.#section.dataset.looking);
      await this.#video.play();
      const decoder = await this.#openDecoder();
      this.#section.dataset.engine = decoder.name;
      await this.#look(decoder);
    } catch (error) {
      this.stop();
      this.#say(this.#section.dataset[wordFor(error)]);
    }
  }

  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
    this.#show(false, "");
  }

  async #look(decoder) {
    const stream = this.#stream;
    while (this.#stream === stream && stream) {
      const text = this.#video.videoWidth ? await decoder.read(this.#video) : null;
      if (text && this.#stream === stream) this.#found(text);
      await new Promise((done) => setTimeout(done, PAUSE[decoder.name]));
    }
  }

  #found(text) {
    const [code, when] = this.#last;
    const now = performance.now();
    this.#last = [text, now]; // a code held still stays "the same" as long as it is seen
    if (code === text && now - when < SAME_CODE) return;
    this.#onCode(text);
  }

  #show(running, word) {
    this.#part(".view").hidden = !running;
    this.#part(".camera-start").hidden = running;
    this.#part(".camera-stop").hidden = !running;
    this.#say(word);
  }

  #say(word) { this.#part(".camera-word").textContent = word; }
  #part(selector) { return this.#section.querySelector(selector); }
}
