import { make, text } from "./dom.js";

const SHOWN_MS = 6000;

/** A short message in the corner. Refusals stay until closed. */
export function toast(kind, title, detail = "") {
  const place = document.getElementById("toasts");
  if (!place || !title) return;
  const close = make("button", { type: "button", className: "btn-close", ariaLabel: text("close") });
  const body = make("div", { className: "toast-text" }, make("strong", { textContent: title }));
  if (detail) body.append(make("span", { textContent: detail }));
  const box = make("div", { className: `zr-toast zr-toast-${kind}`, role: kind === "danger" ? "alert" : "status" }, body, close);
  close.addEventListener("click", () => box.remove());
  place.append(box);
  if (kind !== "danger") setTimeout(() => box.remove(), SHOWN_MS);
}
