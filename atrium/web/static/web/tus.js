/* One file on its way by tus 1.0.0: in pieces, going on where it was, cancelled for good. */
import { own } from "./page.js";

const VERSION = { "Tus-Resumable": "1.0.0" };
const PIECE = 8 * 1024 * 1024;
const LONGEST_WAIT = 30000;

export class Refused extends Error {}
export class Stopped extends Error {}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/* Where an upload that was begun in this browser is kept: the file's name, size and date tell it. */
const within = (endpoint) => `upload:${endpoint}:`;
const nameOf = (endpoint, file) => `${within(endpoint)}${file.name}:${file.size}:${file.lastModified}`;

/* What this browser has begun to send and not finished: the key, and the name of the file. */
export function begun(endpoint) {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(within(endpoint)))
    .map((key) => ({ key, name: key.slice(within(endpoint).length).replace(/:\d+:\d+$/, "") }));
}

/* Whether the server still keeps what arrived of it; what it does not is forgotten here. */
export async function isKept({ key }) {
  const answer = await fetch(localStorage.getItem(key), { method: "HEAD", headers: VERSION }).catch(() => null);
  if (!answer) return false;
  const kept = answer.ok && answer.headers.get("Upload-Offset") !== answer.headers.get("Upload-Length");
  if (!kept && answer.status < 500) localStorage.removeItem(key);
  return kept;
}

/* Give up what was begun, here and on the server. */
export async function forget({ key }) {
  const address = localStorage.getItem(key);
  localStorage.removeItem(key);
  await fetch(address, { method: "DELETE", headers: { ...own(), ...VERSION } }).catch(() => {});
}

export class Upload {
  constructor(file, endpoint, onProgress, onWait = () => {}) {
    this.file = file;
    this.endpoint = endpoint;
    this.onProgress = onProgress;
    this.onWait = onWait;
    this.key = nameOf(endpoint, file);
    this.address = localStorage.getItem(this.key);
    this.offset = 0;
  }

  /* Send everything that is missing; resolves with the file's id. */
  async run() {
    this.stopped = false;
    let tries = 0;
    for (;;) {
      try {
        const id = await this.attempt();
        localStorage.removeItem(this.key);
        return id;
      } catch (error) {
        if (error instanceof Refused || error instanceof Stopped) throw error;
        // The line is gone: what has arrived stays there, and the rest waits.
        tries = this.moved ? 0 : tries + 1;
        this.moved = false;
        this.onWait();
        await wait(Math.min(500 * 2 ** tries, LONGEST_WAIT));
        if (this.stopped) throw new Stopped();
      }
    }
  }

  async attempt() {
    let result = this.address ? await this.ask() : null;
    if (!this.address) result = await this.create();
    while (this.offset < this.file.size) result = await this.sendPiece();
    return result;
  }

  async create() {
    const described = [`filename ${base64(this.file.name)}`];
    if (this.file.type) described.push(`filetype ${base64(this.file.type)}`);
    const answer = await this.call("POST", this.endpoint, {
      "Upload-Length": String(this.file.size),
      "Upload-Metadata": described.join(","),
    });
    this.address = new URL(answer.getResponseHeader("Location"), location.href).pathname;
    localStorage.setItem(this.key, this.address);
    this.offset = 0;
    return answer.getResponseHeader("Upload-Result");
  }

  async ask() {
    try {
      const answer = await this.call("HEAD", this.address);
      this.offset = Number(answer.getResponseHeader("Upload-Offset"));
      return answer.getResponseHeader("Upload-Result");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // Expired, or somebody else's: begin anew.
      this.address = null;
      localStorage.removeItem(this.key);
      return null;
    }
  }

  async sendPiece() {
    const piece = this.file.slice(this.offset, this.offset + PIECE);
    const answer = await this.call(
      "PATCH",
      this.address,
      { "Upload-Offset": String(this.offset), "Content-Type": "application/offset+octet-stream" },
      piece,
    );
    this.offset = Number(answer.getResponseHeader("Upload-Offset"));
    this.moved = true;
    this.onProgress(this.offset);
    return answer.getResponseHeader("Upload-Result");
  }

  call(method, address, headers = {}, body = null) {
    return new Promise((done, fail) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open(method, address);
      const all = { ...own(), ...VERSION, ...headers };
      for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => body && this.onProgress(this.offset + event.loaded);
      request.onload = () => {
        if (request.status < 300) done(request);
        else if (request.status === 409 || request.status === 423 || request.status >= 500) fail(new Error(request.status));
        else fail(new Refused(sentence(request)));
      };
      request.onerror = () => fail(new Error("line"));
      request.onabort = () => fail(new Stopped());
      request.send(body);
    });
  }

  pause() {
    this.stopped = true;
    this.request?.abort();
  }

  async cancel() {
    this.pause();
    localStorage.removeItem(this.key);
    if (this.address) await this.call("DELETE", this.address).catch(() => {});
  }
}

function sentence(request) {
  try {
    return JSON.parse(request.responseText).detail ?? "";
  } catch {
    return "";
  }
}
