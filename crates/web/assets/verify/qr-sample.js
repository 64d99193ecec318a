/**
 * From three finder patterns to the modules of the symbol: its version by the timing patterns, its mapping onto the
 * picture refined by every module whose colour is known, and the modules sampled.
 */

import { apply, fit } from "./homography.js";
import { greyAt } from "./image.js";
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
 * @property {number} score contrast of the timing patterns
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
  // Timing patterns of small symbols are short: there the estimate counts too.
  const worth = (one) => one.score - (8 * Math.abs(one.version - estimate)) / (1 + estimate / 4);
  return usable.sort((a, b) => worth(b) - worth(a)).slice(0, 3);
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
  const toRight = [(right.x - corner.x) / span, (right.y - corner.y) / span];
  const toDown = [(down.x - corner.x) / span, (down.y - corner.y) / span];
  const row = depth(grey, corner, right, toDown, span, corner.size, right.size);
  const column = depth(grey, corner, down, toRight, span, corner.size, down.size);
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
 * @param {number[]} inward a module's step from the side into the symbol
 */
function depth(grey, from, to, inward, span, nearSize, farSize) {
  const mean = (nearSize + farSize) / 2;
  const start = [from.x + (3 * inward[0] * nearSize) / mean, from.y + (3 * inward[1] * nearSize) / mean];
  const end = [to.x + (3 * inward[0] * farSize) / mean, to.y + (3 * inward[1] * farSize) / mean];
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
 * Moves the four handles until the modules of known colour stand out most.
 *
 * @param {import("./image.js").Grey} grey
 * @param {Guess} guessed
 * @returns {{map: number[], score: number}} mapping and the contrast reached, in grey values
 */
export function refine(grey, guessed) {
  const { version } = guessed;
  const modules = knownOf(version);
  const from = handlesOf(version);
  const handles = from.map(([x, y]) => apply(guessed.map, x, y));
  const unit = Math.hypot(handles[1][0] - handles[0][0], handles[1][1] - handles[0][1]) / (sizeOf(version) - 7);
  let map = guessed.map;
  let score = contrastOf(grey, map, modules, 0);
  const tryMove = (index, dx, dy, spread) => {
    const before = handles[index];
    handles[index] = [before[0] + dx, before[1] + dy];
    const moved = fit(from, handles);
    const reached = moved ? contrastOf(grey, moved, modules, spread) : -Infinity;
    if (reached > score) {
      [map, score] = [moved, reached];
      return true;
    }
    handles[index] = before;
    return false;
  };
  // The corner without a finder first, farther the larger the symbol is.
  const reach = Math.min(6, 2 + version / 8);
  const home = handles[3];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const offset = [home[0] + dx * unit - handles[3][0], home[1] + dy * unit - handles[3][1]];
      tryMove(3, offset[0], offset[1], 0);
    }
  }
  score = contrastOf(grey, map, modules, 0.3);
  for (const step of [0.6, 0.3, 0.15]) {
    for (let round = 0; round < 3; round++) {
      let moved = false;
      for (let index = 3; index >= 0; index--) {
        for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
          if (tryMove(index, dx * step * unit, dy * step * unit, 0.3)) moved = true;
        }
      }
      if (!moved) break;
    }
  }
  return { map, score };
}

/** Mean of the known light modules less mean of the known dark ones; with a spread each is taken at four points. */
function contrastOf(grey, map, modules, spread) {
  let [light, dark, lights, darks] = [0, 0, 0, 0];
  const points = spread === 0 ? [[0, 0]] : [[spread, spread], [-spread, spread], [spread, -spread], [-spread, -spread]];
  for (const module of modules) {
    for (const [dx, dy] of points) {
      const mx = module.x + 0.5 + dx;
      const my = module.y + 0.5 + dy;
      const w = map[6] * mx + map[7] * my + 1;
      const value = greyAt(grey, (map[0] * mx + map[1] * my + map[2]) / w, (map[3] * mx + map[4] * my + map[5]) / w);
      if (module.dark) {
        dark += value;
        darks++;
      } else {
        light += value;
        lights++;
      }
    }
  }
  return light / lights - dark / darks;
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

/**
 * @param {import("./image.js").Grey} grey
 * @param {number[]} map
 * @param {number} size modules a side
 * @param {((x: number, y: number) => [number, number]) | null} bend of {@link bendOf}
 * @returns {Float32Array} grey value of each module
 */
export function sampleModules(grey, map, size, bend) {
  const values = new Float32Array(size * size);
  const spots = [[0.5, 0.5], [0.3, 0.5], [0.7, 0.5], [0.5, 0.3], [0.5, 0.7]];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [bx, by] = bend ? bend(x, y) : [0, 0];
      let sum = 0;
      for (const [dx, dy] of spots) {
        const [mx, my] = [x + dx + bx, y + dy + by];
        const w = map[6] * mx + map[7] * my + 1;
        sum += greyAt(grey, (map[0] * mx + map[1] * my + map[2]) / w, (map[3] * mx + map[4] * my + map[5]) / w);
      }
      values[y * size + x] = sum / spots.length;
    }
  }
  return values;
}

/** Takes back some of a blur: each module gives up a share of its four neighbours. @param {number} share 0 to 0.2 */
export function sharpened(values, size, share) {
  return values.map((value, at) => {
    const [x, y] = [at % size, Math.floor(at / size)];
    let around = 0;
    around += x > 0 ? values[at - 1] : value;
    around += x < size - 1 ? values[at + 1] : value;
    around += y > 0 ? values[at - size] : value;
    around += y < size - 1 ? values[at + size] : value;
    return value + share * (4 * value - around);
  });
}

/** @param {Float32Array} values of the modules @param {number} size @param {number} radius @returns {Uint8Array} 1 = darker than the mean of the modules around */
export function split(values, size, radius) {
  const sums = new Float64Array((size + 1) * (size + 1));
  for (let y = 0; y < size; y++) {
    let row = 0;
    for (let x = 0; x < size; x++) {
      row += values[y * size + x];
      sums[(y + 1) * (size + 1) + x + 1] = sums[y * (size + 1) + x + 1] + row;
    }
  }
  return Uint8Array.from(values, (value, at) => {
    const [x, y] = [at % size, Math.floor(at / size)];
    const [left, right] = [Math.max(0, x - radius), Math.min(size, x + radius + 1)];
    const [top, bottom] = [Math.max(0, y - radius), Math.min(size, y + radius + 1)];
    const line = size + 1;
    const sum = sums[bottom * line + right] - sums[bottom * line + left] - sums[top * line + right] + sums[top * line + left];
    return value * (right - left) * (bottom - top) < sum ? 1 : 0;
  });
}
