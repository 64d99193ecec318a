/**
 * Base45 (RFC 9285): bytes in the alphanumeric alphabet of QR.
 */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUES = new Map(Array.from(ALPHABET, (ch, value) => [ch, value]));

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function encode(bytes) {
  let text = "";
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const value = bytes[i] * 256 + bytes[i + 1];
    text += ALPHABET[value % 45] + ALPHABET[Math.floor(value / 45) % 45] + ALPHABET[Math.floor(value / 2025)];
  }
  if (bytes.length % 2 === 1) {
    const value = bytes[bytes.length - 1];
    text += ALPHABET[value % 45] + ALPHABET[Math.floor(value / 45)];
  }
  return text;
}

/**
 * @param {string} text
 * @returns {Uint8Array | null} `null` for a foreign character, an impossible length or a group out of range
 */
export function decode(text) {
  const rest = text.length % 3;
  if (rest === 1) return null;
  const out = new Uint8Array(Math.floor(text.length / 3) * 2 + (rest === 2 ? 1 : 0));
  let at = 0;
  for (let i = 0; i < text.length; i += 3) {
    const digits = Array.from(text.substr(i, 3), (ch) => VALUES.get(ch));
    if (digits.includes(undefined)) return null;
    const value = digits.reduceRight((sum, digit) => sum * 45 + digit, 0);
    const count = digits.length - 1;
    if (value >= (count === 2 ? 0x10000 : 0x100)) return null;
    if (count === 2) out[at++] = value >> 8;
    out[at++] = value & 0xff;
  }
  return out;
}
