// What the journeys share: TAP, Chromium, one-time codes, looking at a page.
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const demo = JSON.parse(readFileSync(process.env.DEMO, 'utf8'));
export const shots = process.env.SHOMEI_SCREENSHOTS;

let count = 0;
let failed = 0;
export function ok(pass, name, detail) {
  count++;
  if (!pass) failed++;
  console.log(`${pass ? 'ok' : 'not ok'} ${count} - ${name}`);
  if (!pass && detail !== undefined) console.log(String(detail).split('\n').slice(0, 20).map((l) => `# ${l}`).join('\n'));
  return pass;
}
export function done() {
  console.log(`1..${count}`);
  process.exitCode = failed === 0 && count > 0 ? 0 : 1;
}

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--hide-scrollbars'],
  });
}

// RFC 6238: a code is good once, so each account remembers the step it used last, from one journey to the next.
const stepsFile = process.env.OUT && join(process.env.OUT, 'steps.json');
const lastStep = new Map(stepsFile && existsSync(stepsFile) ? JSON.parse(readFileSync(stepsFile, 'utf8')) : []);
function base32(text) {
  let bits = '';
  for (const c of text) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0');
  return Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
}
export async function oneTimeCode(account) {
  const now = () => Math.floor(Date.now() / 30000);
  const step = Math.max(now(), (lastStep.get(account.login) ?? 0) + 1);
  while (step > now() + 1) await new Promise((r) => setTimeout(r, 500));
  lastStep.set(account.login, step);
  if (stepsFile) writeFileSync(stepsFile, JSON.stringify([...lastStep]));
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', base32(account.totp_secret)).update(message).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}
export const person = (login) => demo.accounts.find((a) => a.login === login);

export async function open(browser, lang, options = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true, locale: lang === 'ja' ? 'ja-JP' : 'en-GB', viewport: { width: 1280, height: 900 },
    acceptDownloads: true, reducedMotion: 'reduce', ...options,
  });
  const page = await context.newPage();
  const troubles = [];
  page.on('console', (m) => { if (m.type() === 'error' && !/status of (4|5)\d\d/.test(m.text())) troubles.push(m.text()); });
  page.on('pageerror', (e) => troubles.push(String(e)));
  page.on('request', (r) => { if (!r.url().startsWith(demo.portal) && !r.url().startsWith('data:')) troubles.push(`third party: ${r.url()}`); });
  return { context, page, troubles };
}

export async function signIn(page, account) {
  await page.goto(`${demo.portal}/login`);
  await page.fill('input[name=login]', account.login);
  await page.fill('input[name=password]', account.password);
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  await page.fill('input[name=code]', await oneTimeCode(account));
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  // an earlier journey may have changed the account's language
  const want = await page.evaluate(() => navigator.language.slice(0, 2));
  if ((await page.getAttribute('html', 'lang')) !== want) await Promise.all([page.waitForNavigation(), page.click('form.language button')]);
}

async function axe(page) {
  return page.evaluate(async ([source]) => {
    if (!window.axe) (0, eval)(source);
    const r = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return r.violations.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target.join(' ')).slice(0, 4).join(', ')})`);
  }, [axeSource]);
}

// Look at the page as it stands: both widths, light and dark, axe, no sideways scrolling, right language.
export async function look(page, name, lang) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Page.setBypassCSP', { enabled: true }); // for axe alone; the pages were loaded under their CSP
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    const found = await axe(page);
    ok(found.length === 0, `${name} (${lang}, ${scheme}): axe finds nothing`, found.join('\n'));
    if (scheme === 'dark') await page.screenshot({ path: join(shots, `${name}-${lang}-dark.png`) });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.screenshot({ path: join(shots, `${name}-${lang}-desktop.png`), fullPage: true });
  await page.setViewportSize({ width: 390, height: 844 });
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.screenshot({ path: join(shots, `${name}-${lang}-phone.png`), fullPage: true });
  ok(over <= 0, `${name} (${lang}): a phone scrolls down only`, `${over} px too wide`);
  const small = await axe(page);
  ok(small.length === 0, `${name} (${lang}, phone): axe finds nothing`, small.join('\n'));
  await page.setViewportSize({ width: 1280, height: 900 });
  ok((await page.getAttribute('html', 'lang')) === lang, `${name}: is in ${lang}`);
  if (lang === 'ja') {
    const title = await page.title();
    ok(/[\u3040-\u30ff\u4e00-\u9fff]/.test(title), `${name}: its title is Japanese`, title);
  }
}

// The page on paper, also for somebody who reads in the dark: its text in black on white, nothing to press.
export async function paper(page, name, lang) {
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const seen = await page.evaluate(() => {
    const shown = (e) => e.getClientRects().length > 0;
    return {
      heading: [...document.querySelectorAll('main h1')].some(shown),
      pressed: [...document.querySelectorAll('nav.rail, .rail, button, .buttons')].filter(shown).map((e) => e.outerHTML.slice(0, 80)),
      ground: getComputedStyle(document.body).backgroundColor,
      ink: getComputedStyle(document.querySelector('main h1')).color,
    };
  });
  ok(seen.heading && seen.pressed.length === 0, `${name} (${lang}): paper shows the contents and nothing to press`, seen.pressed.join('\n'));
  ok(/^rgba?\((255, 255, 255|0, 0, 0, 0)\b/.test(seen.ground) && seen.ink === 'rgb(0, 0, 0)', `${name} (${lang}): paper is black on white`, `${seen.ground} ${seen.ink}`);
  await page.pdf({ path: join(shots, `${name}-${lang}-paper.pdf`), format: 'A4' });
  await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
}
