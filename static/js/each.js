// each.js - a form that takes many files sends them one by one and says how far it is. Without it
// the form is sent as a whole.

const line = (list, name, words) => {
  const item = document.createElement("li");
  const file = document.createElement("bdi");
  const state = document.createElement("span");
  file.textContent = name;
  state.textContent = words;
  item.append(file, " ", state);
  list.append(item);
  return state;
};

const TRIES = 20; // while the service has enough to do with other files: it says how long to wait
const pause = (s) => new Promise((done) => { setTimeout(done, s * 1000); });

// Our own answers are redirects; a page that stays at the address of the form says what is wrong.
const sendOne = async (form, input, file, tries = TRIES) => {
  const data = new FormData();
  for (const hidden of form.querySelectorAll("input[type=hidden]")) data.append(hidden.name, hidden.value);
  data.append(input.name, file);
  const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "text/html" } });
  if (answer.status === 429 && tries > 1) {
    await pause(Number(answer.headers.get("Retry-After")) || 10);
    return sendOne(form, input, file, tries - 1);
  }
  return answer.ok && answer.redirected;
};

const sendAll = async (form, input) => {
  const list = form.querySelector("[data-list]");
  const { waiting, working, done, failed } = form.dataset;
  const rows = [...input.files].map((file) => ({ file, state: line(list, file.name, waiting) }));
  let good = true;
  list.hidden = false;
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  for (const { file, state } of rows) {
    state.textContent = working;
    const ok = await sendOne(form, input, file).catch(() => false);
    state.textContent = ok ? done : failed;
    good = good && ok;
  }
  if (good) { location.reload(); return; }
  for (const button of form.querySelectorAll("button")) button.disabled = false;
};

for (const form of document.querySelectorAll("form[data-each]")) {
  const input = form.querySelector("input[type=file]");
  form.addEventListener("submit", (event) => {
    if (input.files.length < 2) return; // one file: the server's own answer says the most
    event.preventDefault();
    form.querySelector("[data-list]").replaceChildren();
    sendAll(form, input);
  });
}
