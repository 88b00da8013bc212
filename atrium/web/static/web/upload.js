/* <file-drop endpoint="/files/uploads" [within="form"] [max-bytes="N"] [at-once="2"]>

   Holds <input type="file">, a [data-list] and, without `within`, a plain form that works without
   this script. Files come by drop, by paste, and from the picker; each goes by tus, shows how far it
   is, can be paused, resumed and cancelled. A file chosen again after a reload goes on where it was.
   With `within`, it sits in that form, and each file that has arrived is named there in a hidden
   field `files`. The words ride on data attributes (data-uploading, data-paused, data-done,
   data-failed, data-too-large, data-cancel, data-pause, data-resume).
   Dispatches upload:done {id, name}, upload:failed {name, reason}, upload:idle. */
import { Refused, Upload } from "./tus.js";

const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

class FileDrop extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input[type=file]");
    this.list = this.querySelector("[data-list]");
    this.list.classList.add("uploads");
    this.queue = [];
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
      paste: (event) => event.clipboardData?.files.length && this.take(event.clipboardData.files),
    };
    for (const [name, listener] of Object.entries(this.bound)) this.target.addEventListener(name, listener);
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

  take(files) {
    for (const file of files) this.queue.push(this.line(file));
    // They travel by themselves; the form must not carry them a second time.
    this.input.value = "";
    this.next();
  }

  line(file) {
    const line = document.createElement("li");
    const name = document.createElement("span");
    name.className = "cut";
    name.textContent = file.name;
    const said = document.createElement("small");
    said.textContent = this.dataset.uploading;
    const bar = document.createElement("progress");
    bar.max = file.size || 1;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const entry = { file, line, said, bar };
    entry.hold = this.button(this.dataset.pause, file.name, () => this.toggle(entry));
    entry.cancel = this.button(this.dataset.cancel, file.name, () => this.drop(entry));
    line.append(name, said, entry.hold, entry.cancel, bar);
    this.list.append(line);
    entry.upload = new Upload(file, this.getAttribute("endpoint"), (sent) => {
      bar.value = sent;
      said.textContent = `${Math.floor((100 * sent) / (file.size || 1))} %`;
    });
    return entry;
  }

  button(words, name, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = words;
    button.setAttribute("aria-label", `${words}: ${name}`);
    button.addEventListener("click", act);
    return button;
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
    } else {
      entry.cancel.remove();
    }
    this.emit("upload:done", { id, name });
  }

  failed(entry, reason) {
    entry.said.textContent = reason;
    entry.line.classList.add("failed");
    entry.bar.remove();
    entry.hold.remove();
    this.emit("upload:failed", { name: entry.file.name, reason });
  }

  toggle(entry) {
    entry.paused = !entry.paused;
    const words = entry.paused ? this.dataset.resume : this.dataset.pause;
    entry.hold.textContent = words;
    entry.hold.setAttribute("aria-label", `${words}: ${entry.file.name}`);
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
    entry.upload.cancel();
    entry.line.remove();
    if (!this.busy) this.emit("upload:idle", {});
  }

  /* The composer calls these: before its form is sent, and after it was taken. */
  leaveOut() {
    this.input.value = "";
  }

  clear() {
    this.list.replaceChildren();
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}

customElements.define("file-drop", FileDrop);
