// form[data-draft="key"] keeps what was typed in this tab until it is sent: a reload or a lost session loses nothing.
// Passwords, files, hidden fields and anything marked data-sensitive are never kept.
import { text, whenPresent } from "./dom.js";
import { toast } from "./toast.js";

const PREFIX = "zhiren.draft.";
const kept = (form) => [...form.elements].filter((field) => field.name && !field.closest("[data-sensitive]")
  && !["password", "file", "hidden", "submit", "button"].includes(field.type));

whenPresent("form[data-draft]", (form) => {
  const key = PREFIX + form.dataset.draft;
  const stored = sessionStorage.getItem(key);
  if (stored && !form.querySelector(".is-invalid")) {
    let changed = false;
    const values = JSON.parse(stored);
    for (const [index, field] of kept(form).entries()) {
      const value = values[`${index}:${field.name}`];
      if (value === undefined) continue;
      const checkable = ["checkbox", "radio"].includes(field.type);
      if (checkable ? field.checked !== value : field.value !== value) {
        changed = true;
        if (checkable) field.checked = value; else field.value = value;
      }
    }
    if (changed) toast("info", text("draftRestored"));
  }
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const values = {};
      for (const [index, field] of kept(form).entries()) {
        values[`${index}:${field.name}`] = ["checkbox", "radio"].includes(field.type) ? field.checked : field.value;
      }
      sessionStorage.setItem(key, JSON.stringify(values));
    }, 300);
  });
  form.addEventListener("submit", () => { clearTimeout(timer); sessionStorage.removeItem(key); });
  form.addEventListener("reset", () => { clearTimeout(timer); sessionStorage.removeItem(key); });
});
