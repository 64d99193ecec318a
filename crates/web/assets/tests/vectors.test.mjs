// Published and committed vectors.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as base45 from "../verify/base45.js";
import { fromBase64, fromHex, toBase64, toHex, utf8 } from "../verify/bytes.js";
import { decodeCode, encodeMessage, presentCode, slotToUnix, verifyCode } from "../verify/code.js";
import { VerifyError } from "../verify/error.js";
import { isUscc, makeIdentifier, parseIdentifier } from "../verify/identifier.js";
import { advancePack, lookUp, peekPack, readPack } from "../verify/pack.js";
import { prepare, readKey, verify, verifyDigest } from "../verify/sm2.js";
import { Sm3, sm3 } from "../verify/sm3.js";
import { openTrust } from "../verify/trust.js";

const file = (path) => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");

test("SM3 of GB/T 32905 annex A", () => {
  assert.equal(toHex(sm3(utf8("abc"))), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  const long = utf8("abcd".repeat(16));
  assert.equal(toHex(sm3(long)), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
});

test("SM3 in pieces is SM3 of the whole", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i);
  for (let cut = 0; cut <= bytes.length; cut += 7) {
    const pieces = new Sm3().update(bytes.subarray(0, cut)).update(bytes.subarray(cut)).digest();
    assert.equal(toHex(pieces), toHex(sm3(bytes)));
  }
});

const KEY =
  "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13";
const SIGNATURE =
  "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA";

test("the example of GB/T 32918.5 annex A.2 verifies", () => {
  const key = readKey(fromHex(KEY));
  assert.equal(toHex(key.za), "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3");
  assert.ok(verify(key, utf8("message digest"), fromHex(SIGNATURE)));
  const digest = fromHex("F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640");
  assert.ok(verifyDigest(prepare(key), digest, fromHex(SIGNATURE)));
});

test("every flipped bit of the example signature is refused", () => {
  const key = prepare(readKey(fromHex(KEY)));
  for (let bit = 0; bit < 512; bit++) {
    const raw = fromHex(SIGNATURE);
    raw[bit >> 3] ^= 1 << (bit & 7);
    assert.ok(!verify(key, utf8("message digest"), raw), `bit ${bit}`);
  }
});

test("points off the curve, of another form or length are no keys", () => {
  const off = fromHex(KEY);
  off[64] ^= 1;
  const compressed = fromHex(KEY);
  compressed[0] = 2;
  for (const bytes of [off, compressed, fromHex(KEY).subarray(1), new Uint8Array(65), new Uint8Array(0)]) {
    assert.throws(() => readKey(bytes), (error) => error instanceof VerifyError && error.code === "PublicKey");
  }
});

test("Base45 of RFC 9285", () => {
  for (const [text, coded] of [["AB", "BB8"], ["Hello!!", "%69 VD92EX0"], ["base-45", "UJCLQE7W581"], ["", ""]]) {
    assert.equal(base45.encode(utf8(text)), coded);
    assert.deepEqual(base45.decode(coded), utf8(text));
  }
  for (const bad of ["G", "GGW", "::", "a", "AAAA", ":::"]) assert.equal(base45.decode(bad), null, bad);
});

test("Base64 has one spelling", () => {
  for (let length = 0; length < 20; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => 251 * (i + length));
    assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
    assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
  }
  for (const bad of ["A", "AA", "AAA", "AB==", "AAB=", "A===", "====", "AA==AA==", "AA A", "AA-_"]) {
    assert.throws(() => fromBase64(bad), VerifyError, bad);
  }
});

/** The vectors of `crates/proof/tests/vectors.toml`, which are flat lines of `name = "text"`. */
function codeVectors() {
  const blocks = file("crates/proof/tests/vectors.toml").split("[[vector]]");
  const fields = (block) =>
    Object.fromEntries(Array.from(block.matchAll(/^(\w+) = (?:"(.*)"|(\d+))/gm), ([, name, text, number]) => [name, text === undefined ? Number(number) : text]));
  return { common: fields(blocks[0]), vectors: blocks.slice(1).map(fields) };
}

test("the code vectors read, verify and encode back", () => {
  const { common, vectors } = codeVectors();
  const key = readKey(fromHex(common.public_key));
  assert.equal(key.keyId, common.key_id);
  for (const vector of vectors) {
    const code = decodeCode(vector.text);
    verifyCode(code, key);
    assert.equal(toHex(code.message), vector.message);
    assert.equal(toHex(encodeMessage(code)), vector.message);
    assert.equal(code.identifier.text, vector.identifier);
    assert.equal(code.statusIndex, vector.status_index);
    assert.deepEqual([code.issued, code.validFrom, code.validTo], [vector.issued, vector.valid_from, vector.valid_to]);
  }
  assert.ok(vectors.length >= 4);
});

test("a code of another key does not verify", () => {
  const { vectors } = codeVectors();
  const stranger = readKey(fromHex(KEY));
  assert.throws(() => verifyCode(decodeCode(vectors[0].text), stranger), (error) => error.code === "Signature");
});

test("slots signed ahead give the text of the vector at its time, and nothing before or after", () => {
  const { vectors } = codeVectors();
  const text = vectors.find((vector) => vector.type === "present").text;
  const code = decodeCode(text);
  const prefix = code.message.subarray(0, code.message.length - 6);
  const slots = { prefix, firstSlot: code.slot, step: 30, life: code.life, signatures: code.signature };
  const begin = slotToUnix(code.slot);
  assert.equal(presentCode(slots, begin).text, text);
  assert.deepEqual(presentCode(slots, begin + 29), { text, slot: code.slot, left: 1 });
  assert.equal(presentCode(slots, begin + 30), null);
  assert.equal(presentCode(slots, begin - 1), null);
});

test("identifiers: check character, and the rules of each part", () => {
  const good = "1.2.156.3005.2.11100000000019713D072.11990000MB0000000J.990000202600000001.001.4";
  assert.equal(parseIdentifier(good).text, good);
  assert.equal(parseIdentifier(`${good.slice(0, -1)}5`), null);
  assert.ok(isUscc("11100000000019713D") && !isUscc("11100000000019713C") && !isUscc("1110000000001971ID"));
  assert.equal(makeIdentifier("11100000000019713D072", "11990000MB0000000J", "1", 1000), null);
  assert.equal(makeIdentifier("11100000000019713D072", "11990000MB0000000J", "", 1), null);
});

test("the pack vectors open, and the delta leads from the first to the second", () => {
  const vectors = JSON.parse(file("crates/proof/tests/pack-vectors.json"));
  const trust = openTrust(vectors.trust);
  const bytes = (text) => (/^[0-9a-f]+$/.test(text) ? fromHex(text) : fromBase64(text));
  const first = readPack(bytes(vectors.first.file), trust);
  const agree = (pack, vector) => {
    assert.equal(pack.digest, vector.digest);
    assert.deepEqual(Array.from(pack.columns.sheets), vector.sheets);
    assert.equal(toHex(pack.columns.states), toHex(bytes(vector.states)));
    const versions = bytes(vector.versions);
    pack.columns.versions.forEach((version, at) => assert.equal(version, versions[2 * at] * 256 + versions[2 * at + 1]));
  };
  agree(first, vectors.first);
  agree(readPack(bytes(vectors.second.file), trust), vectors.second);
  agree(advancePack(first, bytes(vectors.delta), trust), vectors.second);
  assert.equal(lookUp(first, first.count), null);
  assert.equal(lookUp(first, vectors.first.sheets[0][0]).sheet, vectors.first.sheets[0][1]);
  assert.equal(peekPack(bytes(vectors.delta)).base, first.number);
  // A delta is not a pack, a pack is no delta, and a delta of another pack does not apply.
  const code = (act) => {
    try {
      act();
    } catch (error) {
      return error.code;
    }
    return null;
  };
  assert.equal(code(() => readPack(bytes(vectors.delta), trust)), "Kind");
  assert.equal(code(() => advancePack(first, bytes(vectors.second.file), trust)), "Kind");
  const second = readPack(bytes(vectors.second.file), trust);
  assert.equal(code(() => advancePack(second, bytes(vectors.delta), trust)), "Base");
});
