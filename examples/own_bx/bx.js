// The page's own event core, as small as it can be.
window.BX = (() => {
  const handlers = new Map();
  const phrases = {};

  // The object whose event it is may be left out.
  const sorted = (args) => (typeof args[0] === "string" ? [window, ...args] : args);
  const of = (target, name) => {
    if (!handlers.has(target)) handlers.set(target, {});
    const named = handlers.get(target);
    named[name.toLowerCase()] ??= [];
    return named[name.toLowerCase()];
  };

  return {
    addCustomEvent(...args) {
      const [target, name, handler] = sorted(args);
      of(target, name).push(handler);
    },
    removeCustomEvent(...args) {
      const [target, name, handler] = sorted(args);
      const list = of(target, name);
      if (list.includes(handler)) list.splice(list.indexOf(handler), 1);
    },
    onCustomEvent(...args) {
      const [target, name, params = []] = sorted(args);
      for (const handler of [...of(target, name)]) handler.apply(target, params);
    },
    message(given) {
      return typeof given === "string" ? (phrases[given] ?? "") : Object.assign(phrases, given);
    },
  };
})();
