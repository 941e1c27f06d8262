// place.js - puts the seal on a page of the preview: by pointer, touch, keyboard or numbers. Without it the
// form's nine positions and its numbers do the same. Lengths are millimetres from the upper left of the page.

const form = document.querySelector("form[data-place]");
const sheets = [...document.querySelectorAll(".sheet[data-page]")];

// A page that cannot be drawn says so instead of showing a broken picture.
for (const image of document.querySelectorAll("img[data-failed]")) {
  const failed = () => {
    const words = document.createElement("p");
    words.className = "sheet-failed";
    words.textContent = image.dataset.failed;
    image.replaceWith(words);
  };
  if (image.complete && image.naturalWidth === 0 && image.currentSrc) failed();
  else image.addEventListener("error", failed, { once: true });
}

const round = (mm) => Math.round(mm * 10) / 10;
const clamp = (v, least, most) => Math.min(Math.max(v, least), Math.max(least, most));
const number = (input) => Number.parseFloat(input.value.replace(",", "."));

const start = () => {
  const { x: inX, y: inY, width: inWidth, height: inHeight, page: inPage } = form.elements;
  const placing = form.querySelector("[data-placing]");
  const say = placing.querySelector("[data-say]");
  const seal = document.createElement("button");
  const handle = document.createElement("span");
  const words = document.createElement("span");
  seal.type = "button";
  seal.className = "seal-box";
  words.className = "seal-words";
  handle.className = "seal-handle";
  seal.append(words, handle);
  placing.querySelector("[data-hint]").hidden = false;

  const chosen = () => form.querySelector("input[name=seal]:checked");
  const anchor = () => form.querySelector("input[name=anchor]:checked").value;
  const everywhere = () => form.querySelector("input[name=pages]:checked").value === "all";
  const captions = () => [...form.querySelectorAll("input[name^=show_]:checked")];
  const sheet = () => sheets.find((s) => s.dataset.page === inPage.value.trim()) ?? sheets[0];
  const paper = () => ({ across: Number(sheet().dataset.across), down: Number(sheet().dataset.down) });

  // As large as the server makes a seal whose size is left empty.
  const size = () => {
    const captioned = captions().length > 0;
    const usual = captioned ? [60, chosen().value === "text" ? 16 : 20] : [20, 20];
    return { width: number(inWidth) || usual[0], height: number(inHeight) || usual[1] };
  };
  const thirds = { left: 0, middle: 1, right: 2, top: 0, bottom: 2 };
  const along = (third, room, length) => {
    const margin = Math.max(0, Math.min(15, (room - length) / 2));
    return [margin, (room - length) / 2, room - length - margin][third];
  };
  const position = () => {
    const { across, down } = paper();
    const { width, height } = size();
    if (anchor() === "place") return { x: number(inX) || 0, y: number(inY) || 0, width, height };
    const parts = anchor().split("-");
    const row = parts.find((p) => p === "top" || p === "bottom") ?? "middle";
    const column = parts.find((p) => p === "left" || p === "right") ?? "middle";
    return { x: along(thirds[column], across, width), y: along(thirds[row], down, height), width, height };
  };

  const announce = (p) => {
    say.value = say.dataset.say.replace("{page}", inPage.value).replace("{x}", round(p.x)).replace("{y}", round(p.y));
    seal.setAttribute("aria-label", `${say.dataset.name} ${say.value}`);
  };
  const draw = () => {
    const shown = chosen().value !== "none";
    placing.hidden = !shown;
    if (!shown) { seal.remove(); return; }
    const p = position();
    const { across, down } = paper();
    const home = sheet().querySelector(".sheet-paper");
    if (seal.parentElement !== home) home.append(seal);
    seal.style.left = `${(p.x / across) * 100}%`;
    seal.style.top = `${(p.y / down) * 100}%`;
    seal.style.width = `${(p.width / across) * 100}%`;
    seal.style.height = `${(p.height / down) * 100}%`;
    const picture = chosen().dataset.picture;
    seal.style.backgroundImage = picture ? `url("${picture}")` : "none";
    seal.toggleAttribute("data-picture", Boolean(picture));
    words.textContent = captions().map((c) => c.nextElementSibling.textContent.trim()).join("\n");
    for (const s of sheets) s.classList.toggle("sealed", everywhere() || s === sheet());
    announce(p);
  };

  const put = (p) => {
    const { across, down } = paper();
    const width = clamp(p.width, 3, across);
    const height = clamp(p.height, 3, down);
    inX.value = round(clamp(p.x, 0, across - width));
    inY.value = round(clamp(p.y, 0, down - height));
    if (p.sized) { inWidth.value = round(width); inHeight.value = round(height); }
    form.querySelector("input[name=anchor][value=place]").checked = true;
    draw();
  };
  const millimetres = (event, home) => {
    const box = home.getBoundingClientRect();
    const { across, down } = paper();
    return { x: ((event.clientX - box.left) / box.width) * across, y: ((event.clientY - box.top) / box.height) * down };
  };

  // A press on a page: the seal's middle goes there.
  for (const s of sheets) {
    s.addEventListener("click", (event) => {
      const home = event.target.closest(".sheet-paper");
      if (!home || event.target.closest(".seal-box") || chosen().value === "none") return;
      inPage.value = s.dataset.page;
      const at = millimetres(event, home);
      const { width, height } = size();
      put({ x: at.x - width / 2, y: at.y - height / 2, width, height });
      seal.focus({ preventScroll: true });
    });
  }

  // Dragging, with mouse, pen or finger.
  seal.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const home = seal.parentElement;
    const from = millimetres(event, home);
    const was = position();
    const sizing = event.target === handle;
    seal.setPointerCapture(event.pointerId);
    seal.focus({ preventScroll: true });
    event.preventDefault();
    const move = (e) => {
      const to = millimetres(e, home);
      const dx = to.x - from.x;
      const dy = to.y - from.y;
      if (sizing) put({ ...was, width: was.width + dx, height: was.height + dy, sized: true });
      else put({ ...was, x: was.x + dx, y: was.y + dy });
    };
    const end = () => {
      seal.removeEventListener("pointermove", move);
      seal.removeEventListener("pointerup", end);
      seal.removeEventListener("pointercancel", end);
    };
    seal.addEventListener("pointermove", move);
    seal.addEventListener("pointerup", end);
    seal.addEventListener("pointercancel", end);
  });

  seal.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 10 : 1;
    const p = position();
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const grow = { "+": 1.1, ";": 1.1, "=": 1.1, "-": 1 / 1.1 }[event.key];
    if (moves[event.key]) put({ ...p, x: p.x + moves[event.key][0], y: p.y + moves[event.key][1] });
    else if (grow) put({ ...p, width: p.width * grow, height: p.height * grow, sized: true });
    else if (event.key === "PageDown" || event.key === "PageUp") {
      inPage.value = clamp(Number(inPage.value) + (event.key === "PageDown" ? 1 : -1), 1, sheets.length);
      draw();
      seal.focus();
    } else return;
    event.preventDefault();
  });

  form.addEventListener("input", (event) => {
    if (event.target === inX || event.target === inY) form.querySelector("input[name=anchor][value=place]").checked = true;
    draw();
    if (event.target === inPage) sheet().scrollIntoView({ block: "nearest" });
  });
  draw();
};

if (form && sheets.length > 0) start();
