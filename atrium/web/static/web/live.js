/* One event stream for all tabs of this browser.

   The tab that holds the lock reads /live and passes each message on over a channel named after
   whose stream it is; when it closes, the next tab goes on after the last number it has seen.
   Without locks (plain http on a foreign name) or while the stream fails, it asks /live/since
   every five seconds.

   Each message becomes an event on the document: live:<kind>, with its payload as detail. Also:
   live:ready   from here on nothing is missed: whoever shows something may ask for it once more
   live:poll    there is no stream at the moment, only what was stored arrives
   live:reset   too much was missed: the page loads anew unless a listener prevents it
   live:bye     the session has ended in another tab */
import { meta } from "./page.js";

const audience = meta("audience");
const POLL = 5000;
const RETRY = 30000;
const channel = new BroadcastChannel(`live:${audience}`);
let last = null;
let source = null;
let release = null;
let waiting = null;
let timer = 0;
let ready = false;

function emit(kind, detail = {}) {
  return document.dispatchEvent(new CustomEvent(`live:${kind}`, { detail, cancelable: true }));
}

function hear(message) {
  const { seq, kind, payload } = message;
  if (kind === "bye") return leave();
  if (seq !== undefined && kind !== "ready" && kind !== "reset") {
    if (last !== null && seq <= last) return undefined;
    last = seq;
  } else if (seq !== undefined) {
    last = kind === "reset" ? seq : Math.max(last ?? 0, seq);
    if (kind === "ready") ready = true;
  }
  if (emit(kind, payload) && kind === "reset") reloadOnce();
  return undefined;
}

function reloadOnce() {
  const key = `reset:${audience}`;
  const before = Number(sessionStorage.getItem(key) ?? 0);
  sessionStorage.setItem(key, String(Date.now()));
  if (Date.now() - before > 60000) location.reload();
}

function pass(message) {
  channel.postMessage(message);
  hear(message);
}

function listen() {
  clearTimeout(timer);
  source = new EventSource(last === null ? "/live" : `/live?after=${last}`);
  source.onmessage = (event) => pass(JSON.parse(event.data));
  source.onerror = () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    poll();
    timer = setTimeout(listen, RETRY);
  };
}

async function poll() {
  if (source?.readyState === EventSource.OPEN || !release) return;
  const answer = await fetch(last === null ? "/live/since" : `/live/since?after=${last}`).catch(() => null);
  if (answer?.status === 204) return;
  if (answer?.ok) {
    const found = await answer.json();
    if (found.reset) pass({ seq: found.last, kind: "reset", payload: {} });
    for (const message of found.events) pass(message);
    last = found.last;
    if (!ready) pass({ seq: found.last, kind: "ready", payload: {} });
    pass({ kind: "poll", payload: {} });
  }
  setTimeout(poll, POLL);
}

function lead(start) {
  return new Promise((done) => {
    release = done;
    start();
  });
}

function begin() {
  if (!navigator.locks) {
    lead(poll);
    return;
  }
  waiting = new AbortController();
  navigator.locks.request(`live:${audience}`, { signal: waiting.signal }, () => lead(listen)).catch(() => {});
  // Whoever leads already tells this tab that it is heard.
  channel.postMessage({ hello: true });
}

function end() {
  clearTimeout(timer);
  source?.close();
  source = null;
  ready = false;
  release?.();
  release = null;
  waiting?.abort();
}

function leave() {
  end();
  emit("bye");
}

channel.onmessage = ({ data }) => {
  if (!data.hello) hear(data);
  else if (ready && release) channel.postMessage({ seq: last, kind: "ready", payload: {} });
};

// A page kept for "back" must hold neither line nor lock; it goes on where it was when it returns.
window.addEventListener("pagehide", end);
window.addEventListener("pageshow", (event) => event.persisted && begin());
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-says-bye]")) channel.postMessage({ kind: "bye" });
});
begin();
