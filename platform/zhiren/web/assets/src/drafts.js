// form[data-draft="key"] keeps what was typed in this tab until it has arrived: a reload, a lost session or a lost network
// loses nothing. A form that was sent has arrived when the next page is another one, or says that all is well.
// Passwords, files, hidden fields (but [data-draft-keep]) and anything marked data-sensitive are never kept.
// [data-with="name"] is shown while the field of that name has something in it.
import { text, whenPresent } from "./dom.js";
import { toast } from "./toast.js";

const PREFIX = "zhiren.draft.";
const checkable = (field) => ["checkbox", "radio"].includes(field.type);
const worth = (field) => field.name && !field.closest("[data-sensitive]")
  && (field.type === "hidden" ? "draftKeep" in field.dataset : !["password", "file", "submit", "button"].includes(field.type));

/** The fields that are kept, each under its name and which of that name it is. */
function kept(form) {
  const count = {};
  return [...form.elements].filter(worth).map((field) => {
    count[field.name] = (count[field.name] ?? 0) + 1;
    return [`${field.name}:${count[field.name]}`, field];
  });
}

// after the first answer that was put into this page, forms hold what the server knows: nothing older goes over it
let answered = false;
document.addEventListener("htmx:afterSwap", (event) => { answered ||= Boolean(event.detail.boosted); });

for (const key of Object.keys(sessionStorage).filter((one) => one.startsWith(PREFIX))) {
  const form = document.querySelector(`form[data-draft="${CSS.escape(key.slice(PREFIX.length))}"]`);
  const arrived = !form || document.querySelector("template[data-flash='success']");
  if (arrived && JSON.parse(sessionStorage.getItem(key)).sent) sessionStorage.removeItem(key);
}

whenPresent("form[data-draft]", (form) => {
  const key = PREFIX + form.dataset.draft;
  const keep = (sent = false) => {
    const values = kept(form).map(([name, field]) => [name, checkable(field) ? field.checked : field.value]);
    sessionStorage.setItem(key, JSON.stringify({ sent, values: Object.fromEntries(values) }));
  };
  const stored = sessionStorage.getItem(key);
  if (answered) keep();
  else if (stored && !form.querySelector(".is-invalid")) restore(form, JSON.parse(stored).values);
  let timer;
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 300); });
  form.addEventListener("submit", () => { clearTimeout(timer); keep(true); });
  form.addEventListener("reset", () => { clearTimeout(timer); sessionStorage.removeItem(key); });
});

function restore(form, values) {
  let changed = false;
  for (const [name, field] of kept(form)) {
    const value = values[name];
    if (value === undefined || (checkable(field) ? field.checked : field.value) === value) continue;
    changed = true;
    if (checkable(field)) field.checked = value; else field.value = value;
  }
  for (const one of form.querySelectorAll("[data-with]")) one.hidden = !form.elements[one.dataset.with]?.value;
  if (changed) toast("info", text("draftRestored"));
}
