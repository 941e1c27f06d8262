// upload.js - shows how far an upload is. Without it the form is sent as any other form.

const bar = (field) => field.querySelector("progress");
const say = (field, text) => { field.querySelector("output").textContent = text; };

const failed = (form, field) => {
  bar(field).hidden = true;
  say(field, field.dataset.failed);
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button")) button.disabled = false;
};

// The answer is a page like any other: after a redirect its address, else (errors) its contents.
const arrived = (form, request) => {
  const address = new URL(request.responseURL);
  if (request.status < 400 && address.href !== new URL(form.action).href) {
    location.assign(address);
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.querySelector("main");
  if (!main) { failed(form, form.querySelector("[data-upload]")); return; }
  document.querySelector("main").replaceWith(main);
  document.title = page.title;
  start();
  main.querySelector("[data-focus]")?.focus();
};

const send = (form, field, submitter) => {
  const request = new XMLHttpRequest();
  const data = new FormData(form, submitter);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar(field).value = Math.floor(event.loaded * 100 / event.total);
  });
  request.addEventListener("load", () => arrived(form, request));
  request.addEventListener("error", () => failed(form, field));
  request.addEventListener("abort", () => failed(form, field));
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "text/html");
  bar(field).setAttribute("aria-label", field.dataset.working);
  bar(field).hidden = false;
  bar(field).value = 0;
  say(field, field.dataset.working);
  request.send(data);
  for (const button of form.querySelectorAll("button")) button.disabled = true;
};

const start = () => {
  for (const field of document.querySelectorAll("[data-upload]")) {
    const form = field.closest("form");
    if (form.dataset.wired) continue;
    form.dataset.wired = "1";
    form.addEventListener("submit", (event) => {
      if (!field.querySelector("input[type=file]").files.length) return;
      event.preventDefault();
      send(form, field, event.submitter);
    });
  }
};
start();
