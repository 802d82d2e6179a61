// SPDX-License-Identifier: Apache-2.0
// What a drill is: something is broken on a running network of real Fabric nodes while licences are anchored (docs/operations.md §4).
import { connectFabric } from '@zhenglian/gateway/fabric-ledger';
import { readMember } from '@zhenglian/network/fabric/members';
import type { UpOptions } from '@zhenglian/network/fabric/network';
import type { Ledger } from '@zhenglian/network/ledger';
import type { ConsortiumFile } from '../consortium.ts';
import type { Desk } from './desk.ts';
import type { IssuerParts } from './issuer.ts';
import type { DrillLine } from './line.ts';

/** What a drill is run with. */
export interface DrillOptions extends UpOptions {
  readonly file: ConsortiumFile;
  /** How long the broken state lasts, where a drill has such a time; its short form unless given. */
  readonly seconds?: number;
  /** Licences of the import that a gateway is killed in; 20,000 unless given. */
  readonly licences?: number;
  /** How often it is killed; ten times unless given. */
  readonly kills?: number;
  /** Leaves the desk out where a drill has one: what gateways do is not looked at then. */
  readonly withoutDesk?: true;
  /** Aborted when whoever runs the drill wants it to end now. */
  readonly signal?: AbortSignal;
}

/** The network, and the line of batches that runs on it meanwhile. */
export interface Stage extends DrillOptions {
  /** Whom the line issues for, and how; a drill may issue beside it. */
  readonly issuing: IssuerParts;
  readonly line: DrillLine;
  readonly desk: Desk;
  readonly say: (line: string) => void;
  /** Aborted when the drill is to end now: waits end by it. */
  readonly signal: AbortSignal;
}

/** One drill. */
export interface Drill {
  readonly what: string;
  /** Milliseconds that a batch should wait at most on an idle machine: printed beside what was seen, never a reason to fail. */
  readonly aimMs?: number;
  /** A gateway issues beside the line, over HTTP: what it answered with 2xx must be honoured. */
  readonly hasDesk?: true;
  readonly run: (stage: Stage) => Promise<void>;
}

/** Batches that a drill waits for before and after what it breaks. */
export const BATCHES = 10;
/** No wait decides a drill: this is when a machine is taken for stuck. */
export const STUCK_MS = 300_000;

/** What a drill wants to be so. @throws Error, which fails the drill */
export function demand(holds: boolean, words: string): asserts holds {
  if (!holds) throw new Error(words);
}

/** Runs a task with a client of an organisation. */
export async function withClient<T>(
  { layout }: Pick<UpOptions, 'layout'>,
  msp: string,
  task: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const ledger = await connectFabric(readMember(layout, msp));
  try {
    return await task(ledger);
  } finally {
    await ledger.close();
  }
}
