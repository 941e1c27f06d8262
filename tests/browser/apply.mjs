// The path of an applicant: kind, form, confirmation, number; somebody else approves; key and certificate are
// collected in the browser, and by the service without script. In both languages. MAILS: folder of .eml files.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo, done, launch, look, ok, open, paper, person, signIn } from './lib.mjs';

const out = process.env.OUT;
const wait = (ms) => new Promise((r) => { setTimeout(r, ms); });

// The text part of a mail.
const decode = (eml) => {
  const [head, ...rest] = eml.replace(/\r\n/g, '\n').split('\n\n');
  const boundary = /boundary="?([^"\n;]+)/.exec(head)?.[1];
  const parts = boundary ? rest.join('\n\n').split(`--${boundary}`) : [`${head}\n\n${rest.join('\n\n')}`];
  const text = parts.find((p) => /text\/plain/.test(p)) ?? '';
  const [fields, ...body] = text.trimStart().split('\n\n');
  const raw = body.join('\n\n');
  if (/base64/i.test(fields)) return Buffer.from(raw, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(fields)) return raw;
  return raw.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_, h) => String.fromCharCode(parseInt(h, 16)));
};

// The link of the newest mail about this receipt number that has one.
async function link(receipt, pattern) {
  for (let i = 0; i < 240; i++) {
    for (const name of readdirSync(process.env.MAILS)) {
      const text = decode(readFileSync(join(process.env.MAILS, name), 'utf8'));
      if (text.includes(receipt) && pattern.test(text)) return { url: text.match(pattern)[0], text };
    }
    await wait(500);
  }
  return null;
}

async function apply(page, lang, source, unit) {
  await page.goto(`${demo.portal}/certificates/apply`);
  if (source === 'browser') await look(page, 'apply-kind', lang);
  const card = page.locator('form:has(input[name=profile][value=user-auth]) button');
  await Promise.all([page.waitForNavigation(), card.click()]);
  ok(/\/certificates\/apply\/\d+$/.test(page.url()), `(${lang}) the form`, page.url());
  await page.fill('input[name=v0]', '');
  await page.click('main form.form button.primary');
  await page.waitForSelector('[role=alert]');
  ok(await page.locator('#f-v0[aria-invalid]').count() === 1, `(${lang}) a name is asked for, at its field`);
  await page.fill('input[name=v0]', '山田 花子');
  await page.fill('input[name=v3]', unit);
  await page.check(`input[name=key][value=${source}]`);
  if (source === 'browser') await look(page, 'apply-form', lang);
  await Promise.all([page.waitForNavigation(), page.click('main form.form button.primary')]);
  ok(page.url().endsWith('/confirm'), `(${lang}) everything once more`, page.url());
  await Promise.all([page.waitForNavigation(), page.click('main form.form .buttons a.button')]);
  ok(await page.inputValue('input[name=v3]') === unit, `(${lang}) the way back loses nothing`);
  await Promise.all([page.waitForNavigation(), page.click('main form.form button.primary')]);
  if (source === 'browser') await look(page, 'apply-confirm', lang);
  await Promise.all([page.waitForNavigation(), page.click('main form.form button.primary')]);
  const receipt = await page.textContent('.receipt code');
  ok(/^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}$/.test(receipt), `(${lang}) the receipt number`, receipt);
  if (source === 'browser') { await look(page, 'apply-done', lang); await paper(page, 'apply-done', lang); }
  return receipt;
}

async function approve(page, receipt) {
  await page.goto(`${demo.portal}/reviews/${receipt}`);
  for (const item of ['identity', 'authority', 'content']) await page.selectOption(`select[name=${item}]`, 'register');
  await page.check('input[name=confirmed]');
  await Promise.all([page.waitForNavigation(), page.click('form[data-review-approve] button.primary')]);
}

function opens(file, password, what) {
  const text = execFileSync('openssl', ['pkcs12', '-in', file, '-passin', `pass:${password}`, '-nodes'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  ok(/BEGIN (EC |RSA )?PRIVATE KEY/.test(text) && text.match(/BEGIN CERTIFICATE/g).length >= 3, `${what}: openssl finds key, certificate and chain`);
}

const browser = await launch();
for (const lang of ['ja', 'en']) {
  const { context, page, troubles } = await open(browser, lang);
  const other = await open(browser, lang);
  await signIn(page, person('hanako@sakura.example'));
  await signIn(other.page, person('admin@sakura.example'));

  const receipt = await apply(page, lang, 'browser', lang === 'ja' ? '営業部' : 'Sales');
  const received = await link(receipt, /https:\/\/[^\s<"]+\/applications\/[0-9A-Z-]+/);
  ok(received !== null && !received.text.includes('山田') && !received.text.includes('Sales') && !received.text.includes('営業'),
    `(${lang}) the acknowledgement has a link and no personal data`);
  await page.goto(received ? received.url : `${demo.portal}/applications/${receipt}`);
  await look(page, 'apply-detail', lang);
  await page.goto(`${demo.portal}/applications`);
  await look(page, 'apply-list', lang);

  await approve(other.page, receipt);
  const collect = await link(receipt, /https:\/\/[^\s<"]+\/collect\/[\w-]+/);
  ok(collect !== null, `(${lang}) approved: a mail with the one-time link`);
  await page.goto(`${demo.portal}/applications/${receipt}`);
  await look(page, 'apply-approved', lang);
  await page.goto(collect.url);
  await page.waitForSelector('[data-collect]:not([hidden])');
  await look(page, 'apply-collect', lang);
  await page.fill('[data-password]', 'kurz');
  await page.click('[data-collect] button.primary');
  ok((await page.textContent('[data-fault]')).length > 5, `(${lang}) a short password is told`);
  await page.fill('[data-password]', 'Wisteria-42-lantern');
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 120000 }), page.click('[data-collect] button.primary')]);
  const file = join(out, `collected-${lang}.p12`);
  await download.saveAs(file);
  opens(file, 'Wisteria-42-lantern', `(${lang}) made in the browser`);
  await page.goto(collect.url);
  await look(page, 'apply-collected', lang);
  await page.goto(`${demo.portal}/applications/${receipt}`);
  await look(page, 'apply-issued', lang);

  const second = await apply(page, lang, 'pkcs12', lang === 'ja' ? '総務部' : 'Affairs');
  await approve(other.page, second);
  const made = await link(second, /https:\/\/[^\s<"]+\/collect\/[\w-]+/);
  await page.goto(made.url);
  await Promise.all([page.waitForNavigation(), page.click('form[action$="/make"] button')]);
  await look(page, 'apply-password', lang);
  const password = await page.textContent('.receipt code');
  for (let i = 0; i < 120 && await page.locator('.banner.success').count() === 0; i++) { await wait(500); await page.goto(made.url); }
  await page.fill('input[name=password]', password);
  const [got] = await Promise.all([page.waitForEvent('download', { timeout: 120000 }).catch(() => null), page.click('form[action$="/file"] button')]);
  ok(got !== null, `(${lang}) the service's key is downloaded`);
  if (got) {
    await got.saveAs(join(out, `made-${lang}.p12`));
    opens(join(out, `made-${lang}.p12`), password, `(${lang}) made by the service`);
  }
  ok(troubles.length === 0, `(${lang}) nothing in the console, nothing from elsewhere`, troubles.join('\n'));
  writeFileSync(join(out, `apply-${lang}.txt`), `${receipt}\n${second}\n`);
  await context.close();
  await other.context.close();
}
await browser.close();
done();
