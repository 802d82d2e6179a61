// SPDX-License-Identifier: Apache-2.0
// What changes a whole network begins only while all of it runs.
import { CodedError } from '@zhenglian/core/errors';
import { pause } from './interruption.ts';
import { processState } from './processes.ts';
import { ordererHeight, peerHeight } from './status.ts';
import type { Layout } from './layout.ts';
import type { Programs } from './programs.ts';

const WAIT_MS = 60_000;
const LOOK_MS = 500;

/**
 * Every orderer and every peer answers; one that was just started is waited for.
 * `except`: names of nodes that need not. @throws LEDGER_UNAVAILABLE naming those that do not
 */
export async function requireNodes(
  programs: Programs,
  layout: Layout,
  except: readonly string[] = [],
): Promise<void> {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const silent = await silentNodes(programs, layout);
    const missing = silent.filter((name) => !except.includes(name));
    if (missing.length === 0) return;
    const isHopeless = missing.some((name) => !processState(layout, name)?.alive);
    if (isHopeless || Date.now() > end) {
      const words = `${missing.join(', ')} not running or not in the channel: npm run fabric -- up`;
      throw new CodedError('LEDGER_UNAVAILABLE', words);
    }
    await pause(layout, LOOK_MS);
  }
}

async function silentNodes(programs: Programs, layout: Layout): Promise<string[]> {
  const found = await Promise.all(
    layout.organisations.flatMap((each) => [
      answers(`orderer-${each.msp}`, ordererHeight(programs, layout, each)),
      answers(`peer-${each.msp}`, peerHeight(programs, layout, each)),
    ]),
  );
  return found.flat();
}

async function answers(name: string, height: Promise<number>): Promise<string[]> {
  return height.then(
    () => [],
    () => [name],
  );
}
