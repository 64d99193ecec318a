/**
 * The code by itself: is it one of ours, does its signature hold, might its key sign it, is it fresh?
 * The twin of `crates/proof/src/verdict/examine.rs`.
 */

import { beginOf, dayOf, instantOf, isDay } from "./calendar.js";
import { decodeCode, slotToUnix, verifyCode } from "./code.js";
import { VerifyError } from "./error.js";
import { isGrave } from "./reasons.js";
import { prepare } from "./sm2.js";
import { isLeaked, revocationsOf } from "./trust.js";

/** What two phones' clocks differ at most, seconds. */
const CLOCKS_DIFFER = 90;

/**
 * @typedef {object} Examined
 * @property {import("./reasons.js").Reason[]} reasons what was found so far
 * @property {import("./code.js").Code | null} code its content, once it is believed to be its issuer's
 */

/** @param {import("./identifier.js").Identifier} identifier @returns {string} the issuer's area code (GB 32100, digits 3–8) */
export function areaOf(identifier) {
  return identifier.issuer.slice(2, 8);
}

/**
 * @param {import("./verdict.js").Knowledge} knowledge
 * @param {number} now Unix seconds
 * @param {string} text of a scanned code
 * @returns {Examined}
 */
export function examine(knowledge, now, text) {
  const refused = (code, detail) => ({ reasons: [knowledge.reasons.of(code, detail)], code: null });
  let code;
  try {
    code = decodeCode(text);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    return undecoded(error, refused);
  }
  const area = areaOf(code.identifier);
  const keys = knowledge.keys(area).filter((one) => one.certificate.key.keyId === code.keyId);
  if (keys.length === 0) return refused("CODE_KEY_UNKNOWN", code.keyId);
  try {
    // Whoever signed one code here has signed others: the table is worth its five milliseconds.
    verifyCode(code, prepare(keys[0].certificate.key));
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    return refused("CODE_FORGED", "");
  }
  const window = windowOf(code, now);
  const reasons = keyReasons(knowledge, keys, code, area, window, now);
  if (reasons.some(isGrave)) return { reasons, code: null };
  if (code.issued > dayOf(now)) reasons.push(knowledge.reasons.of("CODE_ISSUED_LATER", code.issued));
  reasons.push(...freshness(knowledge.reasons, code, now));
  return { reasons, code };
}

/** @param {VerifyError} error */
function undecoded(error, refused) {
  if (error.code === "Signature") return refused("CODE_FORGED", "");
  if (error.code === "Foreign") return refused("CODE_FOREIGN", "应以“LZ:”开头，请交由部级平台识别");
  if (error.code === "Version") return refused("CODE_VERSION_UNSUPPORTED", String(error.field));
  if (error.code === "Field") return refused("CODE_DAMAGED", error.field);
  return refused("CODE_DAMAGED", "编码");
}

/** First and last instant at which it may have been signed (`docs/code-format.md`, "The key"). @returns {[number, number]} */
function windowOf(code, now) {
  if (code.type === "present") {
    const at = slotToUnix(code.slot);
    return [at, at];
  }
  const begins = beginOf(code.issued);
  return [begins, Math.max(now, begins)];
}

/** One entry of the trust data must give the whole right; the first one's refusal stands for all. */
function keyReasons(knowledge, keys, code, area, window, now) {
  let refusal = null;
  for (const key of keys) {
    const found = refusalOf(knowledge.reasons, key, code, area, window);
    if (found === null) return revocation(knowledge, area, key, window[0], now);
    refusal = refusal || found;
  }
  return [refusal];
}

function refusalOf(reasons, { certificate, scope, fault }, code, area, [from, to]) {
  if (fault !== null) return reasons.of("CHAIN_INVALID", fault);
  const not = (what) => reasons.of("CODE_KEY_NOT_ENTITLED", what);
  if (certificate.notBefore > to || certificate.notAfter < from) return not("签发时密钥证书不在有效期内");
  const { issuer, typeCode } = code.identifier;
  const within = (list, value) => list.some((one) => one === "*" || one === value);
  const begins = (one) => one === "*" || (one !== "" && area.startsWith(one));
  if (!within(scope.issuers, issuer)) return not(`发证机关“${issuer}”不在其适用范围内`);
  if (!scope.areas.some(begins)) return not(`行政区划“${area}”不在其适用范围内`);
  if (!within(scope.kinds, typeCode)) return not(`证照类型“${typeCode}”不在其适用范围内`);
  // A date that does not parse allows nothing.
  const began = isDay(scope.valid_from) && scope.valid_from <= dayOf(to);
  const ended = scope.valid_to !== undefined && !(isDay(scope.valid_to) && scope.valid_to >= dayOf(from));
  return !began || ended ? not("签发日期不在授权期限内") : null;
}

function revocation(knowledge, area, { certificate }, from, now) {
  const say = (code, detail) => knowledge.reasons.of(code, detail);
  const lists = knowledge.crls(area).filter((crl) => crl.issuer.id === certificate.issuer.id);
  if (lists.length === 0) {
    const issuer = certificate.issuer.short;
    return [{ ...say("CRL_MISSING", issuer), item: issuer }];
  }
  const next = (crl) => (crl.nextUpdate === null ? -Infinity : crl.nextUpdate);
  const isNewer = (one, other) =>
    one.thisUpdate > other.thisUpdate || (one.thisUpdate === other.thisUpdate && next(one) >= next(other));
  const newest = lists.reduce((best, crl) => (isNewer(crl, best) ? crl : best));
  const reasons = [];
  const entries = revocationsOf(lists, certificate);
  const leaked = entries.find(isLeaked);
  const earlier = entries.find((entry) => entry.at <= from);
  if (leaked) reasons.push(say("CODE_KEY_COMPROMISED", instantOf(leaked.at)));
  else if (earlier) reasons.push(say("CODE_KEY_REVOKED", instantOf(earlier.at)));
  if (newest.nextUpdate === null || newest.nextUpdate < now) {
    reasons.push(say("CRL_STALE", newest.nextUpdate === null ? "未载明" : instantOf(newest.nextUpdate)));
  }
  return reasons;
}

function freshness(reasons, code, now) {
  if (code.type !== "present") return [];
  const begins = slotToUnix(code.slot);
  const ends = begins + code.life;
  if (now < begins - CLOCKS_DIFFER) return [reasons.of("CODE_EARLY", instantOf(begins))];
  return now >= ends + CLOCKS_DIFFER ? [reasons.of("CODE_EXPIRED", instantOf(ends))] : [];
}
