// SPDX-License-Identifier: Apache-2.0
// All drills by name; `npm run fabric -- drill list` prints them.
import type { Drill } from './drill.ts';
import { FORGED } from './forged.ts';
import { FULL_DISK } from './full-disk.ts';
import { GATEWAY } from './gateway.ts';
import { BURNED_KEY, UNKNOWN_TYPE } from './keys.ts';
import { LIAR_DRILL } from './liar.ts';
import { ALL, HOST, LEADER, ORDERER, TWO_ORDERERS } from './nodes.ts';
import { PARTITION } from './partition.ts';
import { PEER } from './peer.ts';
import { HELD, REPLAYED, STAMPED } from './proposals.ts';
import { REVOCATIONS } from './revocations.ts';
import { WIPED_ORDERER } from './wiped-orderer.ts';
import { WIPED_PEER } from './wiped-peer.ts';

/** The table. */
export const DRILLS: Readonly<Record<string, Drill>> = {
  orderer: ORDERER,
  leader: LEADER,
  'two-orderers': TWO_ORDERERS,
  peer: PEER,
  'wiped-peer': WIPED_PEER,
  'wiped-orderer': WIPED_ORDERER,
  host: HOST,
  all: ALL,
  gateway: GATEWAY,
  'full-disk': FULL_DISK,
  partition: PARTITION,
  stamped: STAMPED,
  held: HELD,
  replayed: REPLAYED,
  'unknown-type': UNKNOWN_TYPE,
  'burned-key': BURNED_KEY,
  revocations: REVOCATIONS,
  liar: LIAR_DRILL,
  forged: FORGED,
};
