/**
 * QR codes drawn by the page itself: the code of every half minute must come without network.
 * Alphanumeric segments at level M, for that is what our codes are (docs/code-format.md).
 */

import { blocksOf, functionMask, isMasked, knownModules, sizeOf } from "./verify/qr-layout.js";
import { Field } from "./verify/galois.js";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const LEVEL = "M";
const FIELD = new Field(256, 0x11d);

/**
 * @param {string} text of the alphanumeric alphabet
 * @returns {{size: number, dark: Uint8Array}} modules row by row, without a quiet zone
 */
export function encodeQr(text) {
  const { version, data } = dataOf(text);
  const codewords = interleave(version, data);
  let best = null;
  for (let mask = 0; mask < 8; mask++) {
    const dark = place(version, codewords, mask);
    const score = penalty(dark, sizeOf(version));
    if (best === null || score < best.score) best = { score, dark };
  }
  return { size: sizeOf(version), dark: best.dark };
}

/**
 * Draws a code as large as the canvas allows, sharp: whole pixels a module.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {string} text
 * @param {number} side wanted width in CSS pixels
 */
export function drawQr(canvas, text, side) {
  const { size, dark } = encodeQr(text);
  const whole = size + 8;
  const scale = Math.max(1, Math.floor((side * (window.devicePixelRatio || 1)) / whole));
  canvas.width = canvas.height = whole * scale;
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#000";
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (dark[y * size + x]) context.fillRect((x + 4) * scale, (y + 4) * scale, scale, scale);
    }
  }
}

/** The smallest version that holds the text, and its data codewords. */
function dataOf(text) {
  const values = Array.from(text, (letter) => {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) throw new Error("not alphanumeric: " + letter);
    return value;
  });
  for (let version = 1; version <= 40; version++) {
    const capacity = blocksOf(version, LEVEL).reduce((sum, block) => sum + block.data, 0);
    const bits = [];
    push(bits, 2, 4);
    push(bits, values.length, version < 10 ? 9 : version < 27 ? 11 : 13);
    for (let i = 0; i < values.length; i += 2) {
      if (i + 1 < values.length) push(bits, values[i] * 45 + values[i + 1], 11);
      else push(bits, values[i], 6);
    }
    if (bits.length > capacity * 8) continue;
    push(bits, 0, Math.min(4, capacity * 8 - bits.length));
    while (bits.length % 8) bits.push(0);
    const data = new Uint8Array(capacity);
    for (let i = 0; i < bits.length; i++) data[i >> 3] |= bits[i] << (7 - (i & 7));
    for (let i = bits.length >> 3, pad = 0xec; i < capacity; i++, pad ^= 0xec ^ 0x11) data[i] = pad;
    return { version, data };
  }
  throw new Error("too long for a QR code");
}

function push(bits, value, count) {
  for (let i = count - 1; i >= 0; i--) bits.push((value >> i) & 1);
}

/** Data and check codewords in the order in which they are placed. */
function interleave(version, data) {
  let at = 0;
  const blocks = blocksOf(version, LEVEL).map((block) => {
    const part = data.subarray(at, at + block.data);
    at += block.data;
    return { part, check: checkOf(part, block.check) };
  });
  const out = [];
  const longest = Math.max(...blocks.map((block) => block.part.length));
  for (let i = 0; i < longest; i++) {
    for (const { part } of blocks) if (i < part.length) out.push(part[i]);
  }
  for (let i = 0; i < blocks[0].check.length; i++) for (const { check } of blocks) out.push(check[i]);
  return out;
}

/** Reed–Solomon check codewords: the remainder by the generator polynomial. */
function checkOf(part, count) {
  let generator = [1];
  for (let i = 0; i < count; i++) {
    const root = FIELD.power(i);
    const next = new Array(generator.length + 1).fill(0);
    generator.forEach((value, j) => {
      next[j] ^= value;
      next[j + 1] ^= FIELD.multiply(value, root);
    });
    generator = next;
  }
  const rest = new Uint8Array(part.length + count);
  rest.set(part);
  for (let i = 0; i < part.length; i++) {
    const lead = rest[i];
    if (lead === 0) continue;
    generator.forEach((value, j) => { rest[i + j] ^= FIELD.multiply(value, lead); });
  }
  return rest.subarray(part.length);
}

function place(version, codewords, mask) {
  const size = sizeOf(version);
  const fixed = functionMask(version);
  const dark = new Uint8Array(size * size);
  for (const { x, y, dark: on } of knownModules(version)) dark[y * size + x] = on ? 1 : 0;
  information(dark, size, version, mask);
  let bit = 0;
  let up = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (fixed[y * size + x]) continue;
        const value = bit < codewords.length * 8 ? (codewords[bit >> 3] >> (7 - (bit & 7))) & 1 : 0;
        dark[y * size + x] = value ^ (isMasked(mask, x, y) ? 1 : 0);
        bit++;
      }
    }
    up = !up;
  }
  return dark;
}

/** Remainder of a BCH code: `value` with `bits` check bits by `generator`. */
function bch(value, bits, generator) {
  let rest = value << bits;
  for (let i = 31 - Math.clz32(rest); i >= bits; i = 31 - Math.clz32(rest)) rest ^= generator << (i - bits);
  return (value << bits) | rest;
}

/** Format information (level M is 00) and, from version 7 on, version information. */
function information(dark, size, version, mask) {
  const set = (x, y, on) => { dark[y * size + x] = on & 1; };
  const format = (mask === 0 ? 0 : bch(mask, 10, 0x537)) ^ 0x5412;
  for (let i = 0; i < 15; i++) {
    const on = format >> i;
    if (i < 6) set(8, i, on);
    else if (i < 8) set(8, i + 1, on);
    else if (i === 8) set(7, 8, on);
    else set(14 - i, 8, on);
    if (i < 8) set(size - 1 - i, 8, on);
    else set(8, size - 15 + i, on);
  }
  set(8, size - 8, 1);
  if (version < 7) return;
  const about = bch(version, 12, 0x1f25);
  for (let i = 0; i < 18; i++) {
    const a = size - 11 + (i % 3);
    const b = Math.floor(i / 3);
    set(a, b, about >> i);
    set(b, a, about >> i);
  }
}

/** How hard a symbol is to read (ISO/IEC 18004 §7.8.3): runs, blocks, finder look-alikes, balance. */
function penalty(dark, size) {
  let score = 0;
  let count = 0;
  const line = (at) => {
    let run = 0;
    let last = -1;
    let recent = 0;
    for (let i = 0; i < size; i++) {
      const value = at(i);
      run = value === last ? run + 1 : 1;
      last = value;
      if (run === 5) score += 3;
      else if (run > 5) score += 1;
      recent = ((recent << 1) | value) & 0x7ff;
      if (i >= 10 && (recent === 0x5d0 || recent === 0x05d)) score += 40;
    }
  };
  for (let a = 0; a < size; a++) {
    line((i) => dark[a * size + i]);
    line((i) => dark[i * size + a]);
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const value = dark[y * size + x];
      count += value;
      if (x + 1 < size && y + 1 < size && value === dark[y * size + x + 1] &&
          value === dark[(y + 1) * size + x] && value === dark[(y + 1) * size + x + 1]) score += 3;
    }
  }
  return score + 10 * Math.floor(Math.abs(count * 20 - size * size * 10) / (size * size));
}
