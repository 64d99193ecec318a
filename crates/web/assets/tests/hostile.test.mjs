// Arbitrary input: nothing but the library's own error, and an end in time.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as base45 from "../verify/base45.js";
import { fromBase64 } from "../verify/bytes.js";
import { decodeCode } from "../verify/code.js";
import { VerifyError } from "../verify/error.js";
import { decodeGrid, readGrid } from "../verify/gridmatrix.js";
import { readContent } from "../verify/gridmatrix-read.js";
import { peekPack, readPack } from "../verify/pack.js";
import { decodeColumns } from "../verify/columns.js";
import { decodeModules } from "../verify/qr-decode.js";
import { readSegments } from "../verify/qr-segments.js";
import { readQr } from "../verify/qr.js";
import { Reasons } from "../verify/reasons.js";
import { openTrust } from "../verify/trust.js";
import { Knowledge, judge } from "../verify/verdict.js";
import { readCertificate, readCrl } from "../verify/x509.js";
import { Random } from "./support/random.mjs";
import { reasonTable } from "./support/reasons.mjs";
import { blank } from "./support/scene.mjs";

const random = new Random(99);
const table = JSON.parse(readFileSync(new URL("../../../../docs/verdict-table.json", import.meta.url), "utf8"));

/** Either a value or the library's own error. */
function tame(act) {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof VerifyError, String(error && error.stack));
  }
}

/** The bytes with some slips. */
function slipped(bytes) {
  const out = Array.from(bytes);
  for (let n = 1 + random.below(4); n > 0; n--) {
    const at = random.below(out.length);
    if (random.below(5) === 0) out.splice(at, random.below(3), ...random.bytes(random.below(3)));
    else out[at] = random.below(256);
  }
  return Uint8Array.from(out);
}

test("random bytes and slips in certificates, lists, packs and codes", () => {
  const der = fromBase64(table.trusts.all.roots[0]);
  const crl = fromBase64(table.trusts.all.crls[0]);
  const pack = fromBase64(Object.values(table.packs)[0]);
  const trust = openTrust(table.trusts.all);
  const text = table.rows[0].input.code;
  for (let n = 0; n < 3000; n++) {
    const noise = random.bytes(random.below(300));
    for (const bytes of [noise, slipped(der)]) tame(() => readCertificate(bytes));
    for (const bytes of [noise, slipped(crl)]) tame(() => readCrl(bytes));
    tame(() => peekPack(slipped(pack)));
    tame(() => decodeCode(`LZ:${base45.encode(slipped(base45.decode(text.slice(3))))}`));
    tame(() => decodeCode(String.fromCharCode(...Array.from(noise, (byte) => byte * 257))));
  }
  tame(() => readPack(new Uint8Array(0), trust));
});

test("random bodies decode or are refused, and a count that they cannot hold takes no memory", () => {
  const shape = { real: [false, true, true], usual: 1 };
  for (let n = 0; n < 500; n++) {
    const body = random.bytes(5 + random.below(200));
    body[0] = 0;
    tame(() => decodeColumns(body, shape, random.below(2000)));
  }
  assert.throws(() => decodeColumns(Uint8Array.of(0, 0, 0, 0, 0, 0), shape, 50000000), VerifyError);
});

test("trust data of any shape", () => {
  const wrong = [null, 1, "x", [], {}, { ...table.trusts.all, more: 1 }, { ...table.trusts.all, roots: [1] }, { ...table.trusts.all, crls: null }];
  for (const one of wrong) assert.throws(() => openTrust(one), VerifyError);
  assert.throws(() => openTrust({ ...table.trusts.all, roots: ["AAAA"] }), (error) => error.code === "Trust");
});

test("anything scanned or typed has a verdict with a reason", () => {
  const knowledge = new Knowledge(openTrust(table.trusts.all), new Reasons(reasonTable()));
  for (let n = 0; n < 1000; n++) {
    const text = String.fromCharCode(...Array.from(random.bytes(random.below(80)), (byte) => byte * (1 + random.below(257))));
    for (const input of [{ code: text }, { code: `LZ:${text}` }, { identifier: text }, { plate: text }, { holder: text }]) {
      const answer = judge(knowledge, {}, 1795312800, input);
      assert.ok(["无效", "无法判定"].includes(answer.verdict) && answer.reasons.length > 0);
    }
  }
});

test("a reason that the table lacks never makes a verdict 有效", () => {
  const knowledge = new Knowledge(openTrust(table.trusts.all), new Reasons({}));
  for (const row of table.rows) {
    assert.ok(judge(knowledge, row.evidence, Date.parse(row.now) / 1000, row.input).verdict === "无法判定");
  }
});

test("random modules, codewords and segments give content or none", () => {
  for (let n = 0; n < 400; n++) {
    const size = n % 2 ? 17 + 4 * (1 + random.below(40)) : 6 * (2 * (1 + random.below(13)) + 1);
    const dark = Uint8Array.from({ length: size * size }, () => random.below(2));
    decodeModules({ size, dark });
    decodeGrid({ size, dark });
    const words = random.bytes(random.below(400));
    readSegments(words, 1 + random.below(40));
    readContent(words.map((word) => word & 127));
  }
});

test("pictures of noise, of odd sizes and of fewer bytes than they say give none", () => {
  for (const [width, height] of [[640, 480], [1, 1], [0, 0], [21, 4000], [400, 37]]) {
    const image = blank(width, height);
    for (let i = 0; i < image.data.length; i++) image.data[i] = random.below(256);
    for (const effort of ["frame", "picture"]) assert.equal(readQr(image, { effort }), null);
    assert.equal(readGrid(image), null);
  }
  const short = { width: 1000, height: 1000, data: new Uint8ClampedArray(10) };
  assert.equal(readQr(short), null);
  assert.equal(readGrid({ width: 1e9, height: 1e9, data: new Uint8ClampedArray(10) }), null);
});
