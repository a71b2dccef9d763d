// Shrinks bundles of the client: jobs as JSON on standard input, results in their order on standard output.
// Run by terser.py, which gives terser's package.json as the only argument.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

// Each takes some 300 MB.
const MOST_THREADS = 4;

// unsafe_arrows is about functions used both ways, with and without new, and pure_getters about
// property reads that are there for their side effect: the client does neither. Constants that are not moved
// to the left of comparisons leave more of them alike, for gzip; so do functions at the head of their scope.
const shrink = async (minify, { code, map, ecma }) => {
  const result = await minify(code, {
    module: true,
    ecma,
    compress: {
      passes: 3,
      unsafe_arrows: true,
      pure_getters: true,
      lhs_constants: false,
      hoist_funs: true,
    },
    format: { comments: false },
    sourceMap: map && { content: map, includeSources: true, asObject: true },
  });
  return { code: result.code, map: result.map ?? null };
};

/** One more thread, which takes jobs until none is left. */
const work = (jobs, results) =>
  new Promise((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
    let number;
    const take = () => {
      const next = jobs.next();
      if (next.done) return resolve(thread.terminate());
      const [at, job] = next.value;
      number = at;
      thread.postMessage(job);
    };
    thread.on("error", reject);
    thread.on("message", (result) => {
      results[number] = result;
      take();
    });
    take();
  });

if (isMainThread) {
  const jobs = JSON.parse(readFileSync(0, "utf8"));
  const left = jobs.entries();
  const results = [];
  const threads = Math.min(jobs.length, availableParallelism(), MOST_THREADS);
  await Promise.all(Array.from({ length: threads }, () => work(left, results)));
  process.stdout.write(JSON.stringify(results));
} else {
  const { minify } = createRequire(workerData)("terser");
  parentPort.on("message", async (job) => parentPort.postMessage(await shrink(minify, job)));
}
