// The page of a meeting room: device check, waiting room, call, end.
import { make } from "./dom.js";
import { toast } from "./toast.js";
import { Devices, chime, listen } from "./meet/devices.js";
import { Line } from "./meet/line.js";
import { Peer } from "./meet/peer.js";
import { Recorder, canRecord } from "./meet/record.js";
import { Stage } from "./meet/stage.js";
import { Chat, Notes } from "./meet/talk.js";

const at = (id) => document.getElementById(`zm-${id}`);
const { room, role } = document.body.dataset;
const words = document.getElementById("meet-texts").dataset;
const key = (name) => name.replace(/-(\w)/g, (_all, letter) => letter.toUpperCase());
const say = (name, values = {}) => Object.entries(values).reduce((text, [what, value]) => text.replace(`{${what}}`, value), words[key(name)] ?? "");
const time = (value) => new Date(value).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
/** How long the tile of somebody who vanished stays: the network may bring them back. */
const PATIENCE_MS = 45_000;

const page_name = () => [...crypto.getRandomValues(new Uint8Array(10))].map((one) => one.toString(36).padStart(2, "0")).join("");
const devices = new Devices();
const line = new Line(room, page_name());
const stage = new Stage({ place: at("stage"), say });
const peers = new Map();
const chat = new Chat({ list: at("lines"), form: at("chat-form"), line, time, unread: () => unread(1) });
const notes = at("notes-text") ? new Notes({ field: at("notes-text"), line, status: (name) => { at("notes-status").textContent = say(`notes-${name}`); } }) : null;

let you = { id: "", name: "", role };
let ice = {};
let state = null;
let known = new Map();
let recorder = null;
let asking = false;
let count = 0;
let wake = null;
let own = new MediaStream();
let stop_listening = () => {};
let ended = false;
let warned = false;

const announce = (text) => { at("live").textContent = text; };
const tracks_out = () => (role === "observer" ? [] : Object.values(devices.out));

function show(screen) {
  if (document.body.dataset.screen === screen) return;
  document.body.dataset.screen = screen;
  for (const name of ["check", "wait", "call", "end"]) at(name).hidden = name !== screen;
  if (screen !== "call") side(false);
  else if (role !== "guest" && matchMedia("(min-width: 992px)").matches) side(true);
  at(screen).querySelector("h2[tabindex]")?.focus();
}

// ---- before the call -------------------------------------------------------------------------------------------------

async function fill(select, kind, track) {
  if (!select) return;
  const found = (await devices.list()).filter((one) => one.kind === kind && one.deviceId);
  const chosen = track?.getSettings().deviceId;
  select.replaceChildren(...found.map((one, index) => make("option", {
    value: one.deviceId, textContent: one.label || say(kind === "videoinput" ? "camera-n" : "microphone-n", { n: index + 1 }), selected: one.deviceId === chosen,
  })));
  select.disabled = !found.length;
}

function preview() {
  const { camera, microphone } = devices;
  const video = at("preview");
  if (video.srcObject?.getVideoTracks()[0] !== camera) video.srcObject = camera ? new MediaStream([camera]) : null;
  at("preview-note").hidden = Boolean(camera);
  at("preview-note").textContent = role === "observer" ? say("observer") : say("no-picture");
  at("problem").hidden = !devices.problem;
  at("problem").textContent = devices.problem ? say(`problem-${devices.problem}`) : "";
  stop_listening();
  // before the first click browsers let no page work with sound
  stop_listening = microphone && at("level") && navigator.userActivation?.hasBeenActive ? listen(devices.sound, microphone, (level) => { at("level").value = level; }) : () => {};
}

async function network() {
  const took = [];
  try {
    for (let each = 0; each < 4; each += 1) {
      const from = performance.now();
      const answer = await fetch(`/meet/${room}/phase`, { headers: { accept: "application/json" } });
      if (!answer.ok) throw new Error("refused");
      took.push(performance.now() - from);
    }
    const median = took.sort((a, b) => a - b)[1];
    const slow = navigator.connection && navigator.connection.downlink < 0.7;
    at("network").textContent = say(median > 500 || slow ? "network-poor" : median > 200 ? "network-fair" : "network-good");
  } catch { at("network").textContent = say("network-off"); }
}

// ---- in the call -----------------------------------------------------------------------------------------------------

function mine() {
  const { video } = devices.out;
  if (own.getVideoTracks()[0] !== video) own = new MediaStream([video]);
  return { ...you, own: true, stream: own, link: "own", mirrored: !devices.screen && devices.facing === "user", ...devices.flags };
}

function render() {
  if (!state || state.state !== "in" || ended) return;
  const others = [...peers.values()].filter((one) => one.person).map(({ person, peer }) => ({
    ...person, stream: peer?.stream ?? null, link: !peer || peer.well ? "well" : peer.was ? "lost" : "new",
  }));
  stage.show([...others, ...(role === "observer" ? [] : [mine()])]);
  at("alone").hidden = others.length > 0;
  at("link").hidden = line.up;
  const inside = state.people.filter((one) => one.state === "in");
  at("people-list").replaceChildren(...inside.map(entry));
  at("knocks").replaceChildren(...state.people.filter((one) => one.state === "waiting").map(knock));
}

function entry(one) {
  const notes_of = [say(one.role), one.role !== "observer" ? say(one.mic ? "mic-on" : "muted") : ""].filter(Boolean).join(" · ");
  const item = make("li", {}, make("span", { className: "zm-person" }, make("strong", { textContent: one.name }), make("small", { textContent: notes_of })));
  if (role === "host" && one.role === "guest") {
    const out = make("button", { type: "button", className: "btn btn-sm", textContent: say("out") });
    out.addEventListener("click", () => line.send("out", { to: one.id }));
    item.append(out);
  }
  return item;
}

function knock(one) {
  const button = make("button", { type: "button", className: "btn btn-primary btn-sm", textContent: say("admit") });
  button.dataset.admit = one.id;
  button.addEventListener("click", () => line.send("admit", { to: one.id }));
  return make("div", { className: "zm-knock card", role: "status" }, make("span", { textContent: say("knocks", { name: one.name }) }), button);
}

function meet(person) {
  const found = peers.get(person.id);
  if (found && found.sid === person.sid) { found.person = person; found.goneAt = 0; return; }
  found?.peer?.close();
  const entry_of = { person, sid: person.sid, goneAt: 0, peer: null };
  peers.set(person.id, entry_of);
  if (role === "observer" && person.role === "observer") return;
  const peer = new Peer({
    id: person.id, sid: person.sid, polite: you.id < person.id, ice, tracks: tracks_out,
    say: (data) => line.send("signal", { to: person.id, sid: person.sid, data }),
  });
  entry_of.peer = peer;
  peer.addEventListener("change", () => { peer.was ||= peer.well; render(); });
  peer.addEventListener("stream", render);
}

function drop(id) {
  peers.get(id)?.peer?.close();
  peers.delete(id);
}

function look(next) {
  const before = state;
  state = next;
  if (next.state === "waiting") {
    for (const id of [...peers.keys()]) drop(id);
    known = new Map();
    at("wait-note").textContent = say(next.hosts_here ? "wait-host" : "wait-nobody");
    show("wait");
    return;
  }
  show("call");
  const others = next.people.filter((one) => one.state === "in" && one.id !== you.id);
  const here = new Map(others.map((one) => [one.id, one.name]));
  for (const [id, name] of here) if (!known.has(id) && before) announce(say("joined", { name }));
  for (const [id, name] of known) if (!here.has(id)) announce(say("left", { name }));
  for (const one of next.people) if (one.state === "waiting" && !before?.people.some((other) => other.id === one.id && other.state === "waiting")) announce(say("knocks", { name: one.name }));
  known = here;
  for (const one of others) meet(one);
  for (const [id, one] of peers) if (!here.has(id)) one.goneAt ||= Date.now();
  recording(before);
  stay_awake();
  render();
}

/** Every second: what is broken is mended, and who is gone for good goes. */
function tick() {
  for (const [id, one] of peers) {
    if (one.goneAt && !one.peer?.well && Date.now() - one.goneAt > (one.peer?.was ? PATIENCE_MS : 5000)) { drop(id); render(); }
    else if (line.up) one.peer?.mend();
    if (one.peer?.stuck && !warned) { warned = true; toast("danger", say("stuck"), say("stuck-hint")); }
  }
}

function signal({ from, from_sid: sid, data }) {
  if (data?.bye) { if (peers.get(from)?.sid === sid) { drop(from); render(); } return; }
  const found = peers.get(from);
  if (found?.sid === sid) { found.peer?.hear(data); return; }
  // a page that is newer than our list of who is here
  const person = state?.people.find((one) => one.id === from && one.state === "in");
  if (person) { meet({ ...person, sid }); peers.get(from).peer?.hear(data); }
}

const HEARD = {
  welcome(message) {
    const first = !you.id;
    ({ you, ice } = message);
    chat.you = you.id;
    for (const { peer } of peers.values()) peer?.again(ice);
    line.send("media", devices.flags);
    if (!first) notes?.again();
    at("link").hidden = true;
  },
  state: look,
  signal,
  chat({ lines }) { for (const one of lines) chat.add(one, { quiet: true }); notes?.again(); },
  said({ line: one }) { chat.add(one); },
  notes(message) { notes?.hear(message); },
  noted() { if (notes && !notes.dirty) line.send("read"); },
  record({ recording: id }) { begin(id); },
  refused({ what, text, hint }) {
    if (what === "notes") notes?.refused();
    if (what === "record") asking = false;
    if (text) toast("danger", text, hint);
  },
};
line.addEventListener("message", ({ detail }) => HEARD[detail.t]?.(detail));
line.addEventListener("down", () => { at("link").hidden = false; });
line.addEventListener("end", ({ detail }) => finish(detail));

async function changed() {
  buttons();
  if (document.body.dataset.screen === "check") { preview(); return; }
  const { audio, video } = devices.out;
  for (const { peer } of peers.values()) { peer?.replace("audio", audio); peer?.replace("video", video); }
  line.send("media", devices.flags);
  render();
}
devices.addEventListener("change", changed);
devices.addEventListener("list", () => {
  fill(at("camera"), "videoinput", devices.camera);
  fill(at("microphone"), "audioinput", devices.microphone);
});

async function stay_awake() {
  if (wake || document.visibilityState !== "visible") return;
  try {
    wake = await navigator.wakeLock?.request("screen");
    wake?.addEventListener("release", () => { wake = null; });
  } catch { /* the battery has its say */ }
}
document.addEventListener("visibilitychange", () => { if (state && !ended) stay_awake(); });

function finish(why) {
  if (ended) return;
  if (why === "login") { location.reload(); return; } // which leads to where this person logs in
  ended = true;
  recorder?.stop();
  for (const id of [...peers.keys()]) drop(id);
  line.close();
  devices.stop();
  wake?.release().catch(() => {});
  at("end-title").textContent = say(`end-${why}`);
  at("end-note").textContent = why === "left" ? say("end-left-note") : "";
  at("again").hidden = why === "over" || why === "gone";
  at("recording").hidden = at("link").hidden = true;
  show("end");
}

function bye() {
  for (const [id, { sid }] of peers) line.send("signal", { to: id, sid, data: { bye: true } });
}
window.addEventListener("pagehide", bye);

// ---- recording -------------------------------------------------------------------------------------------------------

function recording(before) {
  at("recording").hidden = !state.recording;
  document.querySelector('[data-act="record"]')?.setAttribute("aria-pressed", String(state.recording));
  if (before && before.recording !== state.recording) {
    const text = say(state.recording ? "recording-on" : "recording-off");
    announce(text);
    toast(state.recording ? "warning" : "success", text);
  }
  if (recorder && !state.recording) { recorder.stop(); recorder = null; }
  // after a reload the recorder is gone, and nothing is being recorded
  if (state.recording && state.recorder === you.id && !recorder && !before) line.send("record", { on: false });
  const seen = state.people.filter((one) => one.state === "in" && one.role !== "observer");
  const me = seen.find((one) => one.id === you.id);
  const wanted = seen.some((one) => one.role === "host" && one.consents === true);
  if (at("may-record")) at("may-record").checked = me?.consents === true;
  at("consent").hidden = !(me && me.consents === null && wanted);
  const no = seen.find((one) => one.consents === false && one.id !== you.id);
  if (asking && no) { asking = false; toast("danger", say("declined", { name: no.name })); }
  if (asking && seen.length > 1 && seen.every((one) => one.consents === true)) { asking = false; line.send("record", { on: true }); }
}

function ask() {
  if (state?.recording) { line.send("record", { on: false }); return; }
  const guests = state?.people.filter((one) => one.state === "in" && one.role === "guest") ?? [];
  if (!canRecord()) { toast("danger", say("record-unable")); return; }
  if (!guests.length) { toast("danger", say("record-alone")); return; }
  asking = true;
  const me = state.people.find((one) => one.id === you.id);
  if (me.consents !== true) line.send("consent", { on: true });
  else recording(state);
  if (asking && guests.some((one) => one.consents !== true)) toast("success", say("asked"));
}

function begin(id) {
  devices.wake();
  recorder = new Recorder({
    room, recording: id, context: devices.sound, lost: () => toast("danger", say("record-lost")),
    people: () => [...stage.videos()].map(([person, { video, name }]) => ({
      name: person === you.id ? you.name : name.textContent, video,
      stream: person === you.id ? new MediaStream([devices.out.audio]) : video.srcObject,
    })),
  });
}

// ---- buttons ---------------------------------------------------------------------------------------------------------

function buttons() {
  const { mic, cam, screen } = devices.flags;
  for (const [name, on] of Object.entries({ mic, cam, share: screen })) document.querySelector(`[data-act="${name}"]`)?.setAttribute("aria-pressed", String(on));
}

function unread(more) {
  const open = !at("side").hidden && !at("chat").hidden;
  count = open || !more ? 0 : count + more;
  const button = document.querySelector('[data-act="side"]');
  button.dataset.count = count || "";
  if (count) announce(say("unread", { n: count }));
}

function side(open) {
  at("side").hidden = !open;
  document.body.toggleAttribute("data-side", open);
  document.querySelector('[data-act="side"]')?.setAttribute("aria-pressed", String(open));
  unread(0);
}

function tab(name) {
  for (const button of document.querySelectorAll("[data-tab]")) {
    const on = button.dataset.tab === name;
    button.setAttribute("aria-selected", String(on));
    button.tabIndex = on ? 0 : -1;
    at(button.dataset.tab).hidden = !on;
  }
  if (name === "chat") { unread(0); at("lines").scrollTop = at("lines").scrollHeight; }
}

const ACTS = {
  join() { devices.wake(); stop_listening(); stop_listening = () => {}; line.open(); setInterval(tick, 1000); at("check").querySelector('[data-act="join"]').disabled = true; },
  listen() { devices.wake(); preview(); },
  chime() { devices.wake(); chime(devices.sound); },
  mic() { devices.setMic(!devices.mic); if (!devices.microphone) devices.use("audio", ""); },
  cam() { devices.setCam(!devices.flags.cam); },
  turn() { devices.turn(); },
  async share() { try { await devices.share(!devices.screen); } catch { toast("danger", say("share-unable")); } },
  side() { side(at("side").hidden); },
  "side-close"() { side(false); document.querySelector('[data-act="side"]')?.focus(); },
  record: ask,
  agree() { line.send("consent", { on: true }); },
  disagree() { line.send("consent", { on: false }); },
  end() { if (window.confirm(say("end-all"))) line.send("end"); },
  async "hang-up"() { if (recorder) { line.send("record", { on: false }); await recorder.stop(); recorder = null; } bye(); line.send("leave"); finish("left"); },
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act], [data-tab]");
  if (button?.dataset.tab) tab(button.dataset.tab);
  else if (button) ACTS[button.dataset.act]?.();
});
document.querySelector(".zm-tabs").addEventListener("keydown", (event) => {
  const tabs = [...document.querySelectorAll("[data-tab]")];
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step || !event.target.dataset.tab) return;
  const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
  tab(next.dataset.tab);
  next.focus();
});
at("camera")?.addEventListener("change", (event) => devices.use("video", event.target.value));
at("microphone")?.addEventListener("change", (event) => devices.use("audio", event.target.value));
at("may-record")?.addEventListener("change", (event) => line.send("consent", { on: event.target.checked }));

tab(document.querySelector("[data-tab]").dataset.tab);
network();
if (role === "observer") preview();
else devices.start();
