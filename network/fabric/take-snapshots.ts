// SPDX-License-Identifier: Apache-2.0
// Asks peers of several organisations for snapshots of one and the same block, on a channel that may be busy or quiet.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import { goOn, pause } from './interruption.ts';
import { peer, unless } from './lifecycle.ts';
import { peerHeight } from './status.ts';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { Programs } from './programs.ts';

/** Peers to ask. */
export interface SnapshotSources {
  readonly programs: Programs;
  readonly layout: Layout;
  readonly organisations: readonly OrganisationLayout[];
}

const WAIT_MS = 300_000;
const LOOK_MS = 300;
/** A busy channel gets this far while the requests go out. */
const AHEAD = 5;
/** A channel that stands still this long does not come to the block asked for. */
const STILL_MS = 5000;

/** Block number of the snapshots, and where each of them is. */
export interface TakenSnapshots {
  readonly block: number;
  readonly folders: readonly string[];
  /** Where only one of the peers may have made one: on the way to a block that suited all. */
  readonly others: readonly string[];
}

/** Has snapshots made at one block: the last one of a quiet channel, a coming one of a busy one. @throws START_FAILED, LEDGER_UNAVAILABLE */
export async function takeSnapshots(sources: SnapshotSources): Promise<TakenSnapshots> {
  const end = Date.now() + WAIT_MS;
  let isBusy = false;
  const others: string[] = [];
  while (Date.now() < end) {
    goOn(sources.layout);
    const heights = await heightsOf(sources);
    const last = Math.max(...heights) - 1;
    const block = isBusy ? last + AHEAD : last;
    const folders = sources.organisations.map((each) =>
      snapshotFolder(sources.layout, each, block),
    );
    const asked = await request(sources, block);
    const made = asked && areMade(sources, folders);
    const isMade = await Promise.resolve(made).catch(async (error: unknown) => {
      await cancel(sources, block);
      throw error;
    });
    if (isMade) return { block, folders, others };
    others.push(...folders);
    await cancel(sources, block);
    isBusy = !asked; // a peer was past the block already, or the channel stands still before it
  }
  throw new CodedError('START_FAILED', 'no two peers made a snapshot of one block in time');
}

/** Where a peer puts a snapshot once it is whole. */
function snapshotFolder({ definition }: Layout, { folders }: OrganisationLayout, block: number) {
  return join(folders.peerData, 'snapshots', 'completed', definition.channel, String(block));
}

/** False when one of the peers has a later block already. */
async function request(sources: SnapshotSources, block: number): Promise<boolean> {
  for (const organisation of sources.organisations) {
    try {
      const made = /snapshot already generated|duplicate snapshot request/;
      await unless(made, snapshotCommand(sources, organisation, 'submitrequest', block));
    } catch (error) {
      if (isCodedError(error) && /cannot be less than/.test(error.message)) return false;
      throw error;
    }
  }
  return true;
}

async function areMade(sources: SnapshotSources, folders: readonly string[]): Promise<boolean> {
  let height = 0;
  let since = Date.now();
  for (;;) {
    if (folders.every((folder) => existsSync(folder))) return true;
    const now = Math.max(...(await heightsOf(sources)));
    if (now > height) since = Date.now();
    height = now;
    if (Date.now() - since > STILL_MS) return false;
    await pause(sources.layout, LOOK_MS);
  }
}

/** A request that waits for a block would be kept for ever. */
async function cancel(sources: SnapshotSources, block: number): Promise<void> {
  for (const organisation of sources.organisations) {
    await snapshotCommand(sources, organisation, 'cancelrequest', block).catch(() => undefined);
  }
}

function snapshotCommand(
  { programs, layout }: SnapshotSources,
  organisation: OrganisationLayout,
  step: string,
  block: number,
): Promise<string> {
  const { ports, folders } = organisation;
  return peer(programs, organisation, [
    ...['snapshot', step, '-c', layout.definition.channel, '-b', String(block)],
    ...['--peerAddress', `127.0.0.1:${String(ports.peer)}`],
    ...['--tlsRootCertFile', join(folders.peer, 'tls', 'ca.crt')],
  ]);
}

async function heightsOf({ programs, layout, organisations }: SnapshotSources): Promise<number[]> {
  const ask = organisations.map((each) => peerHeight(programs, layout, each));
  const heights = await Promise.all(ask);
  if (heights.every((height) => height > 0)) return heights;
  const names = organisations.map(({ msp }) => `peer-${msp}`).join(', ');
  throw new CodedError('LEDGER_UNAVAILABLE', `${names}: one of them is not in the channel`);
}
