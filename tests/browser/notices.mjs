// Where a system is told what became of its requests, in both languages: an address that is refused, one that is
// taken with its secret shown once, a test notice, a new secret, the end.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { demo, done, launch, look, ok, open, person, signIn } from './lib.mjs';

const port = process.env.HOOK;
const folder = join(process.env.OUT, 'hook');
mkdirSync(folder, { recursive: true });
const hook = spawn('python3', ['-B', join(import.meta.dirname ?? '.', '../system/notices.py'), port, folder], { stdio: 'ignore' });
const browser = await launch();

async function press(page, selector) {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

async function journey(lang) {
  const { context, page, troubles } = await open(browser, lang);
  await signIn(page, person('admin@sakura.example'));
  await page.goto(`${demo.portal}/systems`);
  if ((await page.getAttribute('html', 'lang')) !== lang) await press(page, 'form.language button');
  await press(page, 'table.list tbody a');
  await press(page, 'a[href$="/webhook"]');
  const at = page.url();
  if (lang === 'ja') await look(page, 'notices-none', lang);
  await page.fill('input[name=url]', 'https://10.0.0.1/');
  await press(page, 'form.form button.primary');
  ok((await page.textContent('#f-url-error')).trim() !== '', `${lang}: an inner address is refused beside its field`);
  ok((await page.inputValue('input[name=url]')) === 'https://10.0.0.1/', `${lang}: what was typed is kept`);
  await page.fill('input[name=url]', `http://localhost:${port}/notices`);
  await press(page, 'form.form button.primary');
  const secret = (await page.textContent('code.secret')).trim();
  ok(/^[A-Za-z0-9_-]{43}$/.test(secret), `${lang}: the secret is shown`);
  if (lang === 'ja') await look(page, 'notices-secret', lang);
  await page.goto(at);
  ok(!(await page.content()).includes(secret), `${lang}: once`);
  await press(page, 'form[action$="/test"] button');
  for (let i = 0; i < 60 && (await page.locator('td .badge-success').count()) === 0; i++) {
    await page.waitForTimeout(250);
    await page.goto(at);
  }
  ok((await page.locator('td .badge-success').count()) > 0, `${lang}: a test notice was delivered`);
  await look(page, 'notices', lang);
  await press(page, 'form[action$="/secret"] button');
  ok((await page.textContent('code.secret')).trim() !== secret, `${lang}: a new secret is another`);
  await press(page, '.danger-zone a.danger');
  await look(page, 'notices-stop', lang);
  await press(page, 'button.danger');
  ok((await page.locator('form[action$="/test"]').count()) === 0, `${lang}: after the end there is nothing to test`);
  ok(troubles.length === 0, `${lang}: no trouble in the console`, troubles.join('\n'));
  if (lang === 'en') await press(page, 'form.language button');
  await context.close();
}

try {
  await journey('ja');
  await journey('en');
} finally {
  hook.kill();
  await browser.close();
}
done();
