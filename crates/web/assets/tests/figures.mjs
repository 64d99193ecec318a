// Figures of the page's library under Node.js: node figures.mjs CASES PACK, both written by the ignored test `figures`.

import { readFileSync } from "node:fs";
import { decodeCode } from "../verify/code.js";
import { readGrid } from "../verify/gridmatrix.js";
import { readPack } from "../verify/pack.js";
import { readQr } from "../verify/qr.js";
import { fromHex } from "../verify/bytes.js";
import { Reasons } from "../verify/reasons.js";
import { prepare, readKey, verify } from "../verify/sm2.js";
import { openTrust } from "../verify/trust.js";
import { Knowledge, judge } from "../verify/verdict.js";
import { Random } from "./support/random.mjs";
import { reasonTable } from "./support/reasons.mjs";
import { leaned, picture, zint } from "./support/scene.mjs";

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
const large = new Uint8Array(readFileSync(process.argv[3]));
const table = JSON.parse(readFileSync(new URL("../../../../docs/verdict-table.json", import.meta.url), "utf8"));

/** Milliseconds of processor time of each call. */
function time(count, act) {
  act(0);
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) act(i);
  const { user, system } = process.cpuUsage(start);
  return Math.round((user + system) / count) / 1000;
}

const [key, message, signature] = cases.signatures.find((one) => one[3]).slice(0, 3).map(fromHex);
const plain = readKey(key);
const figures = { verify_ms: time(200, () => verify(plain, message, signature)) };
figures.prepare_ms = time(20, () => prepare(readKey(key)));
prepare(plain);
figures.verify_prepared_ms = time(500, () => verify(plain, message, signature));
const row = table.rows[0];
const trust = openTrust(table.trusts.all);
const knowledge = new Knowledge(trust, new Reasons(reasonTable()));
figures.code_ms = time(500, () => decodeCode(row.input.code));
figures.trust_open_ms = time(20, () => openTrust(table.trusts.all));
let pack;
const wall = performance.now();
pack = readPack(large, trust);
figures.pack_3m_first_ms = Math.round(performance.now() - wall);
figures.pack_3m_ms = time(3, () => (pack = readPack(large, trust)));
figures.pack_3m_bytes = large.length;
knowledge.admit(pack);
figures.verdict_ms = time(500, () => judge(knowledge, {}, Date.parse(row.now) / 1000, row.input));
const random = new Random(5);
const symbol = zint(["-b", "QRCODE", "--secure=2"], row.input.code);
const frame = (side) => () =>
  picture(symbol, { width: 640, height: 480, corners: leaned(320, 240, side, random.between(0, 360), 0.25, random.between(0, 360)), blur: 0.6, noise: 6, random, subs: 2 });
const frames = [200, 260, 320].flatMap((side) => Array.from({ length: 10 }, frame(side)));
figures.qr_frame_read = `${frames.filter((one) => readQr(one)).length} of ${frames.length}`;
figures.qr_frame_ms = time(60, (i) => readQr(frames[i % frames.length]));
const noise = { width: 640, height: 480, data: Uint8ClampedArray.from({ length: 4 * 640 * 480 }, () => random.below(256)) };
figures.qr_noise_ms = time(10, () => readQr(noise));
const grid = zint(["-b", "GRIDMATRIX"], row.input.code);
const sheet = picture(grid, { width: 800, height: 800, quiet: 6, corners: leaned(400, 400, 480, 20, 0.05, 30), blur: 0.6, noise: 4, random, subs: 2 });
figures.grid_ms = time(10, () => readGrid(sheet));
console.log(JSON.stringify(figures));
