// keys.js - a key pair born in the browser, and its certificate request.
//
//   import { kinds, makeKeys, makeRequest, privateKey, toPem, fromPem } from "./keys.js";
//
//   kinds                            ["P-256", "RSA-2048", "RSA-3072"]
//   await makeKeys(kind)             { kind, privateKey, publicKey }: WebCrypto keys; the private one can be exported
//   await makeRequest(keys, name)    PKCS#10 (RFC 2986) in DER, signed with SHA-256: proof of possession. `name`
//                                    (optional text) becomes its common name; the server takes the key, not the name.
//   await privateKey(keys)           PKCS#8 in DER, for p12.js: fill(0) it when it has been used
//   toPem(label, der)                "-----BEGIN label-----" ...
//   fromPem(text)                    [der, ...] of all blocks in a PEM text, in order
//
// All of it needs a secure context (https). Nothing is kept or sent: what becomes of the key is the caller's matter.

import { bits, integer, join, oid, sequence, set, utf8String, within } from "./der.js";

export const kinds = ["P-256", "RSA-2048", "RSA-3072"];

const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const rsa = (bits) => ({
  name: "RSASSA-PKCS1-v1_5", modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256",
});

export const makeKeys = async (kind) => {
  if (!kinds.includes(kind)) throw new RangeError(`no such kind of key: ${kind}`);
  const algorithm = kind === "P-256" ? ecdsa : rsa(Number(kind.slice(4)));
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return { kind, privateKey: pair.privateKey, publicKey: pair.publicKey };
};

export const privateKey = async (keys) => new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));

// WebCrypto writes the two numbers of an ECDSA signature side by side, X.509 wants them in a SEQUENCE (RFC 3279 2.2.3).
const sign = async (keys, data) => {
  if (keys.kind !== "P-256")
    return { algorithm: sequence(oid("1.2.840.113549.1.1.11"), [5, 0]), // sha256WithRSAEncryption, NULL
      value: new Uint8Array(await crypto.subtle.sign("RSASSA-PKCS1-v1_5", keys.privateKey, data)) };
  const raw = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, data));
  return { algorithm: sequence(oid("1.2.840.10045.4.3.2")), // ecdsa-with-SHA256
    value: sequence(integer(raw.subarray(0, 32)), integer(raw.subarray(32))) };
};

export const makeRequest = async (keys, name = "") => {
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
  const subject = name ? sequence(set(sequence(oid("2.5.4.3"), utf8String(name)))) : sequence();
  const info = sequence(integer(0), subject, spki, within(0));
  const signature = await sign(keys, info);
  return sequence(info, signature.algorithm, bits(signature.value));
};

export const toPem = (label, der) => {
  const lines = btoa(Array.from(der, (b) => String.fromCharCode(b)).join("")).match(/.{1,64}/g);
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
};

export const fromPem = (text) =>
  Array.from(text.matchAll(/-----BEGIN [^-]+-----([^-]+)-----END [^-]+-----/g),
    ([, base64]) => join(Uint8Array.from(atob(base64.replace(/\s/g, "")), (c) => c.charCodeAt(0))));
