import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromBase64 } from "../verify/bytes.js";
import { readPack } from "../verify/pack.js";
import { Reasons } from "../verify/reasons.js";
import { openTrust } from "../verify/trust.js";
import { Knowledge, judge } from "../verify/verdict.js";
import { reasonTable } from "./support/reasons.mjs";

const table = JSON.parse(readFileSync(new URL("../../../../docs/verdict-table.json", import.meta.url), "utf8"));
const reasons = new Reasons(reasonTable());
const trusts = new Map(Object.entries(table.trusts).map(([name, data]) => [name, openTrust(data)]));
const packs = new Map(Object.entries(table.packs).map(([name, text]) => [name, readPack(fromBase64(text), trusts.get("all"))]));

function knowledgeOf(row) {
  const knowledge = new Knowledge(trusts.get(row.trust), reasons);
  for (const name of row.packs) knowledge.admit(packs.get(name));
  return knowledge;
}

test("the page gives the verdict and the reasons of every row of the table", () => {
  const wrong = [];
  for (const row of table.rows) {
    const answer = judge(knowledgeOf(row), row.evidence, Date.parse(row.now) / 1000, row.input);
    const codes = answer.reasons.map((reason) => reason.code);
    if (answer.verdict !== row.verdict || codes.join() !== row.codes.join()) {
      wrong.push(`${row.name}: ${answer.verdict} ${codes}, want ${row.verdict} ${row.codes}`);
    }
  }
  assert.ok(table.rows.length >= 150);
  assert.deepEqual(wrong, []);
});

test("every answer says why, from what, and how old that is", () => {
  for (const row of table.rows) {
    const answer = judge(knowledgeOf(row), row.evidence, Date.parse(row.now) / 1000, row.input);
    assert.ok(answer.reasons.length > 0 && answer.reasons.every((reason) => reason.text.length > 3), row.name);
    assert.ok(answer.source.length > 0 && answer.known_at.length > 0, row.name);
  }
});
