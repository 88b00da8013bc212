/* Saves the codes that a page shows as a text file; nothing goes to the server and back. */
for (const button of document.querySelectorAll("[data-downloads]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const lines = [...document.getElementById(button.dataset.downloads).children].map((line) => line.textContent.trim());
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${location.host}\n\n${lines.join("\n")}\n`], { type: "text/plain" }));
    link.download = button.dataset.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}
