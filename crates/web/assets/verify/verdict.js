/**
 * The verdict function of the page: (knowledge, evidence, now, input) → answer. Held to `docs/verdict-table.json` together with
 * server and command line; the twin of `crates/proof/src/verdict/mod.rs`.
 */

import { dayOf, instantOf, rfc3339 } from "./calendar.js";
import { LONG_TERM_TEXT } from "./code.js";
import { areaOf, examine } from "./examine.js";
import { identifierFault, makeIdentifier, parseIdentifier } from "./identifier.js";
import { lookUp } from "./pack.js";
import { verdictOf } from "./reasons.js";
import { NORMAL, extensionOf, statusName, weigh } from "./standing.js";
import { trustOfPack } from "./trust.js";

export { examine } from "./examine.js";

/** How far a pack's clock may run ahead of ours, seconds. */
const PACK_AHEAD = 300;

/** Trust data and packs, prepared for many questions. */
export class Knowledge {
  /**
   * @param {import("./trust.js").Trust} trust the reader's own
   * @param {import("./reasons.js").Reasons} reasons
   */
  constructor(trust, reasons) {
    this.trust = trust;
    this.reasons = reasons;
    /** @type {Map<string, {pack: import("./pack.js").Pack, keys: object[], crls: object[]}>} */
    this.open = new Map();
  }

  /**
   * Adds a pack, in the place of an older one of its province; an older one than is held changes nothing.
   *
   * @param {import("./pack.js").Pack} pack
   * @throws {import("./error.js").VerifyError} `Trust` for a code key or list in it that does not parse
   */
  admit(pack) {
    const held = this.pack(pack.province);
    if (held && held.number > pack.number) return;
    this.open.set(pack.province, { pack, ...trustOfPack(this.trust, pack.trust) });
  }

  /** @param {string} province first two digits @returns {import("./pack.js").Pack | null} */
  pack(province) {
    const open = this.open.get(province);
    return open ? open.pack : null;
  }

  /** Code keys for an issuer's area: the reader's own, and those of that province's pack. @param {string} area */
  keys(area) {
    const open = this.open.get(area.slice(0, 2));
    return this.trust.keys.concat(open ? open.keys : []);
  }

  /** Revocation lists that count for an issuer's area. @param {string} area */
  crls(area) {
    const open = this.open.get(area.slice(0, 2));
    return this.trust.crls.concat(open ? open.crls : []);
  }
}

/**
 * @typedef {object} Evidence what was learnt online for this one question; empty offline
 * @property {{source: string, known_at: number, said: object | string}} [register] `said`: `{found: {standing, sheet}}`, `"missing"`,
 *   `"not_ours"` or `{unreachable: {last}}`; `known_at` in Unix seconds
 * @property {boolean} [used] another checker has used this shown code within its life
 */

/**
 * @typedef {object} Answer members as in the JSON of the province
 * @property {string} verdict 有效, 有效（有提示）, 无效 or 无法判定
 * @property {import("./reasons.js").Reason[]} reasons
 * @property {string} [identifier] of the newest version that is known
 * @property {string} [type_code]
 * @property {string} [kind_name]
 * @property {string} [status]
 * @property {string | null} [valid_from]
 * @property {string | null} [valid_to]
 * @property {string} source register, pack or the code only
 * @property {string} known_at as of when the knowledge was so, RFC 3339; of a code alone, the age of the trust data
 */

/**
 * @param {Knowledge} knowledge
 * @param {Evidence} evidence
 * @param {number} now Unix seconds
 * @param {{code: string} | {identifier: string} | {plate: string} | {holder: string}} input
 * @returns {Answer} never throws for what was scanned or typed
 */
export function judge(knowledge, evidence, now, input) {
  if (typeof input.code === "string") return conclude(knowledge, examine(knowledge, now, input.code), evidence, now);
  if (typeof input.identifier === "string") return byIdentifier(knowledge, evidence, now, input.identifier);
  const what = typeof input.plate === "string" ? "车牌" : "证件号码";
  return unanswered(knowledge, [knowledge.reasons.of("OFFLINE_LOOKUP", what)]);
}

/**
 * The verdict over a code that was examined: a register comes first, then the issuer's pack, then the code alone.
 *
 * @param {Knowledge} knowledge
 * @param {import("./examine.js").Examined} examined
 * @param {Evidence} evidence
 * @param {number} now Unix seconds
 * @returns {Answer}
 */
export function conclude(knowledge, examined, evidence, now) {
  const { code } = examined;
  const reasons = examined.reasons.slice();
  if (code === null) return unanswered(knowledge, reasons);
  const { register } = evidence;
  const fresh = reasons.every((reason) => reason.code !== "CODE_EXPIRED" && reason.code !== "CODE_EARLY");
  const present = code.type === "present";
  const say = (name, detail) => reasons.push(knowledge.reasons.of(name, detail));
  if (evidence.used && fresh && present) say("CODE_USED", "");
  if (register) {
    const answer = byRegister(knowledge, register, code.identifier, code, now, reasons);
    if (answer) return answer;
  }
  if (present) say("COMPARE_PERSON", "");
  if (code.grant) say("GRANT_UNCHECKED", "");
  const pack = knowledge.pack(areaOf(code.identifier).slice(0, 2));
  if (!pack) return byCodeAlone(knowledge, evidence, code, now, reasons);
  // Online, a pack tells what was last known; it does not stand in for an issuer that ought to have answered.
  if (register && isUnreachable(register)) reasons.push(beyond(knowledge, register, code.identifier));
  return byPack(knowledge, pack, code, now, reasons);
}

function byIdentifier(knowledge, evidence, now, text) {
  const identifier = parseIdentifier(text);
  if (identifier === null) {
    return unanswered(knowledge, [knowledge.reasons.of("IDENTIFIER_INVALID", identifierFault(text))]);
  }
  const { register } = evidence;
  if (!register) return unanswered(knowledge, [knowledge.reasons.of("OFFLINE_LOOKUP", "证照标识")]);
  const answer = byRegister(knowledge, register, identifier, null, now, []);
  return answer || unanswered(knowledge, [beyond(knowledge, register, identifier)]);
}

const isUnreachable = ({ said }) => typeof said === "object" && said !== null && Boolean(said.unreachable);

/** The answer of a register that knows; `null` when it is another province's or did not answer. */
function byRegister(knowledge, register, asked, code, now, before) {
  const { said } = register;
  const blank = (reasons) => ({ ...bare(reasons), source: register.source, known_at: rfc3339(register.known_at) });
  if (said === "missing") {
    return blank(before.concat(knowledge.reasons.of("NOT_FOUND", `标识为“${asked.text}”`)));
  }
  if (typeof said !== "object" || said === null || !said.found) return null;
  const { standing, sheet, withdrawn } = said.found;
  const reasons = before.concat(
    withdrawn ? [knowledge.reasons.of("GRANT_WITHDRAWN", "")] : [],
    replaced(knowledge, code, sheet),
    weigh(knowledge.reasons, standing, asked.text, dayOf(now)),
  );
  return {
    ...blank(reasons),
    identifier: standing.identifier,
    type_code: asked.typeCode,
    status: statusName(standing),
    valid_from: standing.valid_from,
    valid_to: standing.valid_to,
  };
}

/** Why a register could not say, when nothing else can either. */
function beyond(knowledge, register, asked) {
  if (isUnreachable(register)) return knowledge.reasons.of("ISSUER_UNREACHABLE", register.source);
  return knowledge.reasons.of("NOT_OURS", `发证机关代码 ${asked.issuer}`);
}

function byCodeAlone(knowledge, { register }, code, now, reasons) {
  const say = (name, detail) => reasons.push(knowledge.reasons.of(name, detail));
  const known = {};
  if (register) {
    reasons.push(beyond(knowledge, register, code.identifier));
    // What has ended does not come back by itself: old knowledge suffices.
    const last = isUnreachable(register) ? register.said.unreachable.last : null;
    if (last) {
      known.status = statusName(last);
      say("LAST_KNOWN", `${known.status}（${instantOf(register.known_at)}）`);
      if (last.base !== NORMAL) say("STATUS_ENDED", last.base);
    }
  } else {
    say("PACK_MISSING", `行政区划 ${areaOf(code.identifier)}`);
  }
  reasons.push(...notBegun(knowledge, code, now), ...shownVersionEnded(knowledge, code, now));
  return { ...unanswered(knowledge, reasons), ...ofCode(code), ...known };
}

function byPack(knowledge, pack, code, now, reasons) {
  const say = (name, detail) => knowledge.reasons.of(name, detail);
  const { identifier } = code;
  const kind = pack.kinds.find((one) => one.code === identifier.typeCode);
  const answer = { ...bare([]), ...ofCode(code), source: `${pack.name}离线数据包第 ${pack.number} 号`, known_at: rfc3339(pack.madeAt) };
  if (kind) answer.kind_name = kind.name;
  const entry = lookUp(pack, code.statusIndex);
  const state = entry && entry.state.base !== "" ? entry.state : null;
  const doubt = ageOf(knowledge, pack, state, now);
  if (doubt) reasons.push(doubt);
  const tooOld = () => say("PACK_TOO_OLD_FOR_IT", `数据包 ${instantOf(pack.madeAt)} 制作`);
  if (!entry) reasons.push(tooOld());
  else if (!state) reasons.push(say("NOT_FOUND", `标识为“${identifier.text}”`));
  else if (identifier.version > entry.version) reasons.push(tooOld());
  else {
    const standing = standingOf(pack, code, entry, now);
    // A code issued later than today: this device's clock is behind, so it cannot say that the validity has not begun.
    if (code.issued > dayOf(now)) standing.valid_from = null;
    reasons.push(...replaced(knowledge, code, entry.sheet));
    if (doubt) reasons.push(...lastKnown(knowledge, standing, code, doubt, now));
    else {
      reasons.push(...weigh(knowledge.reasons, standing, identifier.text, dayOf(now)));
      if (identifier.version < entry.version) reasons.push(...shownVersionEnded(knowledge, code, now));
    }
    answer.identifier = standing.identifier;
    answer.valid_from = standing.valid_from;
    answer.valid_to = standing.valid_to;
    answer.status = statusName(state);
  }
  reasons.push(say("PACK_USED", `${pack.name}第 ${pack.number} 号（${instantOf(pack.madeAt)}）`));
  return { ...answer, verdict: verdictOf(reasons), reasons };
}

/**
 * What still holds of a pack that is too old, or from the future: what has ended does not come back by itself. Dates are judged
 * only by a clock that can be right, and the shown version may have been replaced since.
 */
function lastKnown(knowledge, standing, code, doubt, now) {
  const reasons = [];
  const say = (name, detail) => reasons.push(knowledge.reasons.of(name, detail));
  if (standing.base !== NORMAL) say("STATUS_ENDED", standing.base);
  if (standing.identifier !== code.identifier.text) say("OLD_VERSION", standing.identifier);
  if (doubt.code !== "PACK_STALE") return reasons;
  return reasons.concat(notBegun(knowledge, code, now), shownVersionEnded(knowledge, code, now));
}

function ageOf(knowledge, pack, state, now) {
  if (pack.madeAt > now + PACK_AHEAD) return knowledge.reasons.of("CLOCK_WRONG", instantOf(pack.madeAt));
  if (now <= pack.madeAt + pack.maxAge) return null;
  const known = state ? `，当时状态为“${statusName(state)}”` : "";
  return knowledge.reasons.of("PACK_STALE", `${instantOf(pack.madeAt)} 制作${known}`);
}

/** What the pack says, with the dates that the code carries; of an older version shown, the new one's dates are not known. */
function standingOf(pack, code, { state, version }, now) {
  const { identifier } = code;
  const current = version === identifier.version;
  // A version below 1 or above 999 names no identifier: then the shown one stands.
  const newest = makeIdentifier(identifier.typeCode, identifier.issuer, identifier.serial, version) || identifier;
  const area = areaOf(identifier);
  return {
    identifier: newest.text,
    base: state.base,
    holds: state.holds,
    valid_from: current ? code.validFrom : null,
    valid_to: current ? code.validTo : null,
    lost: state.lost ? ["部分类别已失效（请联网核对是哪些）"] : [],
    extended: current ? extensionOf(pack.overrides, identifier.typeCode, area, code.validTo, dayOf(now)) : null,
  };
}

/** Not where the code was issued after today: then this device's clock is behind, which is said already. */
function notBegun(knowledge, { validFrom, issued }, now) {
  const today = dayOf(now);
  return today < validFrom && issued <= today ? [knowledge.reasons.of("VALIDITY_NOT_BEGUN", validFrom)] : [];
}

function shownVersionEnded(knowledge, { validTo }, now) {
  const ended = validTo !== LONG_TERM_TEXT && validTo < dayOf(now);
  return ended ? [knowledge.reasons.of("SHOWN_VERSION_ENDED", validTo)] : [];
}

function replaced(knowledge, code, newest) {
  const old = code && code.type === "printed" && typeof newest === "number" && code.sheet < newest;
  return old ? [knowledge.reasons.of("SHEET_REPLACED", String(code.sheet))] : [];
}

/** What the code itself says of its certificate. */
function ofCode({ identifier, validFrom, validTo }) {
  return { identifier: identifier.text, type_code: identifier.typeCode, valid_from: validFrom, valid_to: validTo };
}

function unanswered(knowledge, reasons) {
  return { ...bare(reasons), known_at: knowledge.trust.issuedAt };
}

function bare(reasons) {
  return { verdict: verdictOf(reasons), reasons, source: "仅二维码", known_at: "" };
}
