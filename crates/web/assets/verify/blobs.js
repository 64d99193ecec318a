/**
 * Dark shapes that hang together, and the four corners of each: how Grid Matrix symbols are found.
 */

/** Most shapes looked at: what a crafted picture may cost. */
const MOST_SHAPES = 8;

/**
 * @param {Uint8Array} dark 1 = dark, row by row
 * @param {number} width
 * @param {number} height
 * @param {number} gap pixels that may lie between parts of one shape
 * @param {number} least pixels a side that a shape has at least
 * @returns {number[][][]} four corners of each of the largest shapes, clockwise on the screen, the largest first
 */
export function findShapes(dark, width, height, gap, least) {
  // Cells of a few pixels: parts of one shape lie in cells that touch.
  const cell = gap + 1;
  const [columns, rows] = [Math.ceil(width / cell), Math.ceil(height / cell)];
  const cells = new Uint8Array(columns * rows);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / cell) * columns;
    for (let x = 0; x < width; x++) if (dark[y * width + x]) cells[row + Math.floor(x / cell)] = 1;
  }
  const shapes = [];
  const stack = new Int32Array(columns * rows);
  for (let first = 0; first < cells.length; first++) {
    if (cells[first] !== 1) continue;
    const shape = fill(cells, columns, rows, first, stack);
    const size = Math.min(shape.right - shape.left, shape.bottom - shape.top) * cell;
    if (size >= least) shapes.push(shape);
  }
  return shapes
    .sort((one, other) => other.count - one.count)
    .slice(0, MOST_SHAPES)
    .map((shape) => cornersOf(outline(dark, width, height, shape, cell)))
    .filter((corners) => corners !== null);
}

/** Takes the cells that hang together with the first one; keeps the ends of each row. */
function fill(cells, columns, rows, first, stack) {
  const shape = { left: columns, right: 0, top: rows, bottom: 0, count: 0, ends: new Map() };
  let depth = 0;
  stack[depth++] = first;
  cells[first] = 2;
  while (depth > 0) {
    const at = stack[--depth];
    const [x, y] = [at % columns, Math.floor(at / columns)];
    shape.count++;
    shape.left = Math.min(shape.left, x);
    shape.right = Math.max(shape.right, x);
    shape.top = Math.min(shape.top, y);
    shape.bottom = Math.max(shape.bottom, y);
    const ends = shape.ends.get(y);
    if (!ends) shape.ends.set(y, [x, x]);
    else if (x < ends[0]) ends[0] = x;
    else if (x > ends[1]) ends[1] = x;
    for (let ny = Math.max(0, y - 1); ny <= Math.min(rows - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(columns - 1, x + 1); nx++) {
        if (cells[ny * columns + nx] === 1) {
          cells[ny * columns + nx] = 2;
          stack[depth++] = ny * columns + nx;
        }
      }
    }
  }
  return shape;
}

/** The outermost dark pixels of each row of a shape. @returns {number[][]} */
function outline(dark, width, height, shape, cell) {
  const points = [];
  for (const [row, [from, to]] of shape.ends) {
    for (let y = row * cell; y < Math.min((row + 1) * cell, height); y++) {
      let left = from * cell;
      let right = Math.min((to + 1) * cell, width) - 1;
      while (left <= right && !dark[y * width + left]) left++;
      while (right >= left && !dark[y * width + right]) right--;
      // Corners of pixels, not their centres: the shape reaches to their edges.
      if (left <= right) points.push([left, y], [left, y + 1], [right + 1, y], [right + 1, y + 1]);
    }
  }
  return points;
}

/** Twice the area of a triangle, positive when it turns clockwise on the screen. */
function turn([ax, ay], [bx, by], [cx, cy]) {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

/** Convex hull by monotone chains. @param {number[][]} points @returns {number[][]} clockwise on the screen */
function hull(points) {
  const sorted = points.slice().sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const chain = (list) => {
    const out = [];
    for (const point of list) {
      while (out.length > 1 && turn(out[out.length - 2], out[out.length - 1], point) <= 0) out.pop();
      out.push(point);
    }
    out.pop();
    return out;
  };
  return chain(sorted).concat(chain(sorted.reverse()));
}

/**
 * The largest four-sided figure with corners on the hull that the longest diagonal allows.
 *
 * @param {number[][]} points
 * @returns {number[][] | null} clockwise on the screen
 */
function cornersOf(points) {
  const ring = hull(points);
  if (ring.length < 4 || ring.length > 4000) return null;
  let best = { length: -1, a: ring[0], c: ring[0] };
  for (let i = 0; i < ring.length; i++) {
    for (let j = i + 1; j < ring.length; j++) {
      const length = (ring[i][0] - ring[j][0]) ** 2 + (ring[i][1] - ring[j][1]) ** 2;
      if (length > best.length) best = { length, a: ring[i], c: ring[j] };
    }
  }
  const { a, c } = best;
  const farthest = (side) =>
    ring.reduce((found, point) => (side * turn(a, c, point) > side * turn(a, c, found) ? point : found), a);
  const [b, d] = [farthest(-1), farthest(1)];
  const sides = [[a, b], [b, c], [c, d], [d, a]].map(([p, q]) => Math.hypot(p[0] - q[0], p[1] - q[1]));
  return Math.min(...sides) * 2 > Math.max(...sides) ? [a, b, c, d] : null;
}
