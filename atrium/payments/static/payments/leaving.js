/* Posts the form that leads to a gateway; without this there is its button. */
document.querySelector("form[data-leaves]")?.requestSubmit();
