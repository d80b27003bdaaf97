// What modules share: elements that come with the page or later with htmx, and small builders.

/** Calls `act` once for each element that matches, now and whenever htmx brings new ones. */
export function whenPresent(selector, act) {
  const done = new WeakSet();
  const look = (root) => {
    const found = root.matches?.(selector) ? [root] : [];
    for (const element of [...found, ...root.querySelectorAll(selector)]) {
      if (!done.has(element)) { done.add(element); act(element); }
    }
  };
  look(document);
  document.addEventListener("htmx:load", (event) => look(event.detail.elt));
}

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A text of the interface that the page carries for scripts (kit/base.html). */
export function text(name) {
  return document.getElementById("texts")?.dataset[name] ?? "";
}

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}
