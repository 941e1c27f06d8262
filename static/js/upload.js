// upload.js - shows how far an upload is; on the page for new documents also several files at once, dropped or
// chosen, in pieces that go on after a failure or a reload. Without it the form is sent as any other form.

const bar = (field) => field.querySelector("progress");
const say = (field, text) => { field.querySelector("output").textContent = text; };

// --- one file in one request -------------------------------------------------------------------------------------

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

// --- several files, in pieces ------------------------------------------------------------------------------------

const TRIES = 6; // of one piece: with the pauses between them about two minutes
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

class Refused extends Error {
  constructor(problem, status) { super(problem.title ?? ""); this.reason = problem.reason; this.status = status; }
}

// A request of ours: JSON, with the token of the form.
const ask = async (form, method, path, options = {}) => {
  const headers = { "X-CSRF-Token": form.elements.csrf.value, ...options.headers };
  const answer = await fetch(path, { method, headers, body: options.body, signal: options.signal });
  const body = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(body, answer.status);
  return body;
};

const digest = async (bytes) => {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha-256=:${btoa(String.fromCharCode(...sum))}:`;
};

const sizeOf = (n) => {
  const units = ["B", "kB", "MB", "GB"];
  let i = 0;
  while (n >= 1000 && i < units.length - 1) { n /= 1000; i++; }
  return `${i && n < 10 ? n.toFixed(1) : Math.round(n)} ${units[i]}`;
};

// A line of the list: name, bar, what is happening, and buttons.
class Row {
  constructor(list, file, words) {
    this.file = file;
    this.words = words;
    this.item = list.appendChild(document.createElement("li"));
    this.name = this.item.appendChild(document.createElement("bdi"));
    this.name.textContent = file.name;
    this.size = this.item.appendChild(document.createElement("span"));
    this.size.className = "size";
    this.size.textContent = sizeOf(file.size);
    this.bar = this.item.appendChild(document.createElement("progress"));
    this.bar.max = Math.max(file.size, 1);
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", file.name);
    this.status = this.item.appendChild(document.createElement("span"));
    this.status.className = "status";
    this.buttons = this.item.appendChild(document.createElement("span"));
  }

  say(text, tone = "") { this.status.textContent = text; this.item.dataset.tone = tone; }

  button(text, act) {
    const button = this.buttons.appendChild(document.createElement("button"));
    button.type = "button";
    button.className = "quiet";
    button.textContent = text;
    button.setAttribute("aria-label", `${text}: ${this.file.name}`);
    button.addEventListener("click", act);
    return button;
  }

  clear() { this.buttons.replaceChildren(); }
}

class Uploads {
  constructor(form, field) {
    this.form = form;
    this.field = field;
    this.words = field.dataset;
    this.list = field.querySelector("[data-list]");
    this.rows = [];
    this.busy = false;
  }

  add(files) {
    for (const file of files) {
      if (this.rows.some((row) => row.file.name === file.name && row.file.size === file.size)) continue;
      const row = new Row(this.list, file, this.words);
      row.abort = new AbortController();
      row.say(this.words.waiting);
      row.button(this.words.remove, () => this.remove(row));
      this.rows.push(row);
    }
    this.list.hidden = this.rows.length === 0;
  }

  async remove(row) {
    row.abort.abort();
    row.item.remove();
    this.rows = this.rows.filter((other) => other !== row);
    this.list.hidden = this.rows.length === 0;
    this.field.querySelector("input[type=file]").focus();
    if (row.id) await ask(this.form, "DELETE", `/uploads/${row.id}`).catch(() => {});
  }

  // What was begun before, of the same name and size; else a new one.
  async begin(row) {
    const { name, size } = row.file;
    const before = await ask(this.form, "GET", "/uploads").catch(() => ({ uploads: [] }));
    const taken = this.rows.map((other) => other.id);
    const same = before.uploads.find((u) => u.name === name && u.size === size && !taken.includes(u.id));
    if (same) { row.id = same.id; return ask(this.form, "GET", `/uploads/${same.id}`); }
    const body = new URLSearchParams({ name, size });
    const made = await ask(this.form, "POST", "/uploads", { body });
    row.id = made.id;
    return made;
  }

  // One piece; where the network or the server fails, again from where it stands then.
  async piece(row, state) {
    const bytes = await row.file.slice(state.offset, state.offset + state.piece).arrayBuffer();
    const headers = { "Content-Type": "application/octet-stream", "Upload-Offset": state.offset,
      "Content-Digest": await digest(bytes) };
    for (let i = 1; ; i++) {
      try {
        return await ask(this.form, "PATCH", `/uploads/${row.id}`, { headers, body: bytes, signal: row.abort.signal });
      } catch (error) {
        const lasting = error instanceof Refused && error.status < 500 && error.status !== 409 && error.status !== 429;
        if (row.abort.signal.aborted || lasting || i === TRIES) throw error;
        row.say(this.words.again, "caution");
        await pause(1000 * 2 ** i);
        const now = await ask(this.form, "GET", `/uploads/${row.id}`).catch(() => null);
        if (now && now.offset !== state.offset) return now;
      }
    }
  }

  async run(row) {
    row.clear();
    row.button(this.words.remove, () => this.remove(row));
    row.say(this.words.working);
    let state = await this.begin(row);
    while (!state.finished && state.offset < row.file.size) {
      row.bar.value = state.offset;
      row.say(`${Math.floor(state.offset * 100 / row.file.size)} %`);
      state = await this.piece(row, state);
    }
    row.bar.value = row.file.size;
    row.say(this.words.checking);
    await ask(this.form, "POST", `/uploads/${row.id}/finish`, { signal: row.abort.signal });
    row.done = true;
    row.say(this.words.done, "success");
  }

  fail(row, error) {
    if (row.abort.signal.aborted) return;
    const words = error instanceof Refused && error.message ? error.message : this.words.failed;
    row.say(words, "error");
    row.button(this.words.retry, () => { void this.start(); });
  }

  // All that are not done, one after the other: the line is shared anyway, and the first is ready sooner.
  async start() {
    if (this.busy) return;
    this.busy = true;
    for (const row of [...this.rows]) {
      if (row.done || row.abort.signal.aborted) continue;
      try { await this.run(row); } catch (error) { this.fail(row, error); }
    }
    this.busy = false;
    const done = this.rows.filter((row) => row.done);
    say(this.field, this.words.count.replace("{n}", done.length).replace("{all}", this.rows.length));
    if (this.rows.length === 0 || done.length < this.rows.length) return;
    const ids = new URLSearchParams(done.map((row) => ["id", row.id]));
    location.assign(done.length === 1 ? `/documents/${done[0].id}` : `/documents/together?${ids}`);
  }
}

const wirePieces = (form, field) => {
  const uploads = new Uploads(form, field);
  const input = field.querySelector("input[type=file]");
  const take = (files) => { uploads.add(files); };
  input.addEventListener("change", () => { take([...input.files]); input.value = ""; });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    field.addEventListener(kind, (event) => {
      event.preventDefault();
      field.toggleAttribute("data-over", kind === "dragover");
    });
  }
  field.querySelector("[data-drop]").hidden = false;
  field.addEventListener("drop", (event) => take([...event.dataTransfer.files]));
  form.addEventListener("submit", (event) => {
    if (uploads.rows.length === 0) return; // the server says what is missing
    event.preventDefault();
    void uploads.start();
  });
  addEventListener("beforeunload", (event) => { if (uploads.busy) event.preventDefault(); });
  addEventListener("online", () => { if (uploads.rows.some((row) => !row.done && row.id)) void uploads.start(); });
};

const start = () => {
  for (const field of document.querySelectorAll("[data-upload]")) {
    const form = field.closest("form");
    if (form.dataset.wired) continue;
    form.dataset.wired = "1";
    if (field.querySelector("[data-list]") && globalThis.crypto?.subtle) { wirePieces(form, field); continue; }
    form.addEventListener("submit", (event) => {
      // an answer that is a file to keep is the browser's business
      if (event.submitter?.hasAttribute("data-plain")) return;
      if (!field.querySelector("input[type=file]").files.length) return;
      event.preventDefault();
      send(form, field, event.submitter);
    });
  }
};
start();
