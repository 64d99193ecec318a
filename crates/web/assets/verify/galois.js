/**
 * Finite fields of 2^m elements and Reed–Solomon correction over them, for QR (2^8) and Grid Matrix (2^7).
 */

/** A field with generator 2. */
export class Field {
  /**
   * @param {number} size number of elements, a power of two
   * @param {number} polynomial of the field, with its highest bit
   */
  constructor(size, polynomial) {
    this.order = size - 1;
    this.exp = new Uint8Array(2 * this.order);
    this.log = new Uint8Array(size);
    let value = 1;
    for (let power = 0; power < this.order; power++) {
      this.exp[power] = value;
      this.exp[power + this.order] = value;
      this.log[value] = power;
      value <<= 1;
      if (value & size) value ^= polynomial;
    }
  }

  /** @param {number} n not negative @returns {number} the generator to the power n */
  power(n) {
    return this.exp[n % this.order];
  }

  /** @param {number} a @param {number} b @returns {number} */
  multiply(a, b) {
    return a === 0 || b === 0 ? 0 : this.exp[this.log[a] + this.log[b]];
  }

  /** @param {number} a @param {number} b not 0 @returns {number} */
  divide(a, b) {
    return a === 0 ? 0 : this.exp[this.log[a] + this.order - this.log[b]];
  }

  /** Value at x of a polynomial, highest coefficient first. @param {ArrayLike<number>} poly @param {number} x @returns {number} */
  evaluate(poly, x) {
    let sum = 0;
    for (let i = 0; i < poly.length; i++) sum = this.multiply(sum, x) ^ poly[i];
    return sum;
  }
}

/**
 * Repairs a block in place.
 *
 * @param {Field} field
 * @param {Uint8Array} block data and check codewords, at most `field.order`
 * @param {number} check how many of them are check codewords
 * @param {number} first exponent of the first root of the code
 * @returns {number} repaired codewords; −1 if there are more than `check / 2` wrong ones, then the block is unchanged
 */
export function correct(field, block, check, first) {
  const syndromes = syndromesOf(field, block, check, first);
  if (syndromes.every((value) => value === 0)) return 0;
  const locator = locatorOf(field, syndromes);
  const errors = locator.length - 1;
  if (errors > check / 2) return -1;
  const repaired = Uint8Array.from(block);
  let found = 0;
  for (let place = 0; place < block.length; place++) {
    // Chien search: is X^-1 a root for X = 2^place?
    const inverse = field.power(field.order - (place % field.order));
    if (lowFirst(field, locator, inverse) !== 0) continue;
    const value = magnitude(field, locator, syndromes, place, first);
    if (value === -1) return -1;
    repaired[block.length - 1 - place] ^= value;
    found++;
  }
  // A locator with the right number of roots can still belong to no codeword.
  if (found !== errors || syndromesOf(field, repaired, check, first).some((value) => value !== 0)) return -1;
  block.set(repaired);
  return errors;
}

function syndromesOf(field, block, check, first) {
  return Array.from({ length: check }, (_, i) => field.evaluate(block, field.power(first + i)));
}

/** Value at x of a polynomial, lowest coefficient first. */
function lowFirst(field, poly, x) {
  let sum = 0;
  for (let i = poly.length - 1; i >= 0; i--) sum = field.multiply(sum, x) ^ poly[i];
  return sum;
}

/** Berlekamp–Massey: the shortest polynomial, lowest coefficient first, whose roots locate the errors. */
function locatorOf(field, syndromes) {
  let current = [1];
  let previous = [1];
  let [length, gap, last] = [0, 1, 1];
  for (let n = 0; n < syndromes.length; n++) {
    let discrepancy = 0;
    for (let i = 0; i <= length; i++) discrepancy ^= field.multiply(current[i] || 0, syndromes[n - i]);
    if (discrepancy === 0) {
      gap++;
      continue;
    }
    const before = current.slice();
    const factor = field.divide(discrepancy, last);
    for (let i = 0; i < previous.length; i++) {
      current[i + gap] = (current[i + gap] || 0) ^ field.multiply(factor, previous[i]);
    }
    if (2 * length <= n) {
      length = n + 1 - length;
      [previous, last, gap] = [before, discrepancy, 1];
    } else {
      gap++;
    }
  }
  return Array.from({ length: length + 1 }, (_, i) => current[i] || 0);
}

/** Forney: by how much the codeword at exponent `place` is wrong; −1 if the locator has a double root. */
function magnitude(field, locator, syndromes, place, first) {
  const inverse = field.power(field.order - (place % field.order));
  let [top, below, x] = [0, 0, 1];
  for (let n = 0; n < locator.length - 1; n++) {
    let coefficient = 0;
    for (let i = 0; i <= n; i++) coefficient ^= field.multiply(locator[i], syndromes[n - i]);
    top ^= field.multiply(coefficient, x);
    // The derivative keeps the odd coefficients only.
    if (n % 2 === 0) below ^= field.multiply(locator[n + 1], x);
    x = field.multiply(x, inverse);
  }
  if (below === 0) return -1;
  // X^(1 − first) = 2^(place·(1 − first)); first is 0 or 1.
  return field.multiply(field.divide(top, below), first === 0 ? field.power(place) : 1);
}
