/**
 * A check without network: the same verdict function as the node's (docs/verdict-table.json), over the pack and the trust data that this
 * device keeps.
 */

import { areaOf } from "../verify/examine.js";
import { parseIdentifier } from "../verify/identifier.js";
import { advancePack, readPack } from "../verify/pack.js";
import { Reasons } from "../verify/reasons.js";
import { openTrust } from "../verify/trust.js";
import { Knowledge, judge } from "../verify/verdict.js";
import { fact } from "./keep.js";
import { makeReceipt } from "./receipt.js";

let prepared = null;

/** What this device knows, decoded once. @returns {Promise<{judge: Knowledge, packs: object[]}|null>} null without a pack */
export function knowledge() {
  if (!prepared) {
    prepared = prepare();
    prepared.then((found) => { if (!found) prepared = null; }, () => { prepared = null; });
  }
  return prepared;
}

/** A new pack was installed: the old knowledge is no more. */
export function forget() {
  prepared = null;
}

async function prepare() {
  const [pack, others, trust, reasons] = await Promise.all([fact("pack"), fact("others"), fact("trust"), fact("reasons")]);
  if (!pack || !trust || !reasons) return null;
  const own = openTrust(trust);
  const known = new Knowledge(own, new Reasons(reasons));
  // Checked again at every start: what lies in the browser is not believed for having been checked once.
  known.admit(openPack(pack.bytes, pack.deltas, own));
  const abroad = (others || []).filter((one) => {
    try {
      known.admit(readPack(one.bytes, own));
      return true;
    } catch (error) {
      // Another province's pack that holds no longer takes nothing from our own.
      return false;
    }
  });
  return { judge: known, packs: [pack].concat(abroad) };
}

/** A whole pack with the deltas that were received over it; each is checked. */
export function openPack(bytes, deltas, trust) {
  return deltas.reduce((pack, delta) => advancePack(pack, delta, trust), readPack(bytes, trust));
}

/** What was typed or scanned, as the verdict function asks. */
function inputOf(fields) {
  const by = fields.get("by");
  if (by === "plate") return { plate: fields.get("plate") };
  if (by === "holder") return { holder: fields.get("number") };
  const text = fields.get("text").trim();
  return text.startsWith("1.2.156.") ? { identifier: text } : { code: text };
}

const newStop = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * @param {URLSearchParams} fields of the form
 * @param {number} now Unix seconds
 * @returns {Promise<{answer: object, receipt: string|null, stop: string, count: number}|null>} null without a usable pack
 */
export async function checkOffline(fields, now) {
  const known = await knowledge();
  if (!known) return null;
  const input = inputOf(fields);
  const answer = judge(known.judge, {}, now, input);
  const stop = fields.get("stop") || newStop();
  const count = Number(fields.get("count") || 0) + 1;
  const text = input.code || input.identifier || "";
  const receipt = await makeReceipt({
    identifier: answer.identifier,
    text,
    verdict: answer.verdict,
    codes: codesOf(answer.reasons),
    pack: known.packs.find((one) => one.province === provinceOf(answer.identifier)) || known.packs[0],
    group: stop,
    place: fields.get("place"),
    number: Math.min(255, count),
    now,
  });
  return { answer, receipt, stop, count };
}

/** Whose pack speaks of a certificate: the beginning of its issuer's area code. */
function provinceOf(identifier) {
  const parsed = identifier && parseIdentifier(identifier);
  return parsed ? areaOf(parsed).slice(0, 2) : "";
}

const ORDER = ["invalid", "undecided", "hint", "note"];

/** Codes, the heaviest first, as receipts carry them. */
function codesOf(reasons) {
  return reasons.slice().sort((a, b) => ORDER.indexOf(a.weight) - ORDER.indexOf(b.weight)).map((reason) => reason.code);
}
