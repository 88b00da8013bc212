/* Whoever writes an amount has chosen one; whoever chooses a package has written none. */
const form = document.querySelector(".buy-form");
const amount = form?.querySelector("[name=amount]");
const own = form?.querySelector("[name=choice][value=amount]");

amount?.addEventListener("input", () => { if (amount.value) own.checked = true; });
form?.addEventListener("change", ({ target }) => {
  if (amount && target.name === "choice" && target !== own) amount.value = "";
});
/* Enter in a field pays nothing before the price was seen: it works the price out. */
form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.localName !== "input") return;
  event.preventDefault();
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
});
