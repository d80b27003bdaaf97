// "On this device": the browser is asked, and what it answers is handed to the server.
import { csrfToken, whenPresent } from "./dom.js";
import { toast } from "./toast.js";

const bytes = (key) => Uint8Array.from(atob(key.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

async function subscribe(button) {
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return toast("warning", button.dataset.missing);
  if (await Notification.requestPermission() !== "granted") return toast("warning", button.dataset.refused);
  const { key } = await (await fetch(button.dataset.pushKey, { headers: { Accept: "application/json" } })).json();
  const worker = await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const { endpoint, keys } = subscription.toJSON();
  const answer = await fetch(button.dataset.push, {
    method: "POST", body: JSON.stringify({ endpoint, keys }),
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrfToken() },
  });
  if (answer.ok) return location.reload();
  const problem = await answer.json();
  return toast("danger", `${problem.detail ?? problem.title} ${problem.hint ?? ""}`.trim());
}

whenPresent("[data-push]", (button) => {
  button.addEventListener("click", () => subscribe(button).catch(() => toast("danger", button.dataset.missing)));
});
