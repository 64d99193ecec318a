/**
 * Certificates and revocation lists with SM2 keys (GB/T 20518, RFC 5280), and the path from a certificate to a root.
 * The same rules as the crate `gm`.
 */

import { equal, toHex } from "./bytes.js";
import { Reader, Tag } from "./der.js";
import { VerifyError } from "./error.js";
import { isSignature, readKey, verify } from "./sm2.js";

const SM2_WITH_SM3 = "1.2.156.10197.1.501";
const PUBLIC_KEY = ["1.2.840.10045.2.1", "1.2.156.10197.1.301"];
const NAMES = { "2.5.4.6": "C", "2.5.4.8": "ST", "2.5.4.7": "L", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.3": "CN", "2.5.4.5": "SERIALNUMBER" };

/** Key usage bits (RFC 5280 §4.2.1.3), bit 0 lowest. */
export const KeyUsage = { DIGITAL_SIGNATURE: 1, KEY_CERT_SIGN: 1 << 5, CRL_SIGN: 1 << 6 };

/** @param {string} item @param {string} rule */
function profile(item, rule) {
  return new VerifyError("Profile", `${item}不合规：${rule}。请向签发机构更换或修改签发参数。`, item);
}

/**
 * @typedef {object} Name
 * @property {string} id hexadecimal DER; two names are equal when these are
 * @property {string} short what to call the holder: the CN, or the whole name without one
 */

/** @param {Reader} reader @returns {Name} */
function readName(reader) {
  const start = reader.at;
  const parts = reader.listOf(Tag.SEQUENCE, (rdn) =>
    rdn.nested(Tag.SET, (set) => {
      const some = [];
      do some.push(set.nested(Tag.SEQUENCE, (part) => [part.oid(), part.text()]));
      while (!set.isEmpty);
      return some;
    }),
  );
  const all = [].concat(...parts);
  const common = all.find(([oid]) => oid === "2.5.4.3");
  const full = all.map(([oid, value]) => `${NAMES[oid] || oid}=${value}`).join(", ");
  return { id: toHex(reader.bytes.subarray(start, reader.at)), short: common ? common[1] : full };
}

/** Demands SM2 with SM3; some issuers add NULL parameters, which mean the same. */
function readAlgorithm(reader, item) {
  reader.nested(Tag.SEQUENCE, (algorithm) => {
    const oid = algorithm.oid();
    if (oid !== SM2_WITH_SM3) {
      throw new VerifyError("Algorithm", `${item}的算法 ${oid} 不受支持：应为 SM2 与 SM3（GB/T 20518）。请更换国密证书。`);
    }
    if (!algorithm.isEmpty && algorithm.content(Tag.NULL).length > 0) throw algorithm.fault("NULL 应为空");
  });
}

/** `SEQUENCE { r, s }` as r ‖ s. @param {Uint8Array} der @returns {Uint8Array} */
function rawSignature(der) {
  const raw = new Uint8Array(64);
  const outer = new Reader(der);
  let right = true;
  outer.nested(Tag.SEQUENCE, (inner) => {
    for (const end of [32, 64]) {
      const number = inner.unsigned();
      if (number.length > 32) right = false;
      else raw.set(number, end - number.length);
    }
  });
  outer.finish();
  if (!right || !isSignature(raw)) throw new VerifyError("Signature", "SM2 签名值编码有误。请更换文件。");
  return raw;
}

/** The envelope of both: `SEQUENCE { tbs, algorithm, signature }`. @param {Uint8Array} der @param {string} item */
function openEnvelope(der, item) {
  const outer = new Reader(der);
  const parts = outer.nested(Tag.SEQUENCE, (inner) => {
    const tbs = inner.any().whole;
    readAlgorithm(inner, item);
    return { tbs, signature: rawSignature(inner.bits()) };
  });
  outer.finish();
  return parts;
}

/** @param {Reader} reader @param {string} item @returns {Map<string, {critical: boolean, value: Uint8Array}>} */
function readExtensions(reader, item) {
  const all = new Map();
  reader.listOf(Tag.SEQUENCE, (list) =>
    list.nested(Tag.SEQUENCE, (one) => {
      const oid = one.oid();
      const critical = one.isNext(Tag.BOOLEAN) && one.boolean();
      if (all.has(oid)) throw profile(item, "同一扩展出现两次");
      all.set(oid, { critical, value: one.content(Tag.OCTET_STRING) });
    }),
  );
  return all;
}

/** Refuses critical extensions that nobody here understands (RFC 5280 §4.2). */
function refuseUnknown(extensions, known, item) {
  for (const [oid, { critical }] of extensions) {
    if (critical && !known.includes(oid)) {
      throw new VerifyError("CriticalExtension", `${item}含无法识别的关键扩展 ${oid}，按 RFC 5280 必须拒绝。请向签发机构更换。`);
    }
  }
}

/** The value of an extension, all of it, by `read`; `absent` without it. */
function extension(extensions, oid, absent, read) {
  const one = extensions.get(oid);
  if (!one) return absent;
  const reader = new Reader(one.value);
  const value = read(reader);
  reader.finish();
  return value;
}

/** keyIdentifier of AuthorityKeyIdentifier; issuer and serial number are passed over. */
function authorityKey(extensions) {
  return extension(extensions, "2.5.29.35", null, (reader) =>
    reader.nested(Tag.SEQUENCE, (aki) => {
      const id = aki.isNext(0x80) ? toHex(aki.any().content) : null;
      if (aki.isNext(0xa1)) aki.any();
      if (aki.isNext(0x82)) aki.any();
      return id;
    }),
  );
}

/**
 * @typedef {object} Certificate
 * @property {Uint8Array} der as received
 * @property {Uint8Array} tbs the signed part
 * @property {Uint8Array} signature r ‖ s
 * @property {string} serial hexadecimal, without leading zero bytes
 * @property {Name} issuer
 * @property {Name} subject
 * @property {number} notBefore Unix seconds
 * @property {number} notAfter Unix seconds
 * @property {import("./sm2.js").PublicKey} key
 * @property {boolean} isCa
 * @property {number | null} pathLen
 * @property {number} usage bits of {@link KeyUsage}
 * @property {string | null} keyId of its own key
 * @property {string | null} issuerKeyId
 */

const CERTIFICATE = "证书";

/**
 * @param {Uint8Array} der
 * @returns {Certificate} nothing in it is to be trusted before {@link verifyChain}
 * @throws {VerifyError} `Der`, `Algorithm`, `CriticalExtension`, `Profile`, `PublicKey`, `Signature`
 */
export function readCertificate(der) {
  const own = Uint8Array.from(der);
  const { tbs, signature } = openEnvelope(own, CERTIFICATE);
  const fields = new Reader(tbs).nested(Tag.SEQUENCE, readFields);
  if (fields.notBefore > fields.notAfter) throw profile(CERTIFICATE, "有效期起始晚于截止");
  const { extensions, ...rest } = fields;
  return { der: own, tbs, signature, ...rest, ...readKnown(extensions) };
}

/** TBSCertificate (RFC 5280 §4.1). @param {Reader} tbs */
function readFields(tbs) {
  const version = tbs.isNext(0xa0) ? tbs.nested(0xa0, (inner) => inner.small()) : 0;
  if (version !== 2) throw profile(CERTIFICATE, "应为 X.509 第 3 版");
  const number = tbs.unsigned();
  if (number.length > 20 || (number.length === 1 && number[0] === 0)) {
    throw profile(CERTIFICATE, "序列号应为不超过 20 字节的正整数");
  }
  readAlgorithm(tbs, CERTIFICATE);
  const issuer = readName(tbs);
  const [notBefore, notAfter] = tbs.nested(Tag.SEQUENCE, (times) => [times.time(), times.time()]);
  const subject = readName(tbs);
  const key = tbs.nested(Tag.SEQUENCE, (info) => {
    info.nested(Tag.SEQUENCE, (algorithm) => {
      for (const wanted of PUBLIC_KEY) {
        const found = algorithm.oid();
        if (found !== wanted) throw new VerifyError("Algorithm", `证书公钥的算法 ${found} 不受支持：应为 SM2 与 SM3（GB/T 20518）。请更换国密证书。`);
      }
    });
    return readKey(info.bits());
  });
  // issuerUniqueID and subjectUniqueID are obsolete and without meaning here.
  for (const tag of [0x81, 0x82]) if (tbs.isNext(tag)) tbs.any();
  const extensions = tbs.isNext(0xa3) ? tbs.nested(0xa3, (inner) => readExtensions(inner, CERTIFICATE)) : new Map();
  return { serial: toHex(number), issuer, subject, notBefore, notAfter, key, extensions };
}

/** The extensions that are acted upon. */
function readKnown(extensions) {
  refuseUnknown(extensions, ["2.5.29.19", "2.5.29.15", "2.5.29.14", "2.5.29.35"], CERTIFICATE);
  const [isCa, pathLen] = extension(extensions, "2.5.29.19", [false, null], (reader) =>
    reader.nested(Tag.SEQUENCE, (inner) => {
      const ca = inner.isNext(Tag.BOOLEAN) && inner.boolean();
      if (inner.isEmpty) return [ca, null];
      if (!ca) throw profile(CERTIFICATE, "非 CA 证书不得含路径长度");
      return [ca, inner.small()];
    }),
  );
  const usage = extension(extensions, "2.5.29.15", 0, (reader) => {
    const { bytes } = reader.bitsWithUnused();
    if (bytes.length < 1 || bytes.length > 2) throw reader.fault("密钥用途应为 1 到 16 位");
    let flags = 0;
    for (let bit = 0; bit < 8 * bytes.length; bit++) if (bytes[bit >> 3] & (0x80 >> (bit & 7))) flags |= 1 << bit;
    return flags;
  });
  const keyId = extension(extensions, "2.5.29.14", null, (reader) => toHex(reader.content(Tag.OCTET_STRING)));
  return { isCa, pathLen, usage, keyId, issuerKeyId: authorityKey(extensions) };
}

/**
 * @typedef {object} Crl
 * @property {Name} issuer
 * @property {number} thisUpdate Unix seconds
 * @property {number | null} nextUpdate Unix seconds
 * @property {Map<string, {at: number, reason: number}>} entries by serial number: when (Unix seconds) and why (RFC 5280 §5.3.1)
 * @property {string | null} issuerKeyId
 * @property {Uint8Array} tbs
 * @property {Uint8Array} signature
 */

const LIST = "吊销列表";

/**
 * @param {Uint8Array} der
 * @returns {Crl} to be believed after {@link isCrlOf}
 * @throws {VerifyError} as {@link readCertificate}
 */
export function readCrl(der) {
  const { tbs, signature } = openEnvelope(Uint8Array.from(der), LIST);
  const fields = new Reader(tbs).nested(Tag.SEQUENCE, (reader) => {
    if (reader.small() !== 1) throw profile(LIST, "应为第 2 版");
    readAlgorithm(reader, LIST);
    const issuer = readName(reader);
    const thisUpdate = reader.time();
    const hasNext = reader.isNext(Tag.UTC_TIME) || reader.isNext(Tag.GENERALIZED_TIME);
    const nextUpdate = hasNext ? reader.time() : null;
    const entries = new Map();
    if (reader.isNext(Tag.SEQUENCE)) {
      reader.listOf(Tag.SEQUENCE, (list) => list.nested(Tag.SEQUENCE, (one) => readEntry(one, entries)));
    }
    const extensions = reader.isNext(0xa0) ? reader.nested(0xa0, (inner) => readExtensions(inner, LIST)) : new Map();
    refuseUnknown(extensions, ["2.5.29.20", "2.5.29.35"], LIST);
    extension(extensions, "2.5.29.20", null, (number) => number.unsigned());
    return { issuer, thisUpdate, nextUpdate, entries, issuerKeyId: authorityKey(extensions) };
  });
  return { ...fields, tbs, signature };
}

function readEntry(reader, entries) {
  const [serial, at] = [toHex(reader.unsigned()), reader.time()];
  const extensions = reader.isEmpty ? new Map() : readExtensions(reader, LIST);
  // certificateIssuer, which would make the list an indirect one, is critical and ends here.
  refuseUnknown(extensions, ["2.5.29.21"], LIST);
  const reason = extension(extensions, "2.5.29.21", 0, (inner) => inner.small(Tag.ENUMERATED));
  if (reason > 10 || reason === 7) throw profile(LIST, "吊销原因代码未定义");
  if (entries.has(serial)) throw profile(LIST, "同一序列号出现两次");
  entries.set(serial, { at, reason });
}

/** @param {Crl} crl @param {Certificate} issuer @returns {boolean} is the list signed by this issuer, who may sign lists? */
export function isCrlOf(crl, issuer) {
  const sameKey = crl.issuerKeyId === null || issuer.keyId === null || crl.issuerKeyId === issuer.keyId;
  const may = crl.issuer.id === issuer.subject.id && sameKey && (issuer.usage & KeyUsage.CRL_SIGN) !== 0;
  return may && verify(issuer.key, crl.tbs, crl.signature);
}

/** Most certificates in a path, and most signatures checked for one. */
const MAX_PATH = 8;
const MAX_CHECKS = 64;

function chainFault(text) {
  return new VerifyError("Chain", text);
}

/**
 * Finds and checks a path to a root at a time (RFC 5280 §6.1 without policies and name constraints). Revocation is not looked at.
 *
 * @param {Certificate} leaf
 * @param {{roots: Certificate[], intermediates: Certificate[]}} store roots are trusted because they stand there
 * @param {number} at Unix seconds
 * @param {number} required usage bits that the leaf must have
 * @throws {VerifyError} `Chain`: the fault of the path that came farthest
 */
export function verifyChain(leaf, store, at, required) {
  checkTime(leaf, at);
  if ((leaf.usage & required) !== required) throw chainFault(`证书“${leaf.subject.short}”的密钥用途不符。请换用用途相符的证书。`);
  const search = { store, at, checks: MAX_CHECKS, path: [leaf], fault: null, depth: -1 };
  if (store.roots.some((root) => equal(root.der, leaf.der)) || extend(search, leaf)) return;
  throw search.fault || noPath(leaf);
}

function noPath({ subject, issuer }) {
  return chainFault(`证书“${subject.short}”找不到通向受信任根的签发者“${issuer.short}”。请导入其上级证书或根证书。`);
}

/** Lengthens the path up to a root, depth first. @returns {boolean} */
function extend(search, last) {
  const { roots, intermediates } = search.store;
  let found = false;
  for (const issuer of roots.concat(intermediates)) {
    const sameKey = last.issuerKeyId === null || issuer.keyId === null || last.issuerKeyId === issuer.keyId;
    const seen = search.path.some((one) => equal(one.der, issuer.der)) || search.path.length === MAX_PATH;
    if (issuer.subject.id !== last.issuer.id || !sameKey || seen) continue;
    found = true;
    const fault = linkFault(search, issuer, last);
    if (fault) {
      note(search, fault);
      continue;
    }
    search.path.push(issuer);
    if (roots.includes(issuer) || extend(search, issuer)) return true;
    search.path.pop();
  }
  if (!found) note(search, noPath(last));
  return false;
}

/** Keeps the first fault of those farthest up. */
function note(search, fault) {
  if (search.path.length > search.depth) [search.fault, search.depth] = [fault, search.path.length];
}

/** The rules for one issuer over one certificate; the signature last. @returns {VerifyError | null} */
function linkFault(search, issuer, below) {
  const name = issuer.subject.short;
  try {
    checkTime(issuer, search.at);
  } catch (fault) {
    return fault;
  }
  if (!issuer.isCa) return chainFault(`证书“${name}”不是 CA 证书，无权签发下级证书。请向签发机构核实。`);
  if ((issuer.usage & KeyUsage.KEY_CERT_SIGN) === 0) return chainFault(`证书“${name}”的密钥用途不符：缺少签发证书。请换用用途相符的证书。`);
  // Self-issued certificates do not count (RFC 5280 §6.1.4 l), nor does the leaf.
  const length = search.path.slice(1).filter((one) => one.subject.id !== one.issuer.id).length;
  if (issuer.pathLen !== null && length > issuer.pathLen) {
    return chainFault(`CA 证书“${name}”只允许其下有 ${issuer.pathLen} 级 CA，实有 ${length} 级。请向签发机构核实。`);
  }
  if (search.checks === 0) return noPath(below);
  search.checks--;
  if (verify(issuer.key, below.tbs, below.signature)) return null;
  return chainFault(`证书“${below.subject.short}”的签名验证未通过：内容被改动，或不是由“${name}”签发。请向签发机构核实。`);
}

function checkTime(certificate, at) {
  const when = (unix) => `${new Date(unix * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const name = certificate.subject.short;
  if (at < certificate.notBefore) throw chainFault(`证书“${name}”自 ${when(certificate.notBefore)} 起生效，尚未生效。请核对签章时间。`);
  if (at > certificate.notAfter) throw chainFault(`证书“${name}”已于 ${when(certificate.notAfter)} 过期。请换用有效证书。`);
}
