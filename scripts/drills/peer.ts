// SPDX-License-Identifier: Apache-2.0
// Peers are killed: first the issuing organisation's own, by which its gateway endorses, submits and reads, with batches in every phase under
// way; then a co-endorser's. While the own one is away nothing of its province can be endorsed; what was ordered already is told by others.
import { setTimeout as sleep } from 'node:timers/promises';
import { isCodedError } from '@zhenglian/core/errors';
import { bringUp } from '@zhenglian/network/fabric/network';
import { killProcess } from '@zhenglian/network/fabric/processes';
import { batchesOf, readTransactions } from './chain.ts';
import { BATCHES, demand, withClient } from './drill.ts';
import type { Drill, Stage } from './drill.ts';
import { batchCall, drillLeaves, openEpoch, registerKey } from './issuer.ts';
import { killFor, secondsOf } from './nodes.ts';
import { isNothingDone, pause, steady } from './steady.ts';

/** Batches of epochs of their own, one begun every so often, so that the kill meets some in every phase. */
const UNDER_WAY = 24;
const APART_MS = 30;
const CO_ENDORSER = 'P33';

export const PEER: Drill = {
  what: "the issuing gateway's own peer is killed under load and comes back, then a co-endorsing organisation's",
  hasDesk: true,
  aimMs: 8000,
  run: async (stage) => {
    await killOwnPeer(stage);
    stage.line.forgetGap();
    await killFor(stage, [`peer-${CO_ENDORSER}`]);
  },
};

/** How a batch that was under way at the kill ended. */
interface Flight {
  readonly epoch: number;
  readonly word: 'accepted' | 'not done' | 'unknown';
  /** After the kill: by what other peers show. */
  readonly isLate: boolean;
}

async function killOwnPeer(stage: Stage): Promise<void> {
  const { issuing, layout, line, say } = stage;
  const name = `peer-${issuing.ledger.msp}`;
  const from = await steady(issuing.ledger).height();
  const kill = { at: Infinity };
  const flights = await begin(stage, kill);
  await killProcess(layout, name);
  kill.at = Date.now();
  const before = line.accepted;
  const ended = await Promise.all(flights);
  const took = Date.now() - kill.at;
  const count = (word: Flight['word']) => ended.filter((flight) => flight.word === word);
  const [accepted, unknown] = [count('accepted'), count('unknown')];
  const late = accepted.filter(({ isLate }) => isLate).length;
  say(
    `${name} killed with ${String(ended.length)} batches begun: ${String(accepted.length)} accepted, ${String(late)} of them while it was away, ${String(count('not done').length)} not endorsed, ${String(unknown.length)} unknown; all told after ${String(took)} ms`,
  );
  await compare(stage, from, ended);
  demand(late > 0, 'no batch was told by the other peers while the own one was away');
  await pause(stage, kill.at + secondsOf(stage) * 1000 - Date.now());
  const returned = Date.now();
  const meanwhile = line.accepted - before;
  await bringUp(stage);
  await line.await(1);
  say(
    `${String(meanwhile)} batches of the line meanwhile, the next ${String(Date.now() - returned)} ms after its start`,
  );
  await line.await(BATCHES);
}

/** Begins batches one after the other and does not wait for them. */
async function begin(
  { issuing }: Stage,
  kill: { readonly at: number },
): Promise<Promise<Flight>[]> {
  const parts = { ...issuing, ledger: steady(issuing.ledger) };
  const key = await registerKey(parts);
  const epochs = await Promise.all(Array.from({ length: UNDER_WAY }, () => openEpoch(parts)));
  const flights: Promise<Flight>[] = [];
  for (const epoch of epochs) {
    const leaves = drillLeaves(epoch, 0, BATCHES);
    const call = batchCall(issuing, key, { epoch, n: 0, first: 0 }, leaves);
    const word = issuing.ledger.submit(call).then(() => 'accepted' as const, wordOf);
    flights.push(word.then((each) => ({ epoch, word: each, isLate: Date.now() > kill.at })));
    await sleep(APART_MS);
  }
  return flights;
}

/** @throws what is neither */
function wordOf(error: unknown): 'not done' | 'unknown' {
  if (isNothingDone(error)) return 'not done';
  if (isCodedError(error, 'COMMIT_UNKNOWN')) return 'unknown';
  throw error;
}

/** Accepted is there, not done is not; and unknown is only what no peer has. @throws Error otherwise */
async function compare(stage: Stage, from: number, ended: readonly Flight[]): Promise<void> {
  const reader = stage.layout.organisations.at(-1)?.msp ?? '';
  const batches = await withClient(stage, reader, async (other) =>
    batchesOf(await readTransactions(other, from)),
  );
  for (const { epoch, word } of ended) {
    const times = batches.filter((batch) => batch.epoch === epoch).length;
    const words = `a batch that was ${word} is ${String(times)} times in the chain of ${reader}`;
    demand(times === (word === 'accepted' ? 1 : 0), words);
  }
}
