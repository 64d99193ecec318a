/**
 * Pictures of symbols as a camera would take them: turned, in perspective, blurred, noisy, unevenly lit.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fit } from "../../verify/homography.js";

/**
 * The modules that zint draws.
 * @param {string[]} args options of zint
 * @param {string | Uint8Array} text
 * @returns {{size: number, dark: Uint8Array}}
 */
export function zint(args, text) {
  const folder = mkdtempSync(join(tmpdir(), "symbol-"));
  let out;
  try {
    writeFileSync(join(folder, "text"), text);
    out = execFileSync("zint", ["--dump", ...args, "-i", join(folder, "text")], { encoding: "latin1" });
  } finally {
    rmSync(folder, { recursive: true });
  }
  const lines = out.trim().split("\n").map((line) => line.replace(/[^0-9A-F]/g, ""));
  const size = lines.length;
  const dark = new Uint8Array(size * size);
  lines.forEach((line, y) => {
    for (let x = 0; x < size; x++) dark[y * size + x] = (parseInt(line[x >> 2], 16) >> (3 - (x & 3))) & 1;
  });
  return { size, dark };
}

/** A picture of white with nothing on it. */
export function blank(width, height) {
  return { width, height, data: new Uint8ClampedArray(4 * width * height).fill(255) };
}

/**
 * @param {{size: number, dark: Uint8Array}} modules
 * @param {object} view
 * @param {number} view.width
 * @param {number} view.height
 * @param {number[][]} view.corners where the corners of the symbol lie, from the upper left clockwise
 * @param {number} [view.quiet] light modules around it; beyond them the ground
 * @param {number} [view.ground] grey of what lies around the sheet
 * @param {number} [view.blur] radius in pixels (two box filters)
 * @param {number} [view.noise] deviation in grey values
 * @param {number[]} [view.ink] grey values of dark and light
 * @param {(x: number, y: number) => number} [view.light] factor of the light at a pixel
 * @param {(x: number, y: number) => number[]} [view.bend] offset in modules at a place 0…1 of the symbol
 * @param {import("./random.mjs").Random} [view.random]
 * @returns {{width: number, height: number, data: Uint8ClampedArray}}
 */
export function picture(modules, view) {
  const { width, height, corners, quiet = 4, ground = 200, ink = [30, 225], bend } = view;
  const { size, dark } = modules;
  const back = fit(corners, [[0, 0], [size, 0], [size, size], [0, size]]);
  let grey = new Float32Array(width * height);
  const subs = view.subs || 3;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let s = 0; s < subs * subs; s++) {
        const px = x + ((s % subs) + 0.5) / subs;
        const py = y + (Math.floor(s / subs) + 0.5) / subs;
        const w = back[6] * px + back[7] * py + 1;
        let mx = (back[0] * px + back[1] * py + back[2]) / w;
        let my = (back[3] * px + back[4] * py + back[5]) / w;
        if (bend) {
          const [bx, by] = bend(mx / size, my / size);
          mx += bx;
          my += by;
        }
        if (mx < -quiet || my < -quiet || mx >= size + quiet || my >= size + quiet || w <= 0) sum += ground;
        else if (mx < 0 || my < 0 || mx >= size || my >= size) sum += ink[1];
        else sum += ink[1 - dark[Math.floor(my) * size + Math.floor(mx)]];
      }
      grey[y * width + x] = sum / (subs * subs);
    }
  }
  if (view.blur) grey = box(box(grey, width, height, view.blur), width, height, view.blur);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < grey.length; i++) {
    let value = grey[i];
    if (view.light) value *= view.light(i % width, Math.floor(i / width));
    if (view.noise) value += view.noise * view.random.normal();
    data.fill(value, 4 * i, 4 * i + 3);
    data[4 * i + 3] = 255;
  }
  return { width, height, data };
}

/** One box filter over rows and columns; the radius need not be whole. */
function box(grey, width, height, radius) {
  const whole = Math.floor(radius);
  const part = radius - whole;
  const weight = 1 / (2 * radius + 1);
  const pass = (from, to, count, lines, step, line) => {
    for (let l = 0; l < lines; l++) {
      for (let i = 0; i < count; i++) {
        const at = (k) => from[l * line + Math.min(Math.max(k, 0), count - 1) * step];
        let sum = part * (at(i - whole - 1) + at(i + whole + 1));
        for (let k = i - whole; k <= i + whole; k++) sum += at(k);
        to[l * line + i * step] = sum * weight;
      }
    }
  };
  const [across, out] = [new Float32Array(grey.length), new Float32Array(grey.length)];
  pass(grey, across, width, height, 1, width);
  pass(across, out, height, width, width, 1);
  return out;
}

/** Corners of a square of `side` pixels around a centre, turned by `degrees`. */
export function square(cx, cy, side, degrees) {
  const angle = (degrees * Math.PI) / 180;
  return [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([x, y]) => [
    cx + (side / 2) * (x * Math.cos(angle) - y * Math.sin(angle)),
    cy + (side / 2) * (x * Math.sin(angle) + y * Math.cos(angle)),
  ]);
}

/** Corners of a square sheet leaned back: the edge at `degrees` is `strength` (0…0.5) farther away. */
export function leaned(cx, cy, side, degrees, strength, turn) {
  const flat = square(0, 0, side, turn);
  const [ux, uy] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return flat.map(([x, y]) => {
    const depth = 1 + (strength * (x * ux + y * uy)) / side;
    return [cx + x / depth, cy + y / depth];
  });
}
