// How many notices are new: asked once a page, every minute while it is looked at, and when one comes back to it.
const bells = () => document.querySelectorAll("[data-bell]");
const EVERY_MS = 60_000;

function show(count) {
  for (const bell of bells()) {
    const badge = bell.querySelector("[data-bell-count]");
    badge.hidden = !count;
    badge.textContent = count > 99 ? "99+" : String(count);
    if (count) bell.setAttribute("aria-label", bell.dataset.bellLabel.replace("#", count));
  }
}

async function ask() {
  const bell = bells()[0];
  if (!bell || document.hidden) return;
  try {
    const answer = await fetch(bell.dataset.bell, { headers: { Accept: "application/json" } });
    if (answer.ok) show((await answer.json()).unread);
  } catch {
    // offline: the count of before stays
  }
}

if (bells().length) {
  ask();
  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
}
