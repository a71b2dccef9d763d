// What bench/load.py measures in a page that has not seen the script.
(() => {
  /** Milliseconds of parsing, compiling and evaluating a script. */
  function evaluate(source) {
    const element = document.createElement("script");
    element.textContent = source;
    const began = performance.now();
    document.head.appendChild(element);
    return performance.now() - began;
  }

  window.load = {
    /**
     * Milliseconds of evaluating a script, and of making a client of it.
     * `before` and `after` go around its text; with a `mark` of its own, no cache has the code.
     */
    async time(address, [before, after], mark) {
      const source = await (await fetch(address)).text();
      const evaluated = evaluate(`${before}${source}${after}\n// ${mark}\n`);
      const began = performance.now();
      if (window.BX) new BX.PullClient({ userId: 1 });
      return { evaluated, constructed: performance.now() - began };
    },
  };
})();
