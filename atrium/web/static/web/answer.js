/* <live-answer turn-id="…" data-length="N" state="waiting|writing">: an answer while it is written.

   Holds [data-text] with the first N characters (code points) and, if it can be stopped, a form with
   [data-stop]. Adds what live:turn.text {turn, at, text} brings, where `at` is how many code points
   stand before it; asks /chat/turns/<id>/text?from=N when something is missing, and when the stream
   says that it is ready or gone. When live:turn.ended {turn} comes, or the text is told to be done,
   the nearest [data-turn] is replaced by the fragment of /chat/turns/<id>.
   What is new is read out every four seconds at most. */
import { fragment, speak } from "./page.js";

const PACE = 4000;
const UNDER_WAY = new Set(["waiting", "writing"]);

class LiveAnswer extends HTMLElement {
  connectedCallback() {
    this.turn = this.getAttribute("turn-id");
    this.length = Number(this.dataset.length ?? 0);
    this.text = this.querySelector("[data-text]");
    this.unread = "";
    this.listeners = {
      "live:turn.text": ({ detail }) => detail.turn === this.turn && this.add(detail),
      "live:turn.ended": ({ detail }) => detail.turn === this.turn && this.finish(),
      "live:ready": () => this.catchUp(),
      "live:poll": () => this.catchUp(),
    };
    for (const [name, listener] of Object.entries(this.listeners)) document.addEventListener(name, listener);
    this.reader = setInterval(() => this.read(), PACE);
    this.catchUp();
  }

  disconnectedCallback() {
    for (const [name, listener] of Object.entries(this.listeners)) document.removeEventListener(name, listener);
    clearInterval(this.reader);
  }

  add({ at, text }) {
    if (at > this.length) {
      this.catchUp();
      return;
    }
    // A piece may overlap with what was fetched meanwhile; characters are counted as Python does.
    const fresh = [...text].slice(this.length - at);
    if (!fresh.length) return;
    this.text.append(fresh.join(""));
    this.length += fresh.length;
    this.dataset.length = this.length;
    this.unread += fresh.join("");
    this.setAttribute("state", "writing");
  }

  async catchUp() {
    if (this.asking) {
      this.asksAgain = true;
      return;
    }
    this.asking = true;
    const answer = await fetch(`/chat/turns/${this.turn}/text?from=${this.length}`).catch(() => null);
    this.asking = false;
    if (answer?.ok && this.isConnected) {
      const { at, text, state } = await answer.json();
      if (at <= this.length) this.add({ at, text });
      if (!UNDER_WAY.has(state)) this.finish();
    }
    if (this.asksAgain && this.isConnected) {
      this.asksAgain = false;
      this.catchUp();
    }
  }

  read() {
    const words = this.unread.trim();
    this.unread = "";
    if (words) speak(words);
  }

  async finish(tries = 0) {
    if (this.finishing && !tries) return;
    this.finishing = true;
    const found = await fragment(`/chat/turns/${this.turn}`);
    if (!this.isConnected) return;
    const fresh = found?.querySelector("[data-turn]");
    if (!fresh || fresh.querySelector("live-answer")) {
      // The line is gone, or the ending was told a moment before it could be read.
      setTimeout(() => this.finish(tries + 1), Math.min(500 * 2 ** tries, 10000));
      return;
    }
    this.read();
    const focused = this.contains(document.activeElement);
    this.closest("[data-turn]").replaceWith(fresh);
    window.htmx?.process(fresh);
    if (focused) {
      fresh.tabIndex = -1;
      fresh.focus({ preventScroll: true });
    }
    fresh.dispatchEvent(new CustomEvent("answer:done", { bubbles: true, detail: { turn: this.turn } }));
  }
}

customElements.define("live-answer", LiveAnswer);
