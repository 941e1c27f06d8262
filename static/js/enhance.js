// enhance.js - small conveniences; every page works without it. Words come from data- attributes.

const all = (selector) => document.querySelectorAll(selector);

// The error summary is read first.
document.querySelector("[data-focus]")?.focus();

// A button that copies a code. data-label: its words; data-copied: said when done.
for (const code of all("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = code.dataset.label;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.dataset.copy);
    button.textContent = code.dataset.copied;
    setTimeout(() => { button.textContent = code.dataset.label; }, 3000);
  });
  code.after(button);
}

for (const button of all("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Time left, beside the absolute time that the server wrote.
const left = (element) => {
  const minutes = Math.floor((new Date(element.dateTime) - Date.now()) / 60000);
  const { unitHours, unitMinutes, over } = element.dataset;
  const gap = document.documentElement.lang === "ja" ? "" : " ";
  const hours = [Math.floor(minutes / 60), unitHours];
  const words = [...(minutes < 60 ? [] : hours), minutes % 60, unitMinutes];
  const text = minutes < 0 ? over : words.join(gap);
  element.nextElementSibling.textContent = `(${text})`;
};
for (const element of all("time[data-left]")) {
  const note = document.createElement("span");
  note.className = "time-left";
  element.after(" ", note);
  left(element);
  setInterval(left, 30000, element);
}

// Work in progress: look again every data-refresh seconds, while somebody is looking.
for (const work of all("[data-refresh]")) {
  setInterval(() => { if (!document.hidden) location.reload(); }, work.dataset.refresh * 1000);
}

// Lists: the bar for several rows appears when something is selected.
for (const form of all("form[data-select]")) {
  const bar = form.querySelector("[data-bulk]");
  const words = form.querySelector("[data-count]");
  const show = () => {
    const n = form.querySelectorAll("tbody input[type=checkbox]:checked").length;
    bar.hidden = n === 0;
    words.textContent = words.dataset.words.replace("{n}", n);
  };
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      for (const box of form.querySelectorAll("tbody input[type=checkbox]")) box.checked = event.target.checked;
    }
    show();
  });
  show();
}

// Unsaved input: the browser asks before it is lost.
for (const form of all("form[data-guard]")) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

// A second press of the same button sends nothing twice.
addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
});
addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) delete form.dataset.sent; });

// The account menu closes as people expect.
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of all("details.account[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
addEventListener("click", (event) => {
  for (const menu of all("details.account[open]")) if (!menu.contains(event.target)) menu.open = false;
});
