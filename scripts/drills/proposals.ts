// SPDX-License-Identifier: Apache-2.0
// Drills with proposals that are too early, too late, held for long, or sent a second time.
import { connectFabric } from '@zhenglian/gateway/fabric-ledger';
import { isCodedError } from '@zhenglian/core/errors';
import { readMember } from '@zhenglian/network/fabric/members';
import { batchesOf, readTransactions } from './chain.ts';
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
import type { IssuerKey } from './issuer.ts';
import { openSteps } from './steps.ts';
import type { Proposed, Steps } from './steps.ts';
import { pause, steady, submitOnce, until } from './steady.ts';

const TEN_MINUTES_MS = 600_000;
const HELD_SECONDS = 600;
const LEAVES = 10;
const VALID = 0;
const MVCC_READ_CONFLICT = 11;

export const STAMPED: Drill = {
  what: 'proposals stamped ten minutes early and ten minutes late: every peer refuses them',
  run: (stage) =>
    withSteps(stage, async (steps) => {
      const { layout, say, line } = stage;
      const msps = layout.organisations.map(({ msp }) => msp);
      const { call } = await ownBatch(stage, 0);
      for (const [when, offset] of [
        ['ten minutes early', TEN_MINUTES_MS],
        ['ten minutes late', -TEN_MINUTES_MS],
      ] as const) {
        const proposed = steps.propose(call, Date.now() + offset);
        const words = await refusals(steps, proposed, msps);
        say(`${when}: ${String(words.length)} of ${String(msps.length)} peers refuse`);
        say(words[0] ?? '');
        demand(words.length === msps.length, `a peer endorsed a proposal stamped ${when}`);
      }
      // The same call with the right time passes, so the stamp alone was refused.
      await steps.endorse(call, msps);
      say(`stamped now, all ${String(msps.length)} endorse it`);
      await line.await(BATCHES);
    }),
};

export const HELD: Drill = {
  what: 'an endorsed transaction is held while its key is burned, and ordered ten minutes later: invalid (--seconds N)',
  run: (stage) =>
    withSteps(stage, async (steps) => {
      const { issuing, line, say } = stage;
      const { key, epoch, call: first } = await ownBatch(stage, 0);
      await submitOnce(issuing.ledger, first);
      const second = { epoch, n: 1, first: LEAVES };
      const held = await endorse(
        steps,
        batchCall(issuing, key, second, drillLeaves(epoch, LEAVES, LEAVES)),
      );
      const endorsedAt = Date.now();
      const burn = callOf('zl', 'BurnKey', {
        kid: key.kid,
        lastGood: new Map([[epoch, LEAVES - 1]]),
      });
      await steady(issuing.ledger).submit(burn);
      await pause(stage, (stage.seconds ?? HELD_SECONDS) * 1000);
      const seconds = Math.round((Date.now() - endorsedAt) / 1000);
      const { code, blockNumber } = await steps.order(held);
      say(
        `held ${String(seconds)} s, ordered into block ${String(blockNumber)}: validation code ${String(code)} (11: a record it read has changed)`,
      );
      demand(
        code === MVCC_READ_CONFLICT,
        `the held transaction got validation code ${String(code)}`,
      );
      const { facts } = await readCosignedEpoch(
        { ...issuing, ledger: steady(issuing.ledger) },
        epoch,
      );
      demand(facts.evidence.batches.length === 1, 'the held batch is in the state');
      await line.await(BATCHES);
    }),
};

export const REPLAYED: Drill = {
  what: 'an old signed proposal and its transaction are sent again: refused, and nothing is there twice',
  run: (stage) =>
    withSteps(stage, async (steps) => {
      const { issuing, layout, line, say } = stage;
      const from = await issuing.ledger.height();
      const { epoch, call } = await ownBatch(stage, 0);
      const endorsed = await endorse(steps, call);
      const { code } = await steps.order(endorsed);
      demand(code === VALID, `the first time it got validation code ${String(code)}`);
      const msps = layout.organisations.map(({ msp }) => msp);
      for (const msp of msps) await untilHeldBy(stage, msp, endorsed.transactionId);
      const words = await refusals(steps, endorsed, msps);
      say(`the same proposal: ${String(words.length)} of ${String(msps.length)} peers refuse`);
      say(words[0] ?? '');
      demand(words.length === msps.length, 'a peer endorsed the same proposal twice');
      const again = await steps.order(endorsed).then(
        (said) => `answered with the first commit, block ${String(said.blockNumber)}`,
        (error: unknown) => `refused: ${error instanceof Error ? error.message : String(error)}`,
      );
      say(`the same transaction: ${again}`);
      await line.await(BATCHES);
      const seen = await withClient(stage, layout.organisations.at(-1)?.msp ?? '', (reader) =>
        readTransactions(reader, from),
      );
      const same = seen.filter(({ id }) => id === endorsed.transactionId);
      const codes = same.map((each) => String(each.code)).join(', ');
      say(`in the chain ${String(same.length)} time(s), validation codes ${codes}`);
      const batches = batchesOf(seen).filter((batch) => batch.epoch === epoch);
      demand(batches.length === 1, 'the replayed batch is there twice, or not at all');
    }),
};

/** A key and an epoch of the drill's own, and a batch for it. */
async function ownBatch({ issuing }: Stage, n: number) {
  const parts = { ...issuing, ledger: steady(issuing.ledger) };
  const key: IssuerKey = await registerKey(parts);
  const epoch = await openEpoch(parts);
  const place = { epoch, n, first: n * LEAVES };
  return {
    key,
    epoch,
    call: batchCall(issuing, key, place, drillLeaves(epoch, n * LEAVES, LEAVES)),
  };
}

/** Asks the owner and one other until both endorse: one of them may not have applied the last block yet. */
async function endorse(steps: Steps, call: Parameters<Steps['endorse']>[0]) {
  let last: unknown;
  let endorsed: Awaited<ReturnType<Steps['endorse']>> | undefined;
  await until('two endorsements', async () => {
    endorsed = await steps.endorse(call, ['P44', 'P33']).catch((error: unknown) => {
      last = error;
      return undefined;
    });
    return endorsed !== undefined;
  });
  if (!endorsed) throw last;
  return endorsed;
}

/** What the peers that refuse say. @throws whatever is no refusal */
async function refusals(
  steps: Steps,
  proposed: Pick<Proposed, 'signed'>,
  msps: readonly string[],
): Promise<string[]> {
  const words: string[] = [];
  for (const msp of msps) {
    try {
      const { status, message } = await steps.ask(msp, proposed);
      if (status >= 400) words.push(shorten(message));
    } catch (error) {
      if (!isCodedError(error, 'LEDGER_REFUSED')) throw error;
      words.push(shorten(error.message));
    }
  }
  return words;
}

/** Without the certificate that some refusals repeat. */
function shorten(message: string): string {
  return message.replace(/\.? Creator \[.*$/, '');
}

function untilHeldBy({ layout }: Stage, msp: string, transactionId: string): Promise<void> {
  return until(`the transaction at the peer of ${msp}`, async () => {
    const client = await connectFabric(readMember(layout, msp));
    try {
      return (await client.status(transactionId)) !== undefined;
    } finally {
      await client.close();
    }
  });
}

async function withSteps(stage: Stage, task: (steps: Steps) => Promise<void>): Promise<void> {
  const steps = openSteps(stage.layout, stage.issuing.ledger.msp);
  try {
    await task(steps);
  } finally {
    steps.close();
  }
}
