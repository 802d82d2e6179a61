// SPDX-License-Identifier: Apache-2.0
// `npm run fabric -- audit`: checks a whole chain, off line from a folder of blocks, or block by block from a running peer, and what other
// organisations' peers show at its end. The command that writes such a folder is the same one (docs/operations.md).
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fromHex, toHex } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { openFabric } from '@zhenglian/gateway/fabric-connection';
import { connectFabric } from '@zhenglian/gateway/fabric-ledger';
import { auditBlocks, blockFile, readBlockFolder } from '@zhenglian/network/fabric/audit-blocks';
import { organisationOf, readGenesisHash, readMember } from '@zhenglian/network/fabric/members';
import type { BlockAudit } from '@zhenglian/network/fabric/audit-blocks';
import type { ChannelPin } from '@zhenglian/network/fabric/block-checker';
import type { Layout } from '@zhenglian/network/fabric/layout';
import { askWitnesses, folderWitness, peerWitness, readPeer } from './audit-witnesses.ts';
import type { Word } from './audit-witnesses.ts';

/** What is audited, as the command line says it. */
export interface AuditOptions {
  readonly layout: Layout;
  /** Folder of blocks to read: nothing need run. */
  readonly blocks?: string;
  /** Folders of other organisations' exports: they say what peers say of a running network. */
  readonly with?: readonly string[];
  /** Folder to write the checked blocks of a peer to. */
  readonly export?: string;
  /** Whose peer is read; the first organisation's unless given. */
  readonly from?: string;
  /** Hash of block 0 in hex; that of the network's own file unless given. */
  readonly genesis?: string;
  readonly progress: (line: string) => void;
}

/** What was found, and what each other organisation shows: its peer, or its export. */
export interface AuditReport extends BlockAudit {
  readonly source: string;
  /** The pin that block 0 was checked against. */
  readonly genesisHash: Uint8Array;
  readonly others: Readonly<Record<string, Word>>;
  /** f + 1 organisations show the same flags. Undefined for a folder alone whose flags one commit hash binds: it is to be compared. */
  readonly confirmed?: boolean;
}

const TELL_EVERY_MS = 2000;

/** Audits. @throws BLOCK_INVALID at the first bad block, naming it; LEDGER_UNAVAILABLE, START_FAILED */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  const { layout, blocks } = options;
  const pin = readPin(options);
  const tell = teller(options.progress);
  if (blocks !== undefined) {
    const folder = resolve(blocks);
    const found = await auditBlocks(readBlockFolder(folder), pin, ({ number }) => tell(number));
    return { ...found, ...pin, source: folder, ...(await confirmFolder(options, found)) };
  }
  const source = organisationOf(layout, options.from ?? layout.organisations[0]?.msp ?? '').msp;
  const member = readMember(layout, source);
  const connection = openFabric(member);
  try {
    const ledger = await connectFabric(member);
    const height = await ledger.height().finally(() => ledger.close());
    const save = saver(options.export);
    const read = readPeer(connection, source, 0, height);
    const found = await auditBlocks(read, pin, (block, bytes) => {
      tell(block.number, height);
      save(block.number, bytes);
    });
    const msps = layout.organisations.map(({ msp }) => msp).filter((msp) => msp !== source);
    const witnesses = msps.map((msp) => peerWitness(connection, msp));
    return { ...found, ...pin, source, ...(await askWitnesses(witnesses, found)) };
  } finally {
    connection.close();
  }
}

/** Prints a report; a chain whose flags nobody confirms is not passed. */
export function printAudit(report: AuditReport, json: boolean): void {
  const { height, configurations, signatures, valid, invalid } = report;
  const [genesisHash, hash, commitHash] = [report.genesisHash, report.hash, report.commitHash].map(
    toHex,
  );
  if (json) {
    const unbound = report.unbound.map(({ number }) => number);
    console.log(JSON.stringify({ ...report, genesisHash, hash, commitHash, unbound }));
    return;
  }
  console.log(`height ${String(height)}, read from ${report.source}: every block passes`);
  console.log(`first block ${genesisHash ?? ''}`);
  console.log(`last block ${hash ?? ''}, commit hash ${commitHash ?? ''}`);
  for (const { number, consenters, quorum } of configurations) {
    const who = `${String(quorum)} of ${consenters.join(', ')}`;
    console.log(`configuration of block ${String(number)}: blocks are signed by ${who}`);
  }
  console.log(`${String(signatures)} signatures of orderers hold`);
  console.log(`${String(valid)} transactions valid, ${String(invalid)} invalid`);
  if (report.unbound.length > 0) {
    const numbers = report.unbound.map(({ number }) => String(number)).join(', ');
    console.log(
      `flags of block ${numbers}: no commit hash binds them, each was compared by itself`,
    );
  }
  for (const [name, word] of Object.entries(report.others)) {
    console.log(`${name.padEnd(4)} ${WORDS[word]}`);
  }
  if (report.confirmed !== true) console.log(`flags: ${adviceOf(report)}`);
}

function adviceOf({ confirmed, others, unbound }: AuditReport): string {
  if (confirmed === undefined) return 'compare the commit hash with that of another organisation';
  if (Object.keys(others).length > 0) return 'TOO FEW organisations show the same';
  return `NOT CONFIRMED: those of ${String(unbound.length)} blocks are this folder's word alone; give exports of other organisations by --with`;
}

const WORDS = {
  same: 'shows the same flags and commit hash',
  differs: 'shows OTHER flags or another commit hash',
  away: 'does not answer',
} as const;

/** Off line nobody can be asked but exports of others. Alone, a folder passes only when one commit hash binds all its flags. */
async function confirmFolder(
  { with: exports = [] }: AuditOptions,
  found: BlockAudit,
): Promise<Pick<AuditReport, 'others' | 'confirmed'>> {
  if (exports.length > 0) return askWitnesses(exports.map(folderWitness), found);
  return found.unbound.length > 0 ? { others: {}, confirmed: false } : { others: {} };
}

function readPin({ layout, genesis }: AuditOptions): ChannelPin {
  const { channel } = layout.definition;
  if (genesis !== undefined) {
    if (!/^[0-9a-fA-F]{64}$/.test(genesis))
      throw new CodedError('START_FAILED', '--genesis takes 64 hex digits');
    return { channel, genesisHash: fromHex(genesis.toLowerCase()) };
  }
  if (!existsSync(layout.genesisBlock)) {
    const words = `${layout.genesisBlock} is not there: give the hash of block 0 by --genesis, or the network's folder by FABRIC_DIR`;
    throw new CodedError('START_FAILED', words);
  }
  return { channel, genesisHash: readGenesisHash(layout) };
}

function saver(folder: string | undefined): (number: number, bytes: Uint8Array) => void {
  if (folder === undefined) return () => undefined;
  mkdirSync(folder, { recursive: true });
  return (number, bytes) => writeFileSync(join(folder, blockFile(number)), bytes);
}

function teller(progress: (line: string) => void): (number: number, height?: number) => void {
  let toldAt = Date.now();
  return (number, height) => {
    if (Date.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = Date.now();
    progress(`block ${String(number)}${height === undefined ? '' : ` of ${String(height)}`}`);
  };
}
