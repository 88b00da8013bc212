/* What the modules ask of the page around them. */
export const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

/* Headers of a request that changes something. */
export const own = () => ({ "X-CSRFToken": meta("csrf"), Accept: "application/json" });

/* Show a note in the corner; kind "danger" stays until it is closed. */
export function says(text, kind = "") {
  const said = document.getElementById("said");
  if (!said || !text) return;
  const note = document.createElement("div");
  note.className = `toast ${kind}`;
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "icon-button";
  close.dataset.closes = "";
  close.setAttribute("aria-label", said.dataset.close);
  close.textContent = "×";
  note.append(document.createElement("span"), words, close);
  said.append(note);
  if (kind !== "danger") setTimeout(() => note.remove(), 6000);
}

/* Read something out, politely; what is not read yet is replaced. */
export function speak(text) {
  const spoken = document.getElementById("spoken");
  if (spoken) spoken.textContent = text;
}

/* The HTML of an address as elements, the way htmx would ask for it; null when it is not to be had,
   and then ``refused`` is told the status. */
export async function fragment(address, refused = () => {}) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer && !answer.ok) refused(answer.status);
  return answer?.ok ? elements(await answer.text()) : null;
}

/* HTML that this server sent, as elements. */
export function elements(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}
