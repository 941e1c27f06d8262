// der.js - the little of DER (X.690) that keys.js and p12.js write. Every function returns a Uint8Array.

const utf8 = new TextEncoder();

export const join = (...parts) => {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out;
};

const length = (n) => {
  if (n < 0x80) return [n];
  const octets = [];
  for (; n > 0; n = Math.floor(n / 256)) octets.unshift(n % 256);
  return [0x80 | octets.length, ...octets];
};

export const tlv = (tag, ...parts) => {
  const body = join(...parts);
  return join([tag, ...length(body.length)], body);
};
export const sequence = (...parts) => tlv(0x30, ...parts);
export const set = (...parts) => tlv(0x31, ...parts); // of one element: DER would sort more
export const octets = (bytes) => tlv(0x04, bytes);
export const bits = (bytes) => tlv(0x03, [0], bytes);
export const utf8String = (text) => tlv(0x0c, utf8.encode(text));
export const bmpString = (text) => tlv(0x1e, utf16(text));
export const nothing = () => tlv(0x05, []);
export const within = (number, ...parts) => tlv(0xa0 | number, ...parts); // [number], constructed

// A number of the size of a JavaScript integer, or the bytes of an unsigned one, most significant first.
export const integer = (value) => {
  const bytes = [];
  if (typeof value === "number") {
    do { bytes.unshift(value % 256); value = Math.floor(value / 256); } while (value > 0);
  } else bytes.push(...value);
  while (bytes.length > 1 && bytes[0] === 0) bytes.shift();
  if (bytes[0] & 0x80) bytes.unshift(0);
  return tlv(0x02, bytes);
};

// "1.2.840.113549.1.7.1"
export const oid = (dotted) => {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (let arc of rest) {
    const groups = [arc % 128];
    for (arc = Math.floor(arc / 128); arc > 0; arc = Math.floor(arc / 128)) groups.unshift(0x80 | (arc % 128));
    bytes.push(...groups);
  }
  return tlv(0x06, bytes);
};

export const utf16 = (text) => { // big-endian, as BMPString and the key derivation of PKCS#12 want it
  const out = new Uint8Array(2 * text.length);
  for (let i = 0; i < text.length; i++) {
    out[2 * i] = text.charCodeAt(i) >> 8;
    out[2 * i + 1] = text.charCodeAt(i) & 0xff;
  }
  return out;
};
