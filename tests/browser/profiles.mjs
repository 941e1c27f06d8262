// Certificate profiles as the provider's staff read them: list, one with its rules, its document.
import { readFileSync } from 'node:fs';
import { demo, done, launch, look, ok, open, person, signIn } from './lib.mjs';

const browser = await launch();
for (const lang of ['ja', 'en']) {
  const { context, page, troubles } = await open(browser, lang);
  await signIn(page, person('sysadmin1@shomei.example'));
  await page.goto(`${demo.portal}/profiles`);
  ok((await page.locator('table.list tbody tr').count()) >= 7, `the shipped profiles are listed (${lang})`);
  await look(page, 'profiles', lang);
  await Promise.all([page.waitForNavigation(), page.click('a[href="/profiles/tls-private"]')]);
  const words = await page.textContent('main');
  ok(words.includes(lang === 'ja' ? '社内サーバー証明書' : 'TLS server (private)'), `one profile is shown (${lang})`);
  ok(words.includes(lang === 'ja' ? 'サーバー認証' : 'server authentication'), `with its purpose in words (${lang})`);
  await look(page, 'profile', lang);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.actions a[href*="/document"]')]);
  const document = readFileSync(await download.path(), 'utf8');
  const shipped = readFileSync(new URL('../../sql/profiles/tls-private.json', import.meta.url), 'utf8');
  ok(document === shipped, `its document is the one that was loaded (${lang})`);
  await page.click('summary');
  ok((await page.textContent('pre')).includes('"extended_key_usage"'), `and can be read on the page (${lang})`);
  const missing = await page.goto(`${demo.portal}/profiles/nobody`);
  ok(missing.status() === 404, `one that is not there is not found (${lang})`);
  ok(troubles.length === 0, `no errors in the console, nothing from elsewhere (${lang})`, troubles.join('\n'));
  await context.close();
}
await browser.close();
done();
