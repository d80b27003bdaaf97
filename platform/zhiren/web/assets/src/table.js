// Movement by keyboard through a table (↑ ↓ or j k, Enter opens, x selects), selection of rows, and the bar of what to do.
import { whenPresent } from "./dom.js";

const rowsOf = (table) => [...table.querySelectorAll("tbody > tr[data-row]")];

function move(table, step) {
  const rows = rowsOf(table);
  const at = rows.indexOf(document.activeElement.closest?.("tr[data-row]"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  next?.focus();
}

function choose(root) {
  const boxes = [...root.querySelectorAll("tbody input[data-select]")];
  const chosen = boxes.filter((box) => box.checked);
  const all = root.querySelector("input[data-select-all]");
  if (all) {
    all.checked = chosen.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
  const bar = root.querySelector("[data-selection]");
  if (bar) {
    bar.hidden = chosen.length === 0;
    bar.querySelector("[data-selection-count]").textContent = chosen.length;
  }
  for (const box of boxes) box.closest("tr").toggleAttribute("data-chosen", box.checked);
}

whenPresent("[data-table]", (root) => {
  root.addEventListener("change", (event) => {
    if (event.target.matches("input[data-select-all]")) {
      for (const box of root.querySelectorAll("tbody input[data-select]")) box.checked = event.target.checked;
    }
    if (event.target.matches("input[data-select], input[data-select-all]")) choose(root);
  });
  const table = root.querySelector("table");
  table?.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, label, details") || String(getSelection())) return;
    if (event.metaKey || event.ctrlKey) window.open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  });
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input:not([data-select]), textarea, select, dialog")) return;
  const table = event.target.closest?.("[data-table] table") ?? document.querySelector("[data-table] table");
  if (!table) return;
  const row = document.activeElement.closest?.("tr[data-row]");
  if (event.key === "j" || (event.key === "ArrowDown" && row)) { event.preventDefault(); move(table, 1); }
  else if (event.key === "k" || (event.key === "ArrowUp" && row)) { event.preventDefault(); move(table, -1); }
  else if (event.key === "Enter" && row?.dataset.href && document.activeElement === row) location.assign(row.dataset.href);
  else if (event.key === "x" && row) row.querySelector("input[data-select]")?.click();
});

// a choice that narrows what is shown takes effect at once
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});
