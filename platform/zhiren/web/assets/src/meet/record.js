// Records what is on the stage, in a host's browser, and brings it to the server a few seconds at a time.
import { csrfToken } from "../dom.js";

const KINDS = ["video/webm;codecs=vp8,opus", "video/webm"];
const SLICE_MS = 5000;
const WIDTH = 1280;
const HEIGHT = 720;

export function canRecord() {
  return typeof MediaRecorder === "function" && KINDS.some((kind) => MediaRecorder.isTypeSupported(kind));
}

export class Recorder {
  #number = 0;
  #pending = Promise.resolve();

  /** `people()` are [{name, video, stream}] as they stand on the stage; `lost` is called when parts do not arrive. */
  constructor({ room, recording, context, people, lost }) {
    Object.assign(this, { path: `/meet/${room}/recordings/${recording}/parts/`, context, people, lost });
    this.canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    this.mix = context.createMediaStreamDestination();
    this.sources = new Map();
    this.timer = setInterval(() => this.#paint(), 66);
    this.#paint();
    const stream = new MediaStream([...this.canvas.captureStream(15).getTracks(), ...this.mix.stream.getTracks()]);
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: 900_000, audioBitsPerSecond: 64_000 });
    this.recorder.addEventListener("dataavailable", ({ data }) => { if (data.size) this.#bring(data); });
    this.recorder.start(SLICE_MS);
  }

  /** Resolves when the last part has arrived. */
  async stop() {
    if (this.recorder.state === "inactive") return;
    const ended = new Promise((done) => { this.recorder.addEventListener("stop", done, { once: true }); });
    this.recorder.stop();
    await ended;
    clearInterval(this.timer);
    for (const source of this.sources.values()) source.disconnect();
    await this.#pending;
  }

  #paint() {
    const people = this.people();
    const columns = people.length > 1 ? 2 : 1;
    const rows = Math.ceil(people.length / columns);
    const [width, height] = [WIDTH / columns, HEIGHT / rows];
    const pen = this.canvas.getContext("2d");
    pen.fillStyle = "#111";
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    people.forEach(({ name, video }, index) => {
      const [x, y] = [(index % columns) * width, Math.floor(index / columns) * height];
      if (video.videoWidth) {
        const scale = Math.min(width / video.videoWidth, height / video.videoHeight);
        const [w, h] = [video.videoWidth * scale, video.videoHeight * scale];
        pen.drawImage(video, x + (width - w) / 2, y + (height - h) / 2, w, h);
      }
      pen.font = "22px sans-serif";
      pen.fillStyle = "#fff";
      pen.fillText(name, x + 16, y + height - 18, width - 32);
    });
    this.#listen(people);
  }

  #listen(people) {
    for (const { stream } of people) {
      for (const track of stream?.getAudioTracks() ?? []) {
        if (this.sources.has(track.id)) continue;
        const source = this.context.createMediaStreamSource(new MediaStream([track]));
        source.connect(this.mix);
        this.sources.set(track.id, source);
      }
    }
  }

  #bring(data) {
    const number = this.#number;
    this.#number += 1;
    this.#pending = this.#pending.then(() => this.#send(number, data));
  }

  async #send(number, data) {
    for (let attempt = 0; attempt < 30; attempt += 1) {
      try {
        const headers = { "X-CSRF-Token": csrfToken(), "content-type": "application/octet-stream", accept: "application/json" };
        const answer = await fetch(this.path + number, { method: "POST", headers, body: data });
        if (answer.ok) return;
        if (answer.status < 500 && answer.status !== 429) break;
      } catch { /* the network will be back */ }
      await new Promise((wait) => { setTimeout(wait, Math.min(10_000, 500 * 2 ** attempt)); });
    }
    this.lost();
  }
}
