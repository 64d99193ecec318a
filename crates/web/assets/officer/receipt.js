/**
 * Check receipts of this device (docs/receipt-format.md): enrolment, and one receipt for each check without network, chained.
 */

import { encode as encodeBase45 } from "../verify/base45.js";
import { concat, fromHex, toHex, utf8 } from "../verify/bytes.js";
import { identifierBytes } from "../verify/code.js";
import { parseIdentifier } from "../verify/identifier.js";
import { PREFIX } from "../verify/receipt.js";
import { sm3 } from "../verify/sm3.js";
import { addReceipt, fact, setFacts } from "./keep.js";
import { newKey, sign } from "./sign.js";

const EPOCH = Date.UTC(2000, 0, 1) / 1000;
const VERDICTS = { "有效": 1, "有效（有提示）": 2, "无法判定": 3, "无效": 4 };
const PLACES = { "其他": 0, "车辆": 1, "驾驶员": 2, "押运人员": 3, "企业": 4 };
const LETTERS = " ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_,";
/** Characters of reason codes in one receipt. */
const CODES = 48;

const u16 = (value) => Uint8Array.of(value >> 8, value & 255);
const u32 = (value) => Uint8Array.of((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
const seconds = (unix) => u32(Math.floor(unix) - EPOCH);
const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/**
 * Makes the device's key where it has none, and has the node certify it for the life of a pack.
 *
 * @param {string} staffNo of the officer who is signed in
 * @param {number} validTo Unix seconds
 * @param {(path: string, body: object) => Promise<object>} post to the node
 */
export async function enrol(staffNo, validTo, post) {
  let device = await fact("device");
  if (!device || device.staffNo !== staffNo) {
    const made = newKey();
    device = { secret: made.secret, key: made.key, staffNo, sequence: 0, digest: "00".repeat(32) };
  }
  const proof = sign(device.secret, device.key, concat(utf8("luzheng device enrolment 1\n"), device.key, utf8(staffNo)));
  const answer = await post("/officer/device", { key: base64(device.key), proof: base64(proof), valid_to: Math.floor(validTo) });
  device.certificate = fromBase64(answer.certificate);
  device.id = answer.id;
  // The node may know more of this key than a browser that was put back from a copy.
  if (answer.last_sequence > device.sequence) {
    device.sequence = answer.last_sequence;
    device.digest = answer.last_digest;
  }
  await setFacts({ device });
  return device;
}

/** Reason codes, heaviest first, three characters in two bytes. @param {string[]} codes */
export function packCodes(codes) {
  let text = "";
  for (const code of codes) {
    const longer = text ? text + "," + code : code;
    if (longer.length > CODES) break;
    text = longer;
  }
  const out = [];
  for (let i = 0; i < text.length; i += 3) {
    const value = [0, 1, 2].reduce((sum, j) => sum * 40 + Math.max(0, LETTERS.indexOf(text[i + j] || " ")), 0);
    out.push(value >> 8, value & 255);
  }
  return concat(Uint8Array.of(out.length / 2), Uint8Array.from(out));
}

/** What was checked: the certificate, or a digest of a text that led to none. */
function subjectOf(identifier, text) {
  if (!identifier && text === "") return Uint8Array.of(4);
  const known = identifier ? parseIdentifier(identifier) : null;
  return known ? concat(Uint8Array.of(1), identifierBytes(known)) : concat(Uint8Array.of(2), sm3(utf8(text)));
}

/**
 * Makes, signs and keeps the receipt of an offline check.
 *
 * @param {{identifier?: string, text: string, verdict: string, codes: string[], pack: object|null, group: string, place: string,
 *   number: number, now: number}} check
 * @returns {Promise<string|null>} the text for a QR; null without a certified key
 */
export async function makeReceipt(check) {
  const device = await fact("device");
  if (!device || !device.certificate) return null;
  const sequence = device.sequence + 1;
  const { pack } = check;
  const knowledge = pack
    ? concat(Uint8Array.of(2, Number(pack.province)), u32(pack.number), seconds(pack.madeAt))
    : Uint8Array.of(3);
  const message = concat(
    Uint8Array.of(1, 2), sm3(device.key).subarray(0, 8), u32(sequence), fromHex(device.digest), subjectOf(check.identifier, check.text),
    seconds(check.now), Uint8Array.of(VERDICTS[check.verdict]), packCodes(check.codes), knowledge,
    Uint8Array.of(1), fromHex(check.group), Uint8Array.of(PLACES[check.place] || 0, check.number), Uint8Array.of(0),
  );
  const signature = sign(device.secret, device.key, concat(utf8("luzheng receipt 1\n"), message));
  const part = (tag, bytes) => concat(Uint8Array.of(tag), u16(bytes.length), bytes);
  const text = PREFIX + encodeBase45(concat(part(1, concat(message, signature)), part(2, device.certificate)));
  device.sequence = sequence;
  device.digest = toHex(sm3(message));
  await addReceipt({ sequence, text, at: check.now, verdict: check.verdict, what: check.identifier || "", settled: "" }, device);
  return text;
}
