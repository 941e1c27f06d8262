// Many certificates from one file: template, upload, preview with errors, start, password, progress, result, keys; the same file again.
// In both languages, and without script.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo, done, launch, look, ok, open, person, signIn } from './lib.mjs';

const browser = await launch();
const words = {
  ja: { header: '操作,管理番号,ログインID,鍵', issue: '発行', wrong: '利用者はいません', left: 'エラーのため処理されない行', again: 'アップロード済み' },
  en: { header: 'Operation,ID,Account,Key', issue: 'ISSUE', wrong: 'No user of yours', left: 'Rows with errors are left out', again: 'was uploaded before' },
};

async function save(page, press, name) {
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 60000 }), press()]);
  const path = join(process.env.OUT, name);
  await download.saveAs(path);
  return readFileSync(path);
}

// Without script nothing refreshes by itself.
async function until(page, selector) {
  for (let i = 0; i < 120 && (await page.locator(selector).count()) === 0; i++) {
    await page.waitForTimeout(1000);
    await page.reload();
  }
  return page.locator(selector).count();
}

async function upload(page, path) {
  await page.goto(`${demo.portal}/bulk`);
  await page.selectOption('select[name=profile]', 'user-auth');
  await page.setInputFiles('input[name=file]', path);
  await Promise.all([page.waitForNavigation({ timeout: 60000 }), page.click('main form.form button.primary')]);
}

async function journey(lang, login, people, script) {
  const { context, page, troubles } = await open(browser, lang, { javaScriptEnabled: script });
  const w = words[lang];
  await signIn(page, person(login));
  await page.goto(`${demo.portal}/bulk`);
  if (script) await look(page, 'bulk-list', lang);
  const template = await save(page, () => page.click(`a[href*="/user-auth?language=${lang}"][href*="utf-8"]`), `bulk-template-${lang}.csv`);
  ok(template.toString('utf8').includes(w.header.split(',')[0]), `${lang}: a template with titles in the language`);
  const lines = [...people, 'nobody@nowhere.example'].map((p, i) => `${w.issue},${lang}-${script}-${i},${p},PKCS12`);
  const path = join(process.env.OUT, `bulk-${lang}-${script}.csv`);
  writeFileSync(path, `\ufeff${w.header}\r\n${lines.join('\r\n')}\r\n`);
  await upload(page, path);
  ok(await until(page, 'form[action$="/start"]'), `${lang}: the file is checked`);
  const preview = await page.content();
  ok(preview.includes(w.wrong) && preview.includes(w.left), `${lang}: errors, and what will happen, are shown first`);
  if (script) await look(page, 'bulk-preview', lang);
  await Promise.all([page.waitForNavigation(), page.click('form[action$="/start"] button')]);
  const password = await page.getAttribute('[data-copy]', 'data-copy');
  ok(/^[a-z2-9-]{23}$/.test(password), `${lang}: the password of the keys is shown`);
  if (script) await look(page, 'bulk-password', lang);
  await page.goto(await page.getAttribute('main a.primary', 'href').then((h) => demo.portal + h));
  ok(await until(page, 'main .head .badge-success'), `${lang}: the run comes to its end`);
  if (script) await look(page, 'bulk-run', lang);
  const result = (await save(page, () => page.click('a[href$="/result"]'), `bulk-result-${lang}.csv`)).toString('utf8');
  ok(result.split('\r\n').length === people.length + 3 && result.includes(`${lang}-${script}-0`), `${lang}: every row is in the result file`, result);
  await page.fill('input[name=password]', password);
  const zip = await save(page, () => page.click('form[action$="/keys"] button'), `bulk-keys-${lang}-${script}.zip`);
  ok(zip.subarray(0, 2).toString() === 'PK', `${lang}: the keys come as a ZIP`);
  const folder = join(process.env.OUT, `bulk-keys-${lang}-${script}`);
  execFileSync('unzip', ['-qo', `${folder}.zip`, '-d', folder], { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  const names = readdirSync(folder);
  for (const name of names) execFileSync('openssl', ['pkcs12', '-in', join(folder, name), '-passin', `pass:${password}`, '-nodes'], { stdio: ['ignore', 'ignore', 'ignore'] });
  ok(names.length === people.length, `${lang}: one key a row, and openssl opens each with the password`, names.join('\n'));
  await upload(page, path);
  ok((await page.content()).includes(w.again), `${lang}: the same file again does nothing`);
  ok(troubles.length === 0, `${lang}: no trouble in the console`, troubles.join('\n'));
  await context.close();
}

// The contract and the names that may be certified, where the demonstration's customers have none.
if (process.env.VAR)
  execFileSync('mariadb', ['-S', join(process.env.VAR, 'run/db.sock'), 'shomei', '-e', `
    INSERT IGNORE INTO tenant_service SELECT id, 'mpki', NOW(6) FROM tenant WHERE code IN ('sakura', 'midori');
    INSERT IGNORE INTO tenant_namespace (tenant_id, kind, value, added_at) SELECT id, 'mail', CONCAT(code, '.example'), NOW(6) FROM tenant WHERE code IN ('sakura', 'midori');
    INSERT IGNORE INTO tenant_namespace (tenant_id, kind, value, added_at) SELECT id, 'org', name, NOW(6) FROM tenant WHERE code IN ('sakura', 'midori')`]);
await journey('ja', 'admin@sakura.example', ['hanako@sakura.example', 'taro@sakura.example'], true);
await journey('en', 'admin@midori.example', ['alice@midori.example'], true);
await journey('ja', 'admin@sakura.example', ['taro@sakura.example'], false);
await browser.close();
done();
