// Sound and vibration on a verdict, for those who switch them on: told apart by pitch, number and length.

const KEPT = "etrust.signals";
const TONES = { // [hertz, begin, seconds]
  good: [[660, 0, 0.12], [880, 0.13, 0.2]],
  unsure: [[440, 0, 0.16], [440, 0.26, 0.16]],
  bad: [[220, 0, 0.25], [165, 0.28, 0.45]],
};
const BUZZES = { good: [80], unsure: [80, 100, 80], bad: [450] }; // milliseconds
const LOUDNESS = 0.25;

export class Signals {
  #box; #audio = null;

  constructor(box) {
    this.#box = box;
    box.checked = recall();
    box.closest("[hidden]").hidden = false;
    box.addEventListener("change", () => {
      keep(box.checked);
      this.give("good"); // so that one hears what one has switched on
    });
  }

  /** Give the signal of a tone: good, unsure or bad. */
  give(tone) {
    if (!this.#box.checked || !(tone in TONES)) return;
    navigator.vibrate?.(BUZZES[tone]);
    this.#audio ??= new AudioContext();
    this.#audio.resume();
    for (const [pitch, begin, length] of TONES[tone]) this.#sound(pitch, this.#audio.currentTime + begin, length);
  }

  #sound(pitch, begin, length) {
    const volume = new GainNode(this.#audio, { gain: 0 });
    const source = new OscillatorNode(this.#audio, { frequency: pitch });
    volume.gain.setValueAtTime(LOUDNESS, begin);
    volume.gain.exponentialRampToValueAtTime(0.001, begin + length); // no click at the end
    source.connect(volume).connect(this.#audio.destination);
    source.start(begin);
    source.stop(begin + length);
  }
}

function recall() {
  try { return localStorage.getItem(KEPT) === "on"; } catch { return false; } // storage may be forbidden
}

function keep(on) {
  try { localStorage.setItem(KEPT, on ? "on" : "off"); } catch { /* then it holds for this page only */ }
}
