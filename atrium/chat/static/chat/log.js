// <chat-log chat="ID" since="URL">: the turns of one chat. When another tab or device asks in this
// chat, fetches the turns that are not on this page yet; keeps the end in view while it grows, unless
// the reader has scrolled away from it.

class ChatLog extends HTMLElement {
  connectedCallback() {
    this.onBegan = (event) => {
      if (event.detail.chat === this.getAttribute("chat") && !this.has(event.detail.answer)) this.fetchNew();
    };
    document.addEventListener("live:turn.began", this.onBegan);
    this.watcher = new MutationObserver(() => this.follow());
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
    this.scroller?.removeEventListener("scroll", this.onScroll);
    this.watcher.disconnect();
  }

  has(turn) {
    return Boolean(this.querySelector(`[data-turn="${CSS.escape(turn)}"]`));
  }

  follow() {
    if (this.atEnd && this.scroller) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  async fetchNew() {
    const turns = this.querySelectorAll("[data-turn]");
    const last = turns.length ? turns[turns.length - 1].dataset.turn : "";
    const answer = await fetch(`${this.getAttribute("since")}?after=${last}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    for (const turn of [...holder.content.children]) {
      if (!this.has(turn.dataset.turn)) {
        this.append(turn);
        window.htmx?.process(turn);
      }
    }
  }
}

customElements.define("chat-log", ChatLog);
