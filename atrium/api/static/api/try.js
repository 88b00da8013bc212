/* Sends an operation of the documentation and shows what came back.
 *
 * <try-it method path> holds a form: inputs with data-place="path|query|header", a textarea with
 * data-place="body". <try-key> holds the input for the key, which never leaves this page's memory.
 */

const csrf = () => document.querySelector('meta[name="csrf"]')?.content ?? "";
const key = () => document.getElementById("try-key")?.value.trim() ?? "";

function request(form, method, path) {
  const query = new URLSearchParams();
  const headers = { Accept: "application/json" };
  let body;
  for (const field of form.elements) {
    const value = field.value?.trim();
    if (!value) continue;
    const place = field.dataset.place;
    if (place === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(value));
    else if (place === "query") query.append(field.name, value);
    else if (place === "header") headers[field.name] = value;
    else if (place === "body") body = value;
  }
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key()) headers.Authorization = `Bearer ${key()}`;
  else if (method !== "GET") headers["X-CSRFToken"] = csrf();
  const asked = query.size ? `${path}?${query}` : path;
  // With a key the browser's own session stays out of it.
  return [asked, { method, headers, body, credentials: key() ? "omit" : "same-origin" }];
}

function written(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

class TryIt extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
  }

  async send() {
    const button = this.form.querySelector("button");
    const begun = performance.now();
    button.disabled = true;
    try {
      const response = await fetch(
        ...request(this.form, this.getAttribute("method"), this.getAttribute("path")),
      );
      this.show(response.status, response.ok, await response.text(), performance.now() - begun);
    } catch (error) {
      this.show("—", false, String(error), performance.now() - begun);
    } finally {
      button.disabled = false;
    }
  }

  show(status, ok, text, took) {
    const place = this.querySelector(".answer");
    const chip = place.querySelector("[data-status]");
    chip.textContent = status;
    chip.className = ok ? "chip ok" : "chip danger";
    place.querySelector("[data-took]").textContent = `${Math.round(took)} ms`;
    place.querySelector("[data-body]").textContent = written(text) || "(no body)";
    place.hidden = false;
  }
}

customElements.define("try-it", TryIt);

// An address with an operation's name opens that operation.
const named = location.hash && document.getElementById(location.hash.slice(1));
if (named instanceof HTMLDetailsElement) named.open = true;
