/**
 * Reading Grid Matrix symbols (网格矩阵码, GB/T 27766-2011) from pictures.
 *
 * All versions and levels on a sheet that is lit well, turned at will, mirrored, slightly leaned. The symbol has no finder patterns: it
 * is found as a dark shape with light around it, so its quiet zone (or most of it) must be there. Not read: symbols that touch other
 * dark things, that are bent or strongly leaned, with a corner lost, light on dark, or with modules of less than three pixels;
 * linked symbols and FNC1.
 */

import { findShapes } from "./blobs.js";
import { correctAll, frameModules, readMacros, widthOf } from "./gridmatrix-layout.js";
import { readContent } from "./gridmatrix-read.js";
import { apply, fit } from "./homography.js";
import { darkerThanAround, darkerThanOne, greyOf, halved } from "./image.js";
import { contrastOf, refineMap } from "./refine.js";
import { sampleModules, split } from "./sampling.js";

/** The least contrast of frames, in grey values, of anything worth sampling. */
const LEAST_CONTRAST = 25;

/**
 * What a Grid Matrix symbol says.
 *
 * @typedef {object} GridContent
 * @property {string | null} text `null` if the bytes are not text in their character set
 * @property {Uint8Array} bytes GB 2312 unless the symbol announces another set
 * @property {number} version 1 to 13
 * @property {number} level 1 to 5
 * @property {number} corrected codewords that were repaired
 */

/**
 * Reads the modules of an upright symbol.
 *
 * @param {{size: number, dark: Uint8Array}} modules 1 = dark, row by row
 * @returns {GridContent | null} `null` if this is no such symbol, or more of it is lost than can be repaired
 */
export function decodeGrid({ size, dark }) {
  const version = (size / 6 - 1) / 2;
  if (!Number.isInteger(version) || version < 1 || version > 13) return null;
  const wrong = frameModules(version).filter((module) => dark[module.y * size + module.x] !== (module.dark ? 1 : 0));
  // A random matrix has one half wrong; three eighths is as far from that as damage of 37 % is from none.
  if (wrong.length * 8 > frameModules(version).length * 3) return null;
  const { words, level } = readMacros(dark, version);
  const repaired = level === null ? null : correctAll(words, version, level);
  const content = repaired && readContent(repaired.data);
  return content && { ...content, version, level, corrected: repaired.corrected };
}

/**
 * Finds and reads one Grid Matrix symbol.
 *
 * @param {{width: number, height: number, data: Uint8ClampedArray}} image RGBA, as `ImageData`
 * @returns {(GridContent & {corners: number[][]}) | null} the content, and the four corners of the symbol in the picture;
 *   `null` if none is found or none can be read. Never throws for its input.
 */
export function readGrid(image) {
  let grey = greyOf(image);
  if (grey === null || grey.width < 36 || grey.height < 36) return null;
  const full = grey.width;
  const sizes = [grey];
  while (Math.max(grey.width, grey.height) > 1000) {
    grey = halved(grey);
    sizes.unshift(grey);
  }
  for (const one of sizes) {
    if (one.width * one.height > 16000000) break;
    const found = readGrey(one);
    const scale = full / one.width;
    if (found) return { ...found, corners: found.corners.map(([x, y]) => [x * scale, y * scale]) };
  }
  return null;
}

/** @param {import("./image.js").Grey} grey */
function readGrey(grey) {
  const least = Math.min(grey.width, grey.height);
  const ways = [() => darkerThanOne(grey), () => darkerThanAround(grey, Math.max(12, least >> 3))];
  for (const way of ways) {
    const dark = way();
    for (const gap of [1, 3]) {
      for (const corners of findShapes(dark, grey.width, grey.height, gap, 36)) {
        const found = readShape(grey, corners);
        if (found) return found;
      }
    }
  }
  return null;
}

/** @param {import("./image.js").Grey} grey @param {number[][]} corners clockwise */
function readShape(grey, corners) {
  const guesses = [];
  for (let version = 1; version <= 13; version++) {
    const map = fit(cornersOf(widthOf(version)), corners);
    if (map) guesses.push({ version, map, score: contrastOf(grey, map, frameModules(version), 0) });
  }
  guesses.sort((one, other) => other.score - one.score);
  for (const { version, map, score } of guesses.slice(0, 2)) {
    if (score < LEAST_CONTRAST / 2) continue;
    const width = widthOf(version);
    const from = [[0, 0], [width, 0], [0, width], [width, width]];
    const refined = refineMap(grey, map, from, frameModules(version), null);
    if (refined.score < LEAST_CONTRAST) continue;
    const dark = split(sampleModules(grey, refined.map, width, null), width, 4);
    const found = readTurned({ size: width, dark });
    if (found) return { ...found, corners: cornersOf(width).map(([x, y]) => apply(refined.map, x, y)) };
  }
  return null;
}

/** @param {number} width modules @returns {number[][]} corners, clockwise from the upper left */
function cornersOf(width) {
  return [[0, 0], [width, 0], [width, width], [0, width]];
}

/** The frames look alike from all sides, so all four turns are tried, then their mirror pictures. */
function readTurned(modules) {
  let turned = modules;
  for (let side = 0; side < 8; side++) {
    const found = decodeGrid(turned);
    if (found) return found;
    turned = side === 3 ? rearranged(turned, (x, y) => [y, x]) : rearranged(turned, (x, y, last) => [y, last - x]);
  }
  return null;
}

function rearranged({ size, dark }, from) {
  const out = new Uint8Array(dark.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [sx, sy] = from(x, y, size - 1);
      out[y * size + x] = dark[sy * size + sx];
    }
  }
  return { size, dark: out };
}
