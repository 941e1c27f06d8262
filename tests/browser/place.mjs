// Placing a seal on the pages of a document: mouse, touch, keyboard, numbers, and without script; then the exact result.
import { copyFileSync } from 'node:fs';
import { demo, done, launch, look, ok, oneTimeCode, open, person, signIn } from './lib.mjs';

const file = process.env.FILE;
const out = process.env.OUT;
const browser = await launch();
const value = (page, name) => page.inputValue(`form[data-place] input[name=${name}]`);
const anchor = (page) => page.locator('input[name=anchor]:checked').inputValue();

async function upload(page) {
  await page.goto(`${demo.portal}/documents/new`);
  await page.setInputFiles('input[type=file]', file);
  await Promise.all([page.waitForURL(/\/documents\/(?!new)[^/]+$/), page.click('main form button.primary')]);
  await page.waitForLoadState();
}

async function withWords(page) {
  await page.check('input[name=seal][value=text]');
  await page.check('input[name=show_name]');
  await page.check('input[name=show_date]');
}

async function mouse(page, lang) {
  await upload(page);
  const sheet = page.locator('.sheet').first();
  await sheet.locator('img').waitFor();
  ok(await page.waitForFunction(() => document.querySelector('.sheet img').naturalWidth > 500), `the first page is shown (${lang})`);
  ok((await page.locator('.seal-box').count()) === 0, `no seal, nothing on the page (${lang})`);
  await withWords(page);
  const box = page.locator('.seal-box');
  ok(await box.isVisible(), `a seal appears on the page (${lang})`);
  await look(page, 'place', lang);
  const paper = await sheet.locator('.sheet-paper').boundingBox();
  await page.mouse.click(paper.x + paper.width / 2, paper.y + paper.height / 4);
  ok((await anchor(page)) === 'place', `a press on the page places it (${lang})`);
  const across = Number(await sheet.getAttribute('data-across'));
  const x = Number(await value(page, 'x'));
  ok(Math.abs(x + 30 - across / 2) < 2, `its middle is where the press was (${lang})`, x);
  const at = await box.boundingBox();
  await page.mouse.move(at.x + 20, at.y + 10);
  await page.mouse.down();
  await page.mouse.move(at.x - 20, at.y + 60, { steps: 5 });
  await page.mouse.up();
  ok(Number(await value(page, 'x')) < x, `it is dragged (${lang})`);
  await box.focus();
  const before = [Number(await value(page, 'x')), Number(await value(page, 'y'))];
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  const after = [Number(await value(page, 'x')), Number(await value(page, 'y'))];
  ok(Math.abs(after[0] - before[0] - 1) < 0.11 && Math.abs(after[1] - before[1] - 10) < 0.11, `arrow keys move it by 1 and 10 mm (${lang})`, `${before} ${after}`);
  const said = await page.locator('[data-say]').innerText();
  ok(said.includes(String(after[0])) && (lang !== 'ja' || said.includes('左から')), `and where it is, is said (${lang})`, said);
  await page.keyboard.press('+');
  ok(Number(await value(page, 'width')) > 60, `+ makes it larger (${lang})`);
  await page.fill('input[name=x]', '25');
  await page.fill('input[name=y]', '30.5');
  await page.fill('input[name=width]', '60');
  await page.fill('input[name=height]', '18');
  const moved = await box.boundingBox();
  const now = await sheet.locator('.sheet-paper').boundingBox();
  ok(Math.abs((moved.x - now.x) / now.width - 25 / across) < 0.01, `numbers place it (${lang})`);
  await page.fill('input[name=reason]', '内容を確認しました');
  await page.fill('input[name=x]', '999');
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  ok((await value(page, 'reason')) === '内容を確認しました' && (await page.locator('[role=alert]').count()) === 1, `a place beyond the page is said, nothing is lost (${lang})`);
  await look(page, 'place-refused', lang);
  await page.fill('input[name=x]', '25');
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  ok(await page.evaluate(() => document.querySelector('.viewer img')?.naturalWidth > 500), `the exact result is shown before the PIN (${lang})`);
  await look(page, 'place-preview', lang);
  await Promise.all([page.waitForNavigation(), page.click('button[form=back]')]);
  ok((await value(page, 'x')) === '25' && (await value(page, 'y')) === '30.5' && (await anchor(page)) === 'place', `going back keeps the place (${lang})`);
}

async function sign(page, account, target) {
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  await page.fill('input[name=pin]', account.pin);
  await page.fill('input[name=totp]', await oneTimeCode(account));
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').first().click()]);
  copyFileSync(await download.path(), target);
  ok(true, `signed and downloaded: ${target.split('/').pop()}`);
}

async function touch(login) {
  const { context, page, troubles } = await open(browser, 'ja', { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
  await signIn(page, person(login));
  await upload(page);
  await withWords(page);
  const sheet = page.locator('.sheet').first();
  await sheet.scrollIntoViewIfNeeded();
  const paper = await sheet.locator('.sheet-paper').boundingBox();
  await page.touchscreen.tap(paper.x + paper.width * 0.6, paper.y + paper.height * 0.3);
  ok((await anchor(page)) === 'place' && Number(await value(page, 'y')) > 0, 'a tap on a phone places it');
  ok((await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 0, 'a phone scrolls down only while placing');
  ok(troubles.length === 0, 'no script error on a phone', troubles.join('\n'));
  await context.close();
}

async function plain(account) {
  const { context, page } = await open(browser, 'ja', { javaScriptEnabled: false });
  await signIn(page, account);
  await upload(page);
  ok((await page.locator('.sheet img').count()) > 0, 'without script the pages are there');
  await page.check('input[name=seal][value=text]');
  await page.check('input[name=show_name]');
  await page.check('input[name=anchor][value="top-right"]', { force: true });
  await page.check('input[name=level][value="ES"]');
  await sign(page, account, `${out}/signed-plain.pdf`);
  await context.close();
}

for (const [lang, login] of [['ja', 'hanako@sakura.example'], ['en', 'alice@midori.example']]) {
  const { context, page, troubles } = await open(browser, lang);
  await signIn(page, person(login));
  await mouse(page, lang);
  await sign(page, person(login), `${out}/signed-placed-${lang}.pdf`);
  ok(troubles.length === 0, `no script error and no third-party request (placing, ${lang})`, troubles.join('\n'));
  await context.close();
}
await touch('hanako@sakura.example');
await plain(person('taro@sakura.example'));
await browser.close();
done();
