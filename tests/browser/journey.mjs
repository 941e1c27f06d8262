// Journeys of LOOK section 4 through real pages: visit, sign in, sign, download, verify, look back, sign out.
import { copyFileSync } from 'node:fs';
import { demo, done, launch, look, ok, oneTimeCode, open, paper, person, signIn } from './lib.mjs';

const file = process.env.FILE;
const out = process.env.OUT;
const browser = await launch();

async function visitor(lang) {
  const { context, page, troubles } = await open(browser, lang);
  for (const [name, path] of [['home', '/'], ['verify', '/verify'], ['contact', '/contact'], ['my-data', '/my-data'], ['login', '/login'], ['forgot', '/password/forgot'], ['styleguide', '/styleguide']]) {
    const response = await page.goto(demo.portal + path);
    ok(response.status() === 200, `visitor: ${path} (${lang})`, response.status());
    await look(page, `visitor-${name}`, lang);
  }
  const missing = await page.goto(`${demo.portal}/no-such-page`);
  ok(missing.status() === 404, `a page that does not exist is 404 (${lang})`);
  await look(page, 'error-404', lang);
  await page.goto(`${demo.portal}/login`);
  await page.fill('input[name=login]', 'nobody@sakura.example');
  await page.fill('input[name=password]', 'not the password');
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  ok((await page.inputValue('input[name=login]')) === 'nobody@sakura.example', `a refused login keeps what was typed (${lang})`);
  await look(page, 'login-refused', lang);
  ok(troubles.length === 0, `no script error and no third-party request (visitor, ${lang})`, troubles.join('\n'));
  await context.close();
}

async function signOne(page, account, level, target) {
  await page.goto(`${demo.portal}/documents/new`);
  await page.setInputFiles('input[type=file]', file);
  await Promise.all([page.waitForURL(/\/documents\/(?!new)[^/]+$/), page.click('main form button.primary')]);
  await page.waitForLoadState();
  await page.check(`input[name=level][value="${level}"]`);
  await page.fill('input[name=reason]', '内容を確認しました');
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  await page.fill('input[name=pin]', account.pin);
  await page.fill('input[name=totp]', await oneTimeCode(account));
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  const link = page.locator('a[download]').first();
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  copyFileSync(await download.path(), target);
}

async function signer(lang, login) {
  const { context, page, troubles } = await open(browser, lang);
  const account = person(login);
  await signIn(page, account);
  ok(!page.url().includes('/login'), `${login} signs in with password and code (${lang})`, page.url());
  await look(page, 'home-person', lang);
  await page.goto(`${demo.portal}/documents`);
  await look(page, 'documents-empty', lang);
  await page.goto(`${demo.portal}/documents/new`);
  await look(page, 'document-new', lang);
  await page.setInputFiles('input[type=file]', file);
  await Promise.all([page.waitForURL(/\/documents\/(?!new)[^/]+$/), page.click('main form button.primary')]);
  await page.waitForLoadState();
  await look(page, 'document-options', lang);
  await page.check('input[name=level][value="ES-A"]');
  await page.fill('input[name=reason]', '内容を確認しました');
  await page.evaluate(() => { const more = document.querySelector('#f-location').closest('details'); if (more) more.open = true; });
  await page.fill('input[name=location]', '東京');
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  await look(page, 'document-confirm', lang);
  await page.fill('input[name=pin]', 'Wrong-4711');
  await page.fill('input[name=totp]', await oneTimeCode(account));
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  ok((await page.locator('#f-pin-error').innerText()).trim().length > 0, `a wrong PIN is said at the field (${lang})`);
  await look(page, 'document-wrong-pin', lang);
  await page.fill('input[name=pin]', account.pin);
  await page.fill('input[name=totp]', await oneTimeCode(account));
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  await look(page, 'document-signed', lang);
  await paper(page, 'document-signed', lang);
  const signed = `${out}/signed-${lang}.pdf`;
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').first().click()]);
  copyFileSync(await download.path(), signed);
  ok(true, `the signed file is downloaded (${lang})`);
  for (const [name, path] of [['documents', '/documents'], ['signatures', '/signatures'], ['credentials', '/credentials'], ['security', '/security'], ['password', '/security/password'], ['second-factor', '/security/second-factor']]) {
    const response = await page.goto(demo.portal + path);
    ok(response.status() === 200, `signer: ${path} (${lang})`, response.status());
    await look(page, `signer-${name}`, lang);
  }
  await page.goto(`${demo.portal}/credentials`);
  await page.click('main tbody a');
  await look(page, 'certificate', lang);
  await page.goto(`${demo.portal}/signatures`);
  await page.click('main tbody a');
  await look(page, 'signature-record', lang);
  await page.goto(`${demo.portal}/verify`);
  await page.setInputFiles('input[type=file]', signed);
  await page.click('main form button.primary'); // the answer takes the page's place, with script or without
  await page.locator('main').getByText(lang === 'ja' ? /有効/ : /[Vv]alid/).first().waitFor();
  ok(!/(判定できません|cannot be judged|無効|invalid)/i.test(await page.locator('main h1, main .verdict, main .banner').allInnerTexts().then((t) => t.join(' '))), `the verifier page says valid (${lang})`);
  await look(page, 'verify-result', lang);
  await paper(page, 'verify-result', lang);
  await page.goto(`${demo.portal}/documents`);
  await page.click('main tbody a');
  await page.click('a[href$="/delete"]');
  await look(page, 'document-delete', lang);
  await Promise.all([page.waitForNavigation(), page.click('main form button.danger')]);
  ok((await page.locator('a[download]').count()) === 0, `after deleting nothing can be downloaded (${lang})`);
  await look(page, 'document-deleted', lang);
  ok(troubles.length === 0, `no script error and no third-party request (signer, ${lang})`, troubles.join('\n'));
  await context.close();
}

async function withoutScript() {
  const { context, page } = await open(browser, 'ja', { javaScriptEnabled: false });
  const account = person('admin@sakura.example');
  await signIn(page, account);
  await signOne(page, account, 'ES', `${out}/signed-noscript.pdf`);
  ok(true, 'the whole signing works without script');
  await context.close();
}

async function desk(lang, login, pages) {
  const { context, page, troubles } = await open(browser, lang);
  await signIn(page, person(login));
  for (const [name, path] of pages) {
    const response = await page.goto(demo.portal + path);
    ok(response.status() === 200, `${login}: ${path} (${lang})`, response.status());
    await look(page, name, lang);
  }
  ok(troubles.length === 0, `no script error and no third-party request (${login}, ${lang})`, troubles.join('\n'));
  await context.close();
}

async function keyboard() {
  const { context, page } = await open(browser, 'ja');
  await page.goto(`${demo.portal}/login`);
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement.getAttribute('href'));
  ok(first?.startsWith('#'), 'the first Tab stop skips to the contents', first);
  const account = person('taro@sakura.example');
  await page.focus('input[name=login]');
  await page.keyboard.type(account.login);
  await page.keyboard.press('Tab');
  await page.keyboard.type(account.password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await page.focus('input[name=code]');
  await page.keyboard.type(await oneTimeCode(account));
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  ok(!page.url().includes('/login'), 'signing in works with the keyboard alone', page.url());
  await context.close();
}

async function step(name, work) {
  try {
    await work();
  } catch (e) {
    ok(false, `${name} came to its end`, e.stack);
  }
}

for (const lang of ['ja', 'en']) {
  await step(`visitor ${lang}`, () => visitor(lang));
}
await step('signer ja', () => signer('ja', 'hanako@sakura.example'));
await step('signer en', () => signer('en', 'alice@midori.example'));
await step('without script', withoutScript);
await step('keyboard', keyboard);
await step('customer administrator', () => desk('ja', 'admin@midori.example', [['admin-home', '/'], ['admin-users', '/users'], ['admin-user-new', '/users/new'], ['admin-audit', '/audit'], ['admin-systems', '/systems']]));
await step('auditor', () => desk('ja', 'auditor@shomei.example', [['auditor-home', '/'], ['auditor-audit', '/audit']]));
await step('system administrator', () => desk('ja', 'sysadmin1@shomei.example', [['sysadmin-home', '/'], ['sysadmin-tenants', '/tenants']]));
await browser.close();
done();
