// htmx's extensions look for a global
import htmx from "htmx.org/dist/htmx.esm.js";

window.htmx = htmx;
Object.assign(htmx.config, {
  allowEval: false, // the content security policy forbids it anyway
  includeIndicatorStyles: false, // an inline style; ours are in app.css
  selfRequestsOnly: true,
  historyCacheSize: 0, // no copies of other people's data in localStorage
  refreshOnHistoryMiss: true,
  scrollBehavior: "auto",
  defaultSettleDelay: 0, // what was swapped in listens at once: a choice made in the pause would be lost
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});
export default htmx;
