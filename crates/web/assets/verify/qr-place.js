/**
 * From three finder patterns to the place of the symbol: its version and perspective by the timing patterns, refined by
 * every module whose colour is known, and the bend of its sheet.
 */

import { apply, fit } from "./homography.js";
import { greyAt } from "./image.js";
import { refineMap } from "./refine.js";
import { alignmentCentres, alignmentLines, knownModules, sizeOf } from "./qr-layout.js";

const known = new Map();

/** @param {number} version @returns {ReturnType<typeof knownModules>} the same as before, remembered */
function knownOf(version) {
  if (!known.has(version)) known.set(version, knownModules(version));
  return known.get(version);
}

/**
 * A guess of where a symbol lies.
 *
 * @typedef {object} Guess
 * @property {number} version
 * @property {number[]} map from modules to pixels
 * @property {number} worth contrast of the timing patterns, and how near the version is to the one measured
 */

/**
 * @param {import("./image.js").Grey} grey
 * @param {import("./finder.js").Group} group
 * @returns {Guess[]} at most three, the likeliest first
 */
export function guessSymbols(grey, group) {
  const { corner, right, down } = group;
  const across = Math.hypot(right.x - corner.x, right.y - corner.y) / ((corner.size + right.size) / 2);
  const along = Math.hypot(down.x - corner.x, down.y - corner.y) / ((corner.size + down.size) / 2);
  // Runs through a turned symbol are longer than its modules by up to √2, so the estimate may be too small.
  const slant = slantOf(group);
  const middle = ((across + along) / 2) * slant;
  const estimate = (middle + 7 - 17) / 4;
  const slack = 1.2 + estimate * 0.12;
  const guesses = [];
  for (let version = Math.max(1, Math.floor(estimate - slack)); version <= Math.min(40, Math.ceil(estimate + slack)); version++) {
    guesses.push(guess(grey, group, version));
  }
  const usable = guesses.filter((one) => one !== null);
  for (const one of usable) {
    // Timing patterns of small symbols are short: there the estimate counts too.
    one.worth = one.score - (8 * Math.abs(one.version - estimate)) / (1 + estimate / 4) - 10 * group.score;
  }
  return usable.sort((one, other) => other.worth - one.worth).slice(0, 3);
}

/** Length of a horizontal or vertical run through a turned finder by its true size. */
function slantOf({ corner, right }) {
  const angle = Math.atan2(right.y - corner.y, right.x - corner.x);
  const quarter = Math.abs(angle) % (Math.PI / 2);
  return 1 / Math.cos(Math.min(quarter, Math.PI / 2 - quarter));
}

/** Fixes the perspective along both timing patterns, which with the three centres gives the whole mapping. */
function guess(grey, { corner, right, down }, version) {
  const span = sizeOf(version) - 7;
  const row = depth(grey, corner, right, down, span);
  const column = depth(grey, corner, down, right, span);
  const [w1, w2] = [row.ratio, column.ratio];
  const w3 = w1 + w2 - 1;
  if (w3 < 0.2) return null;
  const far = [
    (w1 * right.x + w2 * down.x - corner.x) / w3,
    (w1 * right.y + w2 * down.y - corner.y) / w3,
  ];
  const handles = [[corner.x, corner.y], [right.x, right.y], [down.x, down.y], far];
  const map = fit(handlesOf(version), handles);
  return map && { version, map, score: row.score + column.score };
}

/** The four module positions that hold a mapping: the centres of the finders and of the corner without one. */
function handlesOf(version) {
  const end = sizeOf(version) - 3.5;
  return [[3.5, 3.5], [end, 3.5], [3.5, end], [end, end]];
}

/**
 * How much farther away the other end of a side is: the ratio for which the timing pattern beside it stands out most.
 *
 * @param {import("./finder.js").Pattern} from the corner
 * @param {import("./finder.js").Pattern} to the other end of the side
 * @param {import("./finder.js").Pattern} other the end of the other side, which says where inward is
 * @param {number} span modules between the centres
 */
function depth(grey, from, to, other, span) {
  // The timing pattern lies three modules inward; a module's step is as long as the modules are large there.
  const step3 = 3 / span / ((from.size + other.size) / 2);
  const inward = [(other.x - from.x) * step3, (other.y - from.y) * step3];
  const start = [from.x + inward[0] * from.size, from.y + inward[1] * from.size];
  const end = [to.x + inward[0] * to.size, to.y + inward[1] * to.size];
  let best = { ratio: 1, score: -Infinity };
  // Steps that move the middle of the side by a quarter of a module.
  const step = 1 + 1 / span;
  const contrast = (ratio) => {
    let [sum, sign] = [0, -1];
    for (let i = 5; i <= span - 5; i++, sign = -sign) {
      const t = i / span;
      const weight = (t * ratio) / (1 - t + t * ratio);
      const x = start[0] + (end[0] - start[0]) * weight;
      const y = start[1] + (end[1] - start[1]) * weight;
      sum += sign * greyAt(grey, x, y);
    }
    // The pattern begins and ends dark at i = 5; one dark module more than light ones.
    return sum / (span - 9);
  };
  for (let ratio = 1; ratio < 1.6; ratio *= step) {
    for (const one of [ratio, 1 / ratio]) {
      // Of equal ones the flatter wins: a short pattern says little.
      const score = contrast(one) - 20 * Math.abs(Math.log(one));
      if (score > best.score) best = { ratio: one, score };
    }
  }
  return best;
}

/**
 * @param {import("./image.js").Grey} grey
 * @param {Guess} guessed
 * @returns {{map: number[], score: number}} the mapping made to fit all modules of known colour, and the contrast reached
 */
export function refine(grey, guessed) {
  const { version, map } = guessed;
  // The corner without a finder is searched first, farther the larger the symbol is.
  const search = { index: 3, reach: Math.min(6, 2 + version / 8) };
  return refineMap(grey, map, handlesOf(version), knownOf(version), search);
}

/**
 * How far the sheet bends away from the mapping: the offset of each alignment pattern, in modules.
 *
 * @param {import("./image.js").Grey} grey
 * @param {number[]} map
 * @param {number} version 7 or more; smaller ones have one alignment pattern at most, which the mapping follows
 * @returns {(x: number, y: number) => [number, number]} offset at a module
 */
export function bendOf(grey, map, version) {
  const lines = alignmentLines(version);
  const offsets = new Map();
  const square = [];
  for (let dy = -2; dy <= 2; dy++) {
    for (let dx = -2; dx <= 2; dx++) square.push([dx, dy, Math.max(Math.abs(dx), Math.abs(dy)) === 1 ? 1 / 8 : -1 / 17]);
  }
  for (const [cx, cy] of alignmentCentres(version)) {
    let best = [-Infinity, 0, 0];
    for (let oy = -1.5; oy <= 1.5; oy += 0.25) {
      for (let ox = -1.5; ox <= 1.5; ox += 0.25) {
        let sum = -2 * (ox * ox + oy * oy);
        for (const [dx, dy, weight] of square) {
          const [x, y] = apply(map, cx + 0.5 + dx + ox, cy + 0.5 + dy + oy);
          sum += weight * greyAt(grey, x, y);
        }
        if (sum > best[0]) best = [sum, ox, oy];
      }
    }
    offsets.set(`${cx} ${cy}`, [best[1], best[2]]);
  }
  const at = (x, y) => offsets.get(`${x} ${y}`) || [0, 0];
  const cell = (v) => {
    let i = 0;
    while (i < lines.length - 2 && v > lines[i + 1]) i++;
    return [lines[i], lines[i + 1], Math.min(Math.max((v - lines[i]) / (lines[i + 1] - lines[i]), 0), 1)];
  };
  return (x, y) => {
    const [x0, x1, fx] = cell(x);
    const [y0, y1, fy] = cell(y);
    const mix = (k) => {
      const upper = at(x0, y0)[k] * (1 - fx) + at(x1, y0)[k] * fx;
      return upper * (1 - fy) + (at(x0, y1)[k] * (1 - fx) + at(x1, y1)[k] * fx) * fy;
    };
    return [mix(0), mix(1)];
  };
}
