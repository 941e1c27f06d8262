// Several documents in one go: upload, how, PIN and code once, progress, outcome, one ZIP; with and without script.
import { copyFileSync } from 'node:fs';
import { demo, shots, done, launch, look, ok, oneTimeCode, open, person, signIn } from './lib.mjs';

const names = ['契約書.pdf', '覚書.pdf', '覚書.pdf', 'Annex (A).pdf'];
const bytes = (await import('node:fs')).readFileSync(process.env.FILE);
const browser = await launch();

async function upload(page) {
  await page.goto(`${demo.portal}/documents/new`);
  for (const [i, name] of names.entries()) {
    await page.setInputFiles('input[type=file]', { name, mimeType: 'application/pdf', buffer: Buffer.concat([bytes, Buffer.from(`%${'x'.repeat(i)}\n`)]) });
  }
}

async function confirm(page, account, lang) {
  await page.fill('input[name=reason]', '内容を確認しました');
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  if (lang) await look(page, 'together-confirm', lang);
  await page.fill('input[name=pin]', account.pin);
  await page.fill('input[name=totp]', await oneTimeCode(account));
  await Promise.all([page.waitForURL(/\/batches\//), page.click('main form button.primary')]);
}

async function withScript(lang, login) {
  const { context, page, troubles } = await open(browser, lang);
  const account = person(login);
  await signIn(page, account);
  await upload(page);
  await Promise.all([page.waitForURL(/\/documents\/together/, { timeout: 60000 }), page.click('main form button.primary')]);
  await page.waitForLoadState();
  ok((await page.locator('.papers li').count()) === names.length, `all of them are listed (${lang})`);
  await look(page, 'together', lang);
  await confirm(page, account, lang);
  await page.waitForSelector('.head .actions a[download]', { timeout: 60000 });
  ok((await page.locator('table.list .badge-success').count()) === names.length, `all of them are signed (${lang})`);
  await look(page, 'batch-done', lang);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.head .actions a[download]')]);
  copyFileSync(await download.path(), `${process.env.OUT}/together-${lang}.zip`);
  await page.goto(`${demo.portal}/documents`);
  await page.check('input[data-all]');
  ok(await page.isVisible('.bulk button.primary'), `the list offers what can be done with the chosen ones (${lang})`);
  await look(page, 'documents-chosen', lang);
  ok(troubles.length === 0, `no script error (${lang})`, troubles.join('\n'));
  await context.close();
}

// Buttons alone; one document is deleted between the authorisation and its turn.
async function withoutScript(lang, login) {
  const { context, page } = await open(browser, lang, { javaScriptEnabled: false });
  const account = person(login);
  await signIn(page, account);
  await page.goto(`${demo.portal}/documents/new`);
  await page.setInputFiles('input[type=file]', names.filter((n, i) => names.indexOf(n) === i).map((name) => ({ name, mimeType: 'application/pdf', buffer: bytes })));
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  ok(page.url().includes('/documents/together'), `without script the plain form takes several files (${lang})`, page.url());
  const first = new URL(page.url()).searchParams.get('id');
  await confirm(page, account);
  const batch = page.url();
  await page.goto(`${demo.portal}/documents/${first}/delete`);
  await Promise.all([page.waitForNavigation(), page.click('button.danger')]);
  await page.goto(batch);
  for (let i = 0; i < 5 && await page.isVisible('[data-next] button'); i++) await Promise.all([page.waitForNavigation(), page.click('[data-next] button')]);
  ok((await page.locator('table.list .badge-success').count()) === 2, `a button signs what is there (${lang})`);
  ok((await page.locator('table.list .badge-error').count()) === 1, `what is gone fails alone (${lang})`);
  await page.screenshot({ path: `${shots}/batch-failed-${lang}.png`, fullPage: true });
  await context.close();
  const other = await open(browser, lang);
  await signIn(other.page, person('taro@sakura.example'));
  ok((await other.page.goto(batch)).status() === 404, `another person's batch is unknown (${lang})`);
  ok((await other.page.goto(`${batch}/zip`)).status() === 404, `and so is its ZIP (${lang})`);
  await other.context.close();
}

await withScript('ja', 'hanako@sakura.example');
await withScript('en', 'alice@midori.example');
await withoutScript('ja', 'hanako@sakura.example');
await browser.close();
done();
