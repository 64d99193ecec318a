/** Numbers that look random and are the same in every run. */
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** Below 1, from 0 (mulberry32). */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  between(low, high) {
    return low + this.next() * (high - low);
  }

  below(count) {
    return Math.floor(this.next() * count);
  }

  bytes(count) {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  /** Near to a normal distribution with deviation 1. */
  normal() {
    let sum = 0;
    for (let i = 0; i < 12; i++) sum += this.next();
    return sum - 6;
  }
}
