/**
 * Bytes: a cursor over them, hexadecimal, comparison, UTF-8.
 */

import { VerifyError } from "./error.js";

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));

/**
 * @param {Uint8Array} bytes
 * @returns {string} lower-case hexadecimal
 */
export function toHex(bytes) {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/**
 * @param {string} text hexadecimal, two characters a byte
 * @returns {Uint8Array}
 * @throws {VerifyError} `Encoding` for anything else
 */
export function fromHex(text) {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new VerifyError("Encoding", "十六进制数据不完整或有误；请重新取得数据");
  }
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.substr(2 * i, 2), 16));
}

/**
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 * @returns {boolean} same length and content. Public values only: not constant in time.
 */
export function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * @param {...Uint8Array} parts
 * @returns {Uint8Array} all of them in a row
 */
export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * @param {string} text
 * @returns {Uint8Array} its UTF-8
 */
export function utf8(text) {
  return new TextEncoder().encode(text);
}

/**
 * @param {Uint8Array} bytes
 * @param {string} [charset] a name of the WHATWG encoding standard
 * @returns {string | null} the text, `null` where the bytes are not valid in the character set
 */
export function textOf(bytes, charset = "utf-8") {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (_) {
    return null;
  }
}

/** Reads big-endian fields one after another. Every read that goes past the end throws what `fault` makes of its field. */
export class Cursor {
  /**
   * @param {Uint8Array} bytes
   * @param {(field: string) => Error} fault the error of a field that is cut short
   */
  constructor(bytes, fault) {
    this.bytes = bytes;
    this.fault = fault;
    this.at = 0;
  }

  /** @returns {number} bytes not yet read */
  get left() {
    return this.bytes.length - this.at;
  }

  /**
   * @param {number} count
   * @param {string} field
   * @returns {Uint8Array} a view, not a copy
   */
  take(count, field) {
    if (!(count >= 0) || count > this.left) throw this.fault(field);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** @param {string} field @returns {number} */
  u8(field) {
    return this.take(1, field)[0];
  }

  /** @param {string} field @returns {number} */
  u16(field) {
    const [a, b] = this.take(2, field);
    return a * 256 + b;
  }

  /** @param {string} field @returns {number} */
  u32(field) {
    const [a, b, c, d] = this.take(4, field);
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  }

  /**
   * A signed 64-bit number.
   * @param {string} field
   * @returns {number} exact: numbers beyond 2^53 are a fault, no time of ours comes near
   */
  i64(field) {
    const high = this.u32(field) | 0;
    const value = high * 0x100000000 + this.u32(field);
    if (!Number.isSafeInteger(value)) throw this.fault(field);
    return value;
  }
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_VALUES = new Map(Array.from(BASE64, (ch, value) => [ch, value]));

/**
 * Base64 of RFC 4648 §4 with padding, in its one canonical spelling.
 *
 * @param {string} text
 * @returns {Uint8Array}
 * @throws {VerifyError} `Encoding` for white space, missing padding, foreign characters, stray bits
 */
export function fromBase64(text) {
  const fault = () => new VerifyError("Encoding", "Base64 数据不完整或有误；请重新取得数据");
  if (text.length % 4 !== 0) throw fault();
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  const out = new Uint8Array((text.length / 4) * 3 - padding);
  let [bits, count, at] = [0, 0, 0];
  for (let i = 0; i < digits; i++) {
    const value = BASE64_VALUES.get(text[i]);
    if (value === undefined) throw fault();
    bits = ((bits << 6) | value) & 0x3fff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out[at++] = (bits >> count) & 0xff;
    }
  }
  if ((bits & ((1 << count) - 1)) !== 0) throw fault();
  return out;
}

/** @param {Uint8Array} bytes @returns {string} Base64 with padding */
export function toBase64(bytes) {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = (bytes[i] << 16) | ((bytes[i + 1] || 0) << 8) | (bytes[i + 2] || 0);
    for (let place = 0; place < 4; place++) {
      out += place <= bytes.length - i ? BASE64[(bits >> (18 - 6 * place)) & 63] : "=";
    }
  }
  return out;
}
