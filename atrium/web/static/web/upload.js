/* <file-drop endpoint="/files/uploads" [within="form"] [max-bytes="N"] [at-once="2"]>

   Holds <input type="file">, a [data-list] and, without `within`, a plain form that works without
   this script. Files come by drop, by paste, and from the picker; each goes by tus, shows how far it
   is, can be paused, resumed and cancelled. After a reload it says which were begun: a file that is
   chosen again goes on where it was.
   With `within`, it sits in that form, and each file that has arrived is named there in a hidden
   field `files`. The words ride on data attributes (data-uploading, data-paused, data-done,
   data-waiting, data-failed, data-too-large, data-cancel, data-remove, data-pause, data-resume,
   data-choose-again).
   Dispatches upload:done {id, name}, upload:failed {name, reason}, upload:idle. */
import { Refused, Upload, begun, forget, isKept } from "./tus.js";

const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

class FileDrop extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input[type=file]");
    this.list = this.querySelector("[data-list]");
    this.list.classList.add("uploads");
    this.queue = [];
    this.entries = [];
    this.under_way = 0;
    this.input.addEventListener("change", () => this.take(this.input.files));
    const outer = this.getAttribute("within");
    this.zone = (outer && this.closest(outer)) || this;
    // The only place for files on a page is the whole page.
    this.target = document.querySelector("file-drop") === this ? document : this.zone;
    this.bound = {
      dragover: (event) => this.hover(event),
      dragleave: (event) => event.relatedTarget ?? this.zone.classList.remove("over"),
      drop: (event) => this.dropped(event),
      paste: (event) => this.pasted(event),
    };
    for (const [name, listener] of Object.entries(this.bound)) this.target.addEventListener(name, listener);
    this.left = new Map();
    // A question is asked without what did not arrive with it; the room of files recalls that.
    const left = this.hasAttribute("within") ? [] : begun(this.getAttribute("endpoint"));
    for (const one of left) this.recall(one);
  }

  disconnectedCallback() {
    for (const [name, listener] of Object.entries(this.bound)) this.target.removeEventListener(name, listener);
  }

  get busy() {
    return this.under_way > 0 || this.queue.length > 0;
  }

  hover(event) {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    this.zone.classList.add("over");
  }

  dropped(event) {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    this.zone.classList.remove("over");
    this.take(event.dataTransfer.files);
  }

  // A copied table or picture of a page is text with a picture beside it: the text was meant.
  pasted(event) {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    this.take(files);
  }

  async recall(one) {
    if (!(await isKept(one)) || !this.isConnected || this.under(one.key)) return;
    const line = this.row(one.name);
    line.classList.add("left");
    const said = document.createElement("small");
    said.textContent = this.dataset.chooseAgain;
    line.append(this.button(this.dataset.remove, one.name, () => {
      forget(one);
      line.remove();
    }), said);
    this.left.set(one.key, line);
    this.list.append(line);
  }

  under(key) {
    return this.entries.some((entry) => entry.upload.key === key);
  }

  take(files) {
    for (const file of files) this.queue.push(this.line(file));
    // They travel by themselves; the form must not carry them a second time.
    this.input.value = "";
    this.next();
  }

  row(words) {
    const line = document.createElement("li");
    const name = document.createElement("span");
    name.className = "cut";
    name.textContent = words;
    line.append(name);
    return line;
  }

  line(file) {
    const line = this.row(file.name);
    const said = document.createElement("small");
    said.textContent = this.dataset.uploading;
    const bar = document.createElement("progress");
    bar.max = file.size || 1;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const entry = { file, line, said, bar };
    if (this.hasAttribute("within") && file.type.startsWith("image/")) line.prepend(this.small(file));
    entry.hold = this.button(this.dataset.pause, file.name, () => this.toggle(entry));
    entry.cancel = this.button(this.dataset.cancel, file.name, () => this.drop(entry));
    line.append(said, entry.hold, entry.cancel, bar);
    this.list.append(line);
    const moves = (sent) => {
      bar.value = sent;
      said.textContent = `${Math.floor((100 * sent) / (file.size || 1))} %`;
    };
    const waits = () => {
      said.textContent = this.dataset.waiting;
    };
    entry.upload = new Upload(file, this.getAttribute("endpoint"), moves, waits);
    this.left.get(entry.upload.key)?.remove();
    this.entries.push(entry);
    return entry;
  }

  small(file) {
    const picture = new Image();
    picture.className = "thumbnail";
    picture.alt = "";
    // What the browser cannot show stands there by its name alone.
    picture.onload = picture.onerror = (event) => {
      URL.revokeObjectURL(picture.src);
      if (event.type === "error") picture.remove();
    };
    picture.src = URL.createObjectURL(file);
    return picture;
  }

  button(words, name, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.addEventListener("click", act);
    this.rename(button, words, name);
    return button;
  }

  rename(button, words, name) {
    button.textContent = words;
    button.setAttribute("aria-label", `${words}: ${name}`);
  }

  next() {
    const most = Number(this.getAttribute("at-once") ?? 2);
    while (this.under_way < most && this.queue.length) this.send(this.queue.shift());
    if (!this.busy) this.emit("upload:idle", {});
  }

  async send(entry) {
    this.under_way += 1;
    try {
      const limit = Number(this.getAttribute("max-bytes") ?? 0);
      if (limit && entry.file.size > limit) throw new Refused(this.dataset.tooLarge);
      this.arrived(entry, await entry.upload.run());
    } catch (error) {
      if (error instanceof Refused) this.failed(entry, error.message || this.dataset.failed);
    }
    this.under_way -= 1;
    this.next();
  }

  arrived(entry, id) {
    entry.ended = true;
    entry.said.textContent = this.dataset.done;
    entry.bar.remove();
    entry.hold.remove();
    const { name } = entry.file;
    if (this.hasAttribute("within")) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "files";
      field.value = id;
      entry.line.append(field);
      this.rename(entry.cancel, this.dataset.remove, name);
    } else {
      entry.cancel.remove();
    }
    this.emit("upload:done", { id, name });
  }

  failed(entry, reason) {
    entry.ended = true;
    entry.said.textContent = reason;
    entry.line.classList.add("failed");
    this.rename(entry.cancel, this.dataset.remove, entry.file.name);
    entry.bar.remove();
    entry.hold.remove();
    this.emit("upload:failed", { name: entry.file.name, reason });
  }

  toggle(entry) {
    entry.paused = !entry.paused;
    const words = entry.paused ? this.dataset.resume : this.dataset.pause;
    this.rename(entry.hold, words, entry.file.name);
    if (entry.paused) {
      this.queue = this.queue.filter((other) => other !== entry);
      entry.upload.pause();
      entry.said.textContent = this.dataset.paused;
    } else {
      entry.said.textContent = this.dataset.uploading;
      this.queue.push(entry);
      this.next();
    }
  }

  drop(entry) {
    this.queue = this.queue.filter((other) => other !== entry);
    this.entries = this.entries.filter((other) => other !== entry);
    entry.upload.cancel();
    entry.line.remove();
    if (!this.busy) this.emit("upload:idle", {});
  }

  /* The composer calls these: before its form is sent, and after it was taken. */
  leaveOut() {
    this.input.value = "";
  }

  clear() {
    for (const entry of this.entries) if (entry.ended) entry.line.remove();
    this.entries = this.entries.filter((entry) => !entry.ended);
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}

customElements.define("file-drop", FileDrop);
