// keys_tool.mjs - static/js/keys.js and p12.js run by node: makes what test_keys_js.sh has judged.
//   keys_tool.mjs SCRIPTS DIR request KIND NAME   DIR/KIND.csr, DIR/KIND.p8 (DER)
//   keys_tool.mjs SCRIPTS DIR p12 KIND PASSWORD NAME CERTIFICATES.pem   DIR/KIND.p12
//   keys_tool.mjs SCRIPTS DIR refusals
import { readFileSync, writeFileSync } from 'node:fs';

const [scripts, dir, what, kind, ...rest] = process.argv.slice(2);
const keys = await import(`${scripts}/keys.js`);
const p12 = await import(`${scripts}/p12.js`);

if (what === 'request') {
  const pair = await keys.makeKeys(kind);
  writeFileSync(`${dir}/${kind}.csr`, await keys.makeRequest(pair, rest[0]));
  writeFileSync(`${dir}/${kind}.p8`, await keys.privateKey(pair));
} else if (what === 'p12') {
  const [password, name, pem] = rest;
  const certificates = keys.fromPem(readFileSync(pem, 'latin1'));
  const again = keys.fromPem(certificates.map((c) => keys.toPem('CERTIFICATE', c)).join('text between\n'));
  if (again.length !== certificates.length || !again.every((c, i) => Buffer.compare(c, certificates[i]) === 0)) throw new Error('PEM');
  writeFileSync(`${dir}/${kind}.p12`, await p12.makeP12({ key: readFileSync(`${dir}/${kind}.p8`), certificates, password, name }));
} else {
  const refused = (f) => f().then(() => false, (e) => e instanceof RangeError);
  const want = (pass, text) => { if (!pass) throw new Error(text); };
  want(p12.passwordFault('twelve chars') === '', 'good password');
  want(p12.passwordFault('eleven char') === 'short', 'short password');
  want(p12.passwordFault('パスワードパスワードパスワード') === 'letters', 'password beyond ASCII');
  want(await refused(() => p12.makeP12({ key: new Uint8Array(9), certificates: [new Uint8Array(9)], password: 'short' })), 'makeP12');
  want(await refused(() => keys.makeKeys('RSA-1024')), 'weak key');
  const made = new Set(Array.from({ length: 200 }, p12.makePassword));
  want(made.size === 200 && [...made].every((p) => /^([a-z2-9]{5}-){3}[a-z2-9]{5}$/.test(p) && p12.passwordFault(p) === ''), 'passwords made');
}
