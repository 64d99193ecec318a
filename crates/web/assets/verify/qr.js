/**
 * Reading QR codes (GB/T 18284, ISO/IEC 18004) from camera frames and pictures.
 *
 * All versions and levels, turned, mirrored, in perspective, on a slightly bent sheet, blurred, in poor light, light on
 * dark, anywhere in the picture. Not read: Micro QR and rMQR, one of several linked symbols, a symbol with a whole finder pattern lost,
 * modules of less than about two pixels.
 */

import { findPatterns, groupPatterns } from "./finder.js";
import { darkerThanAround, darkerThanOne, greyOf, halved, inverted } from "./image.js";
import { apply } from "./homography.js";
import { decodeModules, readVersion } from "./qr-decode.js";
import { sizeOf } from "./qr-layout.js";
import { bendOf, guessSymbols, refine } from "./qr-place.js";
import { sampleModules, sharpened, split } from "./sampling.js";

/** The least contrast of known modules, in grey values, of anything worth sampling. */
const LEAST_CONTRAST = 8;

/**
 * @typedef {import("./qr-decode.js").QrContent & {corners: number[][]}} QrResult the content, and the four corners of the
 *   symbol in the picture, from the upper left clockwise
 */

/**
 * Finds and reads one QR code.
 *
 * @param {{width: number, height: number, data: Uint8ClampedArray}} image RGBA, as `ImageData`
 * @param {{effort?: "frame" | "picture"}} [options] `frame` (default): one of many camera frames, quick to give up;
 *   `picture`: an uploaded file, every way is tried
 * @returns {QrResult | null} `null` if none is found or none can be read. Never throws for its input.
 */
export function readQr(image, options = {}) {
  let grey = greyOf(image);
  if (grey === null || grey.width < 21 || grey.height < 21) return null;
  if (options.effort !== "picture") return readGrey(grey, 2, 3);
  // From small to large: noise and moiré are weaker in the small one, and it is quicker.
  const sizes = [grey];
  while (Math.max(grey.width, grey.height) > 900) {
    grey = halved(grey);
    sizes.unshift(grey);
  }
  for (const one of sizes) {
    // Twice the size that any camera of the page gives is enough for version 40.
    if (one.width * one.height > 16000000) break;
    const result = readGrey(one, 3, 8) || readGrey(inverted(one), 1, 4);
    if (result) return scaled(result, sizes[sizes.length - 1].width / one.width);
  }
  const half = sizes.length === 1 && grey.width > 400 ? readGrey(halved(grey), 2, 4) : null;
  return half && scaled(half, 2);
}

function scaled(result, factor) {
  return { ...result, corners: result.corners.map(([x, y]) => [x * factor, y * factor]) };
}

/**
 * @param {import("./image.js").Grey} grey
 * @param {number} ways how many ways of telling dark from light are tried
 * @param {number} tries how many guesses are followed in each
 * @returns {QrResult | null}
 */
function readGrey(grey, ways, tries) {
  const least = Math.min(grey.width, grey.height);
  const splits = [
    () => darkerThanAround(grey, Math.max(8, least >> 3)),
    () => darkerThanAround(grey, Math.max(6, least >> 5)),
    () => darkerThanOne(grey),
  ];
  const tried = new Set();
  for (const dark of splits.slice(0, ways)) {
    const groups = groupPatterns(findPatterns(dark(), grey.width, grey.height)).filter((group) => isNew(group, tried));
    // The timing patterns tell best which three belong together.
    const guesses = [].concat(...groups.map((group) => guessSymbols(grey, group)));
    guesses.sort((one, other) => other.worth - one.worth);
    for (const guessed of guesses.slice(0, tries)) {
      const result = readGuess(grey, guessed, true);
      if (result) return result;
    }
  }
  return null;
}

/** The same three found another way would fail again. */
function isNew({ corner, right, down }, tried) {
  const key = [corner, right, down].map(({ x, y }) => `${x >> 1} ${y >> 1}`).join();
  const fresh = !tried.has(key);
  tried.add(key);
  return fresh;
}

/** @returns {QrResult | null} */
function readGuess(grey, guessed, follow) {
  const refined = refine(grey, guessed);
  if (refined.score < LEAST_CONTRAST) return null;
  const { content, said } = readMapped(grey, refined.map, guessed.version);
  if (content) return { ...content, corners: cornersOf(refined.map, guessed.version) };
  // The symbol itself names another version.
  if (!follow || said === null || said === guessed.version) return null;
  const scale = (sizeOf(guessed.version) - 7) / (sizeOf(said) - 7);
  return readGuess(grey, { version: said, map: rescaled(guessed.map, scale) }, false);
}

/** The mapping whose modules are `scale` as large, the centre of the first finder staying. */
function rescaled(map, scale) {
  const shift = 3.5 - 3.5 * scale;
  const out = [];
  for (const [a, b, c] of [map.slice(0, 3), map.slice(3, 6), map.slice(6)]) {
    out.push(a * scale, b * scale, c + (a + b) * shift);
  }
  return out.map((value) => value / out[8]);
}

function readMapped(grey, map, version) {
  const size = sizeOf(version);
  let said = null;
  const bends = version >= 7 ? [() => null, () => bendOf(grey, map, version)] : [() => null];
  for (const bend of bends) {
    const values = sampleModules(grey, map, size, bend());
    for (const share of [0, 0.15]) {
      const dark = split(share === 0 ? values : sharpened(values, size, share), size, share === 0 ? 5 : 8);
      const content = decodeModules({ size, dark });
      if (content) return { content, said };
      if (version >= 6) said = readVersion({ size, dark });
      // Another version than sampled: no use in sampling on.
      if (version >= 7 && said !== null && said !== version) return { content: null, said };
    }
  }
  return { content: null, said };
}

function cornersOf(map, version) {
  const size = sizeOf(version);
  return [[0, 0], [size, 0], [size, size], [0, size]].map(([x, y]) => apply(map, x, y));
}
