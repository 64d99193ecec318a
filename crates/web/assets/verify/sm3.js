/**
 * SM3 (GB/T 32905-2016).
 */

const START = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
];

/** The constants T_j, already turned left by j. */
const TURNED = Int32Array.from({ length: 64 }, (_, j) => turn(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32));

/**
 * @param {number} x
 * @param {number} n 0 to 31
 * @returns {number} x turned left by n bits
 */
function turn(x, n) {
  return (x << n) | (x >>> (32 - n));
}

/** A digest over pieces: `new Sm3().update(a).update(b).digest()`. */
export class Sm3 {
  constructor() {
    this.state = Int32Array.from(START);
    this.block = new Uint8Array(64);
    this.words = new Int32Array(68);
    this.length = 0;
  }

  /**
   * @param {Uint8Array} bytes
   * @returns {Sm3} itself
   */
  update(bytes) {
    let at = 0;
    const used = this.length % 64;
    this.length += bytes.length;
    if (used > 0) {
      const room = Math.min(64 - used, bytes.length);
      this.block.set(bytes.subarray(0, room), used);
      if (used + room < 64) return this;
      this.compress(this.block, 0);
      at = room;
    }
    for (; at + 64 <= bytes.length; at += 64) this.compress(bytes, at);
    this.block.set(bytes.subarray(at));
    return this;
  }

  /** @returns {Uint8Array} the 32 bytes; the object is used up */
  digest() {
    const length = this.length;
    const used = length % 64;
    const tail = new Uint8Array(used < 56 ? 64 : 128);
    tail.set(this.block.subarray(0, used));
    tail[used] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(length / 0x20000000));
    view.setUint32(tail.length - 4, (length << 3) >>> 0);
    for (let at = 0; at < tail.length; at += 64) this.compress(tail, at);
    const out = new DataView(new ArrayBuffer(32));
    this.state.forEach((word, i) => out.setInt32(4 * i, word));
    return new Uint8Array(out.buffer);
  }

  /**
   * One block (clause 5.3).
   * @param {Uint8Array} bytes
   * @param {number} at offset of the block
   */
  compress(bytes, at) {
    const w = this.words;
    for (let j = 0; j < 16; j++) {
      const i = at + 4 * j;
      w[j] = (bytes[i] << 24) | (bytes[i + 1] << 16) | (bytes[i + 2] << 8) | bytes[i + 3];
    }
    for (let j = 16; j < 68; j++) {
      const x = w[j - 16] ^ w[j - 9] ^ turn(w[j - 3], 15);
      w[j] = x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[j - 13], 7) ^ w[j - 6];
    }
    let [a, b, c, d, e, f, g, h] = this.state;
    for (let j = 0; j < 64; j++) {
      const a12 = turn(a, 12);
      const ss1 = turn((a12 + e + TURNED[j]) | 0, 7);
      const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g);
      const tt1 = (ff + d + (ss1 ^ a12) + (w[j] ^ w[j + 4])) | 0;
      const tt2 = (gg + h + ss1 + w[j]) | 0;
      d = c;
      c = turn(b, 9);
      b = a;
      a = tt1;
      h = g;
      g = turn(f, 19);
      f = e;
      e = tt2 ^ turn(tt2, 9) ^ turn(tt2, 17);
    }
    const s = this.state;
    s[0] ^= a;
    s[1] ^= b;
    s[2] ^= c;
    s[3] ^= d;
    s[4] ^= e;
    s[5] ^= f;
    s[6] ^= g;
    s[7] ^= h;
  }
}

/**
 * @param {...Uint8Array} parts
 * @returns {Uint8Array} 32 bytes over all parts in a row
 */
export function sm3(...parts) {
  const digest = new Sm3();
  for (const part of parts) digest.update(part);
  return digest.digest();
}
