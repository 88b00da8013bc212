/* What every page needs: the CSRF token for htmx, dialogs, notes, preferences, the service worker,
   and the custom elements, each fetched when a page or a fragment first holds one. */
import { meta, says } from "./page.js";

const ELEMENTS = {
  "file-drop": () => import("./upload.js"),
  "chat-composer": () => import("./composer.js"),
  "live-answer": () => import("./answer.js"),
  "job-progress": () => import("./progress.js"),
};
const SHOWN_FOR = 6000;

function fetchElements() {
  for (const [name, load] of Object.entries(ELEMENTS)) {
    if (!customElements.get(name) && document.querySelector(name)) load();
  }
}

/* On a slow line a page stands long after this ran: only then do the notes on it begin to be read. */
const standing = new Promise((stands) => {
  if (document.readyState === "complete") stands();
  else addEventListener("load", stands, { once: true });
});

function watchNotes() {
  for (const note of document.querySelectorAll(".toast:not([data-seen])")) {
    note.dataset.seen = "";
    // Bad news stays until it is read.
    if (note.matches(".danger, .error, .warning")) continue;
    standing.then(() => setTimeout(() => note.remove(), SHOWN_FOR));
  }
}

/* What scrolls sideways inside a page can be reached by key. */
function reachScrollers() {
  for (const box of document.querySelectorAll(".answer :is(pre, .sideways, .formula):not([tabindex])")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}

document.documentElement.classList.add("scripted");
fetchElements();
watchNotes();
reachScrollers();
if (meta("audience")) import("./live.js");
if (document.querySelector("[data-badge]")) import("./badge.js");
navigator.serviceWorker?.register("/sw.js").catch(() => {});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = meta("csrf");
});
for (const name of ["htmx:load", "turn:added"]) document.addEventListener(name, fetchElements);
document.addEventListener("htmx:afterSettle", watchNotes);
for (const name of ["htmx:afterSettle", "answer:done"]) document.addEventListener(name, reachScrollers);
window.addEventListener("resize", reachScrollers);
document.addEventListener("htmx:sendError", () => says(document.getElementById("said").dataset.noLine, "danger"));

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog")?.close();
  if (closer) closer.closest(".toast")?.remove();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

if (document.querySelector("[data-again]")) window.addEventListener("online", () => location.reload());
