// SPDX-License-Identifier: MIT
// Reads formulas as a JSON array of strings from standard input; writes a JSON array of errors, null for each formula that KaTeX accepts.
const katex = require("katex");
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
const errors = formulas.map((formula) => {
  try {
    katex.renderToString(formula, { displayMode: true, throwOnError: true, strict: "error", maxExpand: 100000 });
    return null;
  } catch (error) {
    return String(error.message);
  }
});
process.stdout.write(JSON.stringify(errors));
