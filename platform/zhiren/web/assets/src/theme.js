// Runs before the first paint: without a choice of their own, people get what their device prefers.
const root = document.documentElement;
const media = matchMedia("(prefers-color-scheme: dark)");
const follow = () => {
  if (!root.dataset.themeChosen) root.dataset.bsTheme = media.matches ? "dark" : "light";
};
follow();
media.addEventListener("change", follow);
