// What is shipped is understood by browsers of 2020 (ES2020; docs/page-library.md lists them): a reviewed list of what came later.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Pattern, and why it may not stand in a script. Patterns see code without comments, strings, templates and regular expressions. */
const SCRIPT = [
  [/(\?\?|\|\||&&)=/, "logical assignment, ES2021"],
  [/\b\d[\da-fA-F]*_\d/, "digits with _, ES2021"],
  [/\.replaceAll\s*\(/, "String.prototype.replaceAll, ES2021"],
  [/\bPromise\.any\b|\bAggregateError\b/, "Promise.any, ES2021"],
  [/\b(WeakRef|FinalizationRegistry)\b/, "weak references, ES2021"],
  [/(^|[^.\w$])#[A-Za-z_$]/, "private members, ES2022"],
  [/^\s*static\s*\{/m, "static blocks, ES2022"],
  [/\.at\s*\(/, "Array.prototype.at, ES2022"],
  [/\bObject\.hasOwn\b/, "Object.hasOwn, ES2022"],
  [/\bnew\s+\w*Error\s*\([^)]*,\s*\{\s*cause/, "Error cause, ES2022"],
  // Whatever stands in a function is indented.
  [/^(export\s+)?((const|let|var)\s[^\n]*=\s*)?await\b/m, "await at the top level, ES2022"],
  [/\.(findLast|findLastIndex|toSorted|toReversed|toSpliced|with)\s*\(/, "change by copy and find from the end, ES2023"],
  [/\b(Object|Map)\.groupBy\b|\bPromise\.(withResolvers|try)\b|\bArray\.fromAsync\b/, "ES2024 and later"],
  [/\.(isWellFormed|toWellFormed|transferToFixedLength)\s*\(/, "ES2024"],
  [/\bimport\b[^;\n]*\b(with|assert)\s*\{/, "import attributes, ES2025"],
  [/\bstructuredClone\b/, "structuredClone, browsers of 2022"],
  [/\bcrypto\.randomUUID\b/, "randomUUID, browsers of 2022"],
  [/\bBarcodeDetector\b/, "not in all browsers"],
  [/\bOffscreenCanvas\b/, "not in all browsers of 2020"],
  [/\bCompressionStream|\bDecompressionStream/, "browsers of 2023"],
  [/\bAbortSignal\.(timeout|any)\b/, "browsers of 2022"],
  [/\.(showModal|showPopover|replaceChildren)\s*\(/, "dialog, popover, replaceChildren: browsers of 2020-10 and later"],
  [/\bnavigator\.userAgentData\b/, "not in all browsers"],
  [/\b(String\.raw|eval|Function)\s*\(/, "the policy of the pages forbids code from text"],
];

/** The same for regular expressions. */
const PATTERN = [
  [/\/[a-z]*[dv][a-z]*$/, "flags d and v, ES2022 and ES2024"],
  [/\(\?<[=!]/, "look-behind: Safari has it since 2023"],
  [/\(\?[imsx-]+:/, "modifiers, ES2025"],
];

/** Pattern, and why it may not stand in a style sheet. */
const STYLE = [
  [/:(has|is|where)\s*\(/, "selector lists: is and where since 2021, has since 2022"],
  [/:focus-visible/, "Safari has it since 2022; use :focus"],
  [/@(container|layer|scope|property|starting-style|supports\s+selector)/, "browsers of 2022 and later"],
  [/(^|[\s;{])inset(-inline|-block)?\s*:/m, "inset: Safari has it since 2021; use top, right, bottom, left"],
  [/aspect-ratio\s*:/, "aspect-ratio: browsers of 2021"],
  [/\b(min|max)-(inline|block)-size\s*:|accent-color\s*:|scrollbar-gutter\s*:|text-wrap\s*:/, "browsers of 2021 and later"],
  [/\b(oklch|oklab|lch|lab|color-mix|light-dark|hwb)\s*\(/, "colours of 2022 and later"],
  [/\b\d*(dvh|svh|lvh|dvw|cqw|cqi|lh|rlh)\b/, "units of 2022 and later"],
  [/\b(width|height)\s*(<=|>=|<|>)\s*\d/, "ranges in media queries: 2022"],
  [/^\s*&|\n[^@{}]*\{[^{}]*\n\s*&/m, "nesting: 2023"],
  [/grid-template-(rows|columns)\s*:\s*subgrid|masonry/, "subgrid: 2023"],
  [/overflow\s*:\s*clip|backdrop-filter\s*:/, "not in all browsers of 2020"],
];

function walk(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return relative(ROOT, path) === "tests" ? [] : walk(path);
    return [path];
  });
}

/** Takes comments, strings, templates and regular expressions out of a script, keeping lines; the expressions are given back. */
function bare(source) {
  const expressions = [];
  const token =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|\$\{[^}]*\}|[^`\\])*`|((?:^|[(,=:[!&|?{};\n]|\breturn)\s*)(\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*)/g;
  const text = source.replace(token, (whole, before, expression) => {
    if (expression !== undefined) {
      expressions.push(expression);
      return `${before}re`;
    }
    // Code within templates is code.
    const inside = whole[0] === "`" ? (whole.match(/\$\{[^}]*\}/g) || []).join(" ") : "";
    return `""${inside}${"\n".repeat(whole.split("\n").length - 1)}`;
  });
  return { text, expressions };
}

/** Class fields (ES2022): a name with = or ; between the members of a class. */
function hasClassField(text) {
  const classes = text.split(/\bclass\b/).slice(1);
  return classes.some((rest) => {
    let depth = 0;
    let member = "";
    for (const ch of rest.slice(rest.indexOf("{"))) {
      if (ch === "{" || ch === "(" || ch === "[") depth++;
      if (depth === 1) member += ch;
      if (ch === "}" || ch === ")" || ch === "]") depth--;
      if (depth === 1 && ch === "}" && !member.includes("=")) member = "";
      if (depth === 1 && ch === ";" && /[\w$"]\s*(=|;)/.test(member)) return true;
      if (depth === 0 && member !== "") return false;
    }
    return false;
  });
}

const shipped = walk(ROOT);

test("scripts", () => {
  const found = [];
  for (const path of shipped.filter((one) => one.endsWith(".js"))) {
    const { text, expressions } = bare(readFileSync(path, "utf8"));
    for (const [pattern, why] of SCRIPT) {
      const hit = pattern.exec(text);
      if (hit) found.push(`${relative(ROOT, path)}:${text.slice(0, hit.index).split("\n").length} ${hit[0].trim()} (${why})`);
    }
    for (const expression of expressions) {
      for (const [pattern, why] of PATTERN) if (pattern.test(expression)) found.push(`${relative(ROOT, path)} ${expression} (${why})`);
    }
    if (hasClassField(text)) found.push(`${relative(ROOT, path)} has a class field (ES2022)`);
  }
  assert.deepEqual(found, []);
  assert.ok(shipped.some((one) => one.endsWith("verdict.js")));
});

test("style sheets", () => {
  const found = [];
  for (const path of shipped.filter((one) => one.endsWith(".css"))) {
    const text = readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\//g, "").replace(/"[^"]*"|'[^']*'/g, '""');
    for (const [pattern, why] of STYLE) {
      const hit = pattern.exec(text);
      if (hit) found.push(`${relative(ROOT, path)} ${hit[0].trim()} (${why})`);
    }
  }
  assert.deepEqual(found, []);
});

test("the check finds what it looks for", () => {
  const later = ["a ??= 1;", "x = 1_000;", "s.replaceAll(a, b);", "class A { #b; }", "class A {\n  static {\n }}", "a.at(-1);", "structuredClone(a);",
    'import x from "y" with { type: "json" };', "await go();", "const a = await go();", "new Error(m, { cause: e });", "a.toSorted();"];
  for (const source of later) assert.ok(SCRIPT.some(([pattern]) => pattern.test(bare(source).text)), source);
  for (const source of ["class A { b = 1; }", "class A { b; }", "class A { m() {} b = () => {}; }"]) assert.ok(hasClassField(bare(source).text), source);
  for (const source of ["class A { m() { return 1; } get b() { return { a: 1 }; } }", "class A extends B { constructor(a = 1) { super(a); } }"]) {
    assert.ok(!hasClassField(bare(source).text), source);
  }
  for (const source of ["a = /x/v;", "f(/(?<=a)b/);"]) {
    const { expressions } = bare(source);
    assert.ok(expressions.some((one) => PATTERN.some(([pattern]) => pattern.test(one))), source);
  }
  for (const source of ["a ?? b;", "a?.b;", "// a ??= b", '"a.at(1)"', "async function f() { const a = await g(); }", "10n ** 2n;", "a / b / c;"]) {
    assert.ok(!SCRIPT.some(([pattern]) => pattern.test(bare(source).text)), source);
  }
  for (const style of ["a:has(b) {}", "a { inset: 0; }", "a {\n  & b {}\n}", "a { aspect-ratio: 1; }"]) {
    assert.ok(STYLE.some(([pattern]) => pattern.test(style)), style);
  }
});
