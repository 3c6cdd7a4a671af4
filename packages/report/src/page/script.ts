/**
 * Hover values: the mark under the pointer, or the nearest point of a curve, tells its <title> in a box. Without the
 * script the browser shows the titles itself, so the page loses nothing but comfort.
 */
export const script = `
(() => {
  const tip = document.getElementById("tip");
  const reach = 28;
  let near = null;
  const words = new Map();
  for (const mark of document.querySelectorAll("[data-tip]")) {
    const title = mark.querySelector("title");
    words.set(mark, title.textContent);
    mark.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  const show = (mark) => {
    if (mark === near) return;
    if (near) near.classList.remove("near");
    near = mark;
    tip.classList.toggle("shown", mark !== null);
    if (mark === null) return;
    mark.classList.add("near");
    tip.textContent = words.get(mark);
    const box = mark.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    const left = Math.min(Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2), width - tip.offsetWidth - 8);
    const above = box.top - tip.offsetHeight - 10;
    tip.style.transform = "translate(" + (left + scrollX) + "px," + ((above > 4 ? above : box.bottom + 10) + scrollY) + "px)";
  };
  for (const svg of document.querySelectorAll("figure svg")) {
    const points = [...svg.querySelectorAll("[data-tip][data-x]")];
    svg.addEventListener("pointermove", (event) => {
      if (points.length === 0) {
        show(words.has(event.target) ? event.target : null);
        return;
      }
      const frame = svg.getBoundingClientRect();
      const scale = svg.viewBox.baseVal.width / frame.width;
      const x = (event.clientX - frame.left) * scale;
      const y = (event.clientY - frame.top) * scale;
      let best = null;
      let least = reach;
      for (const point of points) {
        const distance = Math.hypot(point.dataset.x - x, point.dataset.y - y);
        if (distance < least) { least = distance; best = point; }
      }
      show(best);
    });
    svg.addEventListener("pointerleave", () => show(null));
  }
})();
`;
