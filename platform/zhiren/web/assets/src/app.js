import "./htmx.js";
import "htmx-ext-sse/dist/sse.js";
import Collapse from "bootstrap/js/dist/collapse.js";
import Dropdown from "bootstrap/js/dist/dropdown.js";
import Tab from "bootstrap/js/dist/tab.js";
import "./request.js";
import { toast } from "./toast.js";
import "./confirm.js";
import "./menu.js";
import "./preferences.js";
import "./table.js";
import "./drafts.js";
import "./masked.js";
import "./progress.js";
import "./forms.js";
import "./bell.js";
import "./push.js";
import { whenPresent } from "./dom.js";

window.bootstrap = { Collapse, Dropdown, Tab };

// charts weigh more than all the rest: fetched where there is one
whenPresent("[data-chart]", async (element) => {
  const { draw } = await import("./charts.js");
  draw(element);
});
// so does the board of a job
whenPresent("[data-board], [data-fills]", () => import("./board.js"));
whenPresent("form[data-intake]", () => import("./intake.js"));
whenPresent("template[data-flash]", (element) => toast(element.dataset.flash, element.content.textContent.trim()));

// after the password was asked for again, what was being done goes on
whenPresent("form[data-autosubmit]", (form) => form.requestSubmit());

if ("serviceWorker" in navigator && document.body.dataset.worker) {
  navigator.serviceWorker.register(document.body.dataset.worker).catch(() => {});
}
