// The life of a certificate in both languages: an end user applies with a request, somebody else reviews
// it with the keyboard, the worker issues, openssl judges what is downloaded, it is revoked, OCSP says so
// (P1-30, P3-20, P3-31, P3-32). Then the ways in which review refuses: the own application, an old form,
// two people at once, several at once.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { demo, done, launch, look, ok, oneTimeCode, open, person, signIn } from './lib.mjs';

const out = process.env.OUT;
const browser = await launch();

function openssl(...args) {
  try {
    return execFileSync('openssl', args, { cwd: out, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (e) {
    return `FAILED ${e.stdout ?? ''}${e.stderr ?? ''}`;
  }
}

// A customer whose contract holds certificates: as a member of the provider's staff would register it.
function contract() {
  const sql = `INSERT IGNORE INTO tenant_service (tenant_id, service, added_at) SELECT id, 'mpki', NOW(6) FROM tenant WHERE code IN ('sakura', 'midori');
    INSERT IGNORE INTO tenant_namespace (tenant_id, kind, value, added_at) SELECT id, 'mail', CONCAT(code, '.example'), NOW(6) FROM tenant WHERE code IN ('sakura', 'midori');
    INSERT IGNORE INTO tenant_namespace (tenant_id, kind, value, added_at) SELECT id, 'org', name, NOW(6) FROM tenant WHERE code IN ('sakura', 'midori');`;
  execFileSync('mariadb', ['-S', join(process.env.VAR, 'run/db.sock'), '-u', 'root', 'shomei', '-e', sql]);
}

async function press(page, selector) {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

async function enter(lang, login) {
  const seat = await open(browser, lang);
  await signIn(seat.page, person(login));
  return seat;
}

async function apply(page, lang, name, first) {
  openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`, '-subj', '/CN=ignored', '-out', `${name}.csr`);
  await page.goto(`${demo.portal}/certificates/apply`);
  if (first) await look(page, 'apply-kind', lang);
  await press(page, 'form:has(input[value=smime]) button');
  await page.check('input[name=key][value=csr]');
  await page.setInputFiles('input[name=csr_file]', join(out, `${name}.csr`));
  if (first) await look(page, 'apply-form', lang);
  await press(page, 'form.form button.primary');
  if (first) await look(page, 'apply-confirm', lang);
  await press(page, 'form.form button.primary');
  if (first) await look(page, 'apply-done', lang);
  return (await page.textContent('.receipt code')).trim();
}

async function vet(page) {
  for (const item of ['identity', 'authority', 'content']) await page.selectOption(`select[name=${item}]`, 'register');
  await page.check('input[name=confirmed]');
}

const at = (page, receipt) => page.goto(`${demo.portal}/reviews/${receipt}`);

// With the keyboard: down to it, open it, say how it was confirmed, approve; the next one opens by itself.
async function review(page, lang, receipts) {
  await page.goto(`${demo.portal}/reviews`);
  await look(page, 'reviews', lang);
  for (const r of receipts) ok((await page.locator(`a[href*="${r}"]`).count()) > 0, `${lang}: ${r} waits in the queue`);
  await page.goto(`${demo.portal}/reviews?q=${receipts[0]}`);
  await page.keyboard.press('j');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  ok(page.url().includes(receipts[0]), `${lang}: j and Enter open it`);
  await look(page, 'review', lang);
  await page.keyboard.press('a');
  ok((await page.evaluate(() => document.activeElement.name)) === 'identity', `${lang}: a goes to what is still to be said`);
  await press(page, 'button.primary[data-key=a]');
  ok((await page.locator('[aria-invalid]').count()) >= 4, `${lang}: nothing is approved unconfirmed`);
  await look(page, 'review-errors', lang);
  await at(page, receipts[0]);
  await vet(page);
  await page.evaluate(() => document.activeElement.blur());
  await Promise.all([page.waitForNavigation(), page.keyboard.press('a')]);
  ok(page.url().includes(receipts[1]), `${lang}: a approves, and the next one opens by itself`, page.url());
  ok((await page.inputValue('select[name=identity]')) === 'register', `${lang}: the methods are proposed again`);
  ok(!(await page.isChecked('input[name=confirmed]')), `${lang}: the tick is not`);
}

// The application page of the applicant shows the certificate when the worker has issued it.
async function issued(page, receipt) {
  for (let i = 0; i < 120; i++) {
    await page.goto(`${demo.portal}/applications/${receipt}`);
    const link = page.locator('main a.primary[href^="/certificates/"]');
    if ((await link.count()) > 0) return link.first().getAttribute('href');
    await page.waitForTimeout(500);
  }
  return null;
}

async function file(page, url, name) {
  const answer = await page.context().request.get(`${demo.portal}${url}`);
  const { writeFileSync } = await import('node:fs');
  writeFileSync(join(out, name), await answer.body());
}

async function judge(page, lang, certificate, name) {
  await page.goto(`${demo.portal}${certificate}`);
  await look(page, 'certificate', lang);
  await file(page, `${certificate}/file/pem`, `${name}.pem`);
  await file(page, `${certificate}/file/chain`, `${name}-chain.pem`);
  const verified = openssl('verify', '-CAfile', demo.trust_root, '-untrusted', `${name}-chain.pem`, '-purpose', 'smimesign', `${name}.pem`);
  ok(verified.includes(': OK'), `${lang}: openssl verifies the certificate`, verified);
  const same = openssl('x509', '-in', `${name}.pem`, '-noout', '-pubkey') === openssl('pkey', '-in', `${name}.key`, '-pubout');
  ok(same, `${lang}: it certifies the applicant's key`);
  ok(!openssl('x509', '-in', `${name}.pem`, '-noout', '-subject').includes('ignored'), `${lang}: and the names that were reviewed`);
}

function ocsp(name) {
  const text = execFileSync('bash', ['-c', `awk '/BEGIN/{n++} n==2' ${name}-chain.pem > ${name}-issuer.pem`], { cwd: out, encoding: 'utf8' });
  const url = openssl('x509', '-in', `${name}.pem`, '-noout', '-ocsp_uri').trim();
  return text + openssl('ocsp', '-issuer', `${name}-issuer.pem`, '-cert', `${name}.pem`, '-url', url, '-CAfile', demo.trust_root, '-verify_other', `${name}-issuer.pem`);
}

async function revoke(page, lang, login, certificate, name) {
  ok(ocsp(name).includes(': good'), `${lang}: OCSP says good`, ocsp(name));
  await page.goto(`${demo.portal}${certificate}/revoke`);
  await look(page, 'revoke', lang);
  await page.check('input[name=reason] >> nth=0');
  if (await page.locator('input[name=code]').count()) await page.fill('input[name=code]', await oneTimeCode(person(login)));
  if (await page.locator('input[name=password]').count()) await page.fill('input[name=password]', person(login).password);
  await press(page, 'main button.danger');
  ok(ocsp(name).includes(': revoked'), `${lang}: OCSP says revoked at once`, ocsp(name));
}

// The same form again; and one that was filled in while somebody else decided.
async function replay(lang, receipt) {
  const one = await enter(lang, 'admin@sakura.example');
  await at(one.page, receipt);
  const two = await one.context.newPage();
  await at(two, receipt);
  await vet(two);
  await one.page.fill('textarea[name=reason]', lang === 'ja' ? '部署名をご確認ください。' : 'Please check the department.');
  await press(one.page, 'form:has(textarea[name=reason]) button >> nth=0');
  await press(two, 'button.primary[data-key=a]');
  ok((await two.locator('[data-review-approve]').count()) === 0, `${lang}: an approval of what was returned meanwhile is refused`);
  await look(two, 'review-meanwhile', lang);
  await one.context.close();
}

async function several(lang, receipts, own) {
  const { context, page, troubles } = await enter(lang, 'admin@sakura.example');
  await page.goto(`${demo.portal}/reviews?state=waiting`);
  ok((await page.locator(`input[value^="${own}"]`).count()) === 0, `${lang}: the own application cannot be ticked`);
  for (const r of receipts) await page.check(`input[value^="${r}"]`);
  await press(page, 'button[value=approve]');
  await look(page, 'reviews-chosen', lang);
  await vet(page);
  await press(page, 'main form button.primary');
  ok((await page.locator('.badge-success').count()) === receipts.length, `${lang}: several are approved at once`);
  await look(page, 'reviews-done', lang);
  await at(page, own);
  ok((await page.locator('[data-review-approve]').count()) === 0, `${lang}: nobody approves their own`);
  await look(page, 'review-own', lang);
  ok(troubles.length === 0, `${lang}: no trouble in the console`, troubles.join('\n'));
  await context.close();
}

async function fields(lang, receipt) {
  const { context, page } = await enter(lang, 'admin@sakura.example');
  await at(page, receipt);
  await press(page, 'a[href*="/edit"]');
  await look(page, 'review-edit', lang);
  await page.fill('input[name=value] >> nth=1', lang === 'ja' ? '開発部' : 'Development');
  await press(page, 'main form button.primary');
  ok((await page.locator('dl.facts del').count()) === 1, `${lang}: what was applied for stands beside the change`);
  await look(page, 'review-edited', lang);
  await context.close();
}

async function walls(lang, receipt) {
  const other = await enter(lang, 'admin@midori.example');
  ok((await other.page.goto(`${demo.portal}/reviews/${receipt}`)).status() === 404, `${lang}: another customer's application is not there`);
  await other.context.close();
}

async function journey(lang) {
  const applicant = await enter(lang, 'hanako@sakura.example');
  const receipts = [];
  for (let i = 0; i < 5; i++) receipts.push(await apply(applicant.page, lang, `${lang}${i}`, i === 0));
  const reviewer = await enter(lang, 'admin@sakura.example');
  const own = await apply(reviewer.page, lang, `${lang}-own`, false);
  await review(reviewer.page, lang, receipts);
  ok(reviewer.troubles.length === 0, `${lang}: no trouble in the reviewer's console`, reviewer.troubles.join('\n'));
  await reviewer.context.close();
  const certificate = await issued(applicant.page, receipts[0]);
  if (ok(certificate !== null, `${lang}: the certificate is issued`)) {
    await judge(applicant.page, lang, certificate, `${lang}0`);
    await revoke(applicant.page, lang, 'hanako@sakura.example', certificate, `${lang}0`);
  }
  await replay(lang, receipts[1]);
  await fields(lang, receipts[2]);
  await several(lang, receipts.slice(3, 5), own);
  await walls(lang, receipts[2]);
  ok(applicant.troubles.length === 0, `${lang}: no trouble in the applicant's console`, applicant.troubles.join('\n'));
  await applicant.context.close();
}

try {
  contract();
  await journey('ja');
  await journey('en');
} catch (e) {
  ok(false, 'the journey ends', e.stack);
} finally {
  await browser.close();
}
done();
