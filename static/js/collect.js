// collect.js - a key made on the person's computer, its certificate asked for, and both written into one file.
// Without script the page offers what the service can do instead; words come from data- attributes.

import { kinds, makeKeys, makeRequest, privateKey, toPem } from "./keys.js";
import { makeP12, makePassword, passwordFault, save } from "./p12.js";

const part = document.querySelector("[data-collect]");
const PATIENCE = 200; // looks, one and a half seconds apart
const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });

// Null: no connection, or a passing trouble of the server: to be tried again. A refusal has its status.
const post = async (url, fields) => {
  const body = new URLSearchParams(fields);
  const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer || answer.status === 503 || answer.status === 429) return null;
  return { ok: answer.ok, body: answer.ok ? await answer.json().catch(() => null) : null };
};

const decode = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

const start = (section) => {
  const words = section.dataset;
  const form = section.querySelector("form");
  const button = form.querySelector("button.primary");
  const password = section.querySelector("[data-password]");
  const fault = section.querySelector("[data-fault]");
  const said = section.querySelector("[data-said]");
  const fields = { csrf: form.elements.csrf.value, code: form.elements.code.value };
  const work = { keys: null, tried: false, sent: false };
  const stay = (event) => { event.preventDefault(); };

  const tell = (text) => { said.textContent = text; };
  const chain = async () => {
    for (let i = 0; i < PATIENCE; i++) {
      const answer = await post(words.state, fields);
      if (!answer) throw new Error(words.failed);
      if (!answer.ok) throw new Error(words.rejected);
      if (answer.body?.state === "refused") throw new Error(words.refused);
      if (answer.body?.state === "issued") return answer.body.certificates.map(decode);
      await wait(1500);
    }
    throw new Error(words.failed);
  };
  const send = async () => {
    const again = work.tried; // then a refusal may mean that the first one had arrived: the state tells
    work.tried = true;
    const csr = toPem("CERTIFICATE REQUEST", await makeRequest(work.keys));
    const answer = await post(words.request, { ...fields, csr });
    if (!answer) throw new Error(words.failed);
    if (!answer.ok && !again) throw new Error(words.rejected);
    work.sent = true;
  };
  const collect = async () => {
    const kind = form.elements.kind.value;
    if (!work.keys) {
      tell(words.making);
      work.keys = await makeKeys(kinds.includes(kind) ? kind : kinds[0]);
      addEventListener("beforeunload", stay);
    }
    if (!work.sent) await send();
    tell(words.waiting);
    const certificates = await chain();
    tell(words.writing);
    const key = await privateKey(work.keys);
    const file = await makeP12({ key, certificates, password: password.value, name: words.name });
    key.fill(0);
    save(file, words.file);
    removeEventListener("beforeunload", stay);
    tell(words.done);
  };

  password.value = makePassword();
  section.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = passwordFault(password.value);
    fault.textContent = wrong === "" ? "" : words[wrong];
    password.toggleAttribute("aria-invalid", wrong !== "");
    if (wrong !== "") { password.focus(); return; }
    button.disabled = true;
    await collect().catch((e) => { tell(e.message); button.disabled = false; });
  });
};

if (part && globalThis.crypto?.subtle) start(part);
