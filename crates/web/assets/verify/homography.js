/**
 * Mappings of a flat sheet onto a picture: nine numbers `[a b c d e f g h 1]`,
 * x' = (a·x + b·y + c) / w, y' = (d·x + e·y + f) / w, w = g·x + h·y + 1.
 */

/**
 * @param {number[]} map
 * @param {number} x
 * @param {number} y
 * @returns {[number, number]}
 */
export function apply(map, x, y) {
  const w = map[6] * x + map[7] * y + 1;
  return [(map[0] * x + map[1] * y + map[2]) / w, (map[3] * x + map[4] * y + map[5]) / w];
}

/**
 * The mapping that takes four points or more onto others (least squares beyond four).
 *
 * @param {number[][]} from points `[x, y]`
 * @param {number[][]} to points `[x, y]`, as many
 * @returns {number[] | null} `null` where the points do not fix it
 */
export function fit(from, to) {
  const rows = Array.from({ length: 8 }, () => new Array(9).fill(0));
  // Normal equations of the linear form: one line for x', one for y' of each point.
  const add = (line) => {
    for (let i = 0; i < 8; i++) for (let j = 0; j < 9; j++) rows[i][j] += line[i] * line[j];
  };
  from.forEach(([x, y], i) => {
    const [u, v] = to[i];
    add([x, y, 1, 0, 0, 0, -u * x, -u * y, u]);
    add([0, 0, 0, x, y, 1, -v * x, -v * y, v]);
  });
  const solution = solve(rows);
  return solution && [...solution, 1];
}

/** Gauss elimination with pivoting. @param {number[][]} rows n lines of n + 1 numbers @returns {number[] | null} */
function solve(rows) {
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let best = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(rows[row][column]) > Math.abs(rows[best][column])) best = row;
    }
    [rows[column], rows[best]] = [rows[best], rows[column]];
    const pivot = rows[column][column];
    if (!(Math.abs(pivot) > 1e-12)) return null;
    for (let row = 0; row < n; row++) {
      const factor = rows[row][column] / pivot;
      if (row === column || factor === 0) continue;
      for (let k = column; k <= n; k++) rows[row][k] -= factor * rows[column][k];
    }
  }
  const solution = rows.map((row, i) => row[n] / row[i]);
  return solution.every(Number.isFinite) ? solution : null;
}
