/**
 * Pictures as grey values: from RGBA, halved, with sums for local means, and as dark and light.
 */

/** Most pixels taken from the caller: a 48-megapixel photo. Larger ones are refused, not scaled. */
const MOST_PIXELS = 50000000;

/**
 * @typedef {object} Grey
 * @property {number} width pixels
 * @property {number} height pixels
 * @property {Uint8Array} values row by row, 0 black to 255 white
 * @property {Uint32Array} [sums] (width + 1)·(height + 1) sums of everything above and left, made on demand
 */

/**
 * @param {{width: number, height: number, data: Uint8ClampedArray | Uint8Array}} image RGBA, as `ImageData`
 * @returns {Grey | null} `null` for a picture without pixels, with fewer bytes than it says, or too large
 */
export function greyOf(image) {
  const { width, height, data } = image;
  const count = width * height;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) return null;
  if (count > MOST_PIXELS || data.length < 4 * count) return null;
  const values = new Uint8Array(count);
  for (let i = 0, at = 0; i < count; i++, at += 4) {
    const alpha = data[at + 3];
    // Weights of BT.601 in 256ths.
    const luma = (77 * data[at] + 150 * data[at + 1] + 29 * data[at + 2]) >> 8;
    // What is transparent is shown on white.
    values[i] = alpha === 255 ? luma : 255 - (((255 - luma) * alpha) >> 8);
  }
  return { width, height, values };
}

/** @param {Grey} grey @returns {Grey} half the width and height, each pixel the mean of four */
export function halved(grey) {
  const [width, height] = [grey.width >> 1, grey.height >> 1];
  const values = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    let at = 2 * y * grey.width;
    for (let x = 0; x < width; x++, at += 2) {
      const v = grey.values;
      values[y * width + x] = (v[at] + v[at + 1] + v[at + grey.width] + v[at + grey.width + 1] + 2) >> 2;
    }
  }
  return { width, height, values };
}

/** @param {Grey} grey @returns {Grey} dark and light exchanged */
export function inverted(grey) {
  return { width: grey.width, height: grey.height, values: grey.values.map((value) => 255 - value) };
}

/** @param {Grey} grey @returns {Uint32Array} its sums; 50 million pixels of 255 wrap around, which differences undo */
function sumsOf(grey) {
  if (grey.sums) return grey.sums;
  const { width, height, values } = grey;
  const sums = new Uint32Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    const above = y * (width + 1) + 1;
    for (let x = 0; x < width; x++) {
      row += values[y * width + x];
      sums[above + width + 1 + x] = sums[above + x] + row;
    }
  }
  grey.sums = sums;
  return sums;
}

/**
 * Dark and light by the mean of the square around each pixel.
 *
 * @param {Grey} grey
 * @param {number} radius half the side of the square
 * @returns {Uint8Array} 1 = dark
 */
export function darkerThanAround(grey, radius) {
  const { width, height, values } = grey;
  const sums = sumsOf(grey);
  const dark = new Uint8Array(width * height);
  const line = width + 1;
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - radius) * line;
    const bottom = Math.min(height, y + radius + 1) * line;
    const rows = (bottom - top) / line;
    for (let x = 0; x < width; x++) {
      const left = x > radius ? x - radius : 0;
      const right = x + radius + 1 < width ? x + radius + 1 : width;
      const sum = (sums[bottom + right] - sums[bottom + left] - sums[top + right] + sums[top + left]) >>> 0;
      // A little below the mean, so that noise on plain paper stays light.
      if ((values[y * width + x] + 4) * rows * (right - left) * 25 < sum * 24) dark[y * width + x] = 1;
    }
  }
  return dark;
}

/**
 * Dark and light by one threshold for the whole picture, the one that parts the histogram best (Otsu).
 *
 * @param {Grey} grey
 * @returns {Uint8Array} 1 = dark
 */
export function darkerThanOne(grey) {
  const histogram = new Uint32Array(256);
  for (const value of grey.values) histogram[value]++;
  const total = grey.values.length;
  const sum = histogram.reduce((all, count, value) => all + count * value, 0);
  let [below, sumBelow, best, threshold] = [0, 0, -1, 128];
  for (let value = 0; value < 256; value++) {
    below += histogram[value];
    sumBelow += histogram[value] * value;
    if (below === 0 || below === total) continue;
    const gap = sumBelow / below - (sum - sumBelow) / (total - below);
    const spread = below * (total - below) * gap * gap;
    if (spread > best) [best, threshold] = [spread, value];
  }
  return grey.values.map((value) => (value <= threshold ? 1 : 0));
}

/**
 * @param {Grey} grey
 * @param {number} x
 * @param {number} y position; pixel (0, 0) covers 0 to 1, so its centre is at (0.5, 0.5)
 * @returns {number} grey value between pixels; outside of the picture that of the edge
 */
export function greyAt(grey, x, y) {
  const { width, height, values } = grey;
  const px = Math.min(Math.max(x - 0.5, 0), width - 1.001);
  const py = Math.min(Math.max(y - 0.5, 0), height - 1.001);
  if (!(px >= 0 && py >= 0)) return 255;
  const [x0, y0] = [px | 0, py | 0];
  const [fx, fy] = [px - x0, py - y0];
  const at = y0 * width + x0;
  const upper = values[at] + (values[at + 1] - values[at]) * fx;
  const lower = values[at + width] + (values[at + width + 1] - values[at + width]) * fx;
  return upper + (lower - upper) * fy;
}
