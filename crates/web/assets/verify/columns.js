/**
 * The columns of a pack: status, version and newest printed sheet by status index, whole and as a delta
 * (`docs/pack-format.md`, "Content" and "Body").
 */

import { Decoder, chances, damaged, gapModel, versionModel } from "./coder.js";

/** A place in `states` that no state has: it must change. */
const GONE = 255;
const MOST_VERSION = 1023;

/**
 * @typedef {object} Columns
 * @property {Uint8Array} states place in the pack's `states`
 * @property {Uint16Array} versions current version; 0 where there is no certificate
 * @property {Map<number, number>} sheets newest printed sheet (2 or more) where one was replaced, ascending by index
 */

/**
 * @typedef {object} Shape
 * @property {boolean[]} real is there a certificate, by place in `states`?
 * @property {number} usual place of the most frequent state
 */

/** Room for `count` entries, of which `known` are there. A claimed count that the body cannot hold takes no memory. */
function room(body, known, count) {
  // A bit costs at least 1/180 of a bit, so a byte holds fewer than 2000 indexes.
  if (count < known) throw damaged("序号总数");
  if (count - known > 2000 * body.length) throw damaged("内容长度");
  return { states: new Uint8Array(count), versions: new Uint16Array(count) };
}

/** @param {Uint8Array} body @param {Shape} shape @param {number} count @returns {Columns} */
export function decodeColumns(body, shape, count) {
  const bits = new Decoder(body);
  const out = room(body, 0, count);
  tail(bits, shape, out, 0);
  const sheets = readSheets(bits, count, new Map());
  bits.finish();
  return { ...out, sheets };
}

/**
 * @param {Columns} base
 * @param {Uint8Array} body of the delta
 * @param {number[]} map place of each base state in the new states, −1 where it is gone
 * @param {Shape} shape
 * @param {number} count of the result
 * @returns {Columns} the result; the base stays as it is
 */
export function applyColumns(base, body, map, shape, count) {
  const bits = new Decoder(body);
  const known = base.states.length;
  const out = room(body, known, count);
  const places = Uint8Array.from({ length: 256 }, (_, place) => (map[place] >= 0 ? map[place] : GONE));
  for (let at = 0; at < known; at++) out.states[at] = places[base.states[at]];
  out.versions.set(base.versions);
  changes(bits, shape, out, known);
  tail(bits, shape, out, known);
  const sheets = readSheets(bits, count, base.sheets);
  bits.finish();
  return { ...out, sheets };
}

/** Indexes from `start` to the end. */
function tail(bits, { real, usual }, { states, versions }, start) {
  const [usualModel, stateModel] = [chances(4), chances(256)];
  const versionModels = [versionModel(), versionModel()];
  let [one, two, first] = [1, 1, 1];
  for (let at = start; at < states.length; at++) {
    const isUsual = bits.bit(usualModel, (one << 1) | two);
    const state = isUsual ? usual : bits.tree(stateModel, 8);
    if (state >= real.length || (!isUsual && state === usual)) throw damaged("状态");
    states[at] = state;
    if (real[state]) {
      const version = bits.version(versionModels[first]);
      versions[at] = version;
      first = version === 1 ? 1 : 0;
    }
    two = one;
    one = isUsual;
  }
}

/** Indexes of the base that changed. */
function changes(bits, { real }, { states, versions }, known) {
  const stateModel = chances(256);
  walk(bits, known, (at) => {
    const state = bits.tree(stateModel, 8);
    if (state === states[at]) throw damaged("状态变化");
    states[at] = state;
  });
  for (let at = 0; at < known; at++) {
    if (states[at] >= real.length) throw damaged("状态");
    if (!real[states[at]]) versions[at] = 0;
  }
  const [step, absolute] = [chances(1), chances(1024)];
  walk(bits, known, (at) => {
    const old = versions[at];
    const version = bits.bit(step, 0) ? bits.tree(absolute, 10) : old + 1;
    if (version === old || version > MOST_VERSION || !real[states[at]]) throw damaged("版本变化");
    versions[at] = version;
  });
}

/** A list of places below `known`, each with something behind it. */
function walk(bits, known, each) {
  const [number, gap] = [gapModel(), gapModel()];
  const count = bits.gap(number);
  let next = 0;
  // Each place is beyond the one before, so there are at most `known`.
  for (let n = 0; n < count; n++) {
    const at = next + bits.gap(gap);
    if (at >= known) throw damaged("序号");
    each(at);
    next = at + 1;
  }
}

/** @returns {Map<number, number>} */
function readSheets(bits, count, base) {
  const merged = new Map(base);
  const model = gapModel();
  walk(bits, count, (at) => {
    const sheet = bits.gap(model) + 1;
    const old = merged.get(at);
    // Nothing may be taken away that was not there, or set to what it was.
    if (sheet > 0xffff || (sheet === 1 ? old === undefined : old === sheet)) throw damaged("打印序号");
    if (sheet === 1) merged.delete(at);
    else merged.set(at, sheet);
  });
  return new Map(Array.from(merged).sort((one, other) => one[0] - other[0]));
}
