// Seals and placements with a real Chromium: draw one while the result is shown, upload one, the list,
// a placement, delete; in both languages, and without script.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { demo, done, launch, look, ok, open, person, signIn } from './lib.mjs';

const out = process.env.OUT;
// A red ring on white paper, 8 x 8 pixels, as PNG.
const picture = join(out, 'seal.png');
writeFileSync(picture, Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAKklEQVR42mP4DwMXFASACM5lgAshI4TEfyQAlUAzAW4AbgmcRuGzHKtzAQ6zh5U2NvxRAAAAAElFTkSuQmCC', 'base64'));

// 1.5 MB of grey noise: larger than what pages without files may be sent.
function noise(side) {
  const chunk = (type, data) => {
    const all = Buffer.concat([Buffer.from(type), data]);
    let crc = ~0;
    for (const b of all) { crc ^= b; for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0); }
    const size = Buffer.alloc(4), sum = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    sum.writeUInt32BE(~crc >>> 0);
    return Buffer.concat([size, all, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head[8] = 8;
  const rows = randomBytes(side * (side + 1));
  for (let y = 0; y < side; y++) rows[y * (side + 1)] = 0;
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}
const large = join(out, 'large.png');
writeFileSync(large, noise(1230));

const src = (page) => page.locator('[data-preview] img').getAttribute('src');
const drawn = async (page, before) => {
  await page.waitForFunction((old) => document.querySelector('[data-preview] img')?.src !== old, before);
  return src(page);
};

async function journey(browser, lang) {
  const ja = lang === 'ja';
  const { context, page, troubles } = await open(browser, lang);
  await signIn(page, person(ja ? 'admin@midori.example' : 'alice@midori.example'));
  if ((await page.getAttribute('html', 'lang')) !== lang) await page.click('form.language button');
  await page.goto(`${demo.portal}/seals`);
  ok(await page.locator('.empty').count() === 1, `${lang}: an empty list says how to begin`);
  await look(page, 'seals-empty', lang);
  await page.click('.empty a.button');
  ok(await page.locator('[name=show]').isHidden(), `${lang}: with script no button is needed to see it`);
  ok(await page.locator('#f-file').isHidden(), `${lang}: a drawn seal asks for no file`);
  const first = await page.locator('[data-preview] img').count() ? await src(page) : '';
  await page.fill('#f-text', ja ? '佐々木' : '鈴木');
  const second = await drawn(page, first);
  ok(second.startsWith('data:image/png;base64,'), `${lang}: the seal is drawn while one types`);
  await page.check('input[value=square]');
  ok(await drawn(page, second) !== second, `${lang}: and again when its form is chosen`);
  await look(page, 'seal-new', lang);
  await page.fill('#f-text', '佐佐佐佐佐佐佐佐佐佐');
  await page.waitForFunction(() => document.getElementById('f-text-error').textContent !== '');
  ok(true, `${lang}: too many characters are told at once`);
  await page.fill('#f-text', ja ? '佐々木' : '鈴木');
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  ok(await page.locator('.card').count() === 1, `${lang}: it is in the list`);
  await page.goto(`${demo.portal}/seals/new`);
  const before = await page.locator('[data-preview] img').count() ? await src(page) : '';
  await page.check('input[value=image]');
  ok(await page.locator('#f-text').isHidden(), `${lang}: a picture asks for no characters`);
  await page.setInputFiles('#f-file', large);
  const shown = await drawn(page, before);
  ok(shown.length > 100, `${lang}: 1.5 MB are taken`);
  await page.setInputFiles('#f-file', picture);
  ok((await drawn(page, shown)).length > 100, `${lang}: a picture is shown before it is kept`);
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  ok(await page.locator('.card').count() === 2, `${lang}: both are in the list`);
  await page.waitForFunction(() => [...document.querySelectorAll('.card img')].every((i) => i.complete && i.naturalWidth > 0));
  await look(page, 'seals', lang);
  await page.goto(`${demo.portal}/seals/templates`);
  await look(page, 'placements-empty', lang);
  await page.click('.empty a.button');
  await page.fill('#f-name', ja ? '週報の確認' : 'Weekly report');
  await page.selectOption('#f-seal', { index: 1 });
  await page.fill('#f-x', '-1');
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  ok(await page.locator('#f-x-error').textContent() !== '', `${lang}: what is no length is told`);
  await look(page, 'placement', lang);
  await page.fill('#f-x', '150.5');
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  ok((await page.textContent('table')).includes('150.5'), `${lang}: a placement is kept`);
  await look(page, 'placements', lang);
  await page.goto(`${demo.portal}/seals`);
  await page.click('.card >> nth=0 >> a');
  await look(page, 'seal', lang);
  await page.click('.danger-zone a.button');
  await look(page, 'seal-delete', lang);
  await Promise.all([page.waitForNavigation(), page.click('main form button.danger')]);
  ok(await page.locator('.card').count() === 1, `${lang}: one is deleted`);
  ok(troubles.length === 0, `${lang}: nothing on the console, nobody else was asked`, troubles.join('\n'));
  await context.close();
}

// The same without script: a button shows the result.
async function plain(browser) {
  const { context, page } = await open(browser, 'en', { javaScriptEnabled: false });
  await signIn(page, person('alice@midori.example'));
  await page.goto(`${demo.portal}/seals/new`);
  ok(await page.locator('#f-file').isVisible() && await page.locator('[name=show]').isVisible(), 'without script everything is there');
  await page.fill('#f-text', '鈴木');
  await Promise.all([page.waitForNavigation(), page.click('[name=show]')]);
  ok((await src(page)).startsWith('data:image/png;base64,'), 'and a button shows the seal');
  await context.close();
}

const browser = await launch();
try {
  await journey(browser, 'ja');
  await journey(browser, 'en');
  await plain(browser);
} finally {
  await browser.close();
}
done();
