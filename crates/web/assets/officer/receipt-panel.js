/**
 * A receipt that was scanned or typed, shown as one: checked here with the public keys of the trust data, online and offline alike.
 */

import { Reasons } from "../verify/reasons.js";
import { checkReceipt, receiptLines } from "../verify/receipt.js";
import { openTrust } from "../verify/trust.js";
import { fact } from "./keep.js";
import { element, reasonList } from "./render.js";

const WORDS = {
  "有效": ["valid", "✓", "回执真实"], "有效（有提示）": ["hint", "✓", "回执真实（有提示）"], "无效": ["invalid", "✕", "回执不成立"],
  "无法判定": ["undecided", "?", "回执真伪无法判定"],
};

/** What is installed, or else what the node gives to everybody. @returns {Promise<{trust: object, reasons: object}|null>} */
async function knownKeys() {
  const [trust, reasons] = await Promise.all([fact("trust"), fact("reasons")]).catch(() => []);
  if (trust && reasons) return { trust, reasons };
  try {
    const [keys, table] = await Promise.all([fetch("/api/v1/pack/trust"), fetch("/reasons.json")]);
    return keys.ok && table.ok ? { trust: await keys.json(), reasons: await table.json() } : null;
  } catch (error) {
    return null;
  }
}

/**
 * @param {string} text
 * @param {number} now Unix seconds
 * @returns {Promise<HTMLElement|null>} null where no keys can be had
 */
export async function receiptPanel(text, now) {
  const known = await knownKeys();
  if (!known) return null;
  const table = new Reasons(known.reasons);
  const checked = checkReceipt(text, openTrust(known.trust), table, now);
  const [tone, sign, says] = WORDS[checked.verdict];
  const word = element("p", "verdict-word", says, element("i", "verdict-line", "核验回执"));
  const facts = element("dl", "facts tight");
  const lines = checked.bundle ? receiptLines(checked.bundle, table) : [];
  lines.forEach(([name, value]) => facts.append(element("div", "", element("dt", "", name), element("dd", "", value))));
  const told = element("p", "age", "这是核验回执，不是证照：它只说明当时核验过、结论如何。证照现状请另行核验。");
  const made = element("article", "verdict " + tone, element("header", "verdict-head", element("span", "verdict-sign", sign), word),
    element("div", "verdict-body", reasonList(checked.reasons), facts, told));
  made.dataset.receipt = checked.verdict;
  return made;
}
