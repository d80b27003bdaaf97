// One other person: perfect negotiation (W3C WebRTC 1.0, 10.7), and a connection that is mended rather than given up.

/** What was said and not answered is said again so often. */
const REPEAT_MS = 3000;
/** So long a way is given to come about before another is looked for; twice and four times as long after that. */
const WAY_MS = 5000;
const STUCK_MS = 15_000;
/** After so many looks for another way another connection takes the place of this one: one was seen that told its ways
 * and was told none, however often it looked. */
const LOOKS = 2;
let made = 0;

export class Peer extends EventTarget {
  #offering = false;
  #ignored = false;
  #theirs = "";
  #mine = "";
  #sickSince = 0;
  #triedAt = 0;
  #tries = 0;
  #found = false;
  #queue = Promise.resolve();

  /** `tracks()` gives what we send, none for an observer; `say` brings a signal to the other page. */
  constructor({ id, sid, polite, ice, tracks, say }) {
    super();
    Object.assign(this, { id, sid, polite, ice, tracks, say });
    this.stream = new MediaStream();
    this.#begin();
  }

  get state() { return this.pc.connectionState; }
  get well() { return this.pc.connectionState === "connected"; }

  #begin() {
    made += 1;
    this.#mine = `${Date.now().toString(36)}${made}`;
    this.#triedAt = Date.now();
    this.#sickSince ||= this.#triedAt;
    this.#offering = this.#ignored = false;
    const pc = new RTCPeerConnection({ ...this.ice, bundlePolicy: "max-bundle" });
    this.pc = pc;
    this.senders = {};
    pc.addEventListener("negotiationneeded", () => this.#offer(pc));
    pc.addEventListener("icecandidate", ({ candidate }) => { if (pc === this.pc) { this.#found ||= Boolean(candidate); this.#send({ candidate }); } });
    pc.addEventListener("connectionstatechange", () => { if (pc === this.pc) this.#changed(); });
    pc.addEventListener("track", ({ track }) => {
      for (const old of this.stream.getTracks()) if (old.kind === track.kind) this.stream.removeTrack(old);
      this.stream.addTrack(track);
      this.dispatchEvent(new Event("stream"));
    });
    for (const track of this.tracks()) this.senders[track.kind] = pc.addTrack(track, ...[new MediaStream([track])]);
  }

  async replace(kind, track) {
    await this.senders[kind]?.replaceTrack(track).catch(() => {});
  }

  /** Signals are dealt with one after the other. */
  hear(signal) {
    this.#queue = this.#queue.then(() => this.#hear(signal)).catch((error) => console.debug("signal", error));
    return this.#queue;
  }

  async #hear({ inst, to_inst: to, description, candidate }) {
    if (to && to !== this.#mine) return; // meant for a connection that is no more
    // a connection that has taken nothing from the one before is good for the new one too: were it replaced as well,
    // the other side would have to replace theirs, and both would begin anew for ever
    if (this.#theirs && inst !== this.#theirs && this.pc.remoteDescription) {
      this.pc.close();
      this.#sickSince = 0;
      this.#found = false;
      this.#begin();
    }
    this.#theirs = inst;
    const { pc } = this;
    if (description) {
      const collision = description.type === "offer" && (this.#offering || pc.signalingState !== "stable");
      this.#ignored = !this.polite && collision;
      if (this.#ignored) return;
      if (description.type === "answer" && pc.signalingState !== "have-local-offer") return;
      await pc.setRemoteDescription(description);
      this.#triedAt = Date.now();
      if (description.type === "offer") {
        await pc.setLocalDescription();
        this.#send({ description: pc.localDescription });
      }
    } else if (candidate) {
      try { await pc.addIceCandidate(candidate); } catch (error) { if (!this.#ignored && pc.remoteDescription) throw error; }
    }
  }

  async #offer(pc) {
    if (pc !== this.pc || pc.signalingState === "closed") return;
    try {
      this.#offering = true;
      await pc.setLocalDescription();
      this.#send({ description: pc.localDescription });
    } catch (error) { console.debug("offer", error); } finally { if (pc === this.pc) this.#offering = false; }
  }

  #send(signal) { this.say({ ...signal, inst: this.#mine, to_inst: this.#theirs }); }

  #changed() {
    this.#sickSince = this.well ? 0 : this.#sickSince || Date.now();
    if (this.well) this.#tries = 0;
    else if (this.state === "failed" && !this.polite) this.#nudge();
    this.dispatchEvent(new Event("change"));
  }

  /** How long nothing has come through, in milliseconds. */
  get sick() { return this.#sickSince ? Date.now() - this.#sickSince : 0; }

  /** The browser has found no way at all, not even of its own machine: seen in Chromium, and over when the page is
   * loaded anew. */
  get stuck() { return !this.well && !this.#found && this.sick > STUCK_MS; }

  /** Asked every second: what was lost with the network is said again, another way is looked for. Looking anew throws
   * away what was found so far, on both sides: it is the impolite one's to do, and ever more slowly, so that a slow
   * relay is reached in the end. The polite one does it where the other seems not to. */
  mend() {
    const way_ms = WAY_MS * 2 ** Math.min(this.#tries, 2) * (this.polite ? 3 : 1);
    const rest_ms = this.pc.signalingState === "have-local-offer" ? REPEAT_MS : way_ms;
    if (!this.well && this.sick > REPEAT_MS && Date.now() - this.#triedAt > rest_ms) this.#nudge();
  }

  /** The line is back: whatever was said meanwhile never arrived. */
  again(ice) {
    if (ice) { this.ice = ice; this.pc.setConfiguration({ ...ice, bundlePolicy: "max-bundle" }); }
    this.#tries = 0;
    if (!this.well) this.#nudge();
  }

  #nudge() {
    this.#triedAt = Date.now();
    if (this.pc.signalingState === "have-local-offer") { this.#send({ description: this.pc.localDescription }); return; }
    if (this.pc.signalingState !== "stable") return;
    this.#tries += 1;
    if (this.#tries > LOOKS) this.#another();
    else this.pc.restartIce();
  }

  /** Meant for whatever connection the other side has, which may be about to take another itself. */
  #another() {
    this.pc.close();
    this.#theirs = "";
    this.#begin();
  }

  close() {
    this.pc.close();
    for (const track of this.stream.getTracks()) track.stop();
  }
}
