/**
 * Fitting a mapping to a picture by the modules whose colour every symbol of a kind shares.
 */

import { apply, fit } from "./homography.js";
import { greyAt } from "./image.js";

const FOUR = [[1, 1], [-1, 1], [1, -1], [-1, -1]];
const CROSS = [[1, 0], [-1, 0], [0, 1], [0, -1]];

/**
 * Mean of the known light modules less mean of the known dark ones.
 *
 * @param {import("./image.js").Grey} grey
 * @param {number[]} map from modules to pixels
 * @param {{x: number, y: number, dark: boolean}[]} modules
 * @param {number} spread 0: each module at its centre; else at four points so far from it, which feels its edges
 * @returns {number} grey values
 */
export function contrastOf(grey, map, modules, spread) {
  let [light, dark, lights, darks] = [0, 0, 0, 0];
  const points = spread === 0 ? [[0, 0]] : FOUR;
  for (const module of modules) {
    for (const [dx, dy] of points) {
      const mx = module.x + 0.5 + dx * spread;
      const my = module.y + 0.5 + dy * spread;
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
 * Moves the four handles of a mapping until the modules of known colour stand out most.
 *
 * @param {import("./image.js").Grey} grey
 * @param {number[]} start mapping to begin with
 * @param {number[][]} from four places in modules, upper left, upper right, lower left, lower right
 * @param {{x: number, y: number, dark: boolean}[]} modules
 * @param {{index: number, reach: number} | null} search a handle that may be off by so many modules
 * @returns {{map: number[], score: number}} mapping and contrast reached
 */
export function refineMap(grey, start, from, modules, search) {
  const handles = from.map(([x, y]) => apply(start, x, y));
  const unit = Math.hypot(handles[1][0] - handles[0][0], handles[1][1] - handles[0][1]) / (from[1][0] - from[0][0]);
  let map = start;
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
  if (search) {
    const { index, reach } = search;
    const home = handles[index];
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        tryMove(index, home[0] + dx * unit - handles[index][0], home[1] + dy * unit - handles[index][1], 0);
      }
    }
  }
  score = contrastOf(grey, map, modules, 0.3);
  for (const step of [0.6, 0.3, 0.15]) {
    for (let round = 0; round < 3; round++) {
      let moved = false;
      for (let index = 3; index >= 0; index--) {
        for (const [dx, dy] of CROSS) if (tryMove(index, dx * step * unit, dy * step * unit, 0.3)) moved = true;
      }
      if (!moved) break;
    }
  }
  return { map, score };
}
