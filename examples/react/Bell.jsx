import { useEffect, useState } from "react";

/** How many notifications came while it was on the page. */
export function Bell() {
  const [count, setCount] = useState(0);

  useEffect(
    () =>
      // What subscribe() returns ends the subscription, and React calls it when the component goes.
      BX.PULL.subscribe({
        moduleId: "im",
        command: "notify",
        callback: function ring() {
          setCount((known) => known + 1);
        },
      }),
    [],
  );

  return <output>{count} new</output>;
}
