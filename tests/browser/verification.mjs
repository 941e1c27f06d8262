// Many files judged at once, in both languages, with and without script, and a signed report of one and of all.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo, done, launch, look, ok, open, paper, person, signIn } from './lib.mjs';

const files = [process.env.FILE, process.env.SIGNED, process.env.ZIP];
const browser = await launch();

async function save(page, press, name) {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  const path = join(process.env.OUT, name);
  await download.saveAs(path);
  return path;
}

async function journey(lang, script) {
  const { context, page, troubles } = await open(browser, lang, { javaScriptEnabled: script });
  await signIn(page, person(lang === 'ja' ? 'hanako@sakura.example' : 'alice@midori.example'));
  await page.goto(`${demo.portal}/verify/sets`);
  if (script) await look(page, 'verify-sets', lang);
  await page.fill('input[name=title]', lang === 'ja' ? '10月受領の請求書' : 'October invoices');
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  await page.setInputFiles('input[name=files]', files);
  await Promise.all([page.waitForNavigation({ timeout: 60000 }), page.click('main form button.primary')]);
  const rows = await page.locator('table.list tbody tr').count();
  ok((await page.content()).includes('契約/10月.pdf'), `${lang}: names in the ZIP are read`);
  ok(rows === 4, `${lang}${script ? '' : ', no script'}: every file has its finding, those of the ZIP too`, `${rows} rows`);
  ok((await page.locator('.badge-success').count()) === 2, `${lang}: the signed ones are valid`);
  if (script) {
    await look(page, 'verify-set', lang);
    await paper(page, 'verify-set', lang);
  }
  await save(page, () => page.click('form[action$="/report.pdf"] button'), `signed-summary-${lang}-${script}.pdf`);
  await page.click('.danger-zone a');
  await Promise.all([page.waitForNavigation(), page.click('button.danger')]);
  ok(!(await page.content()).includes('.pdf<'), `${lang}: and all of it is deleted on demand`);
  await page.goto(`${demo.portal}/verify`);
  await page.setInputFiles('input[name=file]', process.env.SIGNED);
  await save(page, () => page.click('button[value=pdf]'), `signed-report-${lang}-${script}.pdf`);
  ok(troubles.length === 0, `${lang}: no trouble in the console`, troubles.join('\n'));
  await context.close();
}

await journey('ja', true);
await journey('en', true);
await journey('ja', false);
await browser.close();
writeFileSync(join(process.env.OUT, 'verification-done'), '');
done();
