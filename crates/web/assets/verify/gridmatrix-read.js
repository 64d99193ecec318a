/**
 * The data codewords of Grid Matrix back as text (AIMD014 §6.3; the twin of the crate `matrix`'s reader).
 */

import { textOf } from "./bytes.js";

/** Marks of numeral mode in the order of their codes; the last stands for carriage return and line feed. */
const MARKS = [" ", "+", "-", ".", ",", "\r\n"];
/** The control set after its first 32 codes, which are the ASCII controls. */
const SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

const [CHINESE, NUMERAL, LOWER, UPPER, MIXED, BYTE] = [1, 2, 3, 4, 5, 6];
/** What is not a symbol of this kind, or one that this reader does not know. */
class Unreadable extends Error {}

/** Bits of seven-bit codewords, highest first. */
class Bits {
  constructor(words) {
    this.words = words;
    this.at = 0;
  }

  peek(count) {
    if (this.at + count > 7 * this.words.length) return -1;
    let value = 0;
    for (let i = this.at; i < this.at + count; i++) {
      value = (value << 1) | ((this.words[Math.floor(i / 7)] >> (6 - (i % 7))) & 1);
    }
    return value;
  }

  take(count) {
    const value = this.peek(count);
    if (value < 0) throw new Unreadable();
    this.at += count;
    return value;
  }
}

class Content {
  constructor() {
    this.stretches = [];
  }

  push(...bytes) {
    if (this.stretches.length === 0) this.stretches.push({ eci: null, bytes: [] });
    this.stretches[this.stretches.length - 1].bytes.push(...bytes);
  }

  pushText(ascii) {
    this.push(...Array.from(ascii, (ch) => ch.charCodeAt(0)));
  }

  finish() {
    const texts = this.stretches.map(({ eci, bytes }) => stretchText(Uint8Array.from(bytes), eci));
    const bytes = Uint8Array.from([].concat(...this.stretches.map((stretch) => stretch.bytes)));
    return { bytes, text: texts.includes(null) ? null : texts.join("") };
  }
}

/** @param {Uint8Array} bytes @param {number | null} eci @returns {string | null} */
function stretchText(bytes, eci) {
  // GB 2312 (the default), GBK and GB 18030: each contains the one before.
  if (eci === null || eci === 29 || eci === 31 || eci === 32) return textOf(bytes, "gb18030");
  if (eci === 26) return textOf(bytes);
  if (eci === 1 || eci === 3) return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return eci === 27 && bytes.every((byte) => byte < 128) ? textOf(bytes) : null;
}

/**
 * @param {Uint8Array} data data codewords, each below 128
 * @returns {{text: string | null, bytes: Uint8Array} | null} `null` for codes that the standard does not define or that this
 *   reader does not know (FNC1, linked symbols, reader settings)
 */
export function readContent(data) {
  const bits = new Bits(data);
  const content = new Content();
  try {
    // Every mode takes bits, so this ends with the data.
    let mode = start(bits, content);
    for (;;) {
      if (mode === 0) {
        // After an end of data only a further announced stretch counts; anything else is padding.
        if (bits.peek(4) !== 12) return content.finish();
        mode = start(bits, content);
      } else if (mode === CHINESE) mode = chinese(bits, content);
      else if (mode === NUMERAL) mode = numerals(bits, content);
      else if (mode === BYTE) mode = bytes(bits, content);
      else if (mode === MIXED) mode = mixed(bits, content);
      else mode = letters(mode, bits, content);
    }
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

/** A four-bit code: a mode, the end, or an announced character set and then a mode. */
function start(bits, content) {
  for (;;) {
    const code = bits.take(4);
    // Encoders open bytes with 6 and go on with 7; both mean a counted block.
    if (code === 6 || code === 7) return BYTE;
    if (code <= MIXED) return code;
    if (code !== 12) throw new Unreadable();
    content.stretches.push({ eci: eciNumber(bits), bytes: [] });
  }
}

/** Ten, fifteen or twenty bits by the first one or two. */
function eciNumber(bits) {
  if (bits.take(1) === 0) return bits.take(10);
  return bits.take(1) === 0 ? bits.take(15) : bits.take(20);
}

function chinese(bits, content) {
  for (;;) {
    const code = bits.take(13);
    if (code < 7776) {
      const [row, cell] = [Math.floor(code / 96), code % 96];
      if (cell === 0 || cell === 95) throw new Unreadable();
      // Rows 10 to 15 of GB 2312 are empty and left out.
      content.push(row < 9 ? 0xa1 + row : 0xa7 + row, 0xa0 + cell);
    } else if (code === 7776) content.pushText("\r\n");
    else if (code < 8033) content.push(code - 7777);
    else if (code < 8133) content.pushText(String(code - 8033).padStart(2, "0"));
    else if (code === 8160) return 0;
    else if (code >= 8161 && code <= 8165) return code - 8159;
    else throw new Unreadable();
  }
}

function numerals(bits, content) {
  const filler = bits.take(2);
  if (filler === 3) throw new Unreadable();
  // The filler belongs to the last group, so each group waits until the next code is known.
  let [waiting, mark] = [null, null];
  for (;;) {
    const code = bits.take(10);
    if (code < 1018 && waiting !== null) {
      content.pushText(waiting);
      waiting = null;
    }
    if (code < 1000) {
      waiting = String(code).padStart(3, "0");
      if (mark) waiting = waiting.slice(0, mark.place) + MARKS[mark.number] + waiting.slice(mark.place);
      mark = null;
    } else if (code < 1018) {
      if (mark) throw new Unreadable();
      mark = { number: Math.floor((code - 1000) / 3), place: (code - 1000) % 3 };
    } else {
      if (waiting === null || mark) throw new Unreadable();
      content.pushText(waiting.slice(0, waiting.length - filler));
      if (code === 1018) return 0;
      if (code === 1019) return CHINESE;
      // 1020 … 1023: lower, upper, mixed, bytes.
      return code - 1017;
    }
  }
}

function bytes(bits, content) {
  for (let count = bits.take(9) + 1; count > 0; count--) content.push(bits.take(8));
  return start(bits, content);
}

function letters(mode, bits, content) {
  const [first, other] = mode === LOWER ? [97, UPPER] : [65, LOWER];
  for (;;) {
    const code = bits.take(5);
    if (code < 26) content.push(first + code);
    else if (code === 26) content.push(32);
    else if (code === 27) return 0;
    else if (code === 28) return CHINESE;
    else if (code === 29) return NUMERAL;
    else if (code === 30) return other;
    else {
      // 31 opens the codes of seven bits.
      const long = bits.take(2);
      if (long === 0) return MIXED;
      if (long === 1) shifted(bits, content);
      else if (long === 2) return BYTE;
      else throw new Unreadable();
    }
  }
}

function mixed(bits, content) {
  for (;;) {
    const code = bits.take(6);
    if (code < 10) content.push(48 + code);
    else if (code < 36) content.push(55 + code);
    else if (code < 62) content.push(61 + code);
    else if (code === 62) content.push(32);
    else {
      // 63 opens the codes of ten bits.
      const long = bits.take(4);
      if (long === 0) return 0;
      if (long <= 4) return long;
      if (long === 6) shifted(bits, content);
      else if (long === 7) return BYTE;
      else throw new Unreadable();
    }
  }
}

/** One control character or sign after a shift. */
function shifted(bits, content) {
  const code = bits.take(6);
  content.push(code < 32 ? code : SIGNS.charCodeAt(code - 32));
}
