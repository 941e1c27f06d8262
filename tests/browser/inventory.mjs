// inventory.mjs - an administrator finds certificates: list, filters in the address, CSV, overview; a user sees their own.
import { readFileSync } from 'node:fs';
import { demo, done, launch, look, ok, open, person, signIn } from './lib.mjs';

const browser = await launch();

async function administrator(lang) {
  const { context, page, troubles } = await open(browser, lang);
  await signIn(page, person('admin@sakura.example'));
  await page.goto(`${demo.portal}/certificates`);
  ok((await page.locator('table.list tbody tr').count()) > 0, `the list shows certificates (${lang})`);
  await look(page, 'certificates', lang);

  await page.selectOption('#f-state', 'valid');
  await page.selectOption('#f-profile', 'signing');
  await Promise.all([page.waitForNavigation(), page.click('form.filters button')]);
  ok(/state=valid/.test(page.url()) && /profile=signing/.test(page.url()), `the filter stands in the address (${lang})`);
  ok((await page.locator('#f-state').inputValue()) === 'valid', `and in the form (${lang})`);
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('a[href*="list.csv"]')]);
  const lines = readFileSync(await file.path(), 'utf8').trim().split('\r\n');
  ok(lines.length === 1 + await page.locator('table.list tbody tr').count(), `the CSV file holds what is filtered (${lang})`, lines.length);
  await Promise.all([page.waitForNavigation(), page.click('th[aria-sort] a >> nth=1')]);
  ok((await page.locator('th[aria-sort=ascending]').count()) === 1, `a click on a heading sorts by it (${lang})`);

  await page.fill('#f-serial', 'not hexadecimal');
  await Promise.all([page.waitForNavigation(), page.click('form.filters button')]);
  ok((await page.locator('#f-serial[aria-invalid]').count()) === 1, `a wrong serial number is told at its field (${lang})`);
  await look(page, 'certificates-wrong', lang);

  await page.goto(`${demo.portal}/overview`);
  const drawn = await page.locator('svg rect.bar').count();
  ok(drawn > 12 && drawn === await page.locator('.chart tbody tr').count(), `each bar of a chart has its line in a table (${lang})`, drawn);
  await look(page, 'overview', lang);
  await Promise.all([page.waitForNavigation(), page.click('dl.figures a[href*="state=valid"]')]);
  ok(/state=valid/.test(page.url()), `a number leads to what it counts (${lang})`);
  ok(troubles.length === 0, `no script error, nothing from elsewhere (${lang})`, troubles.join('\n'));
  await context.close();
}

async function user(lang) {
  const { context, page } = await open(browser, lang);
  await signIn(page, person('taro@sakura.example'));
  await page.goto(`${demo.portal}/certificates`);
  ok((await page.locator('#f-by').count()) === 0, `a user has no filter for other people (${lang})`);
  await look(page, 'certificates-own', lang);
  const answer = await page.goto(`${demo.portal}/overview`);
  ok(answer.status() === 403, `and no overview of the organisation (${lang})`);
  await context.close();
}

for (const lang of ['ja', 'en']) {
  await administrator(lang);
  await user(lang);
}
await browser.close();
done();
