// <chat-log chat="ID" since="URL">: the shown branch of one chat. When another tab or device asks in
// this chat or chooses another branch, and whenever the stream says that it is ready (something may
// have been told before), fetches the turns that are not on this page yet, or all of the other
// branch; an answer that was hidden or shown again it fetches anew; keeps the end in view while it
// grows, unless the reader has scrolled away from it. The arrow keys go through the versions of the
// turn that has the focus. Once the reader takes part no longer, nothing of the chat stays. A link to a source opens its passage in <dialog id="passage">.
import { fragment } from "../web/page.js";

class ChatLog extends HTMLElement {
  connectedCallback() {
    this.onBegan = (event) => {
      if (event.detail.chat === this.getAttribute("chat") && !this.has(event.detail.answer)) this.fetchNew();
    };
    this.onReady = () => this.fetchNew();
    this.onChosen = (event) => {
      if (event.detail.chat === this.getAttribute("chat") && event.detail.end !== this.last) this.fetchNew();
    };
    this.onPeople = (event) => {
      if (event.detail.chat === this.getAttribute("chat")) this.fetchNew();
    };
    this.onTitled = (event) => {
      if (event.detail.chat === this.getAttribute("chat")) this.name(event.detail.title);
    };
    this.onChanged = (event) => this.fetchAnew(event.detail.turn);
    document.addEventListener("live:turn.began", this.onBegan);
    document.addEventListener("live:turn.changed", this.onChanged);
    document.addEventListener("live:ready", this.onReady);
    document.addEventListener("live:chat.chosen", this.onChosen);
    document.addEventListener("live:chat.people", this.onPeople);
    document.addEventListener("live:chat.titled", this.onTitled);
    this.addEventListener("keydown", (event) => this.onKey(event));
    this.addEventListener("htmx:configRequest", (event) => {
      const picked = document.querySelector("chat-composer [name=model]")?.value;
      if (picked && event.target.matches("[data-with-model]")) event.detail.parameters.model = picked;
    });
    this.addEventListener("htmx:beforeSwap", () => this.noteFocus());
    this.addEventListener("htmx:afterSwap", () => this.giveFocus());
    this.watcher = new MutationObserver((changes) => {
      if (changes.some((change) => change.target === this)) this.keepOne();
      this.follow();
    });
    this.watcher.observe(this, { childList: true, subtree: true, characterData: true });
    this.scroller = this.closest(".scroll");
    this.atEnd = true;
    // A keyboard that opens on a phone, or a phone that is turned, leaves less room: the end stays.
    this.sizes = new ResizeObserver(() => this.follow());
    if (this.scroller) this.sizes.observe(this.scroller);
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
    document.removeEventListener("live:chat.chosen", this.onChosen);
    document.removeEventListener("live:chat.people", this.onPeople);
    document.removeEventListener("live:chat.titled", this.onTitled);
    this.scroller?.removeEventListener("scroll", this.onScroll);
    this.watcher.disconnect();
    this.sizes.disconnect();
  }

  has(turn) {
    return Boolean(this.querySelector(`[data-turn="${CSS.escape(turn)}"]`));
  }

  // Both the answer to a form and the stream may bring the same turn; the first one stays.
  keepOne() {
    const seen = new Set();
    for (const one of this.querySelectorAll(":scope > [data-turn], :scope > [data-item]")) {
      const name = one.dataset.turn ?? one.dataset.item;
      if (seen.has(name)) one.remove();
      seen.add(name);
    }
  }

  get last() {
    return [...this.querySelectorAll("[data-turn]")].at(-1)?.dataset.turn ?? "";
  }

  // Left and right, on the buttons of a turn's versions, go through them.
  onKey(event) {
    const way = { ArrowLeft: "before", ArrowRight: "after" }[event.key];
    const versions = way && event.target.closest(".versions");
    if (!versions) return;
    event.preventDefault();
    const turned = getComputedStyle(this).direction === "rtl" ? { before: "after", after: "before" }[way] : way;
    versions.querySelector(`[data-version="${turned}"]`)?.click();
  }

  // The versions are drawn anew; whoever went through them by keyboard stays there.
  noteFocus() {
    const versions = document.activeElement?.closest(".versions");
    this.focusedAt = versions ? [...this.querySelectorAll(".turn")].indexOf(versions.closest(".turn")) : -1;
    this.focusedWay = document.activeElement?.dataset.version;
  }

  giveFocus() {
    if (!(this.focusedAt >= 0)) return;
    const turn = [...this.querySelectorAll(".turn")][this.focusedAt];
    const ways = [this.focusedWay, "before", "after"];
    const button = ways.map((way) => turn?.querySelector(`[data-version="${way}"]`)).find(Boolean);
    this.focusedAt = -1;
    button?.focus({ preventScroll: true });
  }

  get links() {
    return document.querySelectorAll(`nav a[href="/chat/${CSS.escape(this.getAttribute("chat"))}"]`);
  }

  // Whoever is writing another name of the chat is left alone.
  name(title) {
    const before = document.querySelector(".bar h1").textContent;
    document.title = document.title.replace(before, () => title);
    document.querySelector(".bar h1").textContent = title;
    for (const link of this.links) link.querySelector(".cut").textContent = title;
    const field = document.getElementById("title");
    if (field && field.value === field.defaultValue) field.value = field.defaultValue = title;
  }

  follow() {
    if (this.atEnd && this.scroller) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  // The reader takes part no longer, or the chat is gone: nothing of it stays on the page.
  close() {
    const said = document.getElementById("chat-closed")?.content.cloneNode(true);
    document.querySelector(".composer")?.remove();
    for (const link of this.links) link.remove();
    if (said) this.closest(".column").replaceChildren(said);
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
    const known = this.last;
    const found = await fragment(`${this.getAttribute("since")}?after=${known}`, (status) => {
      if (status === 404) this.close();
    });
    if (!found) return;
    const marker = found.querySelector("[data-other-branch]");
    if (marker) {
      if (this.last !== known) return; // the answer to a form brought it meanwhile
      marker.remove();
      this.noteFocus();
      this.replaceChildren();
    }
    for (const one of [...found.children]) {
      const turn = one.dataset.turn ?? one.querySelector("[data-turn]")?.dataset.turn;
      if (turn && this.has(turn)) continue;
      this.append(one);
      window.htmx?.process(one);
      one.dispatchEvent(new CustomEvent("turn:added", { bubbles: true }));
    }
    if (marker) this.giveFocus();
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
