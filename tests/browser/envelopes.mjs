// Contract envelopes: a sender, three signers (one with an account and own certificate, two by mail and code), one reader; in both languages.
import { copyFileSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { demo, done, launch, look, ok, oneTimeCode, open, person, signIn } from './lib.mjs';

const { FILE: file, OUT: out, MAILS: mails } = process.env;
const browser = await launch();
const began = Date.now();

function decode(eml) {
  const [head, ...rest] = eml.replace(/\r\n/g, '\n').split('\n\n');
  const boundary = /boundary="?([^"\n;]+)/.exec(head)?.[1];
  const parts = boundary ? rest.join('\n\n').split(`--${boundary}`) : [rest.join('\n\n')];
  const text = parts.find((p) => /text\/plain/.test(p)) ?? parts[0];
  const [fields, ...body] = text.trimStart().split('\n\n');
  const raw = body.join('\n\n');
  if (/base64/i.test(fields + head)) return Buffer.from(raw.replace(/\s/g, ''), 'base64').toString('utf8');
  if (/quoted-printable/i.test(fields + head)) {
    const bytes = raw.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/gi, (m, h) => String.fromCharCode(parseInt(h, 16)));
    return Buffer.from(bytes, 'latin1').toString('utf8');
  }
  return raw;
}
// The newest mail to an address that says what is looked for; mails are files as they would be sent.
async function mail(to, pattern, after = began) {
  for (let i = 0; i < 600; i++) {
    const found = readdirSync(mails).filter((f) => f.endsWith('.eml')).map((f) => ({ f, at: statSync(join(mails, f)).mtimeMs }))
      .filter((m) => m.at >= after - 1000).sort((a, b) => b.at - a.at);
    for (const { f } of found) {
      const eml = readFileSync(join(mails, f), 'utf8');
      if (!new RegExp(`^To:.*${to.replace('.', '\\.')}`, 'mi').test(eml)) continue;
      const match = pattern.exec(decode(eml));
      if (match) return { match, text: decode(eml), eml };
    }
    await new Promise((r) => setTimeout(r, 200));
  }
  throw new Error(`no mail to ${to} like ${pattern}`);
}
// An account remembers its language: the switch in the header changes it.
async function speak(page, lang) {
  if ((await page.getAttribute('html', 'lang')) !== lang) await press(page, `button[name=lang][value=${lang}]`);
}
const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
const words = {
  ja: { title: '業務委託契約', message: '契約書をお送りします。\nご確認のうえ署名をお願いします。', b: '佐藤 次郎', c: 'Mary Smith', copy: '経理担当' },
  en: { title: 'Service agreement', message: 'Please read and sign.', b: 'John Miller', c: '高橋 美咲', copy: 'Accounting' },
};

async function add(page, name, address, role, lang) {
  await page.fill('#f-name', name);
  await page.fill('#f-mail', address);
  await page.check(`input[name=role][value=${role}]`);
  await page.check(`input[name=lang][value=${lang}]`);
  await press(page, 'form.form button');
}

async function make(page, lang, w, run) {
  await page.goto(`${demo.portal}/envelopes`);
  await look(page, 'envelopes-list', lang);
  await page.goto(`${demo.portal}/envelopes/new`);
  await look(page, 'envelopes-new', lang);
  await page.fill('#f-message', w.message);
  await press(page, 'button[value=go]');
  ok((await page.textContent('#f-title-error')).length > 0 && (await page.inputValue('#f-message')) === w.message, `an incomplete draft says what is missing and keeps what was typed (${lang})`);
  await look(page, 'envelopes-new-errors', lang);
  await page.fill('#f-title', w.title);
  await page.setInputFiles('#f-files', [file, process.env.FILE2]);
  await press(page, 'button[value=stay]');
  ok((await page.locator('.card').count()) === 2, `two documents are in the draft (${lang})`);
  await look(page, 'envelopes-edit', lang);
  await press(page, 'button[value=go]');
  await look(page, 'envelopes-people-empty', lang);
  const taro = person('taro@sakura.example');
  await add(page, lang === 'ja' ? '鈴木 太郎' : 'Taro Suzuki', taro.login, 'own', lang);
  await add(page, w.b, `b-${run}@customer.example`, 'witness', lang);
  await add(page, w.c, `c-${run}@customer.example`, 'witness', lang === 'ja' ? 'en' : 'ja');
  await add(page, w.copy, `copy-${run}@customer.example`, 'copy', lang);
  ok((await page.locator('ol.cards .card').count()) === 4, `four people (${lang})`);
  await page.fill('#f-name', 'X');
  await page.fill('#f-mail', taro.login);
  await press(page, 'form.form button');
  ok((await page.textContent('#f-mail-error')).length > 0, `an address cannot be there twice (${lang})`);
  await page.goto(page.url());
  await look(page, 'envelopes-people', lang);
  await press(page, 'a.button.primary[href$=places]');
  for (const [i, place] of ['bottom-left', 'bottom', 'bottom-right'].entries()) {
    await page.selectOption('#f-party', { index: i });
    await page.check(`input[name=place][value=${place}]`);
    await press(page, 'form.form button');
  }
  ok((await page.locator('ul.cards .card').count()) === 3, `three seals are placed (${lang})`);
  await look(page, 'envelopes-places', lang);
  await press(page, 'a.button.primary[href$=review]');
  await look(page, 'envelopes-review', lang);
  await press(page, 'form.form button.primary');
  ok((await page.textContent('#f-agree-error')).length > 0, `nothing is sent without the agreement on the time of keeping (${lang})`);
  await page.check('#f-agree');
  await press(page, 'form.form button.primary');
  ok(/E-\d{6}/.test(await page.textContent('.receipt')), `a receipt number (${lang})`);
  await look(page, 'envelopes-sent', lang);
  await press(page, 'a.button.primary');
  await look(page, 'envelopes-detail-sent', lang);
  return page.url();
}

async function ownSigner(lang) {
  const { context, page, troubles } = await open(browser, lang);
  const taro = person('taro@sakura.example');
  const { match } = await mail(taro.login, /https:\/\/\S+\/e\/\S+/);
  await page.goto(match[0]);
  await look(page, 'envelopes-link-account', lang);
  await signIn(page, taro);
  await speak(page, lang);
  await page.goto(match[0]);
  await press(page, 'main form button.primary');
  await look(page, 'envelopes-visit-account', lang);
  await page.goto(`${demo.portal}/envelopes?box=in`);
  await look(page, 'envelopes-inbox', lang);
  await press(page, 'tbody a');
  await page.fill('#f-pin', 'wrong-pin-1');
  await page.fill('#f-totp', '000000');
  await page.check('#f-agree');
  await press(page, 'form[action$="/sign"] button.primary');
  ok((await page.textContent('#f-pin-error')).length > 0, `a wrong PIN is told beside the field (${lang})`);
  await page.fill('#f-pin', taro.pin);
  await page.fill('#f-totp', await oneTimeCode(taro));
  await page.check('#f-agree');
  await press(page, 'form[action$="/sign"] button.primary');
  ok((await page.locator('.banner.success').count()) === 1, `taro has signed with his own certificate (${lang})`, await page.textContent('main'));
  await look(page, 'envelopes-visit-signed', lang);
  ok(troubles.length === 0, `no script error for the account holder (${lang})`, troubles.join('\n'));
  await context.close();
}

async function enter(page, address, lang, watched) {
  const { match } = await mail(address, /https:\/\/\S+\/e\/\S+/);
  await page.goto(match[0]);
  if (watched) await look(page, 'envelopes-link', lang);
  const asked = Date.now();
  await press(page, 'main form button.primary');
  if (watched) {
    await page.fill('#f-code', '12345');
    await press(page, 'form[action$="/enter"] button.primary');
    ok((await page.textContent('#f-code-error')).length > 0, `a wrong code is refused (${lang})`);
    await look(page, 'envelopes-code', lang);
  }
  const code = await mail(address, /\b(\d{6})\b(?![^\n]*E-)/, asked);
  await page.fill('#f-code', /(?:code|コード)[^\d]*(\d{6})/i.exec(code.text)[1]);
  await press(page, 'form[action$="/enter"] button.primary');
  ok(page.url().includes('/visit/'), `${address} is in (${lang})`, page.url());
}

async function mailSigner(lang, address, watched) {
  const { context, page, troubles } = await open(browser, lang);
  await enter(page, address, lang, watched);
  if (watched) {
    await page.waitForLoadState('networkidle');
    ok(await page.evaluate(() => [...document.images].some((i) => i.complete && i.naturalWidth > 100)), `the pages are shown as pictures (${lang})`);
    await look(page, 'envelopes-visit', lang);
    await page.goto(`${page.url()}/decline`);
    await look(page, 'envelopes-decline', lang);
    await page.goBack();
  }
  await page.check('#f-agree');
  await press(page, 'form[action$="/sign"] button.primary');
  ok((await page.locator('.banner').count()) >= 1 && !page.url().endsWith('/sign'), `${address} has signed (${lang})`, await page.textContent('main'));
  ok(troubles.length === 0, `no script error for the visitor (${lang})`, troubles.join('\n'));
  await context.close();
}

async function fetchAll(page, lang, name) {
  for (const [i, link] of (await page.locator('a[href*="/documents/"][href$="/file"]').all()).entries()) {
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    copyFileSync(await download.path(), join(out, `contract-${name}-${lang}-${i + 1}.pdf`));
  }
  const [report] = await Promise.all([page.waitForEvent('download'), page.click('a[href$="/report"]')]);
  copyFileSync(await report.path(), join(out, `report-${name}-${lang}.pdf`));
}

async function journey(lang) {
  const w = words[lang];
  const run = `${lang}${Date.now() % 100000}`;
  const { context, page, troubles } = await open(browser, lang);
  await signIn(page, person('hanako@sakura.example'));
  await speak(page, lang);
  const envelope = await make(page, lang, w, run);
  await ownSigner(lang);
  await mailSigner(lang, `b-${run}@customer.example`, true);
  await page.goto(envelope);
  await press(page, 'form[action$="/remind"] button');
  await press(page, 'form[action$="/remind"] button');
  await look(page, 'envelopes-detail-reminded', lang);
  await page.goto(`${envelope}/void`);
  await look(page, 'envelopes-void', lang);
  await mailSigner(lang, `c-${run}@customer.example`, false);
  await mail('hanako@sakura.example', new RegExp(`/envelopes/${envelope.split('/').pop()}`));
  await page.goto(envelope);
  await look(page, 'envelopes-detail-completed', lang);
  await fetchAll(page, lang, 'sender');
  await page.goto(`${demo.portal}/envelopes`);
  await look(page, 'envelopes-list-filled', lang);
  ok(troubles.length === 0, `no script error for the sender (${lang})`, troubles.join('\n'));
  await context.close();
  const reader = await open(browser, lang);
  await enter(reader.page, `copy-${run}@customer.example`, lang, false);
  await look(reader.page, 'envelopes-visit-completed', lang);
  await fetchAll(reader.page, lang, 'reader');
  await reader.context.close();
}

// Everybody at once, and twice each: one signature of each person, one completion.
async function race(lang) {
  const run = `r${Date.now() % 100000}`;
  const { context, page } = await open(browser, lang);
  await signIn(page, person('hanako@sakura.example'));
  await speak(page, lang);
  await page.goto(`${demo.portal}/envelopes/new`);
  await page.fill('#f-title', 'Race');
  await page.check('input[name=order][value=any]');
  await page.setInputFiles('#f-files', [file]);
  await press(page, 'button[value=go]');
  for (const who of ['a', 'b']) await add(page, `Signer ${who}`, `${who}-${run}@customer.example`, 'witness', lang);
  await press(page, 'a.button.primary[href$=places]');
  await press(page, 'a.button.primary[href$=review]');
  await page.check('#f-agree');
  await press(page, 'form.form button.primary');
  await press(page, 'a.button.primary');
  const envelope = page.url();
  const visitors = [];
  for (const who of ['a', 'b']) {
    const v = await open(browser, lang);
    await enter(v.page, `${who}-${run}@customer.example`, lang, false);
    await v.page.check('#f-agree');
    visitors.push(v);
  }
  const twice = (v) => v.page.evaluate(async () => {
    const form = document.querySelector('form[action$="/sign"]');
    const send = () => fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) }).then((r) => r.status);
    return Promise.all([send(), send()]);
  });
  const statuses = (await Promise.all(visitors.map(twice))).flat();
  ok(statuses.every((s) => s === 200), 'two signers at once, each with a double click, are all answered', statuses.join(' '));
  await mail('hanako@sakura.example', new RegExp(`/envelopes/${envelope.split('/').pop()}`));
  await page.goto(envelope);
  const signed = await page.locator('.timeline li').allTextContents();
  ok(signed.filter((t) => /Documents signed|署名(?!.*(送信|依頼|作成|辞退))/.test(t)).length === 2, 'each has signed once', signed.join('\n'));
  for (const v of visitors) await v.context.close();
  await context.close();
}

for (const lang of (process.env.LANGS ?? 'ja,en').split(',')) await journey(lang);
await race('en');
await browser.close();
done();
