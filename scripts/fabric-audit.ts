// SPDX-License-Identifier: Apache-2.0
// `npm run fabric -- audit`: checks a whole chain, off line from a folder of blocks, or block by block from a running peer, and what other
// organisations' peers show at its end. The command that writes such a folder is the same one (docs/operations.md).
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { equals, fromHex, toHex } from '@zhenglian/core/bytes';
import { openFabric } from '@zhenglian/gateway/fabric-connection';
import { connectFabric } from '@zhenglian/gateway/fabric-ledger';
import { auditBlocks, blockFile, readBlockFolder } from '@zhenglian/network/fabric/audit-blocks';
import { readBlockParts } from '@zhenglian/network/fabric/block-parts';
import { leastWitnesses } from '@zhenglian/network/fabric/channel-members';
import { organisationOf, readGenesisHash, readMember } from '@zhenglian/network/fabric/members';
import type { FabricConnection } from '@zhenglian/gateway/fabric-connection';
import type { BlockAudit } from '@zhenglian/network/fabric/audit-blocks';
import type { ChannelPin } from '@zhenglian/network/fabric/block-checker';
import type { Layout } from '@zhenglian/network/fabric/layout';

/** What is audited, as the command line says it. */
export interface AuditOptions {
  readonly layout: Layout;
  /** Folder of blocks to read: nothing need run. */
  readonly blocks?: string;
  /** Folder to write the checked blocks of a peer to. */
  readonly export?: string;
  /** Whose peer is read; the first organisation's unless given. */
  readonly from?: string;
  /** Hash of block 0 in hex; that of the network's own file unless given. */
  readonly genesis?: string;
  readonly progress: (line: string) => void;
}

/** What each other organisation's peer shows at the end of the chain. */
export interface AuditReport extends BlockAudit {
  readonly source: string;
  /** The pin that block 0 was checked against. */
  readonly genesisHash: Uint8Array;
  readonly others: Readonly<Record<string, 'same' | 'differs' | 'away'>>;
  /** f + 1 organisations show the same flags; of a folder nobody else can be asked. */
  readonly confirmed?: boolean;
}

const TELL_EVERY_MS = 2000;
const SILENT_MS = 30_000;

/** Audits. @throws BLOCK_INVALID at the first bad block, naming it; LEDGER_UNAVAILABLE, START_FAILED, Error for a wrong option */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  const { layout, blocks } = options;
  const pin = readPin(options);
  const tell = teller(options.progress);
  if (blocks !== undefined) {
    const folder = resolve(blocks);
    const found = await auditBlocks(readBlockFolder(folder), pin, ({ number }) => tell(number));
    return { ...found, ...pin, source: folder, others: {} };
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
    return { ...found, ...pin, source, ...(await askOthers(connection, layout, source, found)) };
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
    console.log(JSON.stringify({ ...report, genesisHash, hash, commitHash }));
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
  if (report.unbound > 0)
    console.log(`${String(report.unbound)} blocks: flags not bound to the commit hash`);
  for (const [msp, word] of Object.entries(report.others)) {
    console.log(`${msp.padEnd(4)} ${WORDS[word]}`);
  }
  if (report.confirmed === undefined) {
    console.log('flags: compare the commit hash with that of another organisation');
  } else if (!report.confirmed) console.log('flags: TOO FEW organisations show the same');
}

const WORDS = {
  same: 'shows the same flags and commit hash',
  differs: 'shows OTHER flags or another commit hash',
  away: 'does not answer',
} as const;

function readPin({ layout, genesis }: AuditOptions): ChannelPin {
  const { channel } = layout.definition;
  if (genesis !== undefined) {
    if (!/^[0-9a-fA-F]{64}$/.test(genesis)) throw new Error('--genesis takes 64 hex digits');
    return { channel, genesisHash: fromHex(genesis.toLowerCase()) };
  }
  if (!existsSync(layout.genesisBlock)) {
    throw new Error(`${layout.genesisBlock} is not there: give the hash of block 0 by --genesis`);
  }
  return { channel, genesisHash: readGenesisHash(layout) };
}

async function* readPeer(
  connection: FabricConnection,
  msp: string,
  from: number,
  to: number,
): AsyncIterable<Uint8Array> {
  const stop = new AbortController();
  const silent = () => stop.abort();
  let timer = setTimeout(silent, SILENT_MS);
  try {
    let next = from;
    for await (const bytes of connection.blocks(msp, from, stop.signal)) {
      clearTimeout(timer);
      yield bytes;
      timer = setTimeout(silent, SILENT_MS);
      next += 1;
      if (next >= to) return;
    }
    throw new Error(`the peer of ${msp} does not show block ${String(next)}`);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** Compares the last block as the others show it. */
async function askOthers(
  connection: FabricConnection,
  layout: Layout,
  source: string,
  { height, hash, commitHash, configurations }: BlockAudit,
): Promise<Pick<AuditReport, 'others' | 'confirmed'>> {
  const msps = layout.organisations.map(({ msp }) => msp).filter((msp) => msp !== source);
  const words = msps.map(async (msp) => {
    for await (const bytes of readPeer(connection, msp, height - 1, height)) {
      const shown = readBlockParts(bytes);
      const isSame = equals(shown.hash, hash) && equals(shown.commitHash, commitHash);
      return [msp, isSame ? 'same' : 'differs'] as const;
    }
    return [msp, 'away'] as const;
  });
  const settled = await Promise.allSettled(words);
  const others = settled.map((each, i) =>
    each.status === 'fulfilled' ? each.value : ([msps[i] ?? '', 'away'] as const),
  );
  const same = others.filter(([, word]) => word === 'same').length + 1;
  const isContradicted = others.some(([, word]) => word === 'differs');
  const least = leastWitnesses({ organisations: configurations.at(-1)?.organisations ?? [] });
  return { others: Object.fromEntries(others), confirmed: same >= least && !isContradicted };
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
