// Load SQL files into PGlite, in order, then run a query: node pglite.cjs QUERY.sql FILE.sql...
// Prints JSON on one line: {"rows": [...]}, or {"file": "...", "error": "..."} for the file that failed.
const { readFileSync } = require("node:fs");
const { PGlite } = require("@electric-sql/pglite");

async function main([query, ...files]) {
  const database = new PGlite();
  for (const file of files) {
    try {
      await database.exec(`begin;\n${readFileSync(file, "utf8")}\n;commit;`);
    } catch (error) {
      return { file, error: error.message };
    }
  }
  const results = await database.exec(readFileSync(query, "utf8"), { rowMode: "array" });
  return { rows: results.at(-1).rows };
}

main(process.argv.slice(2)).then((result) => {
  process.exitCode = "error" in result ? 1 : 0;
  // Leave only when the pipe has taken everything: PGlite itself never ends.
  process.stdout.write(JSON.stringify(result) + "\n", () => process.exit());
});
