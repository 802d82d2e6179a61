// SPDX-License-Identifier: Apache-2.0
// An officer at a real gateway issues licences over HTTP while a drill breaks things: whatever was answered with 2xx is printed in the end, and
// in the chain exactly once.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DRILL_GATEWAYS } from '@zhenglian/network/fabric/network-folder';
import { runNetwork } from '../running-network.ts';
import type { RunningNetwork } from '../running-network.ts';
import { generateDrivers } from '../samples-drivers.ts';
import { openFabricTour } from '../tour-ledger.ts';
import { checkElsewhere, compareWithChain, sideBySide } from './compare.ts';
import type { Accepted } from './compare.ts';
import type { Stage } from './drill.ts';
import { openOffice } from './office.ts';
import type { Office } from './office.ts';
import { steady, until } from './steady.ts';

/** The officer's work. */
export interface Desk {
  /** Block from which on its batches are. */
  readonly from: number;
  /** Waits until this many more licences were accepted. */
  await(more: number): Promise<void>;
  /** Gateways that a drill may look into; none where there is no desk. */
  readonly gateways?: DeskGateways;
  /** Stops issuing, waits for every anchor, and compares; gives what came of it in words. @throws Error when a 2xx was not honoured */
  end(): Promise<readonly string[]>;
  /** Ends the gateways; the stores and logs of a desk that did not end well stay. */
  leave(): Promise<void>;
}

/** The gateways under a desk. */
export interface DeskGateways {
  readonly network: RunningNetwork;
  readonly office: Office;
  /** Has a licence of the desk revoked, once it is anchored; gives its code, printed before. It must be REVOKED elsewhere in the end. */
  revoke(): Promise<string>;
}

/** That of drills without one. */
export const NO_DESK: Desk = {
  from: 0,
  await: () => Promise.resolve(),
  end: () => Promise.resolve([]),
  leave: () => Promise.resolve(),
};

/** What a desk stands on. */
export type DeskStage = Pick<Stage, 'layout' | 'file' | 'issuing' | 'signal'>;

/** At most: more than any drill lasts. */
const LICENCES = 5000;
const PAUSE_MS = 100;

/** Starts gateways on the network of a drill, and an officer who issues until `end`. */
export async function openDesk(stage: DeskStage): Promise<Desk> {
  const { layout, file, issuing, signal } = stage;
  const { msp } = issuing.ledger;
  const from = await steady(issuing.ledger).height();
  const dataDir = mkdtempSync(join(layout.folder, DRILL_GATEWAYS));
  const network = await runNetwork({
    ...{ dataDir, consortium: file, progress: () => undefined },
    startLedger: openFabricTour(layout),
  });
  const office = openOffice(network, msp);
  const licences: string[] = [];
  const work = issue(office, licences, signal);
  const revoked = new Map<string, string>();
  let isGood = false;
  return {
    from,
    gateways: {
      network,
      office,
      revoke: async () => {
        const [id] = licences;
        if (id === undefined) throw new Error('no licence was accepted yet');
        await until('an anchor', async () => (await office.state(id)) !== 'queued');
        const code = await office.printed(id);
        await office.revoke(id);
        revoked.set(id, code);
        return code;
      },
    },
    await: (more) => {
      const goal = licences.length + more;
      return Promise.race([
        until('licences accepted at the desk', () => licences.length >= goal),
        work.failed,
      ]);
    },
    end: async () => {
      const longestMs = await work.end();
      await sideBySide(licences, (id) =>
        until('the anchor of a licence', async () => (await office.state(id)) !== 'queued'),
      );
      const words = await told(stage, network, { from, office, licences, revoked });
      isGood = true;
      const first = `a gateway of ${msp} accepted ${String(licences.length)} licences over HTTP, the slowest in ${String(longestMs)} ms`;
      return [first, ...words];
    },
    leave: async () => {
      await work.end().catch(() => undefined);
      await network.stop();
      if (isGood) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function told(
  stage: DeskStage,
  network: RunningNetwork,
  accepted: Accepted,
): Promise<string[]> {
  return [await compareWithChain(stage, accepted), await checkElsewhere(network, accepted)];
}

interface Work {
  /** Rejects when the officer cannot go on. */
  readonly failed: Promise<never>;
  /** Milliseconds of the slowest answer. @throws Error that ended it */
  end(): Promise<number>;
}

/** One licence after the other: each is asked for until there is an answer, under one idempotency key. */
function issue(
  office: ReturnType<typeof openOffice>,
  licences: string[],
  signal: AbortSignal,
): Work {
  let isEnding = false;
  let longestMs = 0;
  const issueAll = async () => {
    for (const fields of generateDrivers(String(Date.now()), LICENCES)) {
      if (isEnding || signal.aborted) return;
      const asked = Date.now();
      licences.push(await office.mint('driving', fields));
      longestMs = Math.max(longestMs, Date.now() - asked);
      await sleep(PAUSE_MS);
    }
  };
  const running = issueAll();
  const failed = running.then(() => new Promise<never>(() => undefined));
  failed.catch(() => undefined); // `end` tells, or whoever waits for more
  return {
    failed,
    end: async () => {
      isEnding = true;
      await running;
      return longestMs;
    },
  };
}
