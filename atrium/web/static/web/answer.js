/* <live-answer turn-id="…" src="…" state="waiting|writing">: an answer while it is written.

   Holds [data-text] and, if it can be stopped, a form with [data-stop]. The server lays it out, so
   that it reads the same as it will in the end: what live:turn.text {turn, at, text} tells (`at` is
   how many code points stand before the text) is only that there is more. Then, and when the stream
   says that it is ready or gone, `src`?from=N&above=… is asked for what is settled from N on, which
   stays, and for the last block, which is replaced the next time; what the model thinks to itself
   goes into [data-thoughts], of which live:turn.thinks {turn, length} tells. It is asked as fast as it answers,
   within bounds, and not while nobody looks.
   When live:turn.ended {turn} comes, or the answer is told to be done, the nearest [data-turn] is
   replaced by the fragment of /chat/turns/<id>. What is new is read out every four seconds at most. */
import { elements, fragment, speak } from "./page.js";

const PACE = 4000;
const SOONEST = 120;
const LATEST = 2000;
const TIMES = 6; // a server that takes a while is left alone for so many times as long
const UNDER_WAY = new Set(["waiting", "writing"]);

class LiveAnswer extends HTMLElement {
  connectedCallback() {
    this.turn = this.getAttribute("turn-id");
    this.text = this.querySelector("[data-text]");
    this.from = 0;
    this.above = "";
    this.length = 0;
    this.told = 0;
    this.thinks = 0;
    this.thought = 0;
    this.readTo = 0;
    this.last = [...this.text.childNodes];
    this.listeners = {
      "live:turn.text": ({ detail }) => detail.turn === this.turn && this.hear(detail),
      "live:turn.thinks": ({ detail }) => detail.turn === this.turn && this.think(detail),
      "live:turn.ended": ({ detail }) => detail.turn === this.turn && this.finish(),
      "live:ready": () => this.ask(),
      "live:poll": () => this.ask(),
      visibilitychange: () => this.more() && this.ask(),
    };
    for (const [name, listener] of Object.entries(this.listeners)) document.addEventListener(name, listener);
    this.reader = setInterval(() => this.read(), PACE);
    this.ask();
  }

  disconnectedCallback() {
    for (const [name, listener] of Object.entries(this.listeners)) document.removeEventListener(name, listener);
    clearInterval(this.reader);
    clearTimeout(this.timer);
  }

  // Characters are counted as Python does.
  hear({ at, text }) {
    this.told = Math.max(this.told, at + [...text].length);
    this.setAttribute("state", "writing");
    if (this.more() && !this.timer && !this.asking) this.ask();
  }

  think({ length }) {
    this.thinks = length;
    if (this.more() && !this.timer && !this.asking) this.ask();
  }

  more() {
    const isMore = this.told > this.length || this.thinks > this.thought;
    return isMore && document.visibilityState === "visible";
  }

  async ask() {
    if (this.asking) {
      this.asksAgain = true;
      return;
    }
    this.asking = true;
    this.asksAgain = false;
    clearTimeout(this.timer);
    const begun = performance.now();
    const answer = await fetch(`${this.getAttribute("src")}?from=${this.from}&above=${this.above}`).catch(() => null);
    const grown = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!this.isConnected) return;
    if (grown) this.show(grown);
    const pause = Math.min(Math.max((performance.now() - begun) * TIMES, SOONEST), LATEST);
    this.asking = false;
    this.timer = setTimeout(() => {
      this.timer = 0;
      if (this.asksAgain || this.more()) this.ask();
    }, pause);
  }

  show({ settled, last, from, above, length, thoughts, state }) {
    this.showThoughts(thoughts);
    for (const node of this.last) node.remove();
    this.text.append(elements(settled));
    const under = elements(last);
    this.last = [...under.childNodes];
    this.text.append(under);
    Object.assign(this, { from, above, length });
    if (length) this.begin();
    if (!UNDER_WAY.has(state)) this.finish();
  }

  // The first word is there: what it thought before is over.
  begin() {
    this.setAttribute("state", "writing");
    const words = this.querySelector("[data-thoughts] [data-then]");
    if (words) words.textContent = words.dataset.then;
  }

  showThoughts(thoughts) {
    const box = this.querySelector("[data-thoughts]");
    this.thought = [...thoughts].length;
    if (!box || !thoughts) return;
    box.hidden = false;
    const words = box.querySelector("div");
    words.textContent = thoughts;
    words.scrollTop = words.scrollHeight;
  }

  read() {
    const words = this.text.textContent;
    const fresh = words.slice(this.readTo).trim();
    this.readTo = words.length;
    if (fresh) speak(fresh);
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
    const focused = this.contains(document.activeElement);
    const thoughts = fresh.querySelector(".thoughts");
    if (thoughts) thoughts.open = this.querySelector(".thoughts")?.open ?? false;
    const words = fresh.querySelector(".answer")?.textContent ?? "";
    if (words.slice(this.readTo).trim()) speak(words.slice(this.readTo).trim());
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
