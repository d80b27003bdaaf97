// Many résumés at once: dragged or picked, sent one after another, so that a bad network loses one and not all.
// Without this script the form brings them itself.
import { csrfToken, make } from "./dom.js";

const say = (text, ...values) => values.reduce((said, value, at) => said.replace(`{${at}}`, value), text);
const TRIES = 3;
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

class Intake {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=file]");
    this.said = form.querySelector("[data-intake-said]");
    this.list = form.querySelector("[data-intake-list]");
    this.kept = 0;
    const zone = form.querySelector(".zr-dropzone");
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.toggleAttribute("data-over", true); });
    zone.addEventListener("dragleave", () => zone.removeAttribute("data-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.removeAttribute("data-over");
      this.input.files = event.dataTransfer.files;
      this.chosen();
    });
    this.input.addEventListener("change", () => this.chosen());
    // before the guard against sending twice, which would take the form for sent
    form.addEventListener("submit", (event) => this.submit(event), { capture: true });
  }

  tell(text) { this.said.textContent = text; }

  chosen() {
    const { length } = this.input.files;
    const most = Number(this.form.dataset.most);
    this.tell(length > most ? say(this.form.dataset.many, most) : say(this.form.dataset.chosen, length));
  }

  async submit(event) {
    if (this.done || !this.input.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.busy || this.input.files.length > Number(this.form.dataset.most)) return;
    this.busy = true;
    this.list.replaceChildren();
    this.list.hidden = true;
    const files = [...this.input.files];
    let failed = 0;
    for (const [at, file] of files.entries()) {
      this.tell(say(this.form.dataset.sending, at + 1, files.length));
      failed += await this.send(file) ? 0 : 1;
    }
    this.busy = false;
    // what was sent is not sent again by the form itself
    this.input.value = "";
    this.input.required = false;
    if (failed) { this.tell(say(this.form.dataset.some, failed)); return; }
    this.done = true;
    this.tell(this.form.dataset.uploaded);
    this.form.requestSubmit();
  }

  /** One file, tried again where the network fails; what the server refuses is told beside its name. */
  async send(file) {
    const body = new FormData();
    for (const name of ["batch", "job", "channel"]) body.append(name, this.form.elements[name].value);
    body.append("files", file);
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      try {
        const headers = { "X-CSRF-Token": csrfToken(), accept: "application/json" };
        const answer = await fetch(this.form.dataset.intake, { method: "POST", headers, body });
        if (answer.ok) return true;
        const problem = await answer.json().catch(() => ({}));
        if (answer.status < 500) { this.fault(file.name, problem.title || this.form.dataset.failed); return false; }
      } catch {
        // the network: once more
      }
      await pause(1000 * attempt);
    }
    this.fault(file.name, this.form.dataset.failed);
    return false;
  }

  fault(name, text) {
    this.list.hidden = false;
    const words = make("div", { className: "zr-list-text" }, make("strong", { textContent: name, className: "zr-break" }), make("small", { textContent: text, className: "text-secondary d-block" }));
    this.list.append(make("li", {}, make("div", { className: "zr-list-row" }, words)));
  }
}

for (const form of document.querySelectorAll("form[data-intake]")) new Intake(form);
