// The theme changes at once; the form's own post remembers it.
import { csrfToken } from "./dom.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-form]")) return;
  event.preventDefault();
  const theme = event.submitter.value;
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset.themeChosen;
  else root.dataset.themeChosen = theme;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.bsTheme = theme === "auto" ? (dark ? "dark" : "light") : theme;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === event.submitter));
  document.dispatchEvent(new CustomEvent("zhiren:theme"));
  const body = new URLSearchParams({ theme, next: "/" });
  await fetch(form.action, { method: "POST", body, redirect: "manual", headers: { "X-CSRF-Token": csrfToken() } });
});
