/* <chat-composer> around a form with one <textarea> and a [data-send] button.

   Enter sends and Shift+Enter makes a line (on a phone Enter makes a line); an empty text cannot be
   sent; what is typed survives a reload of this tab; sending waits for files that still arrive. A
   form that htmx sends ([data-in-place]) is emptied after it was taken, and keeps the focus.
   A long text that is pasted can be made a file ([data-offer] with a button [data-as-file]); one that
   does not fit becomes one at once. Ctrl+K (or Cmd+K) leads to the question from anywhere on the page. */
import { says } from "./page.js";

const LONG = 4000;

class ChatComposer extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.field = this.querySelector("textarea");
    this.button = this.querySelector("[data-send]");
    this.key = `draft:${new URL(this.form.action).pathname}`;
    if (!this.field.value) this.field.value = sessionStorage.getItem(this.key) ?? "";
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => this.typed(event));
    this.field.addEventListener("paste", (event) => this.pasted(event));
    this.offer = this.querySelector("[data-offer]");
    this.offer?.querySelector("[data-as-file]").addEventListener("click", () => this.takeAsFile());
    this.addEventListener("submit", (event) => this.sends(event), { capture: true });
    this.addEventListener("upload:idle", () => this.goOn());
    this.form.addEventListener("htmx:afterRequest", (event) => this.sent(event));
    // The page may come back from the browser's memory with the button as it was.
    window.addEventListener("pageshow", () => this.changed());
    this.onKey = (event) => this.called(event);
    document.addEventListener("keydown", this.onKey);
    this.changed();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }

  called(event) {
    if (event.key !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.field.focus();
  }

  get files() {
    return this.querySelector("file-drop");
  }

  pasted(event) {
    const text = event.clipboardData.getData("text/plain").replaceAll("\r\n", "\n");
    if (!this.offer || !this.files || text.length <= LONG) return;
    const { value, selectionStart, selectionEnd, maxLength } = this.field;
    if (value.length - (selectionEnd - selectionStart) + text.length > maxLength) {
      event.preventDefault();
      this.bring(text);
      says(this.offer.dataset.tooLong);
    } else {
      this.pastedText = text;
      this.offer.hidden = false;
    }
  }

  takeAsFile() {
    this.field.value = this.field.value.replace(this.pastedText, "").trim();
    this.bring(this.pastedText);
    this.changed();
    this.field.focus();
  }

  bring(text) {
    this.files.take([new File([text], `${this.offer.dataset.name}.txt`, { type: "text/plain" })]);
    this.offer.hidden = true;
  }

  changed() {
    if (this.offer && !this.offer.hidden && !this.field.value.includes(this.pastedText)) this.offer.hidden = true;
    const empty = !this.field.value.trim();
    if (this.button) this.button.disabled = empty;
    if (empty) sessionStorage.removeItem(this.key);
    else sessionStorage.setItem(this.key, this.field.value);
    if (!CSS.supports("field-sizing", "content")) {
      this.field.style.blockSize = "auto";
      this.field.style.blockSize = `${this.field.scrollHeight}px`;
    }
  }

  typed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    if (this.field.value.trim()) this.form.requestSubmit();
  }

  sends(event) {
    if (!this.field.value.trim() || this.sending) {
      event.preventDefault();
      event.stopPropagation();
    } else if (this.files?.busy) {
      event.preventDefault();
      event.stopPropagation();
      this.held = true;
      this.setAttribute("aria-busy", "true");
    } else {
      this.files?.leaveOut?.(); // it may not have come yet
      if (this.form.hasAttribute("data-in-place")) this.isSending(true);
      else sessionStorage.removeItem(this.key);
    }
  }

  goOn() {
    if (!this.held) return;
    this.held = false;
    this.removeAttribute("aria-busy");
    if (this.field.value.trim()) this.form.requestSubmit();
  }

  isSending(sending) {
    this.sending = sending;
    this.toggleAttribute("aria-busy", sending);
    if (sending) this.setAttribute("aria-busy", "true");
  }

  sent(event) {
    if (event.detail.elt !== this.form) return;
    this.isSending(false);
    if (!event.detail.successful) return;
    this.field.value = "";
    this.files?.clear();
    this.changed();
    this.field.focus();
  }
}

customElements.define("chat-composer", ChatComposer);
