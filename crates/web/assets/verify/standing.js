/**
 * The reasons over a certificate's standing: the inner part of the verdict, the same for register and pack.
 * The twin of `crates/proof/src/standing.rs`.
 */

import { isDay } from "./calendar.js";
import { LONG_TERM_TEXT } from "./code.js";

/** The base of a certificate that stands. */
export const NORMAL = "正常";

/**
 * What a register or pack says of one certificate; members as in the JSON of the province.
 *
 * @typedef {object} Standing
 * @property {string} identifier of the newest version
 * @property {string} base of the status, Chinese name
 * @property {{name: string, forbids: boolean}[]} [holds]
 * @property {string | null} [valid_from] ISO day
 * @property {string | null} [valid_to] ISO day or 长期
 * @property {string | null} [annual_due] last day of 年审
 * @property {string[]} [lost] entitlements that are lost or held
 * @property {string[]} [hints] that other certificates left on it
 * @property {[string, string] | null} [extended] last day and notice
 */

/**
 * @param {import("./reasons.js").Reasons} reasons
 * @param {Standing} standing
 * @param {string | null} asked the identifier that was shown
 * @param {string} today ISO day
 * @returns {import("./reasons.js").Reason[]}
 */
export function weigh(reasons, standing, asked, today) {
  const found = [];
  const say = (code, detail) => found.push(reasons.of(code, detail));
  if (standing.base !== NORMAL) say("STATUS_ENDED", standing.base);
  for (const held of standing.holds || []) say(held.forbids ? "STATUS_HELD" : "STATUS_RESTRICTED", held.name);
  if (asked !== null && asked !== standing.identifier) say("OLD_VERSION", standing.identifier);
  period(standing, today, say);
  if (isDay(standing.annual_due) && standing.annual_due < today) say("ANNUAL_INSPECTION_DUE", standing.annual_due);
  for (const lost of standing.lost || []) say("ENTITLEMENT_LOST", lost);
  for (const hint of standing.hints || []) say("LINKED_HINT", hint);
  if (found.length === 0) say("STATUS_NORMAL", "");
  return found;
}

function period({ valid_from: from, valid_to: to, extended }, today, say) {
  if (isDay(from) && today < from) say("VALIDITY_NOT_BEGUN", from);
  if (to === LONG_TERM_TEXT || !isDay(to) || today <= to) return;
  const [last, notice] = extended || [null, null];
  if (isDay(last) && today <= last) say("VALIDITY_EXTENDED", `${last}（${notice}）`);
  else say("VALIDITY_ENDED", to);
}

/** Status as a sentence's noun. @param {{base: string, holds?: {name: string}[]}} state @returns {string} `停运`, `吊销（停运）` */
export function statusName({ base, holds = [] }) {
  if (holds.length === 0) return base;
  const names = holds.map((held) => held.name).join("、");
  // What is held is never called 正常: a reader takes the first word.
  return base === NORMAL ? names : `${base}（${names}）`;
}

/**
 * The first extension by notice that covers a certificate.
 *
 * @param {object[]} overrides of a pack
 * @param {string} kind type code
 * @param {string} area the issuer's
 * @param {string} validTo ISO day or 长期
 * @param {string} today ISO day
 * @returns {[string, string] | null} last day and notice
 */
export function extensionOf(overrides, kind, area, validTo, today) {
  if (validTo === LONG_TERM_TEXT) return null;
  const any = (list, fits) => list.some((one) => one === "*" || fits(one));
  const found = overrides.find((one) => {
    // A date that does not parse extends nothing.
    if (![one.ended_from, one.ended_to, one.effective_from, one.extended_to].every(isDay)) return false;
    const endedInside = one.ended_from <= validTo && validTo <= one.ended_to;
    const endsLater = one.effective_to === null || (isDay(one.effective_to) && today <= one.effective_to);
    const meant = any(one.kinds, (code) => code === kind) && any(one.areas, (begin) => begin !== "" && area.startsWith(begin));
    return endedInside && one.effective_from <= today && endsLater && meant;
  });
  return found ? [found.extended_to, found.notice] : null;
}
