// Grid Matrix symbols that zint draws, and pictures of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeGrid, readGrid } from "../verify/gridmatrix.js";
import { Random } from "./support/random.mjs";
import { blank, leaned, picture, square, zint } from "./support/scene.mjs";

test("every version and level is read; every version from a picture too that is turned and slightly leaned", () => {
  const random = new Random(1);
  for (let version = 1; version <= 13; version++) {
    for (let level = version === 1 ? 4 : version < 4 ? 2 : 1; level <= 5; level++) {
      const text = version === 1 ? "证A1" : `证照 LZ:V${version}L${level}`;
      const symbol = zint(["-b", "GRIDMATRIX", `--vers=${version}`, `--secure=${level}`], text);
      const found = decodeGrid(symbol);
      assert.deepEqual([found.text, found.version, found.level, found.corrected], [text, version, level, 0]);
      if (level !== 4 + (version % 2)) continue;
      const side = Math.max(120, 4 * symbol.size);
      const corners = leaned(0.9 * side, 0.9 * side, side, random.between(0, 360), 0.1, random.between(0, 360));
      const seen = picture(symbol, { width: Math.round(1.8 * side), height: Math.round(1.8 * side), quiet: 6, corners, blur: 0.6, noise: 4, random, subs: 2 });
      const result = readGrid(seen);
      assert.equal(result && result.text, text, `version ${version} level ${level}`);
    }
  }
});

test("a mirrored symbol is read", () => {
  const symbol = zint(["-b", "GRIDMATRIX"], "道路运输证 LZ:TEST");
  const [a, b, c, d] = square(300, 300, 200, 10);
  assert.equal(readGrid(picture(symbol, { width: 600, height: 600, quiet: 6, corners: [b, a, d, c] })).text, "道路运输证 LZ:TEST");
});

test("a damaged symbol is repaired, and one with too much damage is refused", () => {
  const symbol = zint(["-b", "GRIDMATRIX", "--vers=6", "--secure=3"], "道路运输证");
  const dark = Uint8Array.from(symbol.dark);
  for (let y = 0; y < 12; y++) for (let x = 0; x < 20; x++) dark[y * symbol.size + x] ^= 1;
  const found = decodeGrid({ size: symbol.size, dark });
  assert.ok(found.text === "道路运输证" && found.corrected > 0);
  const lost = symbol.dark.map((one, at) => (at % symbol.size < symbol.size / 2 ? 0 : one));
  assert.equal(decodeGrid({ size: symbol.size, dark: lost }), null);
});

test("a picture without a symbol gives none", () => {
  assert.equal(readGrid(blank(400, 300)), null);
});
