/**
 * What stands where in a QR code (GB/T 18284, ISO/IEC 18004): versions, function patterns, blocks.
 */

/** Levels in the order of their two bits in the format information. */
export const LEVELS = ["M", "L", "H", "Q"];

/** Check codewords of each block, by level and version from 1 (ISO/IEC 18004 table 9). */
const CHECK = {
  L: "7 10 15 20 26 18 20 24 30 18 20 24 26 30 22 24 28 30 28 28 28 28 30 30 26 28 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
  M: "10 16 26 18 24 16 18 22 22 26 30 22 22 24 24 28 28 26 26 26 26 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28",
  Q: "13 22 18 26 18 24 18 22 20 24 28 26 24 20 30 24 28 28 26 30 28 30 30 30 30 28 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
  H: "17 28 22 16 22 28 26 26 24 28 24 28 22 24 24 30 28 28 26 28 30 24 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
};

/** Number of blocks, by level and version from 1 (the same table). */
const BLOCKS = {
  L: "1 1 1 1 1 2 2 2 2 4 4 4 4 4 6 6 6 6 7 8 8 9 9 10 12 12 12 13 14 15 16 17 18 19 19 20 21 22 24 25",
  M: "1 1 1 2 2 4 4 4 5 5 5 8 9 9 10 10 11 13 14 16 17 17 18 20 21 23 25 26 28 29 31 33 35 37 38 40 43 45 47 49",
  Q: "1 1 2 2 4 4 6 6 8 8 8 10 12 16 12 17 16 18 21 20 23 23 25 27 29 34 34 35 38 40 43 45 48 51 53 56 59 62 65 68",
  H: "1 1 2 4 4 4 5 6 8 8 11 11 16 16 18 16 19 21 25 25 25 34 30 32 35 37 40 42 45 48 51 54 57 60 63 66 70 74 77 81",
};

const entry = (table, level, version) => Number(table[level].split(" ")[version - 1]);

/** @param {number} version 1 to 40 @returns {number} modules a side */
export function sizeOf(version) {
  return 17 + 4 * version;
}

/** @param {number} version @returns {number[]} rows, and columns, on which alignment patterns are centred */
export function alignmentLines(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  // Annex E: even distances from the far end; version 32 is the exception.
  const step = version === 32 ? 26 : Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  const last = sizeOf(version) - 7;
  return Array.from({ length: count }, (_, i) => (i === 0 ? 6 : last - (count - 1 - i) * step));
}

/** @param {number} version @returns {number[][]} centres `[column, row]` of the alignment patterns */
export function alignmentCentres(version) {
  const lines = alignmentLines(version);
  const last = lines.length - 1;
  const centres = [];
  lines.forEach((x, i) =>
    lines.forEach((y, j) => {
      const atFinder = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
      if (!atFinder) centres.push([x, y]);
    }),
  );
  return centres;
}

/**
 * The modules whose colour every symbol of a version shares: finders with separators, timing, alignment.
 *
 * @param {number} version
 * @returns {{x: number, y: number, dark: boolean}[]}
 */
export function knownModules(version) {
  const size = sizeOf(version);
  const known = [];
  for (const [left, top] of [[0, 0], [size - 7, 0], [0, size - 7]]) {
    for (let dy = -1; dy <= 7; dy++) {
      for (let dx = -1; dx <= 7; dx++) {
        const [x, y] = [left + dx, top + dy];
        if (x < 0 || y < 0 || x >= size || y >= size) continue;
        const ring = Math.max(Math.abs(dx - 3), Math.abs(dy - 3));
        known.push({ x, y, dark: ring === 3 || ring < 2 });
      }
    }
  }
  for (let i = 8; i < size - 8; i++) {
    known.push({ x: i, y: 6, dark: i % 2 === 0 }, { x: 6, y: i, dark: i % 2 === 0 });
  }
  for (const [cx, cy] of alignmentCentres(version)) {
    for (let dy = -2; dy <= 2; dy++) {
      for (let dx = -2; dx <= 2; dx++) {
        known.push({ x: cx + dx, y: cy + dy, dark: Math.max(Math.abs(dx), Math.abs(dy)) !== 1 });
      }
    }
  }
  return known;
}

/** @param {number} version @returns {Uint8Array} row by row, 1 where a module carries no data */
export function functionMask(version) {
  const size = sizeOf(version);
  const mask = new Uint8Array(size * size);
  const fill = (x, y, w, h) => {
    for (let row = y; row < y + h; row++) mask.fill(1, row * size + x, row * size + x + w);
  };
  fill(0, 0, 9, 9);
  fill(size - 8, 0, 8, 9);
  fill(0, size - 8, 9, 8);
  fill(0, 6, size, 1);
  fill(6, 0, 1, size);
  for (const [cx, cy] of alignmentCentres(version)) fill(cx - 2, cy - 2, 5, 5);
  if (version >= 7) {
    fill(size - 11, 0, 3, 6);
    fill(0, size - 11, 6, 3);
  }
  return mask;
}

/** @param {number} version @returns {number} codewords of the symbol, data and check */
export function codewordsOf(version) {
  const count = version === 1 ? 0 : Math.floor(version / 7) + 2;
  let modules = (16 * version + 128) * version + 64;
  if (count > 0) modules -= (25 * count - 10) * count - 55;
  if (version >= 7) modules -= 36;
  return modules >> 3;
}

/**
 * @param {number} version
 * @param {string} level
 * @returns {{data: number, check: number}[]} the blocks in order: data and check codewords of each
 */
export function blocksOf(version, level) {
  const [count, check] = [entry(BLOCKS, level, version), entry(CHECK, level, version)];
  const total = codewordsOf(version);
  const short = Math.floor(total / count) - check;
  // The blocks that hold one codeword more come last.
  const long = total % count;
  return Array.from({ length: count }, (_, i) => ({ data: i < count - long ? short : short + 1, check }));
}

/** Does mask `number` turn the module in column x and row y? @returns {boolean} */
export function isMasked(number, x, y) {
  switch (number) {
    case 0:
      return (x + y) % 2 === 0;
    case 1:
      return y % 2 === 0;
    case 2:
      return x % 3 === 0;
    case 3:
      return (x + y) % 3 === 0;
    case 4:
      return (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0;
    case 5:
      return ((x * y) % 2) + ((x * y) % 3) === 0;
    case 6:
      return (((x * y) % 2) + ((x * y) % 3)) % 2 === 0;
    default:
      return (((x + y) % 2) + ((x * y) % 3)) % 2 === 0;
  }
}
