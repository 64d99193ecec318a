/**
 * Reading strict DER (X.690), just as much as certificates and revocation lists need.
 */

import { textOf } from "./bytes.js";
import { VerifyError } from "./error.js";

/** Deepest nesting that is followed; certificates need fewer than 16 levels. */
const MAX_DEPTH = 32;

export const Tag = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OID: 0x06,
  ENUMERATED: 0x0a,
  UTF8: 0x0c,
  PRINTABLE: 0x13,
  TELETEX: 0x14,
  IA5: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  BMP: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
};

/** A cursor over a row of TLVs. Every method takes one TLV or throws `Der`. */
export class Reader {
  /** @param {Uint8Array} bytes @param {number} [depth] */
  constructor(bytes, depth = 0) {
    this.bytes = bytes;
    this.at = 0;
    this.depth = depth;
  }

  /** @param {string} rule @returns {VerifyError} */
  fault(rule) {
    return new VerifyError("Der", `DER 编码第 ${this.at} 字节处有误：${rule}。请更换文件`);
  }

  get isEmpty() {
    return this.at === this.bytes.length;
  }

  finish() {
    if (!this.isEmpty) throw this.fault("末尾有多余数据");
  }

  /** @param {number} tag @returns {boolean} is the next TLV of this tag? */
  isNext(tag) {
    return this.bytes[this.at] === tag;
  }

  /** @returns {{tag: number, content: Uint8Array, whole: Uint8Array}} the next TLV of any kind */
  any() {
    const { bytes } = this;
    let at = this.at;
    const next = () => {
      if (at >= bytes.length) throw this.fault("数据提前结束");
      return bytes[at++];
    };
    const tag = next();
    if ((tag & 0x1f) === 0x1f) throw this.fault("标签号超过 30");
    let length = next();
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count < 1 || count > 4) throw this.fault("长度应为确定形式且小于 4 GiB");
      const first = bytes[at];
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + next();
      if (length < 0x80 || first === 0) throw this.fault("长度不是最短形式");
    }
    if (length > bytes.length - at) throw this.fault("数据提前结束");
    const start = this.at;
    this.at = at + length;
    return { tag, content: bytes.subarray(at, this.at), whole: bytes.subarray(start, this.at) };
  }

  /** @param {number} tag @returns {Uint8Array} content of the next TLV, which must bear the tag */
  content(tag) {
    if (!this.isNext(tag)) throw this.fault("标签与预期的类型不符");
    return this.any().content;
  }

  /**
   * @template T
   * @param {number} tag a constructed one
   * @param {(inner: Reader) => T} read takes all of the content
   * @returns {T}
   */
  nested(tag, read) {
    if (this.depth === MAX_DEPTH) throw this.fault("嵌套层数超过 32");
    const inner = new Reader(this.content(tag), this.depth + 1);
    const value = read(inner);
    inner.finish();
    return value;
  }

  /** @template T @param {number} tag @param {(inner: Reader) => T} read one member @returns {T[]} */
  listOf(tag, read) {
    return this.nested(tag, (list) => {
      const members = [];
      while (!list.isEmpty) members.push(read(list));
      return members;
    });
  }

  /** BOOLEAN, as 00 or FF only. */
  boolean() {
    const content = this.content(Tag.BOOLEAN);
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw this.fault("BOOLEAN 应为 00 或 FF");
    return content[0] === 0xff;
  }

  /** @param {number} [tag] @returns {Uint8Array} magnitude of a non-negative INTEGER, without leading zeros */
  unsigned(tag = Tag.INTEGER) {
    const content = this.content(tag);
    const [first, second] = content;
    const shortest = content.length > 0 && !(first === 0 && content.length > 1 && second < 0x80);
    if (!shortest || first >= 0x80) throw this.fault("INTEGER 应为最短编码的非负整数");
    return first === 0 && content.length > 1 ? content.subarray(1) : content;
  }

  /** @param {number} [tag] @returns {number} a small non-negative INTEGER */
  small(tag = Tag.INTEGER) {
    const bytes = this.unsigned(tag);
    if (bytes.length > 6) throw this.fault("整数过大");
    return bytes.reduce((value, byte) => value * 256 + byte, 0);
  }

  /** @returns {string} dotted OBJECT IDENTIFIER */
  oid() {
    const content = this.content(Tag.OID);
    const parts = [];
    let value = 0;
    content.forEach((byte, i) => {
      const starts = i === 0 || content[i - 1] < 0x80;
      if ((starts && byte === 0x80) || value > 0x1fffffff) throw this.fault("OBJECT IDENTIFIER 编码不对");
      value = starts ? byte & 0x7f : value * 128 + (byte & 0x7f);
      if (byte < 0x80) parts.push(value);
    });
    if (content.length === 0 || content[content.length - 1] >= 0x80) throw this.fault("OBJECT IDENTIFIER 编码不对");
    const top = Math.min(2, Math.floor(parts[0] / 40));
    return [top, parts[0] - 40 * top, ...parts.slice(1)].join(".");
  }

  /** @returns {{bytes: Uint8Array, unused: number}} */
  bitsWithUnused() {
    const content = this.content(Tag.BIT_STRING);
    const unused = content[0];
    const bytes = content.subarray(1);
    const last = bytes.length > 0 ? bytes[bytes.length - 1] : 0;
    const right = content.length > 0 && unused < 8 && (bytes.length > 0 || unused === 0);
    if (!right || (last & ((1 << unused) - 1)) !== 0) throw this.fault("BIT STRING 编码不对");
    return { bytes, unused };
  }

  /** @returns {Uint8Array} a BIT STRING of whole bytes */
  bits() {
    const { bytes, unused } = this.bitsWithUnused();
    if (unused !== 0) throw this.fault("BIT STRING 应为整字节");
    return bytes;
  }

  /** @returns {string} text of any string type met in names */
  text() {
    const { tag, content } = this.any();
    const ascii = content.every((byte) => byte < 128);
    let text = null;
    if (tag === Tag.UTF8) text = textOf(content);
    else if (tag === Tag.BMP && content.length % 2 === 0) {
      const unit = (i) => content[2 * i] * 256 + content[2 * i + 1];
      const units = Array.from({ length: content.length / 2 }, (_, i) => unit(i));
      if (units.every((one) => one < 0xd800 || one > 0xdfff)) text = units.map((one) => String.fromCharCode(one)).join("");
    } else if (tag === Tag.PRINTABLE && /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(textOf(content) || "\0")) text = textOf(content);
    else if ((tag === Tag.IA5 || tag === Tag.TELETEX) && ascii) text = textOf(content);
    if (text === null) throw this.fault("字符串编码不对");
    return text;
  }

  /** @returns {number} UTCTime or GeneralizedTime in the only spelling DER allows, as Unix seconds */
  time() {
    const long = this.isNext(Tag.GENERALIZED_TIME);
    const text = textOf(this.content(long ? Tag.GENERALIZED_TIME : Tag.UTC_TIME)) || "";
    if (!(long ? /^\d{14}Z$/ : /^\d{12}Z$/).test(text)) throw this.fault("时间应为 YYYYMMDDHHMMSSZ");
    // Years 50–99 are 19xx, 00–49 are 20xx (RFC 5280 §4.1.2.5.1).
    const full = long ? text : (text < "5" ? "20" : "19") + text;
    const iso = `${full.slice(0, 4)}-${full.slice(4, 6)}-${full.slice(6, 8)}T${full.slice(8, 10)}:${full.slice(10, 12)}:${full.slice(12, 14)}`;
    const ms = Date.parse(`${iso}Z`);
    // 30 February, hour 24 and second 60 come back as something else, or as nothing.
    if (!Number.isFinite(ms) || new Date(ms).toISOString().slice(0, 19) !== iso) throw this.fault("时间不存在");
    return ms / 1000;
  }
}
