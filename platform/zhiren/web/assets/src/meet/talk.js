// Chat and shared notes beside the picture.
import { make } from "../dom.js";

const PAUSE_MS = 700;

export class Chat {
  #shown = new Set();

  constructor({ list, form, line, unread, time }) {
    Object.assign(this, { list, form, line, unread, time, you: "" });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const field = form.elements.text;
      if (field.value.trim() && line.send("chat", { text: field.value })) field.value = "";
      field.focus();
    });
    form.elements.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
    });
  }

  add(line, { quiet = false } = {}) {
    if (this.#shown.has(line.id)) return;
    this.#shown.add(line.id);
    const own = line.by === this.you;
    const head = make("div", { className: "zm-line-head" }, make("strong", { textContent: line.name }), make("time", { textContent: this.time(line.at) }));
    this.list.append(make("li", { className: own ? "zm-line zm-own" : "zm-line" }, head, make("p", { textContent: line.text })));
    this.list.scrollTop = this.list.scrollHeight;
    if (!own && !quiet) this.unread();
  }
}

export class Notes {
  #base = "";
  #version = 0;
  #sent = null;
  #timer = 0;

  constructor({ field, line, status }) {
    Object.assign(this, { field, line, status });
    field.addEventListener("input", () => this.#later());
    field.addEventListener("blur", () => this.#save());
  }

  get dirty() { return this.field.value !== this.#base; }

  #later() {
    this.status("typing");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), PAUSE_MS);
  }

  #save() {
    if (!this.dirty || this.#sent !== null) return;
    const text = this.field.value;
    if (this.line.send("notes", { version: this.#version, base: this.#base, text })) this.#sent = text;
    else { this.status("unsaved"); this.#later(); }
  }

  /** The line broke: what was under way may be lost, and is sent again. */
  again() { this.#sent = null; if (this.dirty) this.#later(); else this.line.send("read"); }

  refused() { this.#sent = null; this.status("unsaved"); }

  hear({ version, text, mine }) {
    const sent = this.#sent;
    if (mine) this.#sent = null;
    if (mine && sent !== null && this.field.value !== sent) {
      // typed on meanwhile: what the others wrote comes in with the next saving
      this.#base = sent;
      this.#version = -1;
      this.#later();
      return;
    }
    if (!mine && (this.dirty || this.#sent !== null)) return;
    this.#show(text);
    this.#base = text;
    this.#version = version;
    this.status("saved");
  }

  #show(text) {
    const { field } = this;
    if (field.value === text) return;
    const { selectionStart: start, selectionEnd: end } = field;
    field.value = text;
    if (document.activeElement === field) field.setSelectionRange(start, end);
  }
}
