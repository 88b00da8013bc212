/* Keeps the numbers beside the rooms true: each says which live event tells it, and under what name. */
const badges = [...document.querySelectorAll("[data-badge]")];

function show(badge, number) {
  if (!Number.isInteger(number)) return;
  badge.lastElementChild.textContent = String(number);
  badge.hidden = number === 0;
}

for (const kind of new Set(badges.map((badge) => badge.dataset.kind))) {
  document.addEventListener(`live:${kind}`, ({ detail }) => {
    for (const badge of badges) if (badge.dataset.kind === kind) show(badge, detail[badge.dataset.field]);
  });
}

// What was told after the page was made and before it could hear.
document.addEventListener("live:ready", async () => {
  const answer = await fetch("/badges").catch(() => null);
  if (!answer?.ok) return;
  const numbers = await answer.json();
  for (const badge of badges) show(badge, numbers[badge.dataset.badge]);
});
