/**
 * Check receipts (`docs/receipt-format.md`): read, and checked with public keys only. The same answers as `proof::receipt::check_receipt`.
 */

import { decode as decodeBase45 } from "./base45.js";
import { Cursor, concat, equal, textOf, toHex, utf8 } from "./bytes.js";
import { instantOf } from "./calendar.js";
import { identifierBytes, readIdentifier, trim } from "./code.js";
import { expand } from "./curve.js";
import { VerifyError } from "./error.js";
import { verdictOf } from "./reasons.js";
import { sm3 } from "./sm3.js";
import { isSignature, readKey, verify } from "./sm2.js";
import { isLeaked, revocationsOf } from "./trust.js";
import { KeyUsage, verifyChain } from "./x509.js";

/** What every receipt begins with. */
export const PREFIX = "LZR:";
const VERSION = 1;
const EPOCH = Date.UTC(2000, 0, 1) / 1000;
/** Seconds by which two honest clocks may differ. */
const CLOCK_SLACK = 300;
const SIGNATURE_LEN = 64;
const VERDICTS = [null, "有效", "有效（有提示）", "无法判定", "无效"];
const PLACES = ["其他", "车辆", "驾驶员", "押运人员", "企业"];
const OUTCOMES = ["未记录", "放行", "教育提醒", "责令改正", "暂扣", "立案", "移送", "其他"];
const LETTERS = "\0ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_,";

function fault(code, message) {
  return new VerifyError(code, message);
}

function wrong(field) {
  return fault("Field", `核验回执中的“${field}”有误；请重新索取`);
}

function incomplete() {
  return fault("Encoding", "核验回执不完整或有误；请重新扫描或重新索取");
}

function forged(part) {
  return fault("Signature", `核验回执中的“${part}”签名不成立，可能是伪造的；请到核验单位核对`);
}

// -- reading -------------------------------------------------------------------------------------------------------------------------------

/** Seconds since 2000 as Unix seconds. */
const timeOf = (cursor, field) => EPOCH + cursor.u32(field);

/** One byte that must be one of a few. */
function oneOf(cursor, list, field) {
  const value = list[cursor.u8(field)];
  if (!value) throw wrong(field);
  return value;
}

/** A text without control characters and without blanks at its ends. */
function readText(cursor, most, field) {
  const length = cursor.u8(field);
  const text = textOf(cursor.take(length, field));
  if (text === null || length < 1 || length > most || /[\u0000-\u001f\u007f-\u009f]|^\p{White_Space}|\p{White_Space}$/u.test(text)) throw wrong(field);
  return text;
}

const readOfficer = (cursor) => ({
  node: readText(cursor, 40, "节点"), staffNo: readText(cursor, 32, "执法证号"), unit: readText(cursor, 90, "执法单位"),
});

/** Cuts the signature off and reads the rest to its end. */
function open(bytes, read) {
  if (bytes.length < SIGNATURE_LEN) throw incomplete();
  const message = bytes.subarray(0, bytes.length - SIGNATURE_LEN);
  const signature = bytes.subarray(message.length);
  if (!isSignature(signature)) throw forged("签名值");
  const cursor = new Cursor(message, wrong);
  const version = cursor.u8("版本");
  if (version !== VERSION) throw fault("Version", `核验回执为第 ${version} 版格式，本程序不识别；请更新程序`);
  const content = read(cursor);
  if (cursor.left > 0) throw wrong("长度");
  return Object.assign(content, { message, signature });
}

function readSigner(by, cursor) {
  if (by === 1) {
    const officer = readOfficer(cursor);
    const flag = cursor.u8("设备");
    if (flag > 1) throw wrong("设备");
    return Object.assign({ by: "node", device: flag ? toHex(cursor.take(8, "设备")) : null }, officer);
  }
  if (by !== 2) throw wrong("签名方");
  const sequence = cursor.u32("回执序号");
  const previous = cursor.take(32, "前一回执");
  // The first has nothing before it, and only the first.
  if (sequence === 0 || (sequence === 1) !== previous.every((byte) => byte === 0)) throw wrong("回执序号");
  return { by: "device", sequence, previous: toHex(previous) };
}

function readSubject(cursor) {
  const kind = cursor.u8("核验对象");
  if (kind === 4) return { kind: "unnamed" };
  if (kind === 2 || kind === 3) return { kind: kind === 2 ? "text" : "file", digest: toHex(cursor.take(32, "核验对象")) };
  if (kind !== 1) throw wrong("核验对象");
  const from = cursor.at;
  const identifier = readIdentifier(cursor);
  // One identifier has one form.
  if (!equal(cursor.bytes.subarray(from, cursor.at), identifierBytes(identifier))) throw wrong("编码");
  return { kind: "identifier", identifier: identifier.text };
}

function readCodes(cursor) {
  const field = "理由代码";
  const groups = cursor.u8(field);
  let padded = "";
  for (let i = 0; i < groups; i++) {
    const value = cursor.u16(field);
    for (const place of [Math.floor(value / 1600), Math.floor(value / 40) % 40, value % 40]) {
      if (place >= LETTERS.length) throw wrong(field);
      padded += LETTERS[place];
    }
  }
  const joined = padded.replace(/\0{0,2}$/, "");
  if (joined.length < 1 || joined.length > 48 || /\0|^,|,,|,$/.test(joined)) throw wrong(field);
  return joined.split(",");
}

function readKnowledge(cursor, signer) {
  const kind = cursor.u8("依据");
  if (kind === 1) {
    // A device that could ask a register would have got the node's receipt.
    if (signer.by === "device") throw wrong("依据");
    return { kind: "register", node: readText(cursor, 40, "登记节点"), at: timeOf(cursor, "登记时间") };
  }
  if (kind === 2) {
    const area = cursor.u8("山区包");
    if (area < 10 || area > 99) throw wrong("山区包");
    return { kind: "pack", area, number: cursor.u32("山区包"), madeAt: timeOf(cursor, "山区包") };
  }
  if (kind !== 3) throw wrong("依据");
  return { kind: "code" };
}

function readGroup(cursor) {
  const flag = cursor.u8("检查组");
  if (flag > 1) throw wrong("检查组");
  if (flag === 0) return null;
  const id = toHex(cursor.take(8, "检查组"));
  return { id, place: oneOf(cursor, PLACES, "检查位置"), number: cursor.u8("检查组") };
}

function readReceipt(cursor) {
  const by = cursor.u8("签名方");
  const keyId = toHex(cursor.take(8, "密钥编号"));
  const signer = readSigner(by, cursor);
  return {
    keyId, signer, subject: readSubject(cursor), checkedAt: timeOf(cursor, "核验时间"), verdict: oneOf(cursor, VERDICTS, "结论"),
    codes: readCodes(cursor), knowledge: readKnowledge(cursor, signer), group: readGroup(cursor), outcome: oneOf(cursor, OUTCOMES, "处理结果"),
  };
}

function readDevice(cursor) {
  const issuer = toHex(cursor.take(8, "密钥编号"));
  const bytes = expand(cursor.take(33, "设备公钥"));
  if (bytes === null) throw wrong("设备公钥");
  const content = { issuer, key: readKey(bytes), from: timeOf(cursor, "设备有效期"), to: timeOf(cursor, "设备有效期") };
  if (content.from > content.to) throw wrong("设备有效期");
  return Object.assign(content, readOfficer(cursor));
}

function readCountersignature(cursor) {
  const content = { issuer: toHex(cursor.take(8, "密钥编号")), device: toHex(cursor.take(8, "设备")) };
  content.receivedAt = timeOf(cursor, "收到时间");
  content.number = cursor.u32("收到序号");
  return Object.assign(content, readOfficer(cursor));
}

/**
 * Reads a text. Nothing in it is to be believed before {@link checkReceipt}.
 *
 * @param {string} text
 * @returns {{receipt: object, device: object|null, countersignature: object|null}}
 * @throws {VerifyError} `Foreign`, `Encoding`, `Version`, `Field`, `Signature`
 */
export function readBundle(text) {
  const trimmed = trim(text);
  if (!trimmed.startsWith(PREFIX)) throw fault("Foreign", "不是核验回执（应以“LZR:”开头）；请核对所给的文字或文件");
  const bytes = decodeBase45(trimmed.slice(PREFIX.length));
  if (bytes === null) throw incomplete();
  const cursor = new Cursor(bytes, incomplete);
  // Parts stand in the order of their tags, each at most once.
  const part = (tag) => {
    if (cursor.left === 0 || cursor.bytes[cursor.at] !== tag) return null;
    cursor.at += 1;
    return cursor.take(cursor.u16("长度"), "长度");
  };
  const first = part(1);
  if (first === null) throw incomplete();
  const receipt = open(first, readReceipt);
  const second = part(2);
  const device = second && open(second, readDevice);
  const third = part(3);
  const countersignature = third && open(third, readCountersignature);
  if (cursor.left > 0) throw incomplete();
  return { receipt, device, countersignature };
}

// -- checking ------------------------------------------------------------------------------------------------------------------------------

/** Does the signature hold for this key under a context, and is it the key that the content names? */
function holds(content, context, key, named) {
  return key.keyId === named && verify(key, concat(context, content.message), content.signature);
}

const CONTEXT = { receipt: utf8("luzheng receipt 1\n"), device: utf8("luzheng device 1\n"), countersignature: utf8("luzheng countersignature 1\n") };

class Check {
  constructor(trust, reasons, now) {
    Object.assign(this, { trust, table: reasons, now, reasons: [] });
  }

  say(code, detail) {
    this.reasons.push(this.table.of(code, detail));
  }

  bundle({ receipt, device, countersignature }) {
    if (receipt.signer.by === "node") {
      if (device || countersignature) this.say("RECEIPT_MISMATCH", "节点签发的回执不应附带设备证明或签收");
      this.node(receipt.keyId, receipt.checkedAt, "回执", (key) => holds(receipt, CONTEXT.receipt, key, receipt.keyId));
    } else {
      this.device(receipt, device, countersignature);
    }
    if (receipt.checkedAt > this.now + CLOCK_SLACK) this.say("RECEIPT_FUTURE", instantOf(receipt.checkedAt));
  }

  device(receipt, device, countersignature) {
    if (!device && !countersignature) this.say("RECEIPT_DEVICE_MISSING", "");
    if (device) {
      if (!holds(receipt, CONTEXT.receipt, device.key, receipt.keyId)) this.say("RECEIPT_FORGED", forged("回执").message);
      // The node signs a device certificate when its life begins.
      this.node(device.issuer, device.from, "设备证明", (key) => holds(device, CONTEXT.device, key, device.issuer));
      if (receipt.checkedAt < device.from || receipt.checkedAt > device.to) {
        this.say("RECEIPT_DEVICE_PERIOD", `${instantOf(device.from)}—${instantOf(device.to)}`);
      }
    }
    if (!countersignature) {
      this.say("RECEIPT_NOT_COUNTERSIGNED", "");
      return;
    }
    const context = concat(CONTEXT.countersignature, sm3(receipt.message));
    this.node(countersignature.issuer, countersignature.receivedAt, "签收", (key) => holds(countersignature, context, key, countersignature.issuer));
    if (countersignature.device !== receipt.keyId) this.say("RECEIPT_MISMATCH", "签收的不是这台设备的回执");
    if (device && (device.node !== countersignature.node || device.staffNo !== countersignature.staffNo)) {
      this.say("RECEIPT_MISMATCH", "设备证明与签收所载的执法人员不同");
    }
    if (countersignature.receivedAt + CLOCK_SLACK < receipt.checkedAt) this.say("RECEIPT_CLOCK", instantOf(countersignature.receivedAt));
    this.say("RECEIPT_COUNTERSIGNED", `${instantOf(countersignature.receivedAt)}，第 ${countersignature.number} 号`);
  }

  /** Is it the signature of a node that is believed, made at `at` while its certificate stood? */
  node(keyId, at, part, isGood) {
    const known = this.trust.nodes.map((one) => one.certificate).find((one) => one.key.keyId === keyId);
    if (!known) {
      this.say("RECEIPT_SIGNER_UNKNOWN", keyId);
      return;
    }
    if (!isGood(known.key)) {
      this.say("RECEIPT_FORGED", forged(part).message);
      return;
    }
    try {
      verifyChain(known, this.trust.chains, at, KeyUsage.DIGITAL_SIGNATURE);
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      this.say("RECEIPT_SIGNER_INVALID", error.message);
      return;
    }
    const [revoked] = revocationsOf(this.trust.crls, known);
    // Who holds a leaked key writes any time he likes.
    if (revoked && isLeaked(revoked)) this.say("RECEIPT_SIGNER_COMPROMISED", instantOf(revoked.at));
    else if (revoked && revoked.at <= at) this.say("RECEIPT_SIGNER_REVOKED", instantOf(revoked.at));
    if (!this.reasons.some((one) => one.code === "RECEIPT_HOLDS")) this.say("RECEIPT_HOLDS", known.subject.short);
  }
}

/**
 * Is a receipt genuine? The verdict is about the receipt; the one that it tells of stands in its content.
 *
 * @param {string} text
 * @param {import("./trust.js").Trust} trust
 * @param {import("./reasons.js").Reasons} reasons
 * @param {number} now Unix seconds
 * @returns {{verdict: string, reasons: object[], bundle: object|null}}
 */
export function checkReceipt(text, trust, reasons, now) {
  const check = new Check(trust, reasons, now);
  let bundle = null;
  try {
    bundle = readBundle(text);
    check.bundle(bundle);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    // What a later version looks like is not for us to say.
    check.say(error.code === "Foreign" || error.code === "Version" ? "RECEIPT_FOREIGN" : "RECEIPT_FORGED", error.message);
  }
  return { verdict: verdictOf(check.reasons), reasons: check.reasons, bundle };
}

// -- words ---------------------------------------------------------------------------------------------------------------------------------

function officerWords({ receipt, device, countersignature }) {
  const who = receipt.signer.by === "node" ? receipt.signer : countersignature || device;
  return who ? `${who.unit}，执法证号 ${who.staffNo}（节点 ${who.node}）` : `设备 ${receipt.keyId}（未附设备证明）`;
}

const SUBJECTS = { text: "没有查到证照的二维码或文字", file: "没有查到证照的文件", unnamed: "按车牌或证件号码查询，没有查到" };

function knowledgeWords({ knowledge }) {
  if (knowledge.kind === "register") return `节点 ${knowledge.node} 的登记，截至 ${instantOf(knowledge.at)}`;
  if (knowledge.kind === "pack") return `${knowledge.area} 省离线包第 ${knowledge.number} 号，${instantOf(knowledge.madeAt)} 制作`;
  return "只凭二维码或文件本身，未查登记";
}

/**
 * What a receipt says, for people.
 *
 * @param {object} bundle of {@link readBundle}
 * @param {import("./reasons.js").Reasons} reasons
 * @returns {[string, string][]} names and texts
 */
export function receiptLines(bundle, reasons) {
  const { receipt } = bundle;
  const clock = receipt.signer.by === "node" ? "节点时钟" : "设备时钟";
  const why = receipt.codes.map((code) => `${reasons.of(code, "……").text}（${code}）`);
  const lines = [
    ["核验结论", receipt.verdict], ["理由", why.join("；")], ["核验对象", receipt.subject.identifier || SUBJECTS[receipt.subject.kind]],
    ["核验时间", `${instantOf(receipt.checkedAt)}（${clock}）`], ["核验人", officerWords(bundle)], ["依据", knowledgeWords(receipt)],
  ];
  if (receipt.group) lines.push(["同一次检查", `第 ${receipt.group.number} 项（${receipt.group.place}）`]);
  if (receipt.outcome !== OUTCOMES[0]) lines.push(["处理结果", receipt.outcome]);
  lines.push(["回执编号", toHex(sm3(receipt.message))]);
  return lines;
}
