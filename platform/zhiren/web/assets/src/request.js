// Every htmx request proves that this page sent it; refusals come back as messages.
import { csrfToken, text } from "./dom.js";
import { toast } from "./toast.js";

document.addEventListener("htmx:configRequest", (event) => {
  const { verb, headers, parameters } = event.detail;
  if (verb !== "get") { headers["X-CSRF-Token"] = csrfToken(); return; }
  // empty choices have no place in an address
  for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
});

document.addEventListener("zhiren:problem", (event) => {
  const { title, detail, status } = event.detail;
  if (status === 401) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  toast("danger", title, detail);
});
document.addEventListener("zhiren:flash", (event) => toast(event.detail.kind ?? "success", event.detail.message));
document.addEventListener("htmx:sendError", () => toast("danger", text("offline"), text("offlineHint")));

// a progress line on top of the page while anything is under way
let underway = 0;
const bar = () => document.getElementById("loading")?.toggleAttribute("data-busy", underway > 0);
document.addEventListener("htmx:beforeRequest", () => { underway += 1; bar(); });
document.addEventListener("htmx:afterRequest", () => { underway = Math.max(0, underway - 1); bar(); });

// a form sent twice by impatience is sent once
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  event.submitter?.classList.add("btn-loading");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll(".btn-loading")) button.classList.remove("btn-loading");
  }
});
