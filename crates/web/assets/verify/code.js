/**
 * The content of our 2D code (`docs/code-format.md`): as strict as the province's own reader, with the same errors.
 */

import { decode as decodeBase45, encode as encodeBase45 } from "./base45.js";
import { Cursor, concat, equal, toHex } from "./bytes.js";
import { VerifyError } from "./error.js";
import { makeIdentifier } from "./identifier.js";
import { isSignature, verify as verifySignature } from "./sm2.js";

/** What every code of ours begins with. */
export const PREFIX = "LZ:";
const VERSION = 1;
/** The definer of all nine kinds; its codes save sixteen bytes. */
const MINISTRY = "11100000000019713D";
const SIGNATURE_LEN = 64;
const DAY_MS = 86400000;
/** Day 0 of the dates, and second 0 of the slots, as Unix milliseconds. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const LONG_TERM = 0xffff;
/** 长期, as everywhere in the province. */
export const LONG_TERM_TEXT = "长期";

/** Purposes by their byte. */
const TYPES = { 1: "face", 2: "present", 3: "printed", 4: "present" };
/** A shown code whose shower is not the holder. */
const GRANTED = 4;

/**
 * A code as scanned. Nothing in it is to be believed before {@link verifyCode}.
 *
 * @typedef {object} Code
 * @property {"face" | "present" | "printed"} type
 * @property {string} keyId 16 hexadecimal digits
 * @property {import("./identifier.js").Identifier} identifier
 * @property {number} statusIndex dense number within the province
 * @property {string} issued ISO date
 * @property {string} validFrom ISO date
 * @property {string} validTo ISO date or 长期
 * @property {number} [slot] present codes: seconds since 2000-01-01T00:00:00Z at which it begins
 * @property {number} [life] present codes: seconds
 * @property {number} [grant] present codes of somebody else than the holder: number of the grant
 * @property {number} [sheet] printed codes: number of the printed sheet
 * @property {Uint8Array} message what is signed
 * @property {Uint8Array} signature r ‖ s
 */

/** @param {string} field @returns {VerifyError} */
function wrong(field) {
  return new VerifyError("Field", `二维码中的“${field}”有误；请核验证照文件`, field);
}

function incomplete() {
  return new VerifyError("Encoding", "二维码内容不完整或有误；请重新扫描，仍不行时请核验证照文件");
}

function forged() {
  return new VerifyError("Signature", "二维码签名不成立，可能是伪造的");
}

/**
 * Decodes a scanned text.
 *
 * @param {string} text
 * @returns {Code}
 * @throws {VerifyError} `Foreign`, `Encoding`, `Version`, `Field`, `Date` or `Signature` (r or s out of range)
 */
export function decodeCode(text) {
  const body = trim(text);
  if (!body.startsWith(PREFIX)) {
    throw new VerifyError("Foreign", "不是本系统的二维码（应以“LZ:”开头）；请交由部级平台识别");
  }
  const bytes = decodeBase45(body.slice(PREFIX.length));
  if (bytes === null || bytes.length < SIGNATURE_LEN) throw incomplete();
  const message = bytes.subarray(0, bytes.length - SIGNATURE_LEN);
  const signature = bytes.subarray(bytes.length - SIGNATURE_LEN);
  const code = read(message);
  // One content has one form: what encodes differently was not made by us.
  if (!equal(encodeMessage(code), message)) throw wrong("编码");
  if (!isSignature(signature)) throw forged();
  return Object.assign(code, { message, signature });
}

/** White space of Unicode at both ends; `String.prototype.trim` takes another set. @param {string} text @returns {string} */
export function trim(text) {
  const space = "[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
  const lead = new RegExp(`^${space}+`);
  let end = text.length;
  const one = new RegExp(space);
  // A pattern anchored at the end would go over long inner runs again and again.
  while (end > 0 && one.test(text[end - 1])) end--;
  return text.slice(0, end).replace(lead, "");
}

/**
 * Does the signature hold for this key, and is it the key that the code names?
 *
 * @param {Code} code
 * @param {import("./sm2.js").PublicKey} key
 * @throws {VerifyError} `Signature`
 */
export function verifyCode(code, key) {
  if (key.keyId !== code.keyId || !verifySignature(key, code.message, code.signature)) throw forged();
}

/** @param {Uint8Array} message @returns {object} the fields of {@link Code} without message and signature */
function read(message) {
  const cursor = new Cursor(message, wrong);
  const version = cursor.u8("版本");
  if (version !== VERSION) {
    throw new VerifyError("Version", `二维码为第 ${version} 版格式，本程序不识别；请更新程序`, String(version));
  }
  const byte = cursor.u8("类型");
  const type = TYPES[byte];
  if (type === undefined) throw wrong("类型");
  const keyId = toHex(cursor.take(8, "密钥编号"));
  const identifier = readIdentifier(cursor);
  const code = { type, keyId, identifier, statusIndex: cursor.u32("状态序号") };
  code.issued = dateOf(cursor.u16("颁发日期"));
  code.validFrom = dateOf(cursor.u16("有效期起始"));
  const last = cursor.u16("有效期截止");
  code.validTo = last === LONG_TERM ? LONG_TERM_TEXT : dateOf(last);
  readTail(cursor, code, byte);
  if (cursor.left > 0) throw wrong("长度");
  return code;
}

/** The fields that only some types have. @param {Cursor} cursor @param {object} code @param {number} byte of the type */
function readTail(cursor, code, byte) {
  if (code.type === "present") {
    if (byte === GRANTED) {
      code.grant = cursor.u16("授权序号");
      if (code.grant === 0) throw wrong("授权序号");
    }
    code.slot = cursor.u32("时段");
    code.life = cursor.u16("时长");
    if (code.life === 0) throw wrong("时长");
  } else if (code.type === "printed") {
    code.sheet = cursor.u16("打印序号");
    if (code.sheet === 0) throw wrong("打印序号");
  }
}

/** @param {Cursor} cursor @returns {import("./identifier.js").Identifier} */
export function readIdentifier(cursor) {
  const flag = cursor.u8("证照类型");
  if (flag > 1) throw wrong("证照类型");
  const definer = flag === 0 ? MINISTRY : unpack36(cursor.take(packedLength(18), "证照类型"), 18);
  if (definer === null) throw wrong("证照类型");
  const number = cursor.u16("证照类型");
  // The order of the checks is that of the province's reader: the first error met is the one that is told.
  const typeCode = definer + String(number).padStart(3, "0");
  if (makeIdentifier(typeCode, MINISTRY, "0", 1) === null) throw wrong("证照标识");
  const issuer = unpack36(cursor.take(packedLength(18), "颁发机构"), 18);
  if (issuer === null) throw wrong("颁发机构");
  if (makeIdentifier(typeCode, issuer, "0", 1) === null) throw wrong("证照标识");
  const length = cursor.u8("流水号");
  const count = length & 0x7f;
  if (count < 1 || count > 32) throw wrong("流水号");
  const serial =
    length & 0x80
      ? unpack36(cursor.take(packedLength(count), "流水号"), count)
      : unpack10(cursor.take(Math.ceil(count / 2), "流水号"), count);
  if (serial === null) throw wrong("流水号");
  const identifier = makeIdentifier(typeCode, issuer, serial, cursor.u16("版本号"));
  if (identifier === null) throw wrong("证照标识");
  return identifier;
}

/**
 * An identifier as codes and receipts carry it.
 *
 * @param {import("./identifier.js").Identifier} identifier
 * @returns {Uint8Array}
 */
export function identifierBytes({ typeCode, issuer, serial, version }) {
  const definer = typeCode.slice(0, 18);
  const digits = /^[0-9]+$/.test(serial);
  return concat(
    definer === MINISTRY ? Uint8Array.of(0) : concat(Uint8Array.of(1), pack36(definer)),
    u16(Number(typeCode.slice(18))),
    pack36(issuer),
    Uint8Array.of(digits ? serial.length : 0x80 | serial.length),
    digits ? pack10(serial) : pack36(serial),
    u16(version),
  );
}

/**
 * What is signed, from the fields.
 *
 * @param {object} code fields of {@link Code}
 * @returns {Uint8Array}
 * @throws {VerifyError} `Date` for a day that a code cannot hold
 */
export function encodeMessage(code) {
  const parts = [
    Uint8Array.of(VERSION, code.grant ? GRANTED : Number(Object.keys(TYPES).find((byte) => TYPES[byte] === code.type))),
    Uint8Array.from({ length: 8 }, (_, i) => parseInt(code.keyId.substr(2 * i, 2), 16)),
    identifierBytes(code.identifier),
    u32(code.statusIndex),
    u16(dayOf(code.issued)),
    u16(dayOf(code.validFrom)),
    u16(code.validTo === LONG_TERM_TEXT ? LONG_TERM : dayOf(code.validTo)),
  ];
  if (code.grant) parts.push(u16(code.grant));
  if (code.type === "present") parts.push(u32(code.slot), u16(code.life));
  if (code.type === "printed") parts.push(u16(code.sheet));
  return concat(...parts);
}

/** @param {number} value @returns {Uint8Array} */
function u16(value) {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** @param {number} value @returns {Uint8Array} */
function u32(value) {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** @param {number} days since 2000-01-01 @returns {string} ISO date */
export function dateOf(days) {
  return new Date(EPOCH_MS + days * DAY_MS).toISOString().slice(0, 10);
}

/** @param {string} iso @returns {number} days since 2000-01-01 */
function dayOf(iso) {
  const days = (Date.parse(`${iso}T00:00:00Z`) - EPOCH_MS) / DAY_MS;
  if (!(days >= 0 && days < LONG_TERM)) {
    throw new VerifyError("Date", `日期“${iso}”超出二维码可表示的范围（2000—2179 年）`);
  }
  return days;
}

/** Bytes that `count` characters of `0-9A-Z` take as one big number. @param {number} count @returns {number} */
function packedLength(count) {
  // log2(36) = 5.169925; 32 characters need 165.44 bits.
  return Math.ceil((count * 5170) / 8000);
}

/** @param {string} text of `0-9A-Z` @returns {Uint8Array} */
function pack36(text) {
  const number = new Uint8Array(packedLength(text.length));
  for (const ch of text) {
    let carry = parseInt(ch, 36);
    for (let i = number.length - 1; i >= 0; i--) {
      carry += number[i] * 36;
      number[i] = carry & 0xff;
      carry >>= 8;
    }
  }
  return number;
}

/** @param {Uint8Array} bytes @param {number} count @returns {string | null} `null` if the number is too large */
function unpack36(bytes, count) {
  const number = Uint8Array.from(bytes);
  let text = "";
  for (let k = 0; k < count; k++) {
    let rest = 0;
    for (let i = 0; i < number.length; i++) {
      rest = rest * 256 + number[i];
      number[i] = Math.floor(rest / 36);
      rest %= 36;
    }
    text = rest.toString(36).toUpperCase() + text;
  }
  return number.every((byte) => byte === 0) ? text : null;
}

/** Two digits a byte; an odd last digit stands in the high half with `F` behind it. @param {string} text @returns {Uint8Array} */
function pack10(text) {
  const padded = text.length % 2 ? `${text}f` : text;
  return Uint8Array.from({ length: padded.length / 2 }, (_, i) => parseInt(padded.substr(2 * i, 2), 16));
}

/** @param {Uint8Array} bytes @param {number} count @returns {string | null} */
function unpack10(bytes, count) {
  const text = toHex(bytes);
  const filled = count % 2 === 0 || text.endsWith("f");
  return filled && /^[0-9]+$/.test(text.slice(0, count)) ? text.slice(0, count) : null;
}

/** @param {number} slot seconds since 2000-01-01T00:00:00Z @returns {number} Unix seconds */
export function slotToUnix(slot) {
  return slot + EPOCH_MS / 1000;
}

/**
 * Present codes signed in advance, as the holder's phone keeps them.
 *
 * @typedef {object} Slots
 * @property {Uint8Array} prefix the message up to the slot
 * @property {number} firstSlot slot of the first signature, seconds since 2000-01-01T00:00:00Z
 * @property {number} step seconds from one slot to the next
 * @property {number} life seconds that each is good for
 * @property {Uint8Array} signatures 64 bytes for each slot, in order
 */

/**
 * The text of the present code for a moment.
 *
 * @param {Slots} slots
 * @param {number} now Unix seconds
 * @returns {{text: string, slot: number, left: number} | null} the code, its slot, and the seconds until the next one;
 *   `null` before the first slot and after the last
 */
export function presentCode(slots, now) {
  const past = Math.floor((now - slotToUnix(slots.firstSlot)) / slots.step);
  const count = Math.floor(slots.signatures.length / SIGNATURE_LEN);
  if (!(past >= 0 && past < count)) return null;
  const slot = slots.firstSlot + past * slots.step;
  const signature = slots.signatures.subarray(past * SIGNATURE_LEN, (past + 1) * SIGNATURE_LEN);
  const body = concat(slots.prefix, u32(slot), u16(slots.life), signature);
  return { text: PREFIX + encodeBase45(body), slot, left: slotToUnix(slot) + slots.step - now };
}
