// A form that goes on by itself (after re-authentication), and a button that copies what a field holds.
import { whenPresent } from "./dom.js";

whenPresent("form[data-autosubmit]", (form) => form.requestSubmit());

whenPresent("[data-copy]", (button) => {
  const field = document.querySelector(button.dataset.copy);
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.dataset.copied;
    } catch {
      // the browser forbids it: the text is selected, to be copied by hand
    }
  });
});
