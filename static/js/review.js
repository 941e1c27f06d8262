// review.js - keys for those who review. Each key presses what is on the page already: without script
// the same buttons and links are there.
const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

// One application: j and k open the next and the previous one, a approves, r goes to the reason.
const application = document.querySelector("[data-review]");

const approve = () => {
  const form = document.querySelector("[data-review-approve]");
  if (!form) return;
  const open = form.querySelector("select:has(option[value='']:checked)") ?? form.querySelector("#f-confirmed:not(:checked)");
  if (open) open.focus(); // what is still to be said comes first
  else form.requestSubmit();
};

const onApplication = (key) => {
  if (key === "a") approve();
  else if (key === "r") document.querySelector("textarea[data-key=r]")?.focus();
  else document.querySelector(`a[data-key=${key}]`)?.click();
};

// The queue: j and k go through it, x ticks, a and r press the buttons for what is ticked.
const list = document.querySelector("[data-review-list]");

const onList = (key) => {
  const links = [...list.querySelectorAll("tbody th a")];
  const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  if (key === "j" || key === "k") {
    const to = at < 0 ? 0 : at + (key === "j" ? 1 : -1);
    links[Math.max(0, Math.min(links.length - 1, to))]?.focus();
  } else if (key === "x") {
    links[at]?.closest("tr").querySelector("input[type=checkbox]")?.click();
  } else if (list.querySelector("tbody input:checked")) {
    list.querySelector(`button[data-key=${key}]`)?.click();
  }
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (!["a", "r", "j", "k", "x"].includes(event.key) || !(application || list)) return;
  event.preventDefault();
  if (application) onApplication(event.key);
  else onList(event.key);
});
