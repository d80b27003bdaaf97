// The pictures: one tile for each person, with what a screen reader says of it.
import { make } from "../dom.js";

export class Stage {
  constructor({ place, say }) {
    Object.assign(this, { place, say });
    this.tiles = new Map();
  }

  /** `people` in the order they stand, each with {id, name, own, mic, cam, screen, role, stream, state}. */
  show(people) {
    const wanted = new Set(people.map((one) => one.id));
    for (const [id, tile] of this.tiles) if (!wanted.has(id)) { tile.figure.remove(); this.tiles.delete(id); }
    for (const one of people) this.#tile(one);
    this.place.dataset.others = people.filter((one) => !one.own).length;
    this.place.toggleAttribute("data-sharing", people.some((one) => one.screen && !one.own));
  }

  #tile(one) {
    let tile = this.tiles.get(one.id);
    if (!tile) {
      const video = make("video", { autoplay: true, playsInline: true, muted: Boolean(one.own) });
      video.setAttribute("aria-hidden", "true");
      const face = make("span", { className: "zm-face", textContent: face_of(one.name), ariaHidden: "true" });
      const name = make("span", { className: "zm-name" });
      const note = make("span", { className: "zm-note" });
      const figure = make("figure", { className: "zm-tile" }, video, face, make("figcaption", {}, name, note));
      figure.dataset.person = one.id;
      this.place.append(figure);
      tile = { figure, video, name, note };
      this.tiles.set(one.id, tile);
    }
    if (tile.video.srcObject !== one.stream) {
      tile.video.srcObject = one.stream;
      tile.video.play().catch(() => {});
    }
    const pictured = one.cam || one.screen;
    tile.figure.toggleAttribute("data-own", Boolean(one.own));
    tile.figure.toggleAttribute("data-mirrored", Boolean(one.mirrored));
    tile.figure.toggleAttribute("data-dark", !pictured);
    tile.figure.toggleAttribute("data-screen", Boolean(one.screen));
    tile.figure.toggleAttribute("data-muted", !one.mic && one.role !== "observer");
    tile.figure.dataset.link = one.link;
    tile.name.textContent = one.own ? this.say("you") : one.name;
    const notes = [];
    if (one.role === "observer") notes.push(this.say("observer"));
    else if (!one.mic) notes.push(this.say("muted"));
    if (one.screen) notes.push(this.say("sharing"));
    if (one.link === "lost") notes.push(this.say("mending"));
    else if (one.link === "new") notes.push(this.say("connecting"));
    tile.note.textContent = notes.join(" · ");
    tile.figure.setAttribute("role", "group");
    tile.figure.ariaLabel = [one.name, this.say(pictured ? "pictured" : "dark"), ...notes].join(", ");
  }

  videos() { return this.tiles; }
}

function face_of(name) {
  const text = name.trim();
  return (text.length <= 3 && /[^\x00-\x7f]/.test(text) ? text.slice(-2) : text.slice(0, 1).toUpperCase()) || "?";
}
