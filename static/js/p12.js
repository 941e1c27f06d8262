// p12.js - PKCS#12 (RFC 7292) made in the browser, so that a private key never leaves it unencrypted.
//
//   import { makeP12, passwordFault, makePassword, save } from "./p12.js";
//
//   await makeP12({ key, certificates, password, name })
//                          the file as Uint8Array. `key`: PKCS#8 DER (keys.js privateKey()); `certificates`:
//                          [leaf, issuer, ... root], DER each; `name`: what key stores show (friendlyName).
//                          Throws RangeError(passwordFault(password)) for a password that will not do.
//   passwordFault(text)    "" when it will do, else "short" (under 12 characters) or "letters" (other than printable
//                          ASCII: key stores do not agree how to write the rest as bytes)
//   makePassword()         20 random characters in groups of five (100 bits), none easily taken for another
//   save(bytes, filename)  offers the file to the person as a download
//
// Key and certificates: PBES2, AES-256-CBC, PBKDF2 with HMAC-SHA256. The whole: HMAC-SHA256 with a key by the
// derivation of RFC 7292 B.2. Counts: .NET refuses files with more than 600 000 iterations in all; the MAC's are slow
// here, one call of WebCrypto each. What reads such files: docs/decisions/0151.

import { bmpString, integer, join, nothing, octets, oid, sequence, set, tlv, utf16, within } from "./der.js";

const KEY_ROUNDS = 200000; // twice
const MAC_ROUNDS = 10000;
const SHORTEST = 12;

const oids = {
  data: "1.2.840.113549.1.7.1", encryptedData: "1.2.840.113549.1.7.6",
  keyBag: "1.2.840.113549.1.12.10.1.2", certificateBag: "1.2.840.113549.1.12.10.1.3",
  x509: "1.2.840.113549.1.9.22.1", friendlyName: "1.2.840.113549.1.9.20", localKeyId: "1.2.840.113549.1.9.21",
  pbes2: "1.2.840.113549.1.5.13", pbkdf2: "1.2.840.113549.1.5.12", hmacSha256: "1.2.840.113549.2.9",
  aes256: "2.16.840.1.101.3.4.1.42", sha256: "2.16.840.1.101.3.4.2.1",
};

const random = (n) => crypto.getRandomValues(new Uint8Array(n));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

export const passwordFault = (text) => {
  if (!/^[\x20-\x7e]*$/.test(text)) return "letters";
  return text.length < SHORTEST ? "short" : "";
};

export const makePassword = () => {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789"; // 32: no l, o, 0, 1
  return Array.from(random(20), (b, i) => (i > 0 && i % 5 === 0 ? "-" : "") + letters[b % 32]).join("");
};

// --- encryption: RFC 8018 6.2 ---

const encrypt = async (password, data) => {
  const salt = random(16), iv = random(16);
  const base = await crypto.subtle.importKey("raw", new TextEncoder().encode(password), "PBKDF2", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: KEY_ROUNDS }, base,
    { name: "AES-CBC", length: 256 }, false, ["encrypt"]);
  const derivation = sequence(oid(oids.pbkdf2), sequence(octets(salt), integer(KEY_ROUNDS),
    sequence(oid(oids.hmacSha256), nothing())));
  return {
    algorithm: sequence(oid(oids.pbes2), sequence(derivation, sequence(oid(oids.aes256), octets(iv)))),
    value: new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CBC", iv }, key, data)),
  };
};

// --- integrity: RFC 7292 B.2 with SHA-256 (u 32, v 64 octets): one block of output is the whole key ---

const MAC_KEY = 3; // the ID octet
const macKey = async (password, salt) => {
  const repeat = (bytes) => Uint8Array.from({ length: 64 * Math.ceil(bytes.length / 64) }, (_, i) => bytes[i % bytes.length]);
  let key = join(new Uint8Array(64).fill(MAC_KEY), repeat(salt), repeat(join(utf16(password), [0, 0])));
  for (let i = 0; i < MAC_ROUNDS; i++) key = await sha256(key);
  return key;
};

const macOf = async (password, content) => {
  const salt = random(16);
  const key = await crypto.subtle.importKey("raw", await macKey(password, salt), { name: "HMAC", hash: "SHA-256" },
    false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, content));
  return sequence(sequence(sequence(oid(oids.sha256), nothing()), octets(mac)), octets(salt), integer(MAC_ROUNDS));
};

// --- the parts: RFC 7292 4 ---

const attributes = (id, name) => {
  const found = [sequence(oid(oids.localKeyId), set(octets(id)))];
  if (name) found.unshift(sequence(oid(oids.friendlyName), set(bmpString(name))));
  return tlv(0x31, ...found.sort((a, b) => a[1] - b[1])); // DER: in the order of their encodings, where the length comes first
};

const bag = (type, value, ...more) => sequence(oid(type), within(0, value), ...more);
const certificateBag = (der, ...more) =>
  bag(oids.certificateBag, sequence(oid(oids.x509), within(0, octets(der))), ...more);

export const makeP12 = async ({ key, certificates, password, name = "" }) => {
  const fault = passwordFault(password);
  if (fault) throw new RangeError(fault);
  const id = (await sha256(certificates[0])).subarray(0, 20);
  const own = attributes(id, name.slice(0, 60));
  const chain = sequence(...certificates.map((der, i) => (i === 0 ? certificateBag(der, own) : certificateBag(der))));
  const hiddenChain = await encrypt(password, chain);
  const hiddenKey = await encrypt(password, key);
  const keys = sequence(bag(oids.keyBag, sequence(hiddenKey.algorithm, octets(hiddenKey.value)), own));
  const content = sequence(
    sequence(oid(oids.encryptedData), within(0, sequence(integer(0),
      sequence(oid(oids.data), hiddenChain.algorithm, tlv(0x80, hiddenChain.value))))),
    sequence(oid(oids.data), within(0, octets(keys))));
  return sequence(integer(3), sequence(oid(oids.data), within(0, octets(content))), await macOf(password, content));
};

export const save = (bytes, filename) => {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/x-pkcs12" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: filename });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
};
