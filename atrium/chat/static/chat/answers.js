/* What can be done with answers: each block of code gets a button that copies it (from <template
   id="copy-button">), and [data-copies] buttons copy: "code", the block they stand in;
   "value", what the field named by data-from holds; else an address, whose JSON holds the text. They say for a moment whether it was done. */
import { speak } from "../web/page.js";

const SHOWN_FOR = 2000;

function dress() {
  const template = document.getElementById("copy-button");
  for (const block of document.querySelectorAll(".answer .code:not(:has(> .copy))")) {
    if (template && !block.closest("live-answer")) block.append(template.content.cloneNode(true));
  }
}

function written(address) {
  return fetch(address)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then(({ text }) => text);
}

function text(button) {
  const { copies, from } = button.dataset;
  if (copies === "value") return document.getElementById(from).value;
  return copies === "code" ? button.closest(".code").querySelector("code").textContent : written(copies);
}

/* The promise goes in as it is: a browser takes only what was begun while the button was pressed. */
async function copy(text) {
  const type = "text/plain";
  if (navigator.clipboard && window.ClipboardItem) {
    const item = new ClipboardItem({ [type]: Promise.resolve(text).then((said) => new Blob([said], { type })) });
    return navigator.clipboard.write([item]);
  }
  const field = document.createElement("textarea");
  field.value = await text;
  field.className = "sr";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done ? undefined : Promise.reject(new Error("refused"));
}

function says(button, state) {
  const words = button.querySelector("span");
  button.dataset.before ??= words.textContent;
  button.dataset.state = state;
  words.textContent = button.dataset[state];
  speak(words.textContent);
  setTimeout(() => {
    delete button.dataset.state;
    words.textContent = button.dataset.before;
  }, SHOWN_FOR);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  copy(text(button)).then(
    () => says(button, "done"),
    () => says(button, "failed"),
  );
});

for (const name of ["answer:done", "turn:added", "htmx:afterSettle", "htmx:load"]) document.addEventListener(name, dress);
dress();
