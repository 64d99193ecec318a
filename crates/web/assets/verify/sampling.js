/**
 * The modules of a symbol out of a picture, once it is known where it lies: grey values, then dark and light.
 */

import { greyAt } from "./image.js";

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
