// Arrows for shelves that are wider than the window.

for (const shelf of document.querySelectorAll(".shelf")) {
  const row = shelf.querySelector(".shelf-row");
  const arrows = shelf.querySelector(".shelf-arrows");
  const update = () => {
    const room = row.scrollWidth - row.clientWidth;
    arrows.hidden = room < 8;
    arrows.querySelector('[data-scroll="-1"]').disabled = row.scrollLeft < 8;
    arrows.querySelector('[data-scroll="1"]').disabled = row.scrollLeft > room - 8;
  };
  arrows.addEventListener("click", (event) => {
    const way = event.target.closest("[data-scroll]")?.dataset.scroll;
    if (way) row.scrollBy({ left: Number(way) * row.clientWidth * 0.8 });
  });
  row.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(row);
}
