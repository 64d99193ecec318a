// What the Rust crates say of the same bytes (`crates/web/tests/assets`); LUZHENG_CASES names the file that they wrote.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex, toHex } from "../verify/bytes.js";
import { decodeCode } from "../verify/code.js";
import { VerifyError } from "../verify/error.js";
import { decodeGrid } from "../verify/gridmatrix.js";
import { parseIdentifier } from "../verify/identifier.js";
import { advancePack, readPack } from "../verify/pack.js";
import { decodeModules } from "../verify/qr-decode.js";
import { Reasons } from "../verify/reasons.js";
import { checkReceipt, receiptLines } from "../verify/receipt.js";
import { prepare, readKey, verify } from "../verify/sm2.js";
import { openTrust } from "../verify/trust.js";
import { readCertificate, readCrl } from "../verify/x509.js";
import { reasonTable } from "./support/reasons.mjs";

const cases = JSON.parse(readFileSync(process.env.LUZHENG_CASES || "/dev/null", "utf8") || "null");
assert.ok(cases, "run by `cargo test -p web --test assets`, which writes the cases");

/** The sentence of the refusal, or null. */
function refusal(act) {
  try {
    act();
    return null;
  } catch (error) {
    assert.ok(error instanceof VerifyError, String(error && error.stack));
    return error.message;
  }
}

test("signatures hold for the page exactly when they hold for gm, with and without a table", () => {
  const prepared = new Map();
  for (const [key, message, signature, holds] of cases.signatures) {
    if (!prepared.has(key)) prepared.set(key, prepare(readKey(fromHex(key))));
    const [bytes, raw] = [fromHex(message), fromHex(signature)];
    assert.equal(verify(prepared.get(key), bytes, raw), holds, signature);
    assert.equal(verify(readKey(fromHex(key)), bytes, raw), holds, signature);
  }
  assert.ok(cases.signatures.length >= 3000 && cases.signatures.some((one) => !one[3]));
});

test("codes are read to the same fields, or refused in the same words", () => {
  let refused = 0;
  for (const { text, error, ...fields } of cases.codes) {
    if (error !== undefined) {
      assert.equal(refusal(() => decodeCode(text)), error, text);
      refused++;
      continue;
    }
    const code = decodeCode(text);
    const read = { slot: null, life: null, sheet: null, ...code, identifier: code.identifier.text };
    for (const [name, value] of Object.entries(fields)) assert.equal(read[name], value, `${name} of ${text}`);
  }
  assert.ok(refused > 1000 && cases.codes.length - refused >= 400);
});

test("identifiers are taken exactly when the province takes them", () => {
  for (const [text, right] of cases.identifiers) assert.equal(parseIdentifier(text) !== null, right, text);
});

test("certificates and revocation lists are taken exactly when gm takes them", () => {
  const takes = (read) => ([hex, right]) => assert.equal(refusal(() => read(fromHex(hex))) === null, right, hex);
  cases.certificates.certificates.forEach(takes(readCertificate));
  cases.certificates.lists.forEach(takes(readCrl));
});

test("packs open and deltas lead to the same content", () => {
  const trust = openTrust(cases.trust);
  for (const one of cases.packs.good) {
    const first = readPack(fromHex(one.whole), trust);
    assert.equal(first.digest, one.first);
    const second = advancePack(first, fromHex(one.delta), trust);
    assert.equal(second.digest, one.second);
    assert.equal(toHex(second.columns.states), one.states);
    assert.deepEqual(Array.from(second.columns.versions), one.versions);
    assert.deepEqual(Array.from(second.columns.sheets), one.sheets);
    // The base is as it was.
    assert.equal(advancePack(first, fromHex(one.delta), trust).digest, one.second);
  }
});

test("files with a slip that their signer signed are refused, as the province refuses them", () => {
  const trust = openTrust(cases.trust);
  let refused = 0;
  for (const [hex, error] of cases.packs.slipped) {
    const found = refusal(() => readPack(fromHex(hex), trust));
    assert.equal(found === null, error === null, `${error} but ${found}`);
    if (found !== null) refused++;
  }
  assert.ok(refused > 100);
});

test("symbols that the province draws are read", () => {
  for (const { grid, text, size, modules } of cases.symbols) {
    const symbol = { size, dark: Uint8Array.from(modules, Number) };
    const found = grid ? decodeGrid(symbol) : decodeModules(symbol);
    assert.equal(found && found.text, text);
  }
});

test("receipts are believed for the same reasons, and say the same", () => {
  const [trust, table] = [openTrust(cases.trust), new Reasons(reasonTable())];
  const seen = new Set();
  for (const { text, verdict, codes, told } of cases.receipts) {
    const checked = checkReceipt(text, trust, table, cases.receipts_at);
    assert.deepEqual(checked.reasons.map((one) => one.code), codes, text);
    assert.equal(checked.verdict, verdict, text);
    assert.equal(checked.bundle !== null, told !== null, text);
    codes.forEach((code) => seen.add(code));
    if (!told) continue;
    const { receipt } = checked.bundle;
    const subject = receipt.subject.identifier || receipt.subject.kind;
    assert.deepEqual([receipt.verdict, receipt.codes, subject, receipt.checkedAt, receipt.outcome], told, text);
    assert.ok(receiptLines(checked.bundle, table).every(([name, value]) => name && value && !/undefined|NaN/.test(value)));
  }
  assert.ok(cases.receipts.length > 600 && seen.size >= 12, [...seen].join(" "));
});
