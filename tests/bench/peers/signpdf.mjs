// signpdf.mjs PDF P12 SECONDS ENGINE - signatures per CPU-second of the npm signers on one file.
import { readFileSync } from 'node:fs';

const [file, p12, seconds, engine] = process.argv.slice(2);
const pdf = readFileSync(file);
const key = readFileSync(p12);

async function signpdf() {
  const { SignPdf } = await import('@signpdf/signpdf');
  const { P12Signer } = await import('@signpdf/signer-p12');
  const { plainAddPlaceholder } = await import('@signpdf/placeholder-plain');
  // a signer of this library is used up by one signature
  return () => new SignPdf().sign(plainAddPlaceholder({ pdfBuffer: pdf, reason: 'bench', contactInfo: '', name: '', location: '' }),
    new P12Signer(key, { passphrase: 'bench' }));
}

async function libpdf() {
  const { PDF, P12Signer } = await import('@libpdf/core');
  const signer = await P12Signer.create(new Uint8Array(key), 'bench');
  return async () => (await PDF.load(new Uint8Array(pdf))).sign({ signer, reason: 'bench' });
}

const sign = await (engine === 'signpdf' ? signpdf() : libpdf());
await sign();
const cpu0 = process.cpuUsage();
const end = Date.now() + Number(seconds) * 1000;
let n = 0;
while (Date.now() < end) { await sign(); n++; }
const cpu = process.cpuUsage(cpu0);
console.log((n / ((cpu.user + cpu.system) / 1e6)).toFixed(2));
