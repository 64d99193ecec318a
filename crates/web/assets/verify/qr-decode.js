/**
 * From the modules of a QR code to its content: format and version information, mask, codewords, correction.
 */

import { Field, correct } from "./galois.js";
import { LEVELS, blocksOf, codewordsOf, functionMask, isMasked } from "./qr-layout.js";
import { readSegments } from "./qr-segments.js";

const FIELD = new Field(256, 0x11d);

/** Remainder of a BCH code. @param {number} value @param {number} generator @param {number} bits of the remainder */
function withCheck(value, generator, bits) {
  let rest = value;
  for (let i = 0; i < bits; i++) rest = (rest << 1) ^ ((rest >> (bits - 1)) * generator);
  return (value << bits) | (rest & ((1 << bits) - 1));
}

/** The 32 format words with their mask, and the 34 version words from version 7 (annexes C and D). */
const FORMATS = Array.from({ length: 32 }, (_, data) => withCheck(data, 0x537, 10) ^ 0x5412);
const VERSIONS = Array.from({ length: 34 }, (_, i) => withCheck(i + 7, 0x1f25, 12));

/** @param {number} x @returns {number} bits that are set */
function ones(x) {
  let count = 0;
  for (let rest = x; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** @param {number[]} words @param {number[]} read @returns {{index: number, wrong: number}} the word nearest to any reading */
function nearest(words, read) {
  let best = { index: 0, wrong: 99 };
  words.forEach((word, index) => {
    for (const value of read) {
      const wrong = ones(word ^ value);
      if (wrong < best.wrong) best = { index, wrong };
    }
  });
  return best;
}

/**
 * @typedef {object} Modules
 * @property {number} size modules a side
 * @property {Uint8Array} dark 1 = dark, row by row
 */

/** @param {Modules} modules @returns {{level: string, mask: number, wrong: number}} */
function readFormat({ size, dark }) {
  const at = (x, y) => dark[y * size + x];
  let [first, second] = [0, 0];
  for (let i = 0; i < 15; i++) {
    // From the lowest bit: up the column 8, then left along the row 8, around the timing patterns.
    const [x, y] = i < 6 ? [8, i] : i < 8 ? [8, i + 1] : i === 8 ? [7, 8] : [14 - i, 8];
    first |= at(x, y) << i;
    const [u, v] = i < 8 ? [size - 1 - i, 8] : [8, size - 15 + i];
    second |= at(u, v) << i;
  }
  const { index, wrong } = nearest(FORMATS, [first, second]);
  return { level: LEVELS[index >> 3], mask: index & 7, wrong };
}

/**
 * The version that a symbol of at least 45 modules says it has.
 *
 * @param {Modules} modules
 * @returns {number | null} `null` if neither copy is near to any
 */
export function readVersion({ size, dark }) {
  let [first, second] = [0, 0];
  for (let i = 0; i < 18; i++) {
    const [x, y] = [size - 11 + (i % 3), Math.floor(i / 3)];
    first |= dark[y * size + x] << i;
    second |= dark[x * size + y] << i;
  }
  const { index, wrong } = nearest(VERSIONS, [first, second]);
  return wrong <= 3 ? index + 7 : null;
}

/** @param {Modules} modules @param {number} version @param {number} mask @returns {Uint8Array} codewords in the order of the symbol */
function readCodewords({ size, dark }, version, mask) {
  const reserved = functionMask(version);
  const words = new Uint8Array(codewordsOf(version));
  let bit = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    // The vertical timing pattern takes a column of its own.
    if (right === 6) right = 5;
    const upward = ((right + 1) & 2) === 0;
    for (let i = 0; i < size; i++) {
      const y = upward ? size - 1 - i : i;
      for (let x = right; x > right - 2; x--) {
        const at = y * size + x;
        if (reserved[at] || bit >= 8 * words.length) continue;
        if (dark[at] !== (isMasked(mask, x, y) ? 1 : 0)) words[bit >> 3] |= 0x80 >> (bit & 7);
        bit++;
      }
    }
  }
  return words;
}

/** @param {Uint8Array} words @param {number} version @param {string} level @returns {{data: Uint8Array, corrected: number} | null} */
function correctAll(words, version, level) {
  const blocks = blocksOf(version, level).map((shape) => ({ ...shape, words: new Uint8Array(shape.data + shape.check) }));
  let at = 0;
  const longest = blocks[blocks.length - 1].data;
  for (let i = 0; i < longest; i++) for (const block of blocks) if (i < block.data) block.words[i] = words[at++];
  for (let i = 0; i < blocks[0].check; i++) for (const block of blocks) block.words[block.data + i] = words[at++];
  const data = new Uint8Array(blocks.reduce((sum, block) => sum + block.data, 0));
  let [end, corrected] = [0, 0];
  for (const block of blocks) {
    const repaired = correct(FIELD, block.words, block.check, 0);
    if (repaired < 0) return null;
    corrected += repaired;
    data.set(block.words.subarray(0, block.data), end);
    end += block.data;
  }
  return { data, corrected };
}

/**
 * What a QR code says.
 *
 * @typedef {object} QrContent
 * @property {string | null} text `null` if the bytes are not text in the character set announced
 * @property {Uint8Array} bytes
 * @property {number} version 1 to 40
 * @property {string} level L, M, Q or H
 * @property {number} corrected codewords that were repaired
 * @property {boolean} mirrored seen in a mirror or from behind
 */

/**
 * Reads an upright symbol, or its mirror picture.
 *
 * @param {Modules} modules
 * @returns {QrContent | null} `null` if this is none, or more of it is lost than can be repaired
 */
export function decodeModules(modules) {
  const version = (modules.size - 17) / 4;
  if (!Number.isInteger(version) || version < 1 || version > 40) return null;
  return decodeOne(modules, version, false) || decodeOne(transposed(modules), version, true);
}

function decodeOne(modules, version, mirrored) {
  const { level, mask, wrong } = readFormat(modules);
  if (wrong > 3) return null;
  const repaired = correctAll(readCodewords(modules, version, mask), version, level);
  const content = repaired && readSegments(repaired.data, version);
  return content && { ...content, version, level, corrected: repaired.corrected, mirrored };
}

/** @param {Modules} modules @returns {Modules} rows and columns exchanged */
function transposed({ size, dark }) {
  const out = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) out[x * size + y] = dark[y * size + x];
  return { size, dark: out };
}
