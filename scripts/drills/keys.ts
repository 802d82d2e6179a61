// SPDX-License-Identifier: Apache-2.0
// Drills about what a key may sign: one that is burned during load, a licence type that nobody voted in.
import { equals } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import { batchesOf, readTransactions } from './chain.ts';
import { batchesOfGateways } from './compare.ts';
import { BATCHES, demand, withClient } from './drill.ts';
import type { Drill, Stage } from './drill.ts';
import {
  batchCall,
  callOf,
  drillLeaves,
  openEpoch,
  readCosignedEpoch,
  registerKey,
} from './issuer.ts';
import { steady, until } from './steady.ts';

const EPOCH_END = 65_535;

export const BURNED_KEY: Drill = {
  what: 'the key that signs is burned during load: nothing under it afterwards, what was anchored stays, a new key goes on; then that of a gateway',
  hasDesk: true,
  run: async ({ issuing, layout, line, say, ...stage }) => {
    const ledger = steady(issuing.ledger);
    const from = await ledger.height();
    const { kid, epoch } = line;
    const burn = (index: number) =>
      ledger.submit(callOf('zl', 'BurnKey', { kid, lastGood: new Map([[epoch, index]]) }));
    const { blockNumber } = await burn(EPOCH_END);
    const burnedAt = Date.now();
    await until('a new key', () => !equals(line.kid, kid));
    const before = line.lastIndex;
    say(
      `burned in block ${String(blockNumber)}, a new key signs ${String(Date.now() - burnedAt)} ms later`,
    );
    // Known now: the last index under the burned key. A burn may only move earlier.
    await burn(before);
    const later = await burn(before + 1).then(
      () => 'accepted',
      (error: unknown) => (isCodedError<string>(error) ? error.code : String(error)),
    );
    say(`burn moved earlier to index ${String(before)}; moving it later: ${later}`);
    demand(later === 'BURN_LATER', 'a burn was moved later');
    await line.await(BATCHES);
    const reader = layout.organisations.at(-1)?.msp ?? '';
    const seen = await withClient({ layout, ...stage }, reader, (other) =>
      readTransactions(other, from),
    );
    const under = batchesOf(seen).filter((batch) => equals(batch.kid, kid));
    const after = under.filter((batch) => batch.blockNumber > blockNumber).length;
    const beyond = under.filter(({ first, count }) => first + count - 1 > before).length;
    say(
      `batches under the burned key after its block: ${String(after)}; beyond its last good index: ${String(beyond)}`,
    );
    demand(after + beyond === 0, 'the burned key went on signing');
    await burnAtDesk({ issuing, layout, line, say, ...stage });
  },
};

/** The gateway's own key, while it issues: what was not anchored under it is signed anew. */
async function burnAtDesk(stage: Stage): Promise<void> {
  const { desk, issuing, say } = stage;
  const batches = () => batchesOfGateways(stage, desk.from);
  const before = await batches();
  const kid = before.at(-1)?.kid ?? new Uint8Array(0);
  const lastGood = new Map(before.map(({ epoch }) => [epoch, EPOCH_END]));
  const burn = callOf('zl', 'BurnKey', { kid, lastGood });
  const { blockNumber } = await steady(issuing.ledger).submit(burn);
  await until('a new key of the gateway', async () =>
    (await batches()).some((batch) => batch.blockNumber > blockNumber && !equals(batch.kid, kid)),
  );
  await desk.await(BATCHES);
  const after = (await batches()).filter((batch) => batch.blockNumber > blockNumber);
  const under = after.filter((batch) => equals(batch.kid, kid)).length;
  say(
    `the gateway's key burned in block ${String(blockNumber)}: ${String(after.length)} batches after it, under the burned key ${String(under)}`,
  );
  demand(under === 0, "the gateway's burned key went on signing");
}

export const UNKNOWN_TYPE: Drill = {
  what: 'a licence type that nobody voted in: no key for it, no batch of it, and the line goes on',
  run: async ({ issuing, line, say }) => {
    const ledger = steady(issuing.ledger);
    const parts = { ...issuing, ledger };
    const type = 'never-voted';
    const codeOf = (task: Promise<unknown>) =>
      task.then(
        () => 'accepted',
        (error: unknown) => (isCodedError<string>(error) ? error.code : String(error)),
      );
    const key = await codeOf(registerKey(parts, [type]));
    const known = await registerKey(parts);
    const epoch = await openEpoch(parts);
    const place = { epoch, n: 0, first: 0, type };
    const batch = await codeOf(
      ledger.submit(batchCall(issuing, known, place, drillLeaves(epoch, 0, BATCHES))),
    );
    say(`a key for it: ${key}; a batch of it: ${batch}`);
    demand(key === 'SCOPE' && batch === 'SCOPE', 'an unknown type was not refused as out of scope');
    const { facts } = await readCosignedEpoch(parts, epoch);
    demand(facts.evidence.batches.length === 0, 'a batch of an unknown type is in the state');
    await line.await(BATCHES);
  },
};
