// <chat-log chat="ID" since="URL">: the turns of one chat. When another tab or device asks in this
// chat, and whenever the stream says that it is ready (something may have been told before), fetches
// the turns that are not on this page yet; an answer that was hidden or shown again it fetches anew; keeps the end in view while it grows, unless the reader has
// scrolled away from it. A link to a source opens its passage in <dialog id="passage">.
import { fragment } from "../web/page.js";

class ChatLog extends HTMLElement {
  connectedCallback() {
    this.onBegan = (event) => {
      if (event.detail.chat === this.getAttribute("chat") && !this.has(event.detail.answer)) this.fetchNew();
    };
    this.onReady = () => this.fetchNew();
    this.onChanged = (event) => this.fetchAnew(event.detail.turn);
    document.addEventListener("live:turn.began", this.onBegan);
    document.addEventListener("live:turn.changed", this.onChanged);
    document.addEventListener("live:ready", this.onReady);
    this.watcher = new MutationObserver((changes) => {
      if (changes.some((change) => change.target === this)) this.keepOne();
      this.follow();
    });
    this.watcher.observe(this, { childList: true, subtree: true, characterData: true });
    this.scroller = this.closest(".scroll");
    this.atEnd = true;
    this.onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = this.scroller;
      this.atEnd = scrollHeight - scrollTop - clientHeight < 80;
    };
    this.scroller?.addEventListener("scroll", this.onScroll, { passive: true });
    this.follow();
  }

  disconnectedCallback() {
    document.removeEventListener("live:turn.began", this.onBegan);
    document.removeEventListener("live:turn.changed", this.onChanged);
    document.removeEventListener("live:ready", this.onReady);
    this.scroller?.removeEventListener("scroll", this.onScroll);
    this.watcher.disconnect();
  }

  has(turn) {
    return Boolean(this.querySelector(`[data-turn="${CSS.escape(turn)}"]`));
  }

  // Both the answer to a form and the stream may bring the same turn; the first one stays.
  keepOne() {
    const seen = new Set();
    for (const turn of this.querySelectorAll(":scope > [data-turn]")) {
      if (seen.has(turn.dataset.turn)) turn.remove();
      seen.add(turn.dataset.turn);
    }
  }

  follow() {
    if (this.atEnd && this.scroller) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  async fetchAnew(turn) {
    const shown = this.querySelector(`[data-turn="${CSS.escape(turn)}"]`);
    const found = shown && (await fragment(`/chat/turns/${turn}`));
    const fresh = found?.querySelector("[data-turn]");
    if (!fresh) return;
    shown.replaceWith(fresh);
    window.htmx?.process(fresh);
  }

  async fetchNew() {
    const turns = this.querySelectorAll("[data-turn]");
    const last = turns.length ? turns[turns.length - 1].dataset.turn : "";
    const found = await fragment(`${this.getAttribute("since")}?after=${last}`);
    for (const turn of found ? [...found.children] : []) {
      if (!this.has(turn.dataset.turn)) {
        this.append(turn);
        window.htmx?.process(turn);
        turn.dispatchEvent(new CustomEvent("turn:added", { bubbles: true }));
      }
    }
  }
}

customElements.define("chat-log", ChatLog);

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href*='/sources/']");
  const dialog = document.getElementById("passage");
  if (!link || !dialog || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const found = await fragment(link.href);
  if (!found) {
    location.assign(link.href);
    return;
  }
  dialog.querySelector("[data-passage]").replaceChildren(found);
  dialog.showModal();
  dialog.querySelector("mark")?.scrollIntoView({ block: "center" });
});
