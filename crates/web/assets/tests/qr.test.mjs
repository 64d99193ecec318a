// QR codes that zint draws, and pictures of them as cameras take them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeModules } from "../verify/qr-decode.js";
import { sizeOf } from "../verify/qr-layout.js";
import { readQr } from "../verify/qr.js";
import { Random } from "./support/random.mjs";
import { blank, leaned, picture, square, zint } from "./support/scene.mjs";

/** A face code, as most codes at the roadside are: version 8 at level M. */
const TEXT =
  "LZ:W50QY3JZOS:1+M3000R49E0VRUIEL5 O4HVSMI2IFJW008 4000V50V50000N60WFI-FI634E-E+R6EOQE-7HSG4TJJ6ERNEEO2X$ESH5AJSSIRGUM:YG8XN%FE7K3GRO9.OA1WTFWZPU5KU%J2$EE+:4:27PHH3EHQK2%2";
const FACE = zint(["-b", "QRCODE", "--secure=2"], TEXT);

test("every version and level is read; every version from a picture too that is turned and leaned", () => {
  const random = new Random(1);
  for (let version = 1; version <= 40; version++) {
    for (let level = 1; level <= 4; level++) {
      const text = version === 1 ? "1234567" : `LZ:V${version}L${level}`;
      const symbol = zint(["-b", "QRCODE", `--vers=${version}`, `--secure=${level}`], text);
      const found = decodeModules(symbol);
      assert.deepEqual([found.text, found.version, found.level, found.corrected], [text, version, "LMQH"[level - 1], 0]);
      // Where the symbol lies in a picture does not depend on the level, and drawing is what takes the time here.
      if (level - 1 !== version % 4) continue;
      const side = Math.max(200, 4 * sizeOf(version));
      const corners = leaned(0.85 * side, 0.85 * side, side, random.between(0, 360), 0.25, random.between(0, 360));
      const seen = picture(symbol, { width: Math.round(1.7 * side), height: Math.round(1.7 * side), corners, blur: 0.6, noise: 4, random, subs: 2 });
      const result = readQr(seen);
      assert.equal(result && result.text, text, `version ${version} level ${level}`);
    }
  }
});

test("segments of every mode are read", () => {
  const texts = ["0123456789", "AB$%*+-./: 12", "abc中文é", "0", "12", "中文中文", "喆𠮷€"];
  for (const text of texts) assert.equal(decodeModules(zint(["-b", "QRCODE"], text)).text, text);
  assert.equal(decodeModules(zint(["-b", "QRCODE", "--eci=26"], "A1a中")).text, "A1a中");
  assert.equal(decodeModules(zint(["-b", "QRCODE", "--eci=29"], "道路运输")).text, "道路运输");
  assert.equal(decodeModules(zint(["-b", "QRCODE", "--eci=3"], "é")).text, "é");
  assert.equal(decodeModules(zint(["-b", "QRCODE", "--eci=20"], "日本")).text, "日本");
});

/** How many of ten frames of 640×480 are read. */
function readable(view, side, lean = 0.35) {
  const random = new Random(7);
  let count = 0;
  for (let i = 0; i < 10; i++) {
    const corners = leaned(320, 240, side, random.between(0, 360), random.between(0, lean), random.between(0, 360));
    const frame = picture(FACE, { width: 640, height: 480, corners, random, noise: 3, blur: 0.5, subs: 2, ...view });
    const result = readQr(frame);
    if (result && result.text === TEXT) count++;
  }
  return count;
}

for (const [name, view] of Object.entries({
  "in good light": {},
  "out of focus": { blur: 1 },
  "with much noise": { noise: 20 },
  "of little contrast": { ink: [60, 100], ground: 90, noise: 4 },
  "in the dark": { ink: [8, 40], ground: 20 },
  "lit from one side": { light: (x) => 0.3 + (0.7 * x) / 640 },
  "with a hard shadow across": { light: (x, y) => (x + y > 500 ? 0.4 : 1) },
  "with one module of quiet zone on black": { quiet: 1, ground: 0 },
  "without quiet zone": { quiet: 0, ground: 110 },
})) {
  test(`a camera frame ${name} is read`, () => {
    assert.ok(readable(view, 260) >= 9);
  });
}

test("a frame much out of focus is read when the code is large in it", () => {
  assert.ok(readable({ blur: 2 }, 280) >= 9);
});

test("a small code somewhere in the frame is read", () => {
  const frame = picture(FACE, { width: 640, height: 480, corners: square(520, 130, 150, 12), blur: 0.4 });
  assert.equal(readQr(frame).text, TEXT);
});

test("a code on a screen in a mirror, and one light on dark, are read", () => {
  const [a, b, c, d] = square(320, 240, 300, 20);
  const mirrored = readQr(picture(FACE, { width: 640, height: 480, corners: [b, a, d, c] }));
  assert.deepEqual([mirrored.text, mirrored.mirrored], [TEXT, true]);
  const inverse = picture(FACE, { width: 640, height: 480, corners: square(320, 240, 300, 0), ink: [225, 30], ground: 60 });
  assert.equal(readQr(inverse, { effort: "picture" }).text, TEXT);
});

test("a slightly bent sheet is read", () => {
  const symbol = zint(["-b", "QRCODE", "--secure=2", "--vers=15"], TEXT);
  const bend = (x) => [0, 0.8 * Math.sin(Math.PI * x)];
  const frame = picture(symbol, { width: 640, height: 480, corners: square(320, 240, 400, 8), bend });
  assert.equal(readQr(frame).text, TEXT);
});

test("a damaged code is repaired", () => {
  const dark = Uint8Array.from(FACE.dark);
  for (let y = 20; y < 27; y++) for (let x = 20; x < 27; x++) dark[y * FACE.size + x] = 1;
  const found = decodeModules({ size: FACE.size, dark });
  assert.ok(found.text === TEXT && found.corrected > 0);
});

test("a large photo is read by halves", () => {
  const photo = picture(FACE, { width: 3000, height: 2000, corners: leaned(1900, 900, 900, 30, 0.2, 77), noise: 8, random: new Random(3), subs: 1 });
  assert.equal(readQr(photo, { effort: "picture" }).text, TEXT);
});

test("the corners lie where the symbol lies", () => {
  const corners = leaned(320, 240, 300, 40, 0.2, 30);
  const found = readQr(picture(FACE, { width: 640, height: 480, corners, blur: 0.5 })).corners;
  corners.forEach(([x, y], i) => assert.ok(Math.hypot(found[i][0] - x, found[i][1] - y) < 3));
});

test("a frame without a code is told soon, and so is one of stripes", () => {
  assert.equal(readQr(blank(640, 480)), null);
  const stripes = blank(640, 480);
  for (let i = 0; i < 640 * 480; i++) stripes.data.fill((i % 7) % 2 ? 0 : 255, 4 * i, 4 * i + 3);
  assert.equal(readQr(stripes), null);
});
