/**
 * The range decoder of `docs/pack-format.md` and the numbers built of its bits.
 */

import { VerifyError } from "./error.js";

/** @param {string} what @returns {VerifyError} */
export function damaged(what) {
  return new VerifyError("Damaged", `离线数据包已损坏（${what}）；请重新下载`, what);
}

/** @param {number} count @returns {Uint16Array} fresh probabilities that a bit is 0, of 32768 */
export function chances(count) {
  return new Uint16Array(count).fill(16384);
}

export class Decoder {
  /** @param {Uint8Array} body */
  constructor(body) {
    if (body.length < 5 || body[0] !== 0) throw damaged("内容开头");
    this.body = body;
    this.at = 5;
    this.range = 0xffffffff;
    this.code = ((body[1] << 24) | (body[2] << 16) | (body[3] << 8) | body[4]) >>> 0;
  }

  /** Nothing may be left over. */
  finish() {
    if (this.at !== this.body.length) throw damaged("内容末尾");
  }

  normalise() {
    while (this.range < 0x1000000) {
      if (this.at >= this.body.length) throw damaged("内容长度");
      this.range = (this.range << 8) >>> 0;
      this.code = ((this.code << 8) | this.body[this.at++]) >>> 0;
    }
  }

  /**
   * A bit that a probability foretells, which learns.
   *
   * @param {Uint16Array} model
   * @param {number} place
   * @returns {number} 0 or 1
   */
  bit(model, place) {
    const chance = model[place];
    // At most 131071 · 32767, which 32 bits hold.
    const bound = (this.range >>> 15) * chance;
    let bit = 0;
    if (this.code < bound) {
      this.range = bound;
      model[place] = chance + ((32768 - chance) >> 7);
    } else {
      this.code -= bound;
      this.range -= bound;
      model[place] = chance - (chance >> 7);
      bit = 1;
    }
    if (this.range < 0x1000000) this.normalise();
    return bit;
  }

  /** @returns {number} a bit that nothing foretells */
  even() {
    this.range >>>= 1;
    const bit = this.code >= this.range ? 1 : 0;
    if (bit) this.code -= this.range;
    this.normalise();
    return bit;
  }

  /** A number of `bits` bits, from the top one. @param {Uint16Array} model 2^bits @param {number} bits @returns {number} */
  tree(model, bits) {
    let node = 1;
    for (let i = 0; i < bits; i++) node = (node << 1) | this.bit(model, node);
    return node - (1 << bits);
  }

  /** A version: small ones by unary, others by escape. @param {{unary: Uint16Array, escape: Uint16Array}} model @returns {number} */
  version(model) {
    for (let step = 0; step < 8; step++) if (this.bit(model.unary, step) === 0) return step + 1;
    const value = this.tree(model.escape, 10);
    if (value >= 1 && value <= 8) throw damaged("版本号");
    return value;
  }

  /** A number below 2^32 − 1: length of its binary form, then its digits. @param {{length: Uint16Array, top: Uint16Array}} model */
  gap(model) {
    const below = this.tree(model.length, 5);
    let [read, node] = [1, 1];
    for (let i = 0; i < below; i++) {
      let bit;
      if (i < 3) {
        bit = this.bit(model.top, 8 * below + node);
        node = (node << 1) | bit;
      } else {
        bit = this.even();
      }
      read = read * 2 + bit;
    }
    return read - 1;
  }
}

/** @returns {{unary: Uint16Array, escape: Uint16Array}} */
export function versionModel() {
  return { unary: chances(8), escape: chances(1024) };
}

/** @returns {{length: Uint16Array, top: Uint16Array}} */
export function gapModel() {
  return { length: chances(32), top: chances(256) };
}
