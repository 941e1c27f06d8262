// seal.js - shows a seal while it is being designed. The server draws it; without this, a button does.

const form = document.querySelector("form[data-seal]");

// Only the fields of the chosen kind.
const fit = () => {
  const image = form.elements.kind.value === "image";
  for (const field of form.querySelectorAll("[data-for]")) field.hidden = (field.dataset.for === "image") !== image;
};

let last = 0;
const show = async () => {
  const turn = ++last;
  const data = new FormData(form);
  data.set("show", "1");
  const reply = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "text/html" } }).catch(() => null);
  if (!reply || turn !== last) return;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const figure = page.querySelector("[data-preview]");
  if (!figure) return;
  form.querySelector("[data-preview]").replaceChildren(...figure.childNodes);
  for (const name of ["text", "file"]) {
    const words = page.getElementById(`f-${name}-error`);
    document.getElementById(`f-${name}-error`).textContent = words ? words.textContent : "";
  }
};

if (form) {
  let wait;
  form.addEventListener("input", (event) => {
    if (event.target.name === "label") return;
    fit();
    clearTimeout(wait);
    wait = setTimeout(show, 250);
  });
  for (const button of form.querySelectorAll("[name=show]")) button.hidden = true;
  fit();
}
