/**
 * Arithmetic of the SM2 curve (GB/T 32918.5-2017) for checking signatures. Public values only: nothing here is
 * constant in time, and nothing here may ever meet a secret key.
 *
 * A point is `[x, y]` in affine or `[X, Y, Z]` in Jacobian coordinates (x = X/Z², y = Y/Z³); infinity has Z = 0.
 */

/** Prime of the field. */
export const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
/** Order of the group. */
export const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
/** Second parameter of the curve; the first is P − 3. */
export const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
/** Base point. */
export const G = [
  0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
];

const INFINITY = [1n, 1n, 0n];
/** Bits of one window of the tables, and windows of a scalar of 256 bits. */
const WIDTH = 5;
const WINDOWS = 52;

/** @param {bigint} x @returns {bigint} x mod P, not negative */
export function mod(x) {
  const rest = x % P;
  return rest < 0n ? rest + P : rest;
}

/** @param {bigint} x @param {bigint} y @returns {boolean} are both below P, and does y² = x³ − 3x + b hold? */
export function isOnCurve(x, y) {
  return x < P && y < P && mod(y * y - x * x * x + 3n * x - B) === 0n;
}

/**
 * @param {Uint8Array} bytes 33: `02` (y even) or `03` (y odd), then x
 * @returns {Uint8Array | null} the point as `04 ‖ x ‖ y`; null where there is none
 */
export function expand(bytes) {
  if (bytes.length !== 33 || (bytes[0] !== 2 && bytes[0] !== 3)) return null;
  const hex = Array.from(bytes.subarray(1), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const x = BigInt("0x" + hex);
  if (x >= P) return null;
  // P is 3 mod 4, so the root of a square is its power (P + 1) / 4.
  let [base, power, y] = [mod(x * x * x - 3n * x + B), (P + 1n) >> 2n, 1n];
  for (; power > 0n; power >>= 1n) {
    if (power & 1n) y = (y * base) % P;
    base = (base * base) % P;
  }
  if (!isOnCurve(x, y)) return null;
  if (Number(y & 1n) !== (bytes[0] & 1)) y = P - y;
  const out = new Uint8Array(65);
  out[0] = 4;
  out.set(bytes.subarray(1), 1);
  out.set(y.toString(16).padStart(64, "0").match(/../g).map((pair) => parseInt(pair, 16)), 33);
  return out;
}

/** @param {bigint[]} p Jacobian @returns {bigint[]} 2·p */
export function double([x, y, z]) {
  if (z === 0n || y === 0n) return INFINITY;
  const zz = (z * z) % P;
  const yy = (y * y) % P;
  const xyy = (x * yy) % P;
  const slope = mod(3n * (x - zz) * (x + zz));
  const x3 = mod(slope * slope - 8n * xyy);
  return [x3, mod(slope * (4n * xyy - x3) - 8n * yy * yy), (2n * y * z) % P];
}

/** @param {bigint[]} p Jacobian @param {bigint[]} q affine @returns {bigint[]} p + q */
function addAffine([x1, y1, z1], [x2, y2]) {
  if (z1 === 0n) return [x2, y2, 1n];
  const zz = (z1 * z1) % P;
  const h = mod(x2 * zz - x1);
  const r = mod(((y2 * zz) % P) * z1 - y1);
  if (h === 0n) return r === 0n ? double([x2, y2, 1n]) : INFINITY;
  const hh = (h * h) % P;
  const hhh = (h * hh) % P;
  const v = (x1 * hh) % P;
  const x3 = mod(r * r - hhh - 2n * v);
  return [x3, mod(r * (v - x3) - y1 * hhh), (z1 * h) % P];
}

/** @param {bigint} value not 0 mod `prime` @param {bigint} prime P or N @returns {bigint} its inverse (extended Euclid) */
export function inverse(value, prime = P) {
  let [a, b, u, v] = [((value % prime) + prime) % prime, prime, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b, u, v] = [b - quotient * a, a, v - quotient * u, u];
  }
  return ((u % prime) + prime) % prime;
}

/** @param {bigint[][]} points Jacobian, none infinite @returns {bigint[][]} affine, with one inversion for all */
function toAffine(points) {
  const products = [];
  let product = 1n;
  for (const [, , z] of points) {
    products.push(product);
    product = (product * z) % P;
  }
  let rest = inverse(product);
  const out = new Array(points.length);
  for (let i = points.length - 1; i >= 0; i--) {
    const [x, y, z] = points[i];
    const own = (rest * products[i]) % P;
    rest = (rest * z) % P;
    const square = (own * own) % P;
    out[i] = [(x * square) % P, (((y * square) % P) * own) % P];
  }
  return out;
}

/**
 * The multiples j·32^i·p for j = 1…16 in each of the 52 windows: a scalar then costs 52 additions and no doubling.
 *
 * @param {bigint[]} point affine, on the curve
 * @returns {bigint[][]} the multiples, sixteen a window
 */
export function tableOf(point) {
  const all = [];
  let base = point;
  for (let window = 0; window < WINDOWS; window++) {
    let multiple = [base[0], base[1], 1n];
    for (let j = 1; j <= 16; j++) {
      all.push(multiple);
      // The order is prime and far above 16, so no multiple met here is infinite.
      if (j < 16) multiple = addAffine(multiple, base);
    }
    // One inversion a window: the next base has to be affine.
    [base] = toAffine([double(multiple)]);
  }
  return toAffine(all);
}

/** @param {bigint} scalar below 2^256 @returns {number[]} 52 digits of base 32, from −16 to 16, lowest first */
function signedDigits(scalar) {
  const digits = [];
  let carry = 0;
  let rest = scalar;
  for (let i = 0; i < WINDOWS; i++) {
    let digit = Number(rest & 31n) + carry;
    rest >>= BigInt(WIDTH);
    carry = digit > 16 ? 1 : 0;
    if (carry) digit -= 32;
    digits.push(digit);
  }
  return digits;
}

/** @param {bigint[]} start Jacobian @param {bigint[][]} table of {@link tableOf} @param {bigint} scalar @returns {bigint[]} */
function addMultiple(start, table, scalar) {
  let sum = start;
  signedDigits(scalar).forEach((digit, window) => {
    if (digit === 0) return;
    const [x, y] = table[16 * window + Math.abs(digit) - 1];
    sum = addAffine(sum, [x, digit < 0 ? P - y : y]);
  });
  return sum;
}

/** @param {bigint[]} point affine @param {bigint} scalar @returns {bigint[]} scalar·point, without a table made before */
function multiply(point, scalar) {
  const multiples = [[point[0], point[1], 1n]];
  for (let j = 2; j <= 16; j++) multiples.push(addAffine(multiples[j - 2], point));
  const near = toAffine(multiples);
  let sum = INFINITY;
  for (const digit of signedDigits(scalar).reverse()) {
    for (let i = 0; i < WIDTH; i++) sum = double(sum);
    if (digit !== 0) {
      const [x, y] = near[Math.abs(digit) - 1];
      sum = addAffine(sum, [x, digit < 0 ? P - y : y]);
    }
  }
  return sum;
}

/** Table of the base point, made at the first use. @type {bigint[][] | null} */
let baseTable = null;

/**
 * Is the x coordinate of s·G + t·p congruent to `x` modulo the order?
 *
 * @param {bigint} s below N
 * @param {bigint} t below N
 * @param {bigint[]} point affine, on the curve
 * @param {bigint[][] | null} table of the point, if there is one
 * @param {bigint} x below N
 * @returns {boolean}
 */
export function sumHasX(s, t, point, table, x) {
  if (baseTable === null) baseTable = tableOf(G);
  const start = table ? addMultiple(INFINITY, table, t) : multiply(point, t);
  const [sumX, , z] = addMultiple(start, baseTable, s);
  if (z === 0n) return false;
  const zz = (z * z) % P;
  // X = x·Z² without an inversion; x + N is the other residue below P.
  return (x * zz) % P === sumX || (x + N < P && ((x + N) * zz) % P === sumX);
}
