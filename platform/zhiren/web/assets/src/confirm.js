// data-confirm="what will happen" on a form, button or link asks first; data-confirm-name="…" asks for the thing's name.
import { make, text } from "./dom.js";

export function ask(question, { name = "", action = "", danger = true } = {}) {
  return new Promise((resolve) => {
    const input = name ? make("input", { className: "form-control", autocomplete: "off", ariaLabel: name }) : null;
    const yes = make("button", { className: `btn ${danger ? "btn-danger" : "btn-primary"}`, value: "yes", textContent: action || text("confirm") });
    const no = make("button", { className: "btn", value: "", textContent: text("cancel"), formNoValidate: true });
    const form = make("form", { method: "dialog" }, make("p", { className: "zr-dialog-question", textContent: question }));
    if (input) {
      const label = make("p", { className: "text-secondary" });
      label.append(`${text("typeName")} `, make("strong", { textContent: name }));
      form.append(label, input);
      yes.disabled = true;
      input.addEventListener("input", () => { yes.disabled = input.value.trim() !== name; });
    }
    form.append(make("div", { className: "zr-dialog-buttons" }, no, yes));
    const dialog = make("dialog", { className: "zr-dialog" }, form);
    dialog.setAttribute("aria-label", question);
    document.body.append(dialog);
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
    dialog.returnValue = "";
    dialog.showModal();
    (input ?? no).focus();
  });
}

const options = (element) => ({
  name: element.dataset.confirmName, action: element.dataset.confirmAction, danger: element.dataset.confirmKind !== "plain",
});

document.addEventListener("submit", async (event) => {
  const asked = event.submitter?.closest("[data-confirm]") ?? event.target.closest("form[data-confirm]");
  if (!asked || event.target.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (await ask(asked.dataset.confirm, options(asked))) {
    event.target.dataset.confirmed = "1";
    event.target.requestSubmit(event.submitter);
    delete event.target.dataset.confirmed;
  }
}, true);

document.addEventListener("htmx:confirm", async (event) => {
  const element = event.detail.elt;
  if (!element.dataset.confirm || element.tagName === "FORM") return;
  event.preventDefault();
  if (await ask(element.dataset.confirm, options(element))) event.detail.issueRequest(true);
});

// data-dialog="id" opens a <dialog> that the page holds; inside it [data-close] closes
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  if (opener) { event.preventDefault(); document.getElementById(opener.dataset.dialog)?.showModal(); return; }
  if (event.target.closest?.("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.tagName === "DIALOG" && event.target.classList.contains("zr-dialog")) event.target.close();
});
