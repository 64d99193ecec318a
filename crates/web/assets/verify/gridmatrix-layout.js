/**
 * Where the codewords of a Grid Matrix symbol stand (GB/T 27766-2011; `docs/grid-matrix.md`).
 */

import { Field, correct } from "./galois.js";

/** Modules a side of a macromodule: a frame around four by four. */
const MACRO = 6;
const FIELD = new Field(128, 0b10001001);

/** @param {number} version 1 to 13 @returns {number} macromodules a side */
function macrosOf(version) {
  return 2 * version + 1;
}

/** @param {number} version 1 to 13 @returns {number} modules a side */
export function widthOf(version) {
  return macrosOf(version) * MACRO;
}

/** Does this module stand in the frame of its macromodule? */
function isFrame(x, y) {
  const edge = (n) => n % MACRO === 0 || n % MACRO === MACRO - 1;
  return edge(x) || edge(y);
}

/**
 * The modules whose colour every symbol of a version shares: the frames, alternately dark and light.
 *
 * @param {number} version
 * @returns {{x: number, y: number, dark: boolean}[]}
 */
export function frameModules(version) {
  const width = widthOf(version);
  const modules = [];
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      if (isFrame(x, y)) modules.push({ x, y, dark: (Math.floor(x / MACRO) + Math.floor(y / MACRO)) % 2 === 0 });
    }
  }
  return modules;
}

/** The sixteen inner modules of a macromodule as a number, the first module highest. */
function interior(dark, width, x, y) {
  let value = 0;
  for (let n = 0; n < 16; n++) {
    value = (value << 1) | dark[(y * MACRO + 1 + (n >> 2)) * width + x * MACRO + 1 + (n & 3)];
  }
  return value;
}

/** Rings between a macromodule and the centre, and its turn in the spiral, which runs clockwise in each ring. */
function placeOf(version, x, y) {
  const layer = Math.max(Math.abs(x - version), Math.abs(y - version));
  if (layer === 0) return { layer, number: 0 };
  const side = 2 * layer;
  const [right, down] = [x + layer - version, y + layer - version];
  let turn = 4 * side - 1 - down;
  if (down === 0 && right > 0) turn = right - 1;
  else if (right === side) turn = side - 1 + down;
  else if (down === side) turn = 3 * side - 1 - right;
  return { layer, number: (side - 1) * (side - 1) + turn };
}

/** The two-bit number in the macromodules of a layer, counted from the centre. */
function layerId(level, layer) {
  return level === 1 ? 3 - (layer % 4) : ((layer % 4) + 5 - level) % 4;
}

/**
 * @param {Uint8Array} dark modules row by row, 1 = dark
 * @param {number} version
 * @returns {{words: Uint8Array, level: number | null}} codewords as placed; the level that agrees with most layer numbers,
 *   `null` where two agree alike
 */
export function readMacros(dark, version) {
  const [macros, width] = [macrosOf(version), widthOf(version)];
  const words = new Uint8Array(2 * macros * macros);
  const wrong = [0, 0, 0, 0, 0, 0];
  for (let y = 0; y < macros; y++) {
    for (let x = 0; x < macros; x++) {
      const value = interior(dark, width, x, y);
      const { layer, number } = placeOf(version, x, y);
      words[2 * number + 1] = (value >> 7) & 0x7f;
      words[2 * number] = value & 0x7f;
      for (let level = 1; level <= 5; level++) {
        const gap = (value >> 14) ^ layerId(level, layer);
        wrong[level] += (gap & 1) + (gap >> 1);
      }
    }
  }
  // Level 1 would leave one check codeword in version 1: such a symbol does not exist.
  const levels = (version === 1 ? [2, 3, 4, 5] : [1, 2, 3, 4, 5]).sort((a, b) => wrong[a] - wrong[b]);
  return { words, level: wrong[levels[0]] < wrong[levels[1]] ? levels[0] : null };
}

/**
 * @param {Uint8Array} words codewords as placed
 * @param {number} version
 * @param {number} level 1 to 5
 * @returns {{data: Uint8Array, corrected: number} | null} `null` where more is damaged than can be repaired
 */
export function correctAll(words, version, level) {
  const total = words.length;
  const checks = Math.floor((total * level) / 10);
  // As few blocks as keep each within the field; what does not divide evenly goes to the first blocks.
  const blocks = Math.ceil(total / FIELD.order);
  const share = (count, index) => Math.floor(count / blocks) + (index < count % blocks ? 1 : 0);
  const data = new Uint8Array(total - checks);
  let [end, corrected] = [0, 0];
  for (let index = 0; index < blocks; index++) {
    const check = share(checks, index);
    const block = words.filter((_, at) => at % blocks === index);
    const repaired = correct(FIELD, block, check, 1);
    if (repaired < 0) return null;
    corrected += repaired;
    data.set(block.subarray(0, block.length - check), end);
    end += block.length - check;
  }
  return { data, corrected };
}
