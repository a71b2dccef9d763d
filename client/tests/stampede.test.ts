import { describe, expect, it } from "vitest";
import type { PullOptions } from "../src/pull/options";
import { Crowd, densest, seededRandom } from "./support/crowd";
import { frame } from "./support/page";

const CLIENTS = 1000;
const WINDOW_MS = 100;
/** Five of a hundred clients in any window. */
const MOST = CLIENTS * 0.05;
/** A little more when those count, too, that find no server and come again, or all have to come twice. */
const MOST_TRIES = CLIENTS * 0.06;
const SEED = Number(process.env.BXPULL_STAMPEDE_SEED ?? 20261122);
/** By then all are back; whoever looks whether a silent line is dead has not begun. */
const END_MS = 45_000;
/** Time enough to look, more than once. */
const SILENCE_MS = 200_000;
const PATIENCE_MS = 60_000;

async function crowd(options: PullOptions = {}): Promise<Crowd> {
  const clients = new Crowd(CLIENTS, seededRandom(SEED), options);
  await clients.gather();
  expect(clients.connected).toBe(CLIENTS);
  return clients;
}

/** For `make stampede`: a row for each second, with the number of tries in each of its windows. */
function show(title: string, { tries, connects }: Crowd): void {
  if (!process.env.BXPULL_STAMPEDE) return;
  const counts = new Map<number, number>();
  for (const moment of tries) {
    const window = Math.floor(moment / WINDOW_MS);
    counts.set(window, (counts.get(window) ?? 0) + 1);
  }
  const busy = [...new Set([...counts.keys()].map((window) => Math.floor(window / 10)))].sort(
    (a, b) => a - b,
  );
  const rows = busy.map((second) => {
    const row = Array.from({ length: 10 }, (_, tenth) => counts.get(second * 10 + tenth) ?? 0);
    return `${String(second).padStart(4)} s${row.map((count) => String(count).padStart(5)).join("")}`;
  });
  const most = (moments: number[]) => `${moments.length}, at most ${densest(moments, WINDOW_MS)}`;
  const summary = `${title}: tries ${most(tries)} in ${WINDOW_MS} ms; connects ${most(connects)}`;
  process.stdout.write(`\n${[summary, ...rows].join("\n")}\n`);
}

describe(`${CLIENTS} clients do not come all at once`, () => {
  it.each([
    [1001, 0],
    [1001, 2000],
    [1001, 10_000],
    [1001, 30_000],
    [1006, 0],
    [1012, 0],
  ])(
    "after a server that closed with %i and was away for %i ms",
    { timeout: PATIENCE_MS },
    async (code, away) => {
      const clients = await crowd();
      clients.restart(code, away);
      await clients.run(away + END_MS);
      show(`closed with ${code}, away for ${away / 1000} s`, clients);
      expect(clients.connected).toBe(CLIENTS);
      expect(densest(clients.connects, WINDOW_MS)).toBeLessThanOrEqual(MOST);
      expect(densest(clients.tries, WINDOW_MS)).toBeLessThanOrEqual(MOST_TRIES);
    },
  );

  it("to a server that has forgotten their channels, nor to its portal", {
    timeout: PATIENCE_MS,
  }, async () => {
    const clients = await crowd();
    clients.restart(1001, 0);
    clients.unknown = CLIENTS;
    await clients.run(END_MS);
    show("each refused once with 4010", clients);
    expect(clients.connected).toBe(CLIENTS);
    expect(clients.requests).toHaveLength(CLIENTS);
    expect(densest(clients.tries, WINDOW_MS)).toBeLessThanOrEqual(MOST_TRIES);
    expect(densest(clients.requests, WINDOW_MS)).toBeLessThanOrEqual(MOST);
  });

  it("when they are told that the server restarts", { timeout: PATIENCE_MS }, async () => {
    const clients = await crowd();
    clients.tell(frame("pull", "server_restart"));
    await clients.run(END_MS);
    show("pull/server_restart", clients);
    expect(clients.connected).toBe(CLIENTS);
    expect(densest(clients.tries, WINDOW_MS)).toBeLessThanOrEqual(MOST);
  });

  it("when all have been silent since the same event", { timeout: PATIENCE_MS }, async () => {
    const clients = await crowd();
    clients.tell(frame("m", "c"));
    await clients.run(SILENCE_MS);
    show("silence after an event to all", clients);
    expect(clients.connected).toBe(CLIENTS);
    expect(densest(clients.tries, WINDOW_MS)).toBeLessThanOrEqual(MOST);
  });
});

it("a stampede is seen where there is one", { timeout: PATIENCE_MS }, async () => {
  const clients = await crowd({ minReconnectDelay: 500 });
  clients.restart(1001, 0);
  await clients.run(END_MS);
  show("minReconnectDelay of 500 ms", clients);
  expect(densest(clients.tries, WINDOW_MS)).toBeGreaterThan(MOST);
});
