// Customers and their people: staff register a customer, its first administrator comes by the mailed link, invites people from a
// file of a spreadsheet, one of the invitations comes back, and a person is removed; in both languages.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo, done, launch, look, ok, open, person, signIn } from './lib.mjs';

const { OUT: out, MAILS: mails, CTL: ctl, VAR: state } = process.env;
const env = { ...process.env, SHOMEI_DB_USER: 'shomei_ctl', SHOMEI_DB_PASSWORD_FILE: join(state, 'secret', 'db_ctl') };
const manager = person('manager@shomei.example');
const run = Date.now().toString(36);
const settle = (page, act) => Promise.all([page.waitForNavigation(), act()]);

function decode(eml) {
  const [head, ...rest] = eml.replace(/\r\n/g, '\n').split('\n\n');
  const boundary = /boundary="?([^"\n;]+)/.exec(head)?.[1];
  const part = rest.join('\n\n').split(`--${boundary}`).find((p) => /text\/plain/.test(p));
  const [fields, ...body] = part.trimStart().split('\n\n');
  const raw = body.join('\n\n');
  if (/base64/i.test(fields)) return Buffer.from(raw.replace(/\s/g, ''), 'base64').toString('utf8');
  const bytes = raw.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/gi, (m, h) => String.fromCharCode(parseInt(h, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
// The mail to an address, as it would be sent: its text, and the token of its Message-ID.
async function mail(to, pattern) {
  for (let i = 0; i < 600; i++) {
    const found = readdirSync(mails).filter((f) => f.endsWith('.eml')).map((f) => ({ f, at: statSync(join(mails, f)).mtimeMs }))
      .sort((a, b) => b.at - a.at);
    for (const { f } of found) {
      const eml = readFileSync(join(mails, f), 'utf8');
      const text = eml.includes(`To: <${to}>`) ? decode(eml) : '';
      const match = pattern.exec(text);
      if (match) return { match, text, id: eml.match(/^Message-ID: <([^@]+)@/m)[1] };
    }
    await new Promise((r) => setTimeout(r, 250));
  }
  throw new Error(`no mail to ${to} like ${pattern}`);
}

async function register(browser, lang) {
  const { context, page, troubles } = await open(browser, lang);
  const code = `aoba-${run}-${lang}`;
  const admin = `admin-${run}-${lang}@aoba.example`;
  await signIn(page, manager);
  await page.goto(`${demo.portal}/tenants`);
  await look(page, 'customers', lang);
  await page.click('a.button.primary[href="/tenants/new"]');
  await page.fill('#f-name', lang === 'ja' ? `株式会社あおば ${run}` : `Aoba Inc. ${run}`);
  await page.fill('#f-code', code);
  await page.check('input[name=services][value=mpki]');
  await page.check('input[name=services][value=rs]');
  await page.check('input[name=hosting][value=cloud]');
  await page.fill('#f-contact_name', '佐藤 一郎');
  await page.fill('#f-contact_phone', '０３ー１２３４－５６７８');
  await page.fill('#f-contact_email', `sato@${code}.example`);
  await page.fill('#f-admin_name', '鈴木 二葉');
  await page.fill('#f-admin_email', admin);
  await page.fill('#f-admin_login', admin);
  await page.check(`input[name=admin_lang][value=${lang}]`);
  await settle(page, () => page.click('main form button.primary'));
  ok((await page.textContent('#f-note-error')).trim().length > 0, `without a word about authority nothing goes on (${lang})`);
  await look(page, 'customer-new', lang);
  await page.fill('#f-note', 'order 2026-0117');
  await settle(page, () => page.click('main form button.primary'));
  ok((await page.$('.confirm')) !== null, `a confirmation (${lang})`);
  await look(page, 'customer-confirm', lang);
  await settle(page, () => page.click('main form button[value=edit]'));
  ok((await page.inputValue('#f-admin_email')) === admin, `back loses nothing (${lang})`);
  await settle(page, () => page.click('main form button.primary'));
  await settle(page, () => page.click('main form button[value=create]'));
  ok(/C\d{6}-\d{6}/.test(await page.textContent('.receipt')), `a receipt number (${lang})`);
  await look(page, 'customer-done', lang);
  await settle(page, () => page.click('a.button.primary'));
  await page.fill('#f-value', `${code}.example`);
  await page.fill('#f-evidence', 'WHOIS');
  await page.fill('#f-note', 'order 2026-0117');
  await settle(page, () => page.click('main form button.primary'));
  ok((await page.textContent('table')).includes(`${code}.example`), `a name that may be certified (${lang})`);
  await look(page, 'customer-names', lang);
  await page.goto(page.url().replace('/names', '/contacts'));
  ok((await page.textContent('table')).includes('03-1234-5678'), `full width is no obstacle (${lang})`);
  await look(page, 'customer-contacts', lang);
  await page.goto(page.url().replace('/contacts', '/edit'));
  await look(page, 'customer-edit', lang);
  await page.goto(page.url().replace('/edit', ''));
  ok((await page.textContent('.timeline')).includes('order 2026-0117'), `what was done, and on whose word (${lang})`);
  await look(page, 'customer', lang);
  ok(troubles.length === 0, `nothing in the console (${lang})`, troubles.join('\n'));
  await context.close();
  return admin;
}

async function arrive(browser, lang, login) {
  const { context, page, troubles } = await open(browser, lang);
  const { match, text } = await mail(login, /https:\/\/\S+\/password\/set\?token=[\w-]+/);
  ok(!text.includes('鈴木'), `the invitation names nobody (${lang})`);
  await page.goto(match[0]);
  await page.fill('#f-password', 'wisteria 42 lantern moss');
  await settle(page, () => page.click('main form button.primary'));
  if (page.url().includes('/login')) {
    await page.fill('input[name=login]', login);
    await page.fill('input[name=password]', 'wisteria 42 lantern moss');
    await settle(page, () => page.click('main form button.primary'));
  }
  await page.goto(match[0]);
  ok((await page.$('#f-password')) === null, `the link works once (${lang})`);
  await page.goto(`${demo.portal}/contract`);
  ok(/cloud|クラウド/.test(await page.textContent('main')), `the administrator sees the own contract (${lang})`);
  await look(page, 'contract', lang);
  return { context, page, troubles };
}

async function people(page, lang) {
  const file = join(out, `people-${lang}.csv`);
  const who = (n) => `${n}-${run}-${lang}@aoba.example`;
  await page.goto(`${demo.portal}/users/files`);
  await look(page, 'people-files', lang);
  writeFileSync(file, `操作,ログイン名,氏名,メールアドレス,役割,言語\r\n招待,${who('taro')},太郎,${who('taro')},運用員,ja\r\n踊る,x.y.z,,,,\r\n`);
  await page.setInputFiles('#f-file', file);
  await page.click('main form button.primary');
  await page.waitForSelector('.banner.error');
  await look(page, 'people-faults', lang);
  ok((await page.$('form[action$="/start"]')) === null, `a file with faults cannot be started (${lang})`);
  const rows = Array.from({ length: 60 }, (_, i) => `招待,${who(`p${i}`)},利用者 ${i},${who(`p${i}`)},${i ? '利用者' : 'オペレータ'},${lang}`);
  writeFileSync(file, `操作,ログイン名,氏名,メールアドレス,役割,言語\r\n${rows.join('\r\n')}\r\n`);
  await page.goto(`${demo.portal}/users/files`);
  await page.setInputFiles('#f-file', file);
  await page.click('main form button.primary');
  await page.waitForSelector('form[action$="/start"]');
  await look(page, 'people-preview', lang);
  await settle(page, () => page.click('form[action$="/start"] button'));
  ok((await page.$('.work')) !== null, `60 people are the worker's (${lang})`);
  const address = page.url();
  await page.route(address, (r) => r.fulfill({ status: 204 })); // it looks again every three seconds: not while axe does
  await look(page, 'people-progress', lang);
  await page.unroute(address);
  for (let i = 0; i < 240 && (await page.$('.work')) !== null; i++) {
    await new Promise((r) => setTimeout(r, 1000));
    await page.goto(address);
  }
  ok((await page.textContent('dl.facts')).includes('60'), `all are invited (${lang})`);
  await look(page, 'people-result', lang);
  return who('p1');
}

// What a mail server would hand back.
async function comesBack(page, lang, login) {
  const { id } = await mail(login, /password\/set/);
  const dsn = ['To: bounces@shomei.example', 'Content-Type: multipart/report; report-type=delivery-status; boundary=b', '', '--b',
    'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx', '', `Final-Recipient: rfc822; ${login}`, 'Action: failed', 'Status: 5.1.1', '',
    '--b', 'Content-Type: text/rfc822-headers', '', `Message-ID: <${id}@localhost>`, '', '--b--', ''].join('\r\n');
  const said = execFileSync(ctl, ['--config', join(state, 'shomei.conf'), 'mail', 'bounce'], { input: dsn, env }).toString();
  ok(said.includes('nothing more is sent'), `shomeictl takes it in (${lang})`, said);
  await page.goto(`${demo.portal}/`);
  ok((await page.$('main a[href="/mails"]')) !== null, `the administrator's home page tells (${lang})`);
  await page.goto(`${demo.portal}/mails?state=bounced`);
  ok((await page.textContent('table')).includes(login), `the mail that came back is listed (${lang})`);
  await look(page, 'mails', lang);
  await page.goto(`${demo.portal}/users?q=${encodeURIComponent(login)}`);
  await settle(page, () => page.click('tbody a'));
  ok((await page.$('.banner.warning')) !== null, `the person's page tells (${lang})`);
  await look(page, 'user-mail', lang);
  await settle(page, () => page.click('a[href$="/remove"]'));
  await look(page, 'user-remove', lang);
  await settle(page, () => page.click('main form button.danger'));
  ok((await page.$('form[action$="/reopen"]')) !== null, `the person is removed, and could be invited again (${lang})`);
  await look(page, 'user-removed', lang);
}

const browser = await launch();
for (const lang of ['ja', 'en']) {
  const admin = await register(browser, lang);
  const { context, page, troubles } = await arrive(browser, lang, admin);
  const login = await people(page, lang);
  await comesBack(page, lang, login);
  ok(troubles.length === 0, `nothing in the administrator's console (${lang})`, troubles.join('\n'));
  await context.close();
}
await browser.close();
done();
