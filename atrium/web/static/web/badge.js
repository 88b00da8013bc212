/* Keeps the numbers beside the rooms true: each says which live event tells it, and under what name. */
const badges = [...document.querySelectorAll("[data-badge]")];

for (const kind of new Set(badges.map((badge) => badge.dataset.badge))) {
  document.addEventListener(`live:${kind}`, ({ detail }) => {
    for (const badge of badges.filter((one) => one.dataset.badge === kind)) {
      const number = Number(detail[badge.dataset.field]);
      if (!Number.isInteger(number)) continue;
      badge.lastElementChild.textContent = String(number);
      badge.hidden = number === 0;
    }
  });
}
