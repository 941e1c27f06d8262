// Certificates after their issue, by their holder and by a visitor: looked at, downloaded, suspended, released, renewed
// in thought; the ways to revoke without an account.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo, done, launch, look, ok, oneTimeCode, open, person, signIn } from './lib.mjs';

const work = process.env.OUT;
const openssl = (...words) => execFileSync('openssl', words, { encoding: 'utf8' });

async function holder(browser, lang) {
  const taro = person('taro@sakura.example');
  const { page, context, troubles } = await open(browser, lang);
  await signIn(page, taro);
  await page.goto(`${demo.portal}/certificates`);
  await page.locator('main table tbody a').first().click();
  await page.waitForURL(/\/certificates\/\d+$/);
  const url = page.url();
  await look(page, 'certificate-detail', lang);
  const files = {};
  for (const format of ['pem', 'der', 'chain', 'pkcs7']) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`main a[href$="/file/${format}"]`)]);
    files[format] = join(work, `certificate-${lang}.${format}`);
    await download.saveAs(files[format]);
  }
  ok(/CN ?= ?/.test(openssl('x509', '-in', files.pem, '-noout', '-subject')), `openssl reads the PEM file (${lang})`);
  openssl('x509', '-inform', 'DER', '-in', files.der, '-noout');
  ok(/\.cer$/.test(files.der) || readFileSync(files.der)[0] === 0x30, `and the DER file (${lang})`);
  ok(openssl('pkcs7', '-inform', 'DER', '-in', files.pkcs7, '-print_certs').match(/BEGIN CERTIFICATE/g).length === 3, `and three certificates in PKCS#7 (${lang})`);
  await page.goto(`${url}/revoke`);
  await look(page, 'certificate-revoke', lang);
  await page.click('main form button.danger');
  await page.locator('#f-code[aria-invalid]').waitFor();
  ok(true, `nothing is revoked without the code (${lang})`);
  await look(page, 'certificate-revoke-error', lang);
  await page.goto(`${url}/suspend`);
  await look(page, 'certificate-suspend', lang);
  await page.click('main form button.danger');
  await page.waitForURL(/\/done\//);
  await look(page, 'certificate-done', lang);
  await page.goto(url);
  await look(page, 'certificate-suspended', lang);
  await page.goto(`${url}/release`);
  await page.fill('input[name=code]', await oneTimeCode(taro));
  await page.click('main form button.danger');
  await page.waitForURL(/\/done\//);
  ok(true, `released (${lang})`);
  await page.goto(`${demo.portal}/certificates/notices`);
  await look(page, 'certificate-notices', lang);
  ok(troubles.length === 0, `no trouble in the console (${lang})`, troubles.join('\n'));
  await context.close();
  return files.pem;
}

async function visitor(browser, lang, pem) {
  const { page, context, troubles } = await open(browser, lang);
  await page.goto(`${demo.portal}/revoke`);
  await look(page, 'revoke', lang);
  await page.fill('textarea[name=certificate]', readFileSync(pem, 'utf8'));
  await page.check('input[value=superseded]');
  await page.click('main form button.primary');
  await page.locator('textarea[name=signature]').waitFor();
  await look(page, 'revoke-request', lang);
  const text = (await page.locator('main pre').first().innerText()).split('\n');
  ok(text[1] === 'Shomei revocation request 1' && text.length === 7, `the text to sign has five lines (${lang})`, text.join('\n'));
  writeFileSync(join(work, 'other.pem'), openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'));
  writeFileSync(join(work, 'revoke.txt'), `${text.slice(1, 6).join('\n')}\n`);
  openssl('dgst', '-sha256', '-sign', join(work, 'other.pem'), '-out', join(work, 'revoke.sig'), join(work, 'revoke.txt'));
  await page.fill('textarea[name=signature]', openssl('base64', '-in', join(work, 'revoke.sig')));
  await page.click('main form button.danger');
  await page.locator('#f-signature[aria-invalid]').waitFor();
  ok(true, `another key revokes nothing (${lang})`);
  await look(page, 'revoke-refused', lang);
  await page.goto(`${demo.portal}/revoke/lost`);
  await look(page, 'revoke-lost', lang);
  await page.fill('input[name=email]', 'nobody@example.jp');
  await page.click('main form button.primary');
  await page.locator('section.done').waitFor();
  await look(page, 'revoke-sent', lang);
  ok(troubles.length === 0, `no trouble in the console (${lang})`, troubles.join('\n'));
  await context.close();
}

const browser = await launch();
for (const lang of ['ja', 'en']) await visitor(browser, lang, await holder(browser, lang));
await browser.close();
done();
