// SPDX-License-Identifier: Apache-2.0
// What other organisations show of an audited chain: their peers, or their exports. Flags are a peer's word; they count when f + 1 organisations
// say the same. One commit hash says it for every block whose flags are bound to it; any other block is compared by itself, with the commit hash before it.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { equals } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { blockFile } from '@zhenglian/network/fabric/audit-blocks';
import { readBlockParts } from '@zhenglian/network/fabric/block-parts';
import { leastWitnesses } from '@zhenglian/network/fabric/channel-members';
import type { FabricConnection } from '@zhenglian/gateway/fabric-connection';
import type { BlockAudit } from '@zhenglian/network/fabric/audit-blocks';

/** Somebody else who holds the chain; an organisation's name, or a folder's. */
export interface Witness {
  readonly name: string;
  /** The bytes of a block. @throws when it has none, or does not answer */
  readonly show: (number: number) => Promise<Uint8Array>;
}

/** What a witness says: of the last block, and of every block whose flags are bound to nothing, with the one before it. */
export type Word = 'same' | 'differs' | 'away';

/** What all of them say, and whether that confirms the flags. */
export interface Confirmation {
  readonly others: Readonly<Record<string, Word>>;
  readonly confirmed: boolean;
}

/** What shows blocks of peers. */
export type BlockSource = Pick<FabricConnection, 'blocks'>;

const SILENT_MS = 30_000;

/** Asks every witness. The source itself is one of the f + 1; who contradicts it outweighs any number. */
export async function askWitnesses(
  witnesses: readonly Witness[],
  audit: BlockAudit,
): Promise<Confirmation> {
  const words = await Promise.all(
    witnesses.map(async (witness) => [witness.name, await wordOf(witness, audit)] as const),
  );
  const same = words.filter(([, word]) => word === 'same').length + 1;
  const isContradicted = words.some(([, word]) => word === 'differs');
  const least = leastWitnesses({ organisations: audit.configurations.at(-1)?.organisations ?? [] });
  return { others: Object.fromEntries(words), confirmed: same >= least && !isContradicted };
}

/** The peer of an organisation. */
export function peerWitness(connection: BlockSource, msp: string): Witness {
  return {
    name: msp,
    show: async (number) => {
      for await (const bytes of readPeer(connection, msp, number, number + 1)) return bytes;
      throw notShown(msp, number);
    },
  };
}

/** What another organisation exported. */
export function folderWitness(folder: string): Witness {
  const name = resolve(folder);
  const read = (number: number) => new Uint8Array(readFileSync(join(name, blockFile(number))));
  return { name, show: (number) => Promise.resolve().then(() => read(number)) };
}

/** Blocks of a peer. @throws LEDGER_UNAVAILABLE, also when it ends before the last one or falls silent */
export async function* readPeer(
  connection: BlockSource,
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
    throw notShown(msp, next);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

function notShown(msp: string, number: number): CodedError<'LEDGER_UNAVAILABLE'> {
  const words = `the peer of ${msp} does not show block ${String(number)}: see that it runs, or read another's by --from`;
  return new CodedError('LEDGER_UNAVAILABLE', words);
}

async function wordOf(
  { show }: Witness,
  { height, hash, commitHash, unbound }: BlockAudit,
): Promise<Word> {
  try {
    const last = readBlockParts(await show(height - 1));
    if (!equals(last.hash, hash) || !equals(last.commitHash, commitHash)) return 'differs';
    for (const own of unbound) {
      const shown = readBlockParts(await show(own.number));
      const before = readBlockParts(await show(own.number - 1));
      const isSame =
        equals(shown.hash, own.hash) &&
        equals(shown.codes, own.codes) &&
        equals(shown.commitHash, own.commitHash) &&
        equals(before.commitHash, own.commitHashBefore);
      if (!isSame) return 'differs';
    }
    return 'same';
  } catch {
    return 'away'; // bytes that are no block are no word either
  }
}
