/* <portrait-picker data-too-large="…" data-busy="…" max-bytes="N">

   Holds a form with <input type="file">, a [data-face] to show the choice in, a [data-error] and a
   [data-keep] button; the form works without this script. Here a picture can also be dropped or
   pasted, is shown before it is sent, and the button says that it is under way. */
const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

class PortraitPicker extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.querySelector("input[type=file]");
    this.face = this.querySelector("[data-face]");
    this.keep = this.querySelector("[data-keep]");
    this.error = this.querySelector("[data-error]");
    this.before = [...this.face.childNodes];
    this.keep.disabled = true;
    this.input.addEventListener("change", () => this.show(this.input.files[0]));
    this.form.addEventListener("submit", () => this.busy());
    this.addEventListener("dragover", (event) => this.hover(event));
    this.addEventListener("dragleave", () => this.classList.remove("over"));
    this.addEventListener("drop", (event) => this.take(event, event.dataTransfer));
    this.addEventListener("paste", (event) => this.take(event, event.clipboardData));
    // A page brought back by the Back button still says it is busy.
    window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  hover(event) {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    this.classList.add("over");
  }

  take(event, brought) {
    if (!brought?.files.length) return;
    event.preventDefault();
    this.classList.remove("over");
    const one = new DataTransfer();
    one.items.add(brought.files[0]);
    this.input.files = one.files;
    this.show(brought.files[0]);
  }

  show(file) {
    this.keep.disabled = true;
    URL.revokeObjectURL(this.preview);
    this.face.replaceChildren(...this.before);
    if (!file) return;
    if (file.size > Number(this.getAttribute("max-bytes"))) {
      this.input.value = "";
      this.say(this.dataset.tooLarge);
      return;
    }
    this.say("");
    this.keep.disabled = false;
    this.preview = URL.createObjectURL(file);
    const image = new Image();
    image.alt = "";
    image.className = "face large";
    // What a browser cannot draw is left for the house to refuse, in its own words.
    image.addEventListener("load", () => this.face.replaceChildren(image));
    image.src = this.preview;
  }

  busy() {
    this.setAttribute("aria-busy", "true");
    this.keep.disabled = true;
    this.keep.textContent = this.dataset.busy;
  }

  say(words) {
    this.error.hidden = !words;
    this.error.querySelector("span").textContent = words;
  }
}

customElements.define("portrait-picker", PortraitPicker);
