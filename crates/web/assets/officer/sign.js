/**
 * SM2 signatures of the device (GB/T 32918.2-2016 §6.1), for the receipts of checks without network. The key is this device's own,
 * certified for the life of a pack. Scalars are walked with the same steps whatever their bits are and in coordinates that are
 * blinded anew each time; engine arithmetic on large integers is not constant in time all the same, so nothing that is worth more
 * than a device's receipts may be signed with this (docs/pages.md).
 */

import { double, G, inverse, mod, N, P } from "../verify/curve.js";
import { concat, toHex } from "../verify/bytes.js";
import { readKey } from "../verify/sm2.js";
import { sm3 } from "../verify/sm3.js";

const modN = (x) => {
  const rest = x % N;
  return rest < 0n ? rest + N : rest;
};

function bytesOf(value) {
  const text = value.toString(16).padStart(64, "0");
  return Uint8Array.from({ length: 32 }, (_, i) => parseInt(text.substr(2 * i, 2), 16));
}

const bigOf = (bytes) => BigInt("0x" + toHex(bytes));

/** A number from 1 to N − 2. */
function randomScalar() {
  for (;;) {
    const value = bigOf(crypto.getRandomValues(new Uint8Array(32)));
    if (value >= 1n && value <= N - 2n) return value;
  }
}

/** Jacobian addition of two different points, none of them infinite. */
function add([x1, y1, z1], [x2, y2, z2]) {
  const z1z1 = (z1 * z1) % P;
  const z2z2 = (z2 * z2) % P;
  const u1 = (x1 * z2z2) % P;
  const h = mod(x2 * z1z1 - u1);
  const s1 = (((y1 * z2) % P) * z2z2) % P;
  const r = mod(((y2 * z1) % P) * z1z1 - s1);
  const hh = (h * h) % P;
  const hhh = (h * hh) % P;
  const v = (u1 * hh) % P;
  const x3 = mod(r * r - hhh - 2n * v);
  return [x3, mod(r * (v - x3) - s1 * hhh), (((z1 * z2) % P) * h) % P];
}

/** scalar·G in affine coordinates; `scalar` from 1 to N − 2. Montgomery's ladder: one addition and one doubling a bit. */
function multiplyBase(scalar) {
  // scalar + N or scalar + 2N have the same product and always 257 bits: the walk begins below the top bit.
  const long = scalar + N < 1n << 256n ? scalar + 2n * N : scalar + N;
  const blind = randomScalar() % P;
  const square = (blind * blind) % P;
  let low = [(G[0] * square) % P, (((G[1] * square) % P) * blind) % P, blind];
  let high = double(low);
  for (let i = 255n; i >= 0n; i--) {
    const sum = add(low, high);
    if ((long >> i) & 1n) [low, high] = [sum, double(high)];
    else [low, high] = [double(low), sum];
  }
  const own = inverse(low[2], P);
  const square2 = (own * own) % P;
  return [(low[0] * square2) % P, (((low[1] * square2) % P) * own) % P];
}

/** @returns {{secret: string, key: Uint8Array}} a new key: the secret in hex, the public key as `04 ‖ x ‖ y` */
export function newKey() {
  const secret = randomScalar();
  const [x, y] = multiplyBase(secret);
  return { secret: secret.toString(16).padStart(64, "0"), key: concat(Uint8Array.of(4), bytesOf(x), bytesOf(y)) };
}

/**
 * @param {string} secret in hex
 * @param {Uint8Array} key public, `04 ‖ x ‖ y`
 * @param {Uint8Array} message with its context in front
 * @returns {Uint8Array} r ‖ s
 */
export function sign(secret, key, message) {
  const d = BigInt("0x" + secret);
  const e = bigOf(sm3(readKey(key).za, message));
  for (;;) {
    const k = randomScalar();
    const r = modN(e + multiplyBase(k)[0]);
    if (r === 0n || r + k === N) continue;
    const s = modN(inverse(1n + d, N) * modN(k - r * d));
    if (s !== 0n) return concat(bytesOf(r), bytesOf(s));
  }
}
