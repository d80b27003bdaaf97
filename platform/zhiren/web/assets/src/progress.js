// Live progress of a job: a stream of `progress` events; the browser reconnects by itself, the server tells the present state.
import { whenPresent } from "./dom.js";

const FINAL = ["succeeded", "failed", "cancelled"];

whenPresent("[data-progress]", (element) => {
  const bar = element.querySelector("progress");
  const figures = element.querySelector("[data-figures]");
  const note = element.querySelector("[data-note]");
  if (FINAL.includes(element.dataset.state)) return;
  const source = new EventSource(element.dataset.progress);
  source.addEventListener("progress", (event) => {
    const now = JSON.parse(event.data);
    element.dataset.state = now.state;
    if (now.total > 0) { bar.max = now.total; bar.value = now.done; } else bar.removeAttribute("value");
    figures.textContent = now.total > 0 ? `${now.done.toLocaleString()} / ${now.total.toLocaleString()}` : "";
    note.textContent = now.note ?? "";
    if (!FINAL.includes(now.state)) return;
    source.close();
    if (element.dataset.doneUrl && now.state === "succeeded") location.assign(element.dataset.doneUrl);
    else if (element.hasAttribute("data-reload")) location.reload();
  });
  window.addEventListener("pagehide", () => source.close());
});
