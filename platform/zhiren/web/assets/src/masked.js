// A revealed value hides itself again: after a minute, and whenever the page goes out of sight.
import { whenPresent } from "./dom.js";

const SHOWN_MS = 60_000;

whenPresent("[data-revealed]", (element) => {
  const hide = () => {
    element.querySelector("[data-value]").textContent = element.dataset.revealed;
    element.removeAttribute("data-revealed");
    document.removeEventListener("visibilitychange", whenHidden);
  };
  const whenHidden = () => { if (document.hidden && element.hasAttribute("data-revealed")) hide(); };
  setTimeout(() => { if (element.hasAttribute("data-revealed")) hide(); }, SHOWN_MS);
  document.addEventListener("visibilitychange", whenHidden);
});
