/** `data/reasons.toml` as the server gives it to the page: one entry a line, so no parser is needed. */

import { readFileSync } from "node:fs";

export function reasonTable() {
  const text = readFileSync(new URL("../../../../../data/reasons.toml", import.meta.url), "utf8");
  const line = /^\s*\{ code = "([A-Z_0-9]+)",\s*weight = "([a-z]+)",\s*text = "(.*)" \},?\s*(#.*)?$/;
  const entries = text.split("\n").filter((one) => /^\s*\{/.test(one));
  const table = {};
  for (const one of entries) {
    const found = line.exec(one);
    if (!found) throw new Error(`a line of data/reasons.toml that this test cannot read: ${one}`);
    table[found[1]] = { weight: found[2], text: JSON.parse(`"${found[3]}"`) };
  }
  return table;
}
