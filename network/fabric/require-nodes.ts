// SPDX-License-Identifier: Apache-2.0
// What changes a whole network begins only while all of it runs.
import { CodedError } from '@zhenglian/core/errors';
import { readStatus } from './status.ts';
import type { Layout } from './layout.ts';
import type { Programs } from './programs.ts';

/** Every orderer and every peer answers. `except`: names of nodes that need not. @throws LEDGER_UNAVAILABLE naming those that do not */
export async function requireNodes(
  programs: Programs,
  layout: Layout,
  except: readonly string[] = [],
): Promise<void> {
  const { organisations } = await readStatus(programs, layout);
  const down = organisations
    .flatMap(({ msp, ordererHeight, peerHeight }) => [
      ...(ordererHeight === undefined ? [`orderer-${msp}`] : []),
      ...(peerHeight === undefined ? [`peer-${msp}`] : []),
    ])
    .filter((name) => !except.includes(name));
  if (down.length === 0) return;
  const words = `${down.join(', ')} not in the channel or not running: npm run fabric -- up`;
  throw new CodedError('LEDGER_UNAVAILABLE', words);
}
