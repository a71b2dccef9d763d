/**
 * What the page's client tells: states, statuses, gaps and events.
 *
 * @param note - called with each, as a text
 */
function takeNotes(note) {
  const { BX } = self;
  // Installed for nobody to use, or the page has made it something else.
  if (!BX || !BX.PULL || !BX.PULL.onState) return;
  BX.PULL.onState(({ state, reason, resume }) => note(`${state} (${reason}; ${resume})`));
  BX.addCustomEvent("onPullStatus", (status) => note(`status ${status}`));
  BX.addCustomEvent("onPullGap", () => note("gap"));
  BX.addCustomEvent("onPullEvent", (module, command, params) =>
    note(`event ${module}/${command} ${JSON.stringify(params)}`),
  );
}
