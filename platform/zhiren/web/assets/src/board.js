// The board of a job: cards moved by mouse, by keyboard, and by a list on the phone. The server decides; a refusal puts
// the card back where it really stands.
import htmx from "./htmx.js";
import { csrfToken, make, whenPresent } from "./dom.js";
import { toast } from "./toast.js";

const NARROW = matchMedia("(max-width: 767.98px), (pointer: coarse)");
const say = (text, ...values) => values.reduce((said, value, at) => said.replace(`{${at}}`, value), text);
const cardsIn = (column) => [...column.querySelectorAll("[data-card]")];
const columnOf = (card) => card.closest("[data-column]");
const titleOf = (column) => column.querySelector("h2 span").textContent;

class Board {
  constructor(root) {
    this.root = root;
    this.picked = null;
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("focusin", (event) => this.rove(event.target.closest("[data-card]")));
    root.addEventListener("focusout", (event) => this.left(event));
    root.addEventListener("change", (event) => this.changed(event));
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("dragstart", (event) => this.dragStart(event));
    root.addEventListener("dragover", (event) => this.dragOver(event));
    root.addEventListener("drop", (event) => { if (this.dragged) { event.preventDefault(); this.dropped = true; } });
    root.addEventListener("dragend", () => this.dragEnd());
    this.ready(root);
    this.rove(root.querySelector("[data-card]"));
    root.addEventListener("htmx:load", (event) => this.ready(event.detail.elt));
  }

  get columns() { return [...this.root.querySelectorAll("[data-column]")]; }

  announce(text) { this.root.querySelector("[data-announce]").textContent = text; }

  /** New cards: one stop of the Tab key for all, and the list of stages where there is no mouse. */
  ready(element) {
    const cards = element.matches?.("[data-card]") ? [element] : [...element.querySelectorAll("[data-card]")];
    for (const card of cards) {
      card.tabIndex = -1;
      const select = card.querySelector("[data-stage-select]");
      if (!NARROW.matches) { select.hidden = true; continue; }
      select.replaceChildren(make("option", { value: "", textContent: this.root.dataset.choose }),
        ...this.columns.filter((column) => column !== columnOf(card))
          .map((column) => make("option", { value: column.dataset.column, textContent: titleOf(column) })));
    }
  }

  rove(card) {
    if (!card) return;
    for (const other of this.root.querySelectorAll('[data-card][tabindex="0"]')) other.tabIndex = -1;
    card.tabIndex = 0;
  }

  // ---- by keyboard

  key(event) {
    const card = event.target.closest("[data-card]");
    if (!card || event.target !== card || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = this.picked ? this.keyPicked(card, event.key) : this.keyFree(card, event.key);
    if (act) { event.preventDefault(); event.stopPropagation(); act(); }
  }

  keyFree(card, key) {
    if (key === " ") return () => this.pickUp(card);
    if (key === "Enter") return () => card.querySelector("a").click();
    if (key === "x") return () => card.querySelector("[data-select]").click();
    const column = columnOf(card), cards = cardsIn(column), at = cards.indexOf(card);
    if (key === "ArrowUp" || key === "ArrowDown") return () => cards[at + (key === "ArrowUp" ? -1 : 1)]?.focus();
    if (key !== "ArrowLeft" && key !== "ArrowRight") return null;
    const columns = this.columns, step = key === "ArrowLeft" ? -1 : 1;
    return () => {
      for (let to = columns.indexOf(column) + step; columns[to]; to += step) {
        const there = cardsIn(columns[to]);
        if (there.length) { there[Math.min(at, there.length - 1)].focus(); return; }
      }
    };
  }

  keyPicked(card, key) {
    if (key === " " || key === "Enter") return () => this.putDown(card);
    if (key === "Escape") return () => this.putBack(card);
    const column = columnOf(card), cards = cardsIn(column), at = cards.indexOf(card);
    if (key === "ArrowUp" && at > 0) return () => this.place(card, column, cards[at - 1]);
    if (key === "ArrowDown" && cards[at + 1]) return () => this.place(card, column, cards[at + 2] ?? null);
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const columns = this.columns, next = columns[columns.indexOf(column) + (key === "ArrowLeft" ? -1 : 1)];
      if (next) return () => this.place(card, next, cardsIn(next)[at] ?? null);
    }
    return key.startsWith("Arrow") || key === "Tab" ? () => {} : null;
  }

  pickUp(card) {
    this.picked = { card, column: columnOf(card), next: card.nextElementSibling };
    card.toggleAttribute("data-picked", true);
    this.announce(say(this.root.dataset.picked, card.dataset.name));
  }

  place(card, column, before) {
    const list = column.querySelector("[data-cards]");
    this.moving = true;
    list.insertBefore(card, before ?? list.querySelector(".zr-board-more"));
    card.focus();
    this.moving = false;
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    const cards = cardsIn(column);
    this.announce(say(this.root.dataset.at, titleOf(column), cards.indexOf(card) + 1, cards.length));
  }

  putDown(card) {
    const { column, next } = this.picked;
    this.picked = null;
    card.removeAttribute("data-picked");
    if (columnOf(card) !== column || card.nextElementSibling !== next) this.send(card, true);
    else this.announce(say(this.root.dataset.dropped, card.dataset.name, titleOf(column)));
  }

  putBack(card) {
    const { column, next } = this.picked;
    this.picked = null;
    card.removeAttribute("data-picked");
    this.moving = true;
    column.querySelector("[data-cards]").insertBefore(card, next);
    card.focus();
    this.moving = false;
    this.announce(say(this.root.dataset.undone, card.dataset.name));
  }

  left(event) {
    if (this.picked && !this.moving && event.target === this.picked.card) {
      const card = this.picked.card;
      // focus goes elsewhere: what was held is put back, without taking the focus again
      const { column, next } = this.picked;
      this.picked = null;
      card.removeAttribute("data-picked");
      column.querySelector("[data-cards]").insertBefore(card, next);
    }
  }

  // ---- by mouse

  dragStart(event) {
    const card = event.target.closest?.("[data-card]");
    if (!card) return;
    this.dragged = { card, column: columnOf(card), next: card.nextElementSibling };
    this.dropped = false;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.name);
    requestAnimationFrame(() => card.toggleAttribute("data-dragged", true));
  }

  dragOver(event) {
    const column = this.dragged && event.target.closest?.("[data-column]");
    if (!column) return;
    event.preventDefault();
    const { card } = this.dragged;
    const after = cardsIn(column).find((other) => {
      if (other === card) return false;
      const box = other.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    const list = column.querySelector("[data-cards]");
    const before = after ?? list.querySelector(".zr-board-more");
    if (card.parentElement !== list || card.nextElementSibling !== before) list.insertBefore(card, before);
  }

  dragEnd() {
    const held = this.dragged;
    this.dragged = null;
    if (!held) return;
    const { card, column, next } = held;
    card.removeAttribute("data-dragged");
    if (!this.dropped) column.querySelector("[data-cards]").insertBefore(card, next);
    else if (columnOf(card) !== column || card.nextElementSibling !== next) this.send(card, false);
  }

  // ---- what was chosen

  changed(event) {
    if (event.target.matches("[data-stage-select]") && event.target.value) {
      const card = event.target.closest("[data-card]");
      const column = this.columns.find((one) => one.dataset.column === event.target.value);
      const list = column.querySelector("[data-cards]");
      list.insertBefore(card, list.querySelector(".zr-board-more"));
      this.send(card, false);
    } else if (event.target.matches("[data-select]")) {
      this.chosen();
    }
  }

  clicked(event) {
    if (!event.target.closest("[data-select-none]")) return;
    for (const box of this.root.querySelectorAll("[data-select]:checked")) box.checked = false;
    this.chosen();
  }

  chosen() {
    const boxes = [...this.root.querySelectorAll("[data-select]:checked")];
    const bar = this.root.querySelector("[data-selection]");
    bar.hidden = boxes.length === 0;
    bar.querySelector("[data-selection-count]").textContent = boxes.length;
    for (const card of this.root.querySelectorAll("[data-card]")) {
      card.toggleAttribute("data-chosen", card.querySelector("[data-select]").checked);
    }
  }

  // ---- the server

  async send(card, focus) {
    const column = columnOf(card), following = card.nextElementSibling;
    const body = new URLSearchParams({
      stage: column.dataset.column, version: card.dataset.version, card: "1", placed: "1",
      before: following?.matches("[data-card]") ? following.dataset.id : "",
    });
    const name = card.dataset.name;
    card.toggleAttribute("data-busy", true);
    try {
      const answer = await fetch(`/recruiting/applications/${card.dataset.id}/move`, {
        method: "POST", body, headers: { "X-CSRF-Token": csrfToken(), "HX-Request": "true" },
      });
      if (!answer.ok) { await this.refused(answer, card.id); return; }
      const content = make("template", { innerHTML: await answer.text() }).content;
      const fresh = content.querySelector("[data-card]");
      fresh.querySelector("[data-select]").checked = card.querySelector("[data-select]").checked;
      card.replaceWith(fresh);
      this.ready(fresh);
      if (focus) fresh.focus();
      else this.rove(fresh);
      this.count(JSON.parse(content.querySelector("[data-counts]").dataset.counts));
      this.chosen();
      this.announce(say(this.root.dataset.dropped, name, titleOf(column)));
    } catch {
      toast("danger", this.root.dataset.failed);
      await this.reload(card.id);
    }
  }

  async refused(answer, id) {
    const problem = await answer.json().catch(() => ({}));
    if (answer.status === 401) { location.reload(); return; }
    const title = problem.title ?? this.root.dataset.failed;
    toast("danger", title, problem.detail ?? "");
    await this.reload(id);
    document.querySelector("#board [data-announce]").textContent = title;
  }

  count(counts) {
    for (const column of this.columns) {
      column.querySelector("[data-count]").textContent = counts[column.dataset.column] ?? 0;
    }
  }

  /** The board as it stands now, in place of what this page believed. */
  async reload(id) {
    const answer = await fetch(location.href, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) { location.reload(); return; }
    const fresh = make("template", { innerHTML: await answer.text() }).content.querySelector("#board");
    this.root.replaceWith(fresh);
    htmx.process(fresh);
    new Board(fresh);
    document.getElementById(id)?.focus();
  }
}

whenPresent("[data-board]", (root) => new Board(root));

// a choice that brings words along puts them into the fields beside it
whenPresent("[data-fills]", (fields) => {
  fields.querySelector("[data-fill-from]").addEventListener("change", (event) => {
    const { text, subject } = event.target.selectedOptions[0].dataset;
    fields.querySelector("[data-fill-to]").value = text;
    const title = fields.querySelector("[data-fill-subject]");
    if (title) title.value = subject;
  });
});
