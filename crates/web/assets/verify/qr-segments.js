/**
 * The segments of a QR code's data: digits, alphanumeric characters, bytes, GB 2312 and Shift JIS characters.
 */

import { textOf, utf8 } from "./bytes.js";

const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** Bits of the character count by mode, for versions 1–9, 10–26 and 27–40 (table 3; GB/T 18284 for mode 13). */
const COUNT_BITS = { 1: [10, 12, 14], 2: [9, 11, 13], 4: [8, 16, 16], 8: [8, 10, 12], 13: [8, 10, 12] };

/** Character sets by their ECI number, as the encoding standard names them. */
const CHARSETS = { 1: "latin1", 3: "latin1", 20: "shift_jis", 25: "utf-16be", 26: "utf-8", 27: "us-ascii", 28: "big5", 29: "gb18030", 30: "euc-kr", 31: "gb18030", 32: "gb18030", 170: "us-ascii" };

/** Bits from the highest; reading past the end gives −1. */
class Bits {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get left() {
    return 8 * this.bytes.length - this.at;
  }

  /** @param {number} count at most 24 @returns {number} */
  take(count) {
    if (count > this.left) return -1;
    let value = 0;
    for (let i = 0; i < count; i++, this.at++) {
      value = (value << 1) | ((this.bytes[this.at >> 3] >> (7 - (this.at & 7))) & 1);
    }
    return value;
  }
}

/** Collects bytes in stretches of one character set each. */
class Content {
  constructor() {
    this.stretches = [{ eci: null, bytes: [] }];
  }

  announce(eci) {
    this.stretches.push({ eci, bytes: [] });
  }

  push(...bytes) {
    this.stretches[this.stretches.length - 1].bytes.push(...bytes);
  }

  /** Characters of a set of their own in the middle of a stretch. */
  pushIn(charset, bytes) {
    const eci = this.stretches[this.stretches.length - 1].eci;
    this.stretches.push({ eci, charset, bytes }, { eci, bytes: [] });
  }

  finish() {
    const bytes = Uint8Array.from([].concat(...this.stretches.map((stretch) => stretch.bytes)));
    // Some encoders take pairs of UTF-8 bytes that look like Shift JIS for it, even across characters; true Shift JIS is not UTF-8.
    const mixed = this.stretches.some(({ charset }) => charset === "shift_jis") && this.stretches.every(({ eci }) => eci === null);
    const whole = mixed ? textOf(bytes) : null;
    if (whole !== null) return { bytes, text: whole };
    const texts = this.stretches.map((stretch) => stretchText(stretch));
    return { bytes, text: texts.includes(null) ? null : texts.join("") };
  }
}

function stretchText({ eci, charset, bytes }) {
  const own = Uint8Array.from(bytes);
  if (charset) return textOf(own, charset);
  if (eci !== null) return inSet(own, CHARSETS[eci]);
  // Nothing announced: UTF-8 as everyone writes it, else what Chinese software wrote before.
  const text = textOf(own);
  return text === null ? textOf(own, "gb18030") : text;
}

/** @param {Uint8Array} bytes @param {string | undefined} charset @returns {string | null} */
function inSet(bytes, charset) {
  if (charset === undefined) return null;
  // The encoding standard reads "latin1" as windows-1252; in ISO 8859-1 the code points are the bytes.
  if (charset === "latin1") return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  if (charset === "us-ascii") return bytes.every((byte) => byte < 128) ? textOf(bytes) : null;
  return textOf(bytes, charset);
}

/**
 * @param {Uint8Array} data data codewords
 * @param {number} version 1 to 40
 * @returns {{text: string | null, bytes: Uint8Array} | null} `null` for what the standard does not define or that is one of
 *   several linked symbols
 */
export function readSegments(data, version) {
  const bits = new Bits(data);
  const content = new Content();
  const group = version < 10 ? 0 : version < 27 ? 1 : 2;
  // Every pass takes four bits at least, so this ends.
  while (bits.left >= 4) {
    const mode = bits.take(4);
    if (mode === 0) break;
    // FNC1 marks what the data are for; the data themselves read as ever.
    if (mode === 5) continue;
    if (mode === 9) {
      if (bits.take(8) < 0) return null;
      continue;
    }
    if (mode === 7) {
      const eci = readEci(bits);
      if (eci < 0) return null;
      content.announce(eci);
      continue;
    }
    if (!readSegment(mode, bits, group, content)) return null;
  }
  return content.finish();
}

function readEci(bits) {
  if (bits.take(1) === 0) return bits.take(7);
  if (bits.take(1) === 0) return bits.take(14);
  return bits.take(1) === 0 ? bits.take(21) : -1;
}

/** @returns {boolean} whether the segment is whole */
function readSegment(mode, bits, group, content) {
  const widths = COUNT_BITS[mode];
  if (!widths) return false;
  // GB 2312 characters name their set first; 1 is the only one.
  if (mode === 13 && bits.take(4) !== 1) return false;
  const count = bits.take(widths[group]);
  if (count < 0) return false;
  if (mode === 1) return readDigits(bits, count, content);
  if (mode === 2) return readAlphanumeric(bits, count, content);
  if (mode === 4) {
    if (8 * count > bits.left) return false;
    for (let i = 0; i < count; i++) content.push(bits.take(8));
    return true;
  }
  return readPairs(mode, bits, count, content);
}

function readDigits(bits, count, content) {
  for (let left = count; left > 0; left -= 3) {
    const digits = Math.min(left, 3);
    const value = bits.take([0, 4, 7, 10][digits]);
    if (value < 0 || value >= 10 ** digits) return false;
    content.push(...utf8(String(value).padStart(digits, "0")));
  }
  return true;
}

function readAlphanumeric(bits, count, content) {
  for (let left = count; left > 0; left -= 2) {
    const value = bits.take(left > 1 ? 11 : 6);
    if (value < 0 || value >= (left > 1 ? 2025 : 45)) return false;
    const pair = left > 1 ? [Math.floor(value / 45), value % 45] : [value];
    for (const index of pair) content.push(ALPHANUMERIC.charCodeAt(index));
  }
  return true;
}

function readPairs(mode, bits, count, content) {
  const bytes = [];
  if (13 * count > bits.left) return false;
  for (let i = 0; i < count; i++) {
    const value = bits.take(13);
    if (mode === 8) {
      const pair = (Math.floor(value / 0xc0) << 8) | value % 0xc0;
      const code = pair + (pair < 0x1f00 ? 0x8140 : 0xc140);
      bytes.push(code >> 8, code & 0xff);
    } else {
      // GB/T 18284: rows A1–AA and B0–FA of GB 2312, 96 cells each.
      const pair = (Math.floor(value / 0x60) << 8) | value % 0x60;
      const code = pair + (pair < 0xa00 ? 0xa1a1 : 0xa6a1);
      bytes.push(code >> 8, code & 0xff);
    }
  }
  content.pushIn(mode === 8 ? "shift_jis" : "gb18030", bytes);
  return true;
}
