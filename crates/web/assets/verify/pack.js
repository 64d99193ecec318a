/**
 * Offline packs (山区包, `docs/pack-format.md`): read, checked, looked up, brought up to date by deltas.
 */

import { Cursor, textOf, toHex, utf8 } from "./bytes.js";
import { damaged } from "./coder.js";
import { applyColumns, decodeColumns } from "./columns.js";
import { VerifyError } from "./error.js";
import { isHead } from "./shape.js";
import { isSignature, verify } from "./sm2.js";
import { Sm3 } from "./sm3.js";
import { certificateOf, checkNode } from "./trust.js";

const MAGIC = "4c5a504b";
const FORMAT = 1;
const MOST_HEAD = 4 << 20;
const MOST_BODY = 64 << 20;
const SIGNATURE_LEN = 64;

/**
 * The content of a pack: believed, because its signature was checked.
 *
 * @typedef {object} Pack
 * @property {string} province first two digits of the area codes that it speaks for
 * @property {string} name of the province's authority
 * @property {number} number 1, 2, 3 … per province
 * @property {number} madeAt status as of this instant, Unix seconds
 * @property {number} maxAge seconds after which it is stale
 * @property {number} count status indexes covered
 * @property {string} digest hexadecimal SM3 of the content
 * @property {{code: number, base: string, holds: {name: string, forbids: boolean}[], lost: boolean}[]} states
 * @property {object} trust trust data as JSON
 * @property {{code: string, slug: string, name: string}[]} kinds
 * @property {object[]} overrides extensions by notice, in the order of precedence
 * @property {import("./columns.js").Columns} columns
 */

/**
 * Takes a file apart; nothing in it is believed yet.
 *
 * @param {Uint8Array} bytes
 * @returns {{head: object, body: Uint8Array, signed: Uint8Array, signature: Uint8Array}}
 */
function parse(bytes) {
  if (toHex(bytes.subarray(0, 4)) !== MAGIC) {
    throw new VerifyError("NotPack", "不是离线数据包；请核对文件");
  }
  const cursor = new Cursor(bytes.subarray(4), damaged);
  const format = cursor.u8("长度");
  const kind = cursor.u8("长度");
  if (format !== FORMAT) throw new VerifyError("Version", `离线数据包为第 ${format} 版格式，本程序不识别；请更新程序`);
  const part = (most, what) => {
    const length = cursor.u32(what);
    if (length > most) throw damaged(what);
    return cursor.take(length, what);
  };
  const json = part(MOST_HEAD, "首部长度");
  const body = part(MOST_BODY, "内容长度");
  if (cursor.left !== SIGNATURE_LEN) throw damaged("长度");
  const head = readHead(json);
  if (kind !== (head.base === null ? 0 : 1)) throw damaged("种类");
  const end = bytes.length - SIGNATURE_LEN;
  return { head, body, signed: bytes.subarray(0, end), signature: bytes.subarray(end) };
}

/** @param {Uint8Array} json @returns {object} */
function readHead(json) {
  const text = textOf(json);
  let head = null;
  try {
    head = text === null ? null : JSON.parse(text);
  } catch (_) {
    head = null;
  }
  if (head === null || !isHead(head, false)) throw damaged("首部");
  // One content has one form.
  if (!isHead(head, true) || JSON.stringify(head) !== text) throw damaged("首部写法");
  const { states, usual, count, base } = head;
  if (head.number === 0) throw damaged("编号");
  if (base !== null && base.number >= head.number) throw damaged("基准包");
  if (!states.every((state, place) => place === 0 || states[place - 1].code < state.code)) throw damaged("状态表");
  if (usual >= states.length && !(count === 0 && usual === 0)) throw damaged("常见状态");
  if (base === null && (head.trust === null || head.kinds === null || head.overrides === null)) throw damaged("信任清单");
  return head;
}

/** May the signer speak for the province, and does the signature hold? */
function checkSigner({ head, signed, signature }, trust) {
  const signer = certificateOf(head.signer, "离线包签发者");
  checkNode(trust, signer, head.province, head.made_at);
  if (!isSignature(signature) || !verify(signer.key, signed, signature)) {
    throw new VerifyError("Signature", "离线数据包的签名不成立，内容被改动；请重新下载");
  }
}

/**
 * Reads a whole pack: signer, signature, content, digest, in this order.
 *
 * @param {Uint8Array} bytes
 * @param {import("./trust.js").Trust} trust the reader's own
 * @returns {Pack}
 * @throws {VerifyError} `NotPack`, `Version`, `Damaged`, `Trust`, `Signer`, `Signature`, `Kind`, `Digest`
 */
export function readPack(bytes, trust) {
  const file = parse(bytes);
  checkSigner(file, trust);
  const { head, body } = file;
  if (head.base !== null) throw new VerifyError("Kind", "这是增量包；请先下载完整数据包");
  return finish(head, decodeColumns(body, shapeOf(head), head.count), null);
}

/**
 * Applies a delta.
 *
 * @param {Pack} base stays as it is
 * @param {Uint8Array} bytes
 * @param {import("./trust.js").Trust} trust the reader's own
 * @returns {Pack} the later pack
 * @throws {VerifyError} as {@link readPack}, and `Base` for a delta of another pack
 */
export function advancePack(base, bytes, trust) {
  const file = parse(bytes);
  checkSigner(file, trust);
  const { head, body } = file;
  if (head.base === null) throw new VerifyError("Kind", "这是完整数据包，不是增量包");
  const { number, digest } = head.base;
  if (head.province !== base.province || number !== base.number || digest !== base.digest) {
    throw new VerifyError(
      "Base",
      `增量包以第 ${number} 号包为基准，而本机的是第 ${base.number} 号；请下载完整数据包`,
    );
  }
  const map = base.states.map((state) => head.states.findIndex((one) => one.code === state.code));
  return finish(head, applyColumns(base.columns, body, map, shapeOf(head), head.count), base);
}

/**
 * What a file says it is, not yet believed: to choose which pack it belongs to.
 *
 * @param {Uint8Array} bytes
 * @returns {{province: string, number: number, madeAt: number, base: number | null}}
 */
export function peekPack(bytes) {
  const { head } = parse(bytes);
  return { province: head.province, number: head.number, madeAt: head.made_at, base: head.base && head.base.number };
}

function shapeOf(head) {
  return { real: head.states.map((state) => state.base !== ""), usual: head.usual };
}

/** @returns {Pack} */
function finish(head, columns, base) {
  const rules = {};
  for (const name of ["trust", "kinds", "overrides"]) {
    // What a delta repeats although it is as in the base could have been left out: another form of the same content.
    if (base && head[name] !== null && JSON.stringify(head[name]) === JSON.stringify(base[name])) throw damaged("首部写法");
    rules[name] = head[name] === null && base ? base[name] : head[name];
  }
  const pack = {
    province: head.province,
    name: head.name,
    number: head.number,
    madeAt: head.made_at,
    maxAge: head.max_age,
    count: head.count,
    digest: head.digest,
    states: head.states,
    ...rules,
    columns,
  };
  if (usualOf(columns, head.states.length) !== head.usual || digestOf(pack) !== head.digest) {
    throw new VerifyError("Digest", "离线数据包的内容与所载摘要不符；请重新下载完整数据包");
  }
  return pack;
}

/** Place of the most frequent state, the lowest of equals. */
function usualOf({ states }, count) {
  const counts = new Uint32Array(256);
  for (let at = 0; at < states.length; at++) counts[states[at]]++;
  let best = 0;
  for (let place = 1; place < count; place++) if (counts[place] > counts[best]) best = place;
  return best;
}

/**
 * @param {Pack} pack
 * @returns {string} hexadecimal SM3 of its content
 */
export function digestOf({ trust, kinds, overrides, states, columns }) {
  const u32 = (value) => Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
  const rules = utf8(JSON.stringify([trust, kinds, overrides, states]));
  const digest = new Sm3().update(u32(rules.length)).update(rules);
  digest.update(u32(columns.states.length)).update(columns.states);
  const versions = new Uint8Array(2 * columns.versions.length);
  columns.versions.forEach((version, at) => {
    versions[2 * at] = version >> 8;
    versions[2 * at + 1] = version & 0xff;
  });
  digest.update(versions).update(u32(columns.sheets.size));
  for (const [index, sheet] of columns.sheets) digest.update(u32(index)).update(Uint8Array.of(sheet >> 8, sheet & 0xff));
  return toHex(digest.digest());
}

/**
 * What a pack says of one status index.
 *
 * @param {Pack} pack
 * @param {number} index
 * @returns {{state: object, version: number, sheet: number | null} | null} version 0 where there is no certificate; newest printed
 *   sheet where one was replaced; `null` beyond the pack's count
 */
export function lookUp(pack, index) {
  if (index >= pack.count) return null;
  const { states, versions, sheets } = pack.columns;
  return { state: pack.states[states[index]], version: versions[index], sheet: sheets.has(index) ? sheets.get(index) : null };
}
