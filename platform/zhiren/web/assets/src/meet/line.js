// The socket of the room: comes back by itself, and says what ended it when it may not.

const PING_MS = 5000;
const SILENT_MS = 12000;
const LONGEST_PAUSE_MS = 8000;
/** Close codes after which coming back makes no sense. */
const ENDINGS = { 1000: "left", 4001: "elsewhere", 4400: "fault", 4401: "login", 4403: "gone", 4404: "gone", 4409: "over", 4422: "fault" };

export class Line extends EventTarget {
  #socket = null;
  #timer = 0;
  #pinging = 0;
  #heardAt = 0;
  #tries = 0;
  #done = false;

  constructor(room, sid) {
    super();
    this.room = room;
    this.sid = sid;
    this.up = false;
    this.onOnline = () => { if (!this.up) this.#retry(0); };
    window.addEventListener("online", this.onOnline);
  }

  open() {
    if (this.#done) return;
    clearTimeout(this.#timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/meet/${this.room}/ws?sid=${this.sid}`);
    this.#socket = socket;
    this.#heardAt = Date.now();
    socket.addEventListener("message", (event) => { if (socket === this.#socket) this.#heard(JSON.parse(event.data)); });
    socket.addEventListener("close", (event) => { if (socket === this.#socket) this.#closed(event.code); });
    // a socket that hangs while it opens is given up like one that says nothing
    clearInterval(this.#pinging);
    this.#pinging = setInterval(() => this.#beat(socket), PING_MS);
  }

  /** False when the line is down: nothing is kept for later, whoever needs it says it again. */
  send(t, values = {}) {
    if (this.#socket?.readyState !== WebSocket.OPEN || !this.up) return false;
    this.#socket.send(JSON.stringify({ t, ...values }));
    return true;
  }

  close() {
    this.#done = true;
    clearTimeout(this.#timer);
    clearInterval(this.#pinging);
    window.removeEventListener("online", this.onOnline);
    this.#socket?.close(1000);
    this.up = false;
  }

  #beat(socket) {
    if (socket !== this.#socket) return;
    if (Date.now() - this.#heardAt > SILENT_MS) { socket.close(); this.#closed(1006); return; }
    if (socket.readyState === WebSocket.OPEN) socket.send('{"t":"ping"}');
  }

  #heard(message) {
    this.#heardAt = Date.now();
    if (message.t === "welcome") {
      this.up = true;
      this.#tries = 0;
      this.#tell("up");
    }
    if (message.t !== "pong") this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  async #closed(code) {
    const wasUp = this.up;
    this.#socket = null;
    this.up = false;
    clearInterval(this.#pinging);
    if (this.#done) return;
    if (wasUp) this.#tell("down");
    const ending = ENDINGS[code] ?? (wasUp ? "" : await this.#why());
    if (this.#done) return;
    if (ending) { this.close(); this.#tell("end", ending); return; }
    this.#tries += 1;
    this.#retry(Math.min(LONGEST_PAUSE_MS, 400 * 2 ** this.#tries) * (0.5 + Math.random() / 2));
  }

  #retry(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), pause);
  }

  /** Browsers do not tell why a socket was refused: the room's own address does. */
  async #why() {
    try {
      const answer = await fetch(`/meet/${this.room}/phase`, { headers: { accept: "application/json" } });
      if (answer.status === 401) return "login";
      if (answer.status === 403 || answer.status === 404) return "gone";
      if (answer.ok && (await answer.json()).phase !== "open") return "over";
    } catch { /* no network: try on */ }
    return "";
  }

  #tell(type, detail = null) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}
