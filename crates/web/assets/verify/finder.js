/**
 * The three finder patterns of QR codes in a picture of dark and light: rows of 1:1:3:1:1, crossed, gathered, and
 * grouped into threes that could be a symbol.
 */

/** Most patterns kept, and most groups of three given back: what a crafted picture may cost. */
const MOST_PATTERNS = 24;
const MOST_GROUPS = 12;
/** Fewest pixels of a module: below it nothing is read anyway, and noise is full of such patterns. */
const LEAST_MODULE = 1.6;
/** Worst group that is worth a look; true ones stay below 1.2 even when strongly leaned. */
const WORST_SCORE = 2;

/**
 * @typedef {object} Pattern
 * @property {number} x centre, pixels
 * @property {number} y centre, pixels
 * @property {number} size pixels a module
 * @property {number} seen rows that crossed it
 */

/**
 * @param {Uint8Array} dark 1 = dark, row by row
 * @param {number} width
 * @param {number} height
 * @returns {Pattern[]} the patterns crossed most often
 */
export function findPatterns(dark, width, height) {
  /** @type {Pattern[]} */
  let found = [];
  const ends = new Int32Array(width + 2);
  // Large pictures hold large patterns, or too many modules to be read at all.
  const step = Math.max(1, Math.floor(height / 1000));
  for (let y = 0; y < height; y += step) {
    const runs = runEnds(dark, y * width, width, ends);
    // Runs alternate and begin with a light one, so odd ones are dark.
    for (let i = 1; i + 4 < runs; i += 2) {
      const [a, b, c, d, e, f] = [ends[i - 1], ends[i], ends[i + 1], ends[i + 2], ends[i + 3], ends[i + 4]];
      if (isFinder(b - a, c - b, d - c, e - d, f - e)) cross(dark, width, height, (c + d) / 2, y, (f - a) / 7, found);
    }
    // A large symbol is full of chance hits: those that no later row confirmed are let go.
    if (found.length > 200) found = found.filter((one) => one.seen > 2 || one.y + 4 * one.size > y).slice(-400);
  }
  return found.sort((one, other) => other.seen - one.seen).slice(0, MOST_PATTERNS);
}

/** Ends of the runs of one row, light first. @returns {number} how many */
function runEnds(dark, start, width, ends) {
  let [count, colour] = [0, 0];
  for (let x = 0; x < width; x++) {
    if (dark[start + x] !== colour) {
      ends[count++] = x;
      colour ^= 1;
    }
  }
  ends[count++] = width;
  return count;
}

/**
 * Lengths near 1:1:3:1:1? Ink that spreads, and thresholds that are off, lengthen all dark runs at the cost of the light
 * ones, so the distances between edges of the same kind are compared: 2, 4, 4 and 2 modules.
 *
 * @returns {boolean}
 */
function isFinder(a, b, c, d, e) {
  const unit = (a + 2 * (b + c + d) + e) / 12;
  return (
    unit >= 1 &&
    Math.abs(a + b - 2 * unit) < 0.75 * unit &&
    Math.abs(d + e - 2 * unit) < 0.75 * unit &&
    Math.abs(b + c - 4 * unit) < 1.1 * unit &&
    Math.abs(c + d - 4 * unit) < 1.1 * unit &&
    Math.abs(a - e) < unit &&
    Math.abs(b - d) < unit &&
    c > 1.6 * unit
  );
}

/** Follows a hit up and down, then left and right through the better centre, and gathers it. */
function cross(dark, width, height, x, y, size, found) {
  const near = found.find((one) => Math.abs(one.x - x) < one.size && Math.abs(one.y - y) < 3 * one.size);
  if (near && near.seen > 12) {
    near.seen++;
    return;
  }
  const down = through(dark, width, Math.floor(x), y, 0, 1, height, 10 * size);
  if (!down || down.size > 2.5 * size || size > 2.5 * down.size) return;
  const across = through(dark, width, Math.floor(down.centre), Math.floor(x), 1, 0, width, 10 * size);
  if (!across) return;
  const [cx, cy, unit] = [across.centre, down.centre, (across.size + down.size) / 2];
  if (unit < LEAST_MODULE || !slanted(dark, width, height, cx, cy)) return;
  const same = found.find((one) => Math.abs(one.x - cx) < 1.5 * unit && Math.abs(one.y - cy) < 1.5 * unit);
  if (!same) {
    found.push({ x: cx, y: cy, size: unit, seen: 1 });
    return;
  }
  const weight = 1 / (same.seen + 1);
  same.x += (cx - same.x) * weight;
  same.y += (cy - same.y) * weight;
  same.size += (unit - same.size) * weight;
  same.seen++;
}

/**
 * The five runs through a dark point along a row (dx = 1) or column (dy = 1).
 *
 * @param {number} line the coordinate that stays
 * @param {number} at the coordinate that runs
 * @returns {{centre: number, size: number} | null}
 */
function through(dark, width, line, at, dx, dy, limit, reach) {
  const is = (t) => dark[dy ? t * width + line : line * width + t];
  if (!is(at)) return null;
  const half = (step) => {
    const edges = [];
    let colour = 1;
    let t = at;
    while (edges.length < 3) {
      t += step;
      const outside = t < 0 || t >= limit;
      if (Math.abs(t - at) > reach && !outside) return null;
      if (outside || is(t) !== colour) {
        edges.push(step > 0 ? t : t + 1);
        if (outside && edges.length < 3) return null;
        colour ^= 1;
      }
    }
    return edges;
  };
  const [back, fore] = [half(-1), half(1)];
  if (!back || !fore) return null;
  const fits = isFinder(
    back[1] - back[2], back[0] - back[1], fore[0] - back[0], fore[1] - fore[0], fore[2] - fore[1],
  );
  return fits ? { centre: (fore[0] + back[0]) / 2, size: (fore[2] - back[2]) / 7 } : null;
}

/** Does the 1:1:3:1:1 hold on a diagonal too? Text and stripes cross well in two directions, but not in a third. */
function slanted(dark, width, height, cx, cy) {
  return [1, -1].some((slope) => {
    const is = (t) => {
      const [x, y] = [Math.floor(cx) + t, Math.floor(cy) + slope * t];
      return x < 0 || y < 0 || x >= width || y >= height ? 2 : dark[y * width + x];
    };
    const half = (step) => {
      const edges = [];
      let [colour, t] = [1, 0];
      while (edges.length < 3) {
        t += step;
        const now = is(t);
        if (now === 2 && edges.length < 2) return null;
        if (now !== colour) {
          edges.push(t);
          colour ^= 1;
        }
      }
      return edges.map(Math.abs);
    };
    const [back, fore] = [half(-1), half(1)];
    if (!back || !fore) return false;
    return isFinder(back[2] - back[1], back[1] - back[0], back[0] + fore[0] - 1, fore[1] - fore[0], fore[2] - fore[1]);
  });
}

/**
 * Three patterns as corners of a symbol.
 *
 * @typedef {object} Group
 * @property {Pattern} corner the one between the two others (upper left)
 * @property {Pattern} right
 * @property {Pattern} down
 * @property {number} score less is better
 */

/**
 * @param {Pattern[]} patterns
 * @returns {Group[]} the likely threes, best first; `right` and `down` are in the order of an unmirrored symbol
 */
export function groupPatterns(patterns) {
  const groups = [];
  for (let i = 0; i < patterns.length; i++) {
    for (let j = i + 1; j < patterns.length; j++) {
      if (unlike(patterns[i], patterns[j])) continue;
      for (let k = j + 1; k < patterns.length; k++) {
        if (unlike(patterns[i], patterns[k]) || unlike(patterns[j], patterns[k])) continue;
        const group = arrange(patterns[i], patterns[j], patterns[k]);
        if (group && group.score < WORST_SCORE) groups.push(group);
      }
    }
  }
  return groups.sort((one, other) => one.score - other.score).slice(0, MOST_GROUPS);
}

/** Perspective may change the size of a module within a symbol, but not by much more than half. */
function unlike(a, b) {
  return a.size > 1.9 * b.size || b.size > 1.9 * a.size;
}

/** @returns {Group | null} */
function arrange(a, b, c) {
  const length = (p, q) => Math.hypot(p.x - q.x, p.y - q.y);
  // The longest side lies across from the corner.
  const orders = [
    [a, b, c, length(b, c)],
    [b, a, c, length(a, c)],
    [c, a, b, length(a, b)],
  ].sort((one, other) => other[3] - one[3]);
  let [corner, right, down] = orders[0];
  const turn = (right.x - corner.x) * (down.y - corner.y) - (right.y - corner.y) * (down.x - corner.x);
  if (turn < 0) [right, down] = [down, right];
  const [across, along] = [length(corner, right), length(corner, down)];
  const size = (corner.size + right.size + down.size) / 3;
  // 14 modules lie between the centres of version 1, 170 in version 40.
  const modules = (across + along) / 2 / size;
  if (modules < 9 || modules > 240) return null;
  const ratio = Math.max(across, along) / Math.min(across, along);
  const cosine = Math.abs(
    ((right.x - corner.x) * (down.x - corner.x) + (right.y - corner.y) * (down.y - corner.y)) / (across * along),
  );
  if (ratio > 2 || cosine > 0.6) return null;
  const sizes = Math.max(corner.size, right.size, down.size) / Math.min(corner.size, right.size, down.size);
  // The dark centre is three modules high, so a true pattern is crossed by about that many rows a module.
  const seen = Math.min(...[corner, right, down].map((one) => one.seen / one.size));
  const score = (ratio - 1) + cosine + (sizes - 1) / 2 + 1.5 * Math.max(0, 1 - seen / 2);
  return { corner, right, down, score };
}
