// Several files in pieces: dropped connections, a reload in the middle, another person's upload, giving up.
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { demo, done, launch, look, ok, open, person, signIn } from './lib.mjs';

const large = process.env.LARGE;
const small = process.env.FILE;
const browser = await launch();

const begin = async (page, files) => {
  await page.goto(`${demo.portal}/documents/new`);
  await page.setInputFiles('input[type=file]', files);
};
const press = (page) => page.click('main form button.primary');

// The network goes away after some pieces; then the page is loaded again and the file chosen again.
async function resumed(page, lang) {
  let pieces = 0;
  const first = [];
  page.on('request', (r) => { if (r.method() === 'PATCH') first.push(Number(r.headers()['upload-offset'])); });
  await page.route('**/uploads/*', (route) => {
    if (route.request().method() === 'PATCH' && ++pieces > 2) return route.abort('connectionreset');
    return route.continue();
  });
  await begin(page, [large]);
  await press(page);
  await page.waitForSelector('.uploads li[data-tone=caution]');
  ok(true, `a lost connection is said (${lang})`);
  await look(page, 'upload-lost', lang);
  await page.unroute('**/uploads/*');
  page.on('dialog', (d) => d.accept());
  await page.goto(`${demo.portal}/documents/new`);
  ok(await page.isVisible('#unfinished'), `after a reload the page says what did not finish (${lang})`);
  await look(page, 'upload-unfinished', lang);
  await page.goto(`${demo.portal}/documents?state=receiving`);
  await look(page, 'documents-receiving', lang);
  const before = first.length;
  await begin(page, [large]);
  await Promise.all([page.waitForURL(/\/documents\/(?!new)[^/]+$/, { timeout: 240000 }), press(page)]);
  ok(first[before] === 2 * 8 * 1024 * 1024, `it goes on where it stopped (${lang})`, first.slice(0, before + 2).join(' '));
  await page.waitForLoadState();
  ok((await page.textContent('main')).includes(basename(large)), `and is a document then (${lang})`);
  return page.url().split('/').pop();
}

async function fromScript(page, method, path, headers = {}, body) {
  return page.evaluate(async ([m, p, h, b]) => {
    const csrf = document.querySelector('input[name=csrf]').value;
    const r = await fetch(p, { method: m, headers: { 'X-CSRF-Token': csrf, ...h }, body: b });
    return { status: r.status, body: await r.json().catch(() => ({})) };
  }, [method, path, headers, body]);
}

// What the server says to those who do not follow the rules.
async function refused(page, other) {
  await page.goto(`${demo.portal}/documents/new`);
  await other.goto(`${demo.portal}/documents/new`);
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const raw = { 'Content-Type': 'application/octet-stream' };
  const made = await fromScript(page, 'POST', '/uploads', form, 'name=a.pdf&size=3000000');
  ok(made.status === 201 && made.body.offset === 0, 'an upload is announced', JSON.stringify(made));
  const path = `/uploads/${made.body.id}`;
  ok((await fromScript(other, 'GET', path)).status === 404, "another person's upload is unknown");
  ok((await fromScript(other, 'PATCH', path, { ...raw, 'Upload-Offset': '0' }, 'x')).status === 404, 'and takes nothing');
  ok((await fromScript(page, 'PATCH', path, { ...raw, 'Upload-Offset': '7' }, 'x')).status === 409, 'a piece for another place is a conflict');
  ok((await fromScript(page, 'PATCH', path, { ...raw, 'Upload-Offset': '0' }, 'x')).status === 422, 'half a piece is refused');
  const wrong = { ...raw, 'Upload-Offset': '0', 'Content-Digest': `sha-256=:${'A'.repeat(43)}=:` };
  ok((await fromScript(page, 'PATCH', path, wrong, 'x'.repeat(1 << 20))).status === 422, 'a piece that changed on its way is refused');
  ok((await fromScript(page, 'PATCH', path, { ...raw, 'Upload-Offset': '0' }, 'x'.repeat(1 << 20))).body.offset === 1 << 20, 'a whole piece is taken');
  ok((await fromScript(page, 'POST', `${path}/finish`)).status === 409, 'an upload that is not complete does not become a document');
  ok((await fromScript(page, 'POST', '/uploads', form, 'name=a.pdf&size=99999999999')).status === 422, 'too large is said at once');
  ok((await fromScript(page, 'DELETE', path)).status === 204, 'it can be given up');
  ok((await fromScript(page, 'GET', path)).status === 409, 'and is gone');
}

async function one(lang, login, otherLogin) {
  const { context, page, troubles } = await open(browser, lang);
  await signIn(page, person(login));
  await begin(page, [small, large]);
  await look(page, 'upload-chosen', lang);
  const rows = await page.locator('.uploads[data-list] li').count();
  ok(rows === 2, `several files are listed (${lang})`, rows);
  await page.locator('.uploads[data-list] li button').first().click();
  ok((await page.locator('.uploads[data-list] li').count()) === 1, `one can be taken off the list (${lang})`);
  const id = await resumed(page, lang);
  const size = await page.evaluate(async (p) => (await (await fetch(p)).blob()).size, `/documents/${id}/file`);
  ok(size === statSync(large).size, `it comes back whole (${lang})`, size);
  if (otherLogin) {
    const other = await open(browser, lang);
    await signIn(other.page, person(otherLogin));
    await refused(page, other.page);
    await other.context.close();
  }
  ok(troubles.filter((t) => !/ERR_(CONNECTION_RESET|FAILED)/.test(t)).length === 0, `no script error (${lang})`, troubles.join('\n'));
  await context.close();
}

await one('ja', 'hanako@sakura.example', 'taro@sakura.example');
await one('en', 'alice@midori.example');
await browser.close();
done();
