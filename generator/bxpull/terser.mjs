// Shrinks bundles of the client: jobs as JSON on standard input, results in their order on standard output.
// Run by terser.py, which gives terser's package.json as the only argument.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { minify } = createRequire(process.argv[2])("terser");

// The unsafe_* options are about functions used both ways, with and without new, and pure_getters about
// property reads that are there for their side effect: the client does neither. Constants that are not moved
// to the left of comparisons leave more of them alike, for gzip; so do functions at the head of their scope.
const shrink = ({ code, map, ecma }) =>
  minify(code, {
    module: true,
    ecma,
    compress: {
      passes: 6,
      unsafe_arrows: true,
      unsafe_methods: true,
      pure_getters: true,
      lhs_constants: false,
      hoist_funs: true,
    },
    format: { comments: false },
    sourceMap: map && { content: map, includeSources: true, asObject: true },
  });

const results = [];
for (const job of JSON.parse(readFileSync(0, "utf8"))) {
  const { code, map = null } = await shrink(job);
  results.push({ code, map });
}
process.stdout.write(JSON.stringify(results));
