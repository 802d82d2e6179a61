// SPDX-License-Identifier: Apache-2.0
// All drills by name; `npm run fabric -- drill list` prints them.
import type { Drill } from './drill.ts';
import { ALL, HOST, LEADER, ORDERER, PEER, TWO_ORDERERS } from './nodes.ts';

/** The table. */
export const DRILLS: Readonly<Record<string, Drill>> = {
  orderer: ORDERER,
  leader: LEADER,
  'two-orderers': TWO_ORDERERS,
  peer: PEER,
  host: HOST,
  all: ALL,
};
