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
  const { title, detail, status, login } = event.detail;
  if (status === 401) {
    location.assign(`${login ?? "/login"}?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  toast("danger", title, detail);
});
document.addEventListener("zhiren:flash", (event) => toast(event.detail.kind ?? "success", event.detail.message));
const offline = () => toast("danger", text("offline"), text("offlineHint"));
document.addEventListener("htmx:sendError", offline);
// an answer that is none of ours: what stands before the service says that it cannot reach it
document.addEventListener("htmx:responseError", (event) => { if (!event.detail.xhr.getResponseHeader("x-request-id")) offline(); });

// A form with hx-boost stays where it is until its answer is there: a lost network loses nothing. Its page again, refused,
// takes the page's place, and is read from the top; another page is loaded as a whole (hx-redirect).
document.addEventListener("htmx:beforeSwap", (event) => {
  const { boosted, xhr } = event.detail;
  if (!boosted || xhr.status >= 500 || !xhr.getResponseHeader("content-type")?.startsWith("text/html")) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.boosted) document.getElementById("content")?.focus();
});
const submitter = (event) => event.detail.requestConfig.triggeringEvent?.submitter;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.boosted) return;
  if (event.detail.elt.dataset.sent) event.preventDefault(); else submitter(event)?.classList.add("btn-loading");
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  // on the way to the next page: what is pressed in between is not sent again
  if (event.detail.boosted && event.detail.xhr.getResponseHeader("hx-redirect")) event.detail.elt.dataset.sent = "1";
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.boosted && !event.detail.elt.dataset.sent) submitter(event)?.classList.remove("btn-loading");
});

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
  if (!navigator.onLine) { event.preventDefault(); offline(); return; }
  form.dataset.sent = "1";
  event.submitter?.classList.add("btn-loading");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll(".btn-loading")) button.classList.remove("btn-loading");
  }
});
