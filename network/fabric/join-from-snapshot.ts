// SPDX-License-Identifier: Apache-2.0
// A peer joins the channel from a snapshot in place of its blocks: two other organisations must have made the same one. It has the whole state
// and every block after the snapshot, and not one before.
import { rmSync } from 'node:fs';
import { CodedError } from '@zhenglian/core/errors';
import { openPackages, writeConnections } from './chaincode-hosts.ts';
import { readVersions } from './chaincode-versions.ts';
import { goOn, pause, reasonOf } from './interruption.ts';
import { installPackages, peer } from './lifecycle.ts';
import { organisationOf } from './members.ts';
import { startPeer } from './start-nodes.ts';
import { isStamped, requireFounded, requireWhole, stampData } from './network-folder.ts';
import { awaitHealth, awaitPort, stopProcess } from './processes.ts';
import { requireNodes } from './require-nodes.ts';
import { agreeOnSnapshot } from './snapshot-files.ts';
import { peerHeight } from './status.ts';
import { takeSnapshots } from './take-snapshots.ts';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { Programs } from './programs.ts';
import type { AgreedSnapshot } from './snapshot-files.ts';

/** Which peer joins, and whether what it has may go. */
export interface SnapshotJoin {
  readonly layout: Layout;
  readonly programs: Programs;
  readonly msp: string;
  readonly wipe: boolean;
  readonly progress: (line: string) => void;
}

/** What it stands on. */
export interface SnapshotReport extends AgreedSnapshot {
  readonly msp: string;
  /** The organisations whose snapshots agreed. */
  readonly sources: readonly string[];
  readonly height: number;
}

const SOURCES = 2;
const WAIT_MS = 300_000;
const LOOK_MS = 300;

/** Joins an organisation's peer from a snapshot. @throws START_FAILED (it has blocks and `wipe` is not set), ENDORSEMENT_MISMATCH, LEDGER_UNAVAILABLE */
export async function joinFromSnapshot(join: SnapshotJoin): Promise<SnapshotReport> {
  const { layout, programs, msp, wipe, progress } = join;
  requireFounded(layout);
  requireWhole(layout);
  const organisation = organisationOf(layout, msp);
  if (isStamped(organisation, 'peer') && !wipe) {
    throw new CodedError(
      'START_FAILED',
      `peer-${msp} has blocks of its own; with --wipe they are removed, and this peer shows nobody a block before the snapshot again`,
    );
  }
  await requireNodes(programs, layout, [`peer-${msp}`]);
  const organisations = layout.organisations.filter((each) => each.msp !== msp).slice(0, SOURCES);
  const sources = organisations.map((each) => each.msp);
  progress(`asking ${sources.join(' and ')} for snapshots of one block`);
  const taken = await takeSnapshots({ programs, layout, organisations });
  const { block, folders } = taken;
  try {
    const agreed = agreeOnSnapshot(folders);
    progress(`both are ${agreed.hash.slice(0, 16)}… at block ${String(block)}: joining from it`);
    const [folder = ''] = folders;
    const height = await replacePeer(join, organisation, folder, block);
    return { msp, sources, height, ...agreed };
  } finally {
    for (const folder of [...folders, ...taken.others])
      rmSync(folder, { recursive: true, force: true });
  }
}

/** What stops half-way leaves no half of a snapshot, on which no peer starts again: the same command, or `up`, begins anew. */
async function replacePeer(
  join: SnapshotJoin,
  organisation: OrganisationLayout,
  folder: string,
  block: number,
): Promise<number> {
  const { layout, msp, progress } = join;
  goOn(layout);
  try {
    await startEmpty(join, organisation);
    await takeOver(join, organisation, folder);
    return await endorseAgain(join, organisation, block);
  } catch (error) {
    const isWhole = isStamped(organisation, 'peer');
    if (!isWhole || layout.signal?.aborted) {
      progress(`peer-${msp} is ended; the same command, or up, starts it`);
      await stopProcess(layout, `peer-${msp}`);
      if (!isWhole) rmSync(organisation.folders.peerData, { recursive: true, force: true });
    }
    throw reasonOf(layout, error);
  }
}

async function startEmpty(
  { layout, programs }: SnapshotJoin,
  organisation: OrganisationLayout,
): Promise<void> {
  const { msp, folders, ports } = organisation;
  await stopProcess(layout, `peer-${msp}`);
  rmSync(folders.peerData, { recursive: true, force: true });
  startPeer(programs, layout, organisation);
  await awaitHealth(layout, `peer-${msp}`, ports.peerOperations);
  await awaitPort(layout, `peer-${msp}`, ports.peer); // it is well before it listens
}

/** The peer checks every file against the snapshot's metadata once more. */
async function takeOver(
  { layout, programs }: SnapshotJoin,
  organisation: OrganisationLayout,
  folder: string,
): Promise<void> {
  await peer(programs, organisation, ['channel', 'joinbysnapshot', '--snapshotpath', folder]);
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const said = await peer(programs, organisation, ['channel', 'joinbysnapshotstatus']);
    if (said.includes('No joinbysnapshot operation')) break;
    if (Date.now() > end) throw failed(organisation, 'is still reading the snapshot');
    await pause(layout, LOOK_MS);
  }
  const height = await peerHeight(programs, layout, organisation).catch(() => NaN);
  if (!(height > 0)) throw failed(organisation, 'did not take the snapshot; its log says why');
  stampData(layout, organisation, 'peer');
}

/** Packages are not in a snapshot; approvals are, by their hashes, and count as soon as the package they name is there. */
async function endorseAgain(
  { layout, programs, progress }: SnapshotJoin,
  organisation: OrganisationLayout,
  block: number,
): Promise<number> {
  const { serving, next } = readVersions(layout);
  progress('installing packages');
  for (const versions of next ? [serving, next] : [serving]) {
    const packages = openPackages(layout, versions);
    writeConnections({ ...layout, organisations: [organisation] }, packages);
    await installPackages(programs, organisation, packages);
  }
  const [first = organisation] = layout.organisations.filter((each) => each !== organisation);
  const goal = await peerHeight(programs, layout, first);
  progress(`taking the blocks after ${String(block)} from the orderers`);
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const height = await peerHeight(programs, layout, organisation);
    if (height >= goal) return height;
    if (Date.now() > end) throw failed(organisation, `stays at block ${String(height - 1)}`);
    await pause(layout, LOOK_MS);
  }
}

function failed({ msp }: OrganisationLayout, what: string): CodedError<'START_FAILED'> {
  return new CodedError('START_FAILED', `peer-${msp} ${what}: npm run fabric -- logs peer-${msp}`);
}
