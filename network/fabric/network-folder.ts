// SPDX-License-Identifier: Apache-2.0
// What a network leaves in its folder, and whether all of it is there and its own: looked at before anything is started or removed.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import { ADDED } from './added-organisations.ts';
import type { Layout, OrganisationLayout } from './layout.ts';

/** Written when a network was made to its end. */
const MARKER = 'network.json';
/** Stands while it is being made: what is in the folder then may be thrown away. */
const UNFINISHED = 'network.unfinished';
/** In every node's data: the network it belongs to. */
const STAMP = 'genesis.sha256';
const MADE = [
  ...[MARKER, UNFINISHED, ADDED, 'keeper.json', 'genesis.block'],
  ...['configtx.yaml', 'crypto-config.yaml'],
  ...['crypto', 'data', 'evidence', 'gateways', 'joining', 'logs', 'packages', 'processes', 'tmp'],
];
/** Stores and logs of a drill's gateways, kept when it did not end well. */
export const DRILL_GATEWAYS = 'drill-gateways-';
/** What nobody else has in a folder. */
const TELLING = [MARKER, UNFINISHED, 'keeper.json', 'genesis.block', 'crypto-config.yaml'];

/** A node's kind, as its data folder and its process are called. */
export type NodeKind = 'orderer' | 'peer';

interface Marker {
  readonly version: 1;
  readonly firstPort: number;
  readonly definition: unknown;
  /** SHA-256 of the channel's first block. */
  readonly genesis?: string;
}

/** Tells whether the network of this folder was made to its end. @throws START_FAILED when another one was */
export function isFounded(layout: Layout): boolean {
  const file = join(layout.folder, MARKER);
  if (!existsSync(file)) return false;
  const { firstPort, definition } = readMarker(file);
  const { folder } = layout;
  if (firstPort !== layout.firstPort || !isSame(definition, layout.definition)) {
    const words = `${folder} holds a network of other organisations or ports; use them, or reset it`;
    throw failed(words);
  }
  return true;
}

/** @throws START_FAILED where no network was made */
export function requireFounded(layout: Layout): void {
  if (isFounded(layout)) return;
  throw failed(`there is no network in ${layout.folder}: npm run fabric -- up`);
}

/** Begins to make a network in its folder; what an unfinished attempt left is removed. @throws START_FAILED when something else is there */
export function beginMaking(layout: Layout): void {
  const { folder } = layout;
  const found = MADE.filter((name) => name !== 'logs' && existsSync(join(folder, name)));
  if (found.length > 0 && !existsSync(join(folder, UNFINISHED))) {
    throw failed(
      `${folder} holds ${found.join(', ')}, but no network that was made to its end: name an empty folder in FABRIC_DIR, or npm run fabric -- reset`,
    );
  }
  removeMade(layout);
  mkdirSync(join(folder, 'tmp'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, UNFINISHED), '');
}

/** The network stands. */
export function endMaking(layout: Layout): void {
  const { folder, firstPort, definition } = layout;
  for (const organisation of layout.organisations) {
    stampData(layout, organisation, 'orderer');
    stampData(layout, organisation, 'peer');
  }
  const marker: Marker = { version: 1, firstPort, definition, genesis: genesisHash(layout) };
  const file = join(folder, MARKER);
  writeFileSync(`${file}.new`, `${JSON.stringify(marker, null, 2)}\n`);
  renameSync(`${file}.new`, file);
  rmSync(join(folder, UNFINISHED), { force: true });
}

/** What is removed is a network, and not a folder that happens to hold one `data`. @throws START_FAILED */
export function requireOurs({ folder }: Layout): void {
  const found = MADE.filter((name) => existsSync(join(folder, name)));
  if (found.length === 0 || TELLING.some((name) => found.includes(name))) return;
  const words = `${folder} holds ${found.join(', ')}, but no network: nothing was removed; name the network's folder in FABRIC_DIR`;
  throw failed(words);
}

/** Removes everything that making a network makes. */
export function removeMade({ folder }: Layout, keep: readonly string[] = []): void {
  const left = existsSync(folder) ? readdirSync(folder) : [];
  const gateways = left.filter((name) => name.startsWith(DRILL_GATEWAYS));
  for (const name of [...MADE, ...gateways]) {
    if (!keep.includes(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Removes what an attempt that failed has made; where there are logs they stay, and the word that all of it may go. */
export function abandonMaking(layout: Layout): void {
  removeMade(layout, existsSync(layout.logsFolder) ? ['logs', UNFINISHED] : []);
}

/** Everything of a founded network that cannot be made again is there, and is its own. @throws START_FAILED naming what is not */
export function requireWhole(layout: Layout): void {
  const needed = [
    layout.genesisBlock,
    ...layout.organisations.flatMap(({ folders }) => [
      ...[folders.peer, folders.orderer].map((node) => join(node, 'tls', 'server.key')),
      ...[folders.administrator, folders.client].map((user) => join(user, 'tls', 'client.key')),
      join(folders.chaincodeHost, 'tls', 'server.key'),
    ]),
  ];
  const missing = needed.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw failed(`${missing.join(', ')} missing: restore it from a copy, or reset the network`);
  }
  const genesis = genesisHash(layout);
  const marked = readMarker(join(layout.folder, MARKER)).genesis;
  if (marked !== undefined && marked !== genesis) {
    throw failed(`${layout.genesisBlock} is another network's: restore it, or reset the network`);
  }
  for (const { msp, folders } of layout.organisations) {
    for (const data of [folders.ordererData, folders.peerData]) {
      const stamp = readStamp(data);
      if (stamp !== undefined && stamp !== genesis) {
        throw failed(
          `${data} holds data of another network: put those of ${msp} back, or remove the folder and the node takes its data from the others`,
        );
      }
    }
  }
}

/** Tells whether a node was seen in this network with the data that it has. */
export function isStamped(organisation: OrganisationLayout, kind: NodeKind): boolean {
  return readStamp(dataOf(organisation, kind)) !== undefined;
}

/** Notes that a node's data are of this network. */
export function stampData(layout: Layout, organisation: OrganisationLayout, kind: NodeKind): void {
  const data = dataOf(organisation, kind);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(join(data, STAMP), genesisHash(layout));
}

function dataOf({ folders }: OrganisationLayout, kind: NodeKind): string {
  return kind === 'peer' ? folders.peerData : folders.ordererData;
}

function readStamp(data: string): string | undefined {
  const file = join(data, STAMP);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function genesisHash({ genesisBlock }: Layout): string {
  return createHash('sha256').update(readFileSync(genesisBlock)).digest('hex');
}

function readMarker(file: string): Marker {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && 'definition' in value) {
      return value as Marker;
    }
  } catch {
    // Told below.
  }
  throw failed(`${file} cannot be read: restore it from a copy, or reset the network`);
}

/** Compared as JSON: what the file cannot say does not count. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function failed(message: string): CodedError<'START_FAILED'> {
  return new CodedError('START_FAILED', message);
}
