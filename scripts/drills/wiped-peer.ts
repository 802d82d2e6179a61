// SPDX-License-Identifier: Apache-2.0
// A peer loses its machine: killed, its data gone. It joins again with the first block alone and replays the chain.
import { rmSync } from 'node:fs';
import { bringUp } from '@zhenglian/network/fabric/network';
import { organisationOf } from '@zhenglian/network/fabric/members';
import { killProcess } from '@zhenglian/network/fabric/processes';
import { BATCHES, demand, withClient } from './drill.ts';
import type { Drill, Stage } from './drill.ts';
import { peerHead } from './heads.ts';
import { until } from './steady.ts';

const VICTIM = 'P33';

export const WIPED_PEER: Drill = {
  what: 'a co-endorsing peer is killed and its data wiped; it joins again and replays from the first block',
  hasDesk: true,
  aimMs: 8000,
  run: async (stage) => {
    const { layout, line, say } = stage;
    const victim = organisationOf(layout, VICTIM);
    const before = await peerHead(stage, victim);
    await killProcess(layout, `peer-${VICTIM}`);
    rmSync(victim.folders.peerData, { recursive: true, force: true });
    await line.await(BATCHES);
    const started = Date.now();
    await bringUp(stage); // which joins it again and installs its packages
    await until('the wiped peer at the height it had', async () => {
      const { height } = await peerHead(stage, victim).catch(() => ({ height: 0 }));
      return height >= before.height;
    });
    say(
      `${String(before.height)} blocks replayed ${String(Date.now() - started)} ms after its return began`,
    );
    await line.await(BATCHES);
    const bytes = await answerOf(stage);
    demand(bytes > 0, 'the wiped peer does not answer');
    say('it answers questions from its own state again');
  },
};

/** Length of what the wiped peer's contract answers by itself. */
async function answerOf(stage: Stage): Promise<number> {
  let length = 0;
  await until('an answer of the wiped peer', async () => {
    const answer = await withClient(stage, VICTIM, (client) =>
      client.evaluate({ chaincode: 'zl', name: 'TrustBundle', request: Uint8Array.of(0xa0) }),
    ).catch(() => undefined);
    length = answer?.length ?? 0;
    return length > 0;
  });
  return length;
}
