/**
 * Reasons and verdicts. The sentences come from `data/reasons.toml`, which the server gives as `/reasons.json`: one file for server,
 * command line and page.
 */

const WEIGHTS = ["note", "hint", "undecided", "invalid"];
const VERDICTS = ["有效", "有效（有提示）", "无法判定", "无效"];

/**
 * @typedef {object} Reason
 * @property {string} code stable
 * @property {string} text Chinese sentence
 * @property {string} weight note, hint, undecided or invalid
 * @property {string} [item] what it is about
 */

/** The sentences by code. */
export class Reasons {
  /** @param {{[code: string]: {weight: string, text: string}}} table as `/reasons.json` gives it */
  constructor(table) {
    this.table = new Map(Object.entries(table));
  }

  /**
   * @param {string} code
   * @param {string} detail fills the blank of the sentence
   * @returns {Reason} a code that the table lacks is a defect: the verdict is then 无法判定, never 有效
   */
  of(code, detail) {
    const entry = this.table.get(code);
    if (!entry) return { code, text: `${code}：${detail}`, weight: "undecided" };
    return { code, text: entry.text.split("{}").join(detail), weight: entry.weight };
  }
}

/** @param {Reason} reason @returns {number} gravity; an unknown weight counts as 无法判定 */
function gravity({ weight }) {
  const place = WEIGHTS.indexOf(weight);
  return place < 0 ? 2 : place;
}

/** @param {Reason} reason @returns {boolean} does it keep the verdict from being 有效? */
export function isGrave(reason) {
  return gravity(reason) >= 2;
}

/** @param {Reason[]} reasons @returns {string} 有效, 有效（有提示）, 无法判定 or 无效: the heaviest reason decides */
export function verdictOf(reasons) {
  return VERDICTS[reasons.reduce((most, reason) => Math.max(most, gravity(reason)), 0)];
}
