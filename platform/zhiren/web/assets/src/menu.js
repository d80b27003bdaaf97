// The off-canvas navigation of small screens, and the shortcut to search.
const open = (yes) => {
  document.body.toggleAttribute("data-menu", yes);
  for (const button of document.querySelectorAll("[data-menu-toggle]")) button.setAttribute("aria-expanded", String(yes));
  const sidebar = document.getElementById("sidebar");
  if (yes) sidebar?.querySelector("a, button")?.focus();
};

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-menu-toggle]")) open(!document.body.hasAttribute("data-menu"));
  else if (event.target.closest?.("[data-menu-close]")) open(false);
  for (const details of document.querySelectorAll("details.zr-menu[open]")) {
    if (!details.contains(event.target)) details.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    open(false);
    for (const details of document.querySelectorAll("details.zr-menu[open]")) {
      details.open = false;
      details.querySelector("summary").focus();
    }
  }
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const search = document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  }
});
