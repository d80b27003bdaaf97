// Camera, microphone and screen of this device. What is missing or refused is replaced by black and silence, so that a
// call can begin without and go on when they come.

const VIDEO = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 24, max: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

function blankVideo() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  canvas.getContext("2d").fillRect(0, 0, 320, 180);
  return canvas.captureStream(1).getVideoTracks()[0];
}

export class Devices extends EventTarget {
  #sound = null;
  #blank = null;

  constructor() {
    super();
    this.camera = null;
    this.microphone = null;
    this.screen = null;
    this.problem = "";
    this.mic = true;
    this.cam = true;
    this.facing = "user";
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#tell("list"));
  }

  /** One audio context for all; it sleeps until somebody has clicked. */
  get sound() {
    this.#sound ??= new AudioContext();
    return this.#sound;
  }

  /** Needed from the call on, when somebody has clicked. */
  get blank() {
    this.#blank ??= { video: blankVideo(), audio: this.sound.createMediaStreamDestination().stream.getAudioTracks()[0] };
    return this.#blank;
  }

  wake() { if (this.sound.state === "suspended") this.sound.resume().catch(() => {}); }

  /** Asks for both at first; a person may grant only one. */
  async start({ video = "", audio = "" } = {}) {
    if (!navigator.mediaDevices?.getUserMedia) { this.problem = "insecure"; this.#tell("change"); return; }
    try {
      await this.#take({ audio: this.#audio(audio), video: this.#video(video) });
    } catch (error) {
      this.problem = error.name === "NotAllowedError" ? "refused" : "missing";
      for (const wanted of [{ audio: this.#audio(audio) }, { video: this.#video(video) }]) {
        try { await this.#take(wanted); } catch { /* the other one may be there */ }
      }
    }
    if (this.camera && this.microphone) this.problem = "";
    this.#tell("change");
    this.#tell("list");
  }

  async use(kind, id) {
    try {
      await this.#take(kind === "video" ? { video: this.#video(id) } : { audio: this.#audio(id) });
    } catch { this.problem = "busy"; }
    this.#tell("change");
  }

  /** Front and back on a phone; the next one on a computer. */
  async turn() {
    const cameras = (await this.list()).filter((one) => one.kind === "videoinput");
    const settings = this.camera?.getSettings() ?? {};
    if (settings.facingMode || matchMedia("(pointer: coarse)").matches) {
      this.facing = this.facing === "user" ? "environment" : "user";
      this.camera?.stop();
      await this.use("video", "");
    } else if (cameras.length > 1) {
      const at = cameras.findIndex((one) => one.deviceId === settings.deviceId);
      await this.use("video", cameras[(at + 1) % cameras.length].deviceId);
    }
  }

  async list() {
    try { return await navigator.mediaDevices.enumerateDevices(); } catch { return []; }
  }

  #video(id) { return { ...VIDEO, ...(id ? { deviceId: { exact: id } } : { facingMode: this.facing }) }; }
  #audio(id) { return { ...AUDIO, ...(id ? { deviceId: { exact: id } } : {}) }; }

  async #take(wanted) {
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    for (const track of stream.getTracks()) {
      const name = track.kind === "video" ? "camera" : "microphone";
      this[name]?.stop();
      this[name] = track;
      track.addEventListener("ended", () => { if (this[name] === track) { this[name] = null; this.#tell("change"); } });
    }
    this.#apply();
  }

  #apply() { if (this.microphone) this.microphone.enabled = this.mic; }

  setMic(on) { this.mic = on; this.#apply(); this.#tell("change"); }

  /** Off means off: the camera's light goes out. */
  async setCam(on) {
    this.cam = on;
    if (!on) { this.camera?.stop(); this.camera = null; }
    else if (!this.camera) await this.use("video", "");
    this.#tell("change");
  }

  async share(on) {
    if (!on) { this.screen?.stop(); this.screen = null; this.#tell("change"); return; }
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 10 } }, audio: false });
    [this.screen] = stream.getVideoTracks();
    this.screen.contentHint = "detail";
    this.screen.addEventListener("ended", () => { this.screen = null; this.#tell("change"); });
    this.#tell("change");
  }

  /** What is sent now. */
  get out() { return { audio: this.microphone ?? this.blank.audio, video: this.screen ?? (this.cam ? this.camera : null) ?? this.blank.video }; }
  get flags() { return { mic: Boolean(this.microphone && this.mic), cam: Boolean(this.camera && this.cam), screen: Boolean(this.screen) }; }

  stop() {
    for (const track of [this.camera, this.microphone, this.screen]) track?.stop();
    this.camera = this.microphone = this.screen = null;
  }

  #tell(type) { this.dispatchEvent(new Event(type)); }
}

/** Calls `show` with the loudness of `track` (0 to 1) some times a second; returns what stops it. */
export function listen(context, track, show) {
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = Object.assign(context.createAnalyser(), { fftSize: 512 });
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
    show(Math.min(1, Math.sqrt(power) * 4));
  }, 120);
  return () => { clearInterval(timer); source.disconnect(); };
}

/** Two tones, to hear whether the loudspeaker works. */
export function chime(context) {
  [523, 659].forEach((frequency, index) => {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + index * 0.35;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.25, at + 0.03);
    volume.gain.linearRampToValueAtTime(0, at + 0.33);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.35);
  });
}
