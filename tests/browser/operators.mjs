// From an invitation to work as an LRA operator, in both languages: apply on the portal, be approved, collect a key
// made in the browser, come in by it on the operators' port, approve somebody's application, be revoked, be out.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { demo, done, launch, look, ok, open, person, signIn } from './lib.mjs';

const { OUT: out, MAILS: mails } = process.env;
const port = demo.operator.replace(/\/$/, '');
const password = 'Persimmon-12-orchard';
const browser = await launch();
const began = Date.now();
const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

function decode(eml) {
  const [head, ...rest] = eml.replace(/\r\n/g, '\n').split('\n\n');
  const boundary = /boundary="?([^"\n;]+)/.exec(head)?.[1];
  const parts = boundary ? rest.join('\n\n').split(`--${boundary}`) : [rest.join('\n\n')];
  const text = parts.find((p) => /text\/plain/.test(p)) ?? parts[0];
  const [fields, ...body] = text.trimStart().split('\n\n');
  const raw = body.join('\n\n');
  if (/base64/i.test(fields + head)) return Buffer.from(raw.replace(/\s/g, ''), 'base64').toString('utf8');
  if (!/quoted-printable/i.test(fields + head)) return raw;
  const bytes = raw.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/gi, (m, h) => String.fromCharCode(parseInt(h, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
// The newest link with this path in a mail to that address.
async function link(to, path) {
  for (let i = 0; i < 400; i++) {
    const found = readdirSync(mails).filter((f) => f.endsWith('.eml')).map((f) => readFileSync(join(mails, f), 'utf8'))
      .filter((eml) => new RegExp(`^To:.*${to.replace('.', '\\.')}`, 'mi').test(eml)).map(decode)
      .map((text) => new RegExp(`https://[^\\s<>"]*${path}[^\\s<>"]*`).exec(text)?.[0]).filter(Boolean);
    if (found.length > 0) return found.at(-1);
    await new Promise((r) => setTimeout(r, 250));
  }
  throw new Error(`no mail to ${to} with ${path}`);
}

// Customers whose contracts hold certificates, as a member of the provider's staff would register them.
function contract() {
  const sql = `INSERT IGNORE INTO tenant_service (tenant_id, service, added_at) SELECT id, 'mpki', NOW(6) FROM tenant WHERE code IN ('sakura', 'midori');
    INSERT IGNORE INTO tenant_namespace (tenant_id, kind, value, added_at) SELECT id, 'mail', CONCAT(code, '.example'), NOW(6) FROM tenant WHERE code IN ('sakura', 'midori');
    INSERT IGNORE INTO tenant_namespace (tenant_id, kind, value, added_at) SELECT id, 'org', name, NOW(6) FROM tenant WHERE code IN ('sakura', 'midori');`;
  execFileSync('mariadb', ['--no-defaults', '-S', join(process.env.VAR, 'run/db.sock'), '-u', userInfo().username, 'shomei', '-e', sql]);
}

async function speak(page, lang) {
  if ((await page.getAttribute('html', 'lang')) !== lang) await press(page, 'form.language button');
}

// Apply for a certificate with a key to be made in the browser; the receipt number.
async function apply(page, profile) {
  await page.goto(`${demo.portal}/certificates/apply`);
  await press(page, `form:has(input[value="${profile}"]) button`);
  const browserKey = page.locator('input[name=key][value=browser]');
  if ((await browserKey.getAttribute('type')) === 'radio') await browserKey.check();
  await press(page, 'main form.form button.primary');
  await press(page, 'main form.form button.primary');
  return (await page.textContent('.receipt code')).trim();
}

async function approve(page, at, receipt) {
  await page.goto(`${at}/reviews/${receipt}`);
  for (const item of ['identity', 'authority', 'content']) await page.selectOption(`select[name=${item}]`, 'register');
  await page.check('input[name=confirmed]');
  await press(page, 'form[data-review-approve] button.primary');
}

async function invite(admin, lang, login) {
  await admin.goto(`${demo.portal}/operators`);
  await speak(admin, lang);
  await press(admin, '.actions a.primary');
  await admin.fill('input[name=login]', login);
  await admin.fill('input[name=email]', login);
  await admin.fill('input[name=name]', lang === 'ja' ? '小川 実' : 'Minoru Ogawa');
  for (const box of await admin.locator('input[name=roles]').all()) await box.setChecked((await box.getAttribute('value')) === 'lra_operator');
  await press(admin, 'main form.form button.primary');
}

async function collect(page, lang, login) {
  await page.goto(await link(login, '/collect/'));
  const secret = await page.inputValue('[data-password]');
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 120000 }), page.click('[data-collect] button.primary')]);
  const file = join(out, `operator-${lang}.p12`);
  await download.saveAs(file);
  const said = execFileSync('openssl', ['pkcs12', '-in', file, '-passin', `pass:${secret}`, '-nodes', '-clcerts', '-nokeys'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  ok(said.includes('BEGIN CERTIFICATE'), `${lang}: openssl opens the PKCS#12 file made in the browser`);
  return { file, secret };
}

async function journey(lang) {
  const login = `ogawa-${lang}@sakura.example`;
  const { context: adminContext, page: admin, troubles } = await open(browser, lang);
  await signIn(admin, person('admin@sakura.example'));
  await invite(admin, lang, login);

  const { context, page } = await open(browser, lang);
  await page.goto(await link(login, '/password/set'));
  await page.fill('input[name=password]', password);
  await press(page, 'main form.form button.primary');
  await page.goto(`${demo.portal}/login`);
  await speak(page, lang);
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', password);
  await press(page, 'main form button.primary');
  ok((await page.goto(`${demo.portal}/reviews`)).status() === 403, `${lang}: behind a password an operator reviews nothing`);
  await page.goto(`${demo.portal}/`);
  await speak(page, lang);
  await press(page, 'nav.rail a[href="/operators/mine"]');
  await look(page, 'operators-mine-none', lang);
  const receipt = await apply(page, 'lra-operator');
  ok(/^\S+$/.test(receipt), `${lang}: the operator certificate is applied for: ${receipt}`);
  await approve(admin, demo.portal, receipt);
  const { file, secret } = await collect(page, lang, login);
  await page.goto(`${demo.portal}/operators/mine`);
  await look(page, 'operators-mine', lang);
  await context.close();

  await work(lang, file, secret, admin, login);
  ok(troubles.length === 0, `${lang}: no trouble in the console`, troubles.join('\n'));
  if (lang === 'en') { await admin.goto(`${demo.portal}/`); await press(admin, 'form.language button'); }
  await adminContext.close();
}

async function work(lang, file, secret, admin, login) {
  const { context: stranger, page: nobody } = await open(browser, lang);
  ok((await nobody.goto(`${port}/`)).status() === 401, `${lang}: without a certificate nobody is in`);
  await look(nobody, 'operators-nobody', lang);
  await stranger.close();

  const { context, page } = await open(browser, lang, { clientCertificates: [{ origin: port, pfxPath: file, passphrase: secret }] });
  ok((await page.goto(`${port}/`)).status() === 200, `${lang}: the certificate signs in`);
  await speak(page, lang);
  await look(page, 'operators-face', lang);
  await page.click('details.account summary');
  ok(await page.isVisible('.account-menu .leave'), `${lang}: the menu says how to leave`);
  ok((await page.locator('.account-menu form, .account-menu a').count()) === 0, `${lang}: and offers nothing that is not there`);
  for (const path of ['users', 'documents', 'login', 'security', 'certificates/apply', 'operators'])
    ok((await page.goto(`${port}/${path}`)).status() === 404, `${lang}: /${path} is not there`);

  const { context: userContext, page: user } = await open(browser, lang);
  await signIn(user, person(lang === 'ja' ? 'hanako@sakura.example' : 'taro@sakura.example'));
  const receipt = await apply(user, 'user-auth');
  await userContext.close();
  await page.goto(`${port}/reviews`);
  ok((await page.content()).includes(receipt), `${lang}: the queue shows what a user applied for`);
  await look(page, 'operators-queue', lang);
  await approve(page, port, receipt);
  ok(new URL(page.url()).origin === port, `${lang}: the operator approves it`);
  await page.goto(`${port}/certificates`);
  ok((await page.content()).includes(login), `${lang}: certificates of the organisation are found`);
  for (const place of ['reviews', 'certificates', 'bulk']) {
    await page.goto(`${port}/${place}`);
    const dead = [];
    for (const href of new Set(await page.$$eval('a[href^="/"]', (all) => all.map((a) => a.getAttribute('href')))))
      if ((await page.evaluate(async (to) => (await fetch(to)).status, href)) >= 400) dead.push(href);
    ok(dead.length === 0, `${lang}: no link of /${place} leads nowhere`, dead.join('\n'));
  }

  await page.goto(`${port}/reviews`);
  await admin.goto(`${demo.portal}/operators`);
  await look(admin, 'operators-list', lang);
  await press(admin, `tr:has-text("${login}") a[href$="/revoke"]`);
  await look(admin, 'operators-revoke', lang);
  await admin.check('input[value=left]');
  await press(admin, 'main form.form button.danger');
  ok((await page.reload()).status() === 401, `${lang}: revoked, the open window is out with its next request`);
  ok((await page.goto(`${port}/`)).status() === 401, `${lang}: everywhere`);
  await look(page, 'operators-refused', lang);
  await context.close();
}

try {
  contract();
  await journey('ja');
  await journey('en');
} catch (e) {
  ok(false, 'the journey goes through', e.stack);
} finally {
  await browser.close();
  console.log(`# ${Math.round((Date.now() - began) / 1000)} s`);
  done();
}
