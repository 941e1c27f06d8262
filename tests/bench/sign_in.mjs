// sign_in.mjs - sign a demo person in, print the session's Cookie header.
import { readFileSync } from 'node:fs';
import { createHmac } from 'node:crypto';

const demo = JSON.parse(readFileSync(process.env.DEMO, 'utf8'));
const account = demo.accounts.find((a) => a.login.startsWith(process.env.LOGIN ?? 'hanako'));
const jar = new Map();

async function ask(path, form) {
  const headers = { Cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; '), Origin: demo.portal };
  const response = await fetch(demo.portal + path, { redirect: 'manual', headers, method: form ? 'POST' : 'GET', body: form && new URLSearchParams(form) });
  for (const c of response.headers.getSetCookie()) {
    const [pair] = c.split(';');
    jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  }
  return response.text();
}
const token = (html) => /name="csrf" value="([^"]+)"/.exec(html)[1];

function code() {
  let bits = '';
  for (const c of account.totp_secret) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = createHmac('sha1', key).update(message).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

let page = await ask('/login');
await ask('/login', { csrf: token(page), login: account.login, password: account.password });
page = await ask('/login/code');
await ask('/login/code', { csrf: token(page), code: code() });
console.log([...jar].map(([k, v]) => `${k}=${v}`).join('; '));
