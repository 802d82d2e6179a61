// SPDX-License-Identifier: Apache-2.0
// One licence's trail at this gateway: its entries with their proofs, what the ledger says of its copies, and codes that
// show nothing but serial and version, for replay.
import { fromHex, toBase64 } from '@zhenglian/core/bytes';
import { presentSlots } from '@zhenglian/core/presentation';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { formatWire } from '@zhenglian/core/wire';
import { keyOf } from '../checking/replica-facts.ts';
import type { GatewayContext } from '../context.ts';
import { holderCopy } from '../issuance/copy-record.ts';
import type { CopyRecord } from '../issuance/copy-record.ts';
import type { LicenceRecord } from '../issuance/licence-record.ts';
import type { LedgerEvent, Replica } from '../replica/replica.ts';
import type { Trail } from '../schemas/regulating.ts';
import { copyReference } from './trace-entry.ts';
import type { ProvenEntry } from './proven-entries.ts';

type Parts = Pick<GatewayContext, 'config' | 'desk' | 'replica' | 'trace'>;

/** The trail of a licence that was issued here. @throws LICENCE_UNKNOWN */
export async function trailOfLicence(parts: Parts, id: string): Promise<Trail> {
  const height = parts.replica.height();
  const licence = await parts.desk.licence(id);
  const copies = await parts.desk.copies(id);
  const type = parts.desk.typeOf(licence.type, licence.typeVersion);
  const references = copies
    .filter(({ step }) => step !== 'abandoned')
    .map(({ place }) => copyReference(place));
  const entries = await parts.trace.entriesOf([id, ...references]);
  return {
    licence: id,
    msp: parts.config.msp,
    copies: references,
    entries: entries.map(describeEntry),
    height,
    ledger: (await ledgerOf(parts.replica, references)).filter((e) => e.blockNumber < height),
    codes: copies.flatMap((copy) => codeOf(copy, licence, type)),
  };
}

/** What this gateway did with copies, wherever they were issued. */
export async function trailOfCopies(
  parts: Pick<Parts, 'config' | 'replica' | 'trace'>,
  copies: readonly string[],
): Promise<Trail> {
  const entries = await parts.trace.entriesOf(copies);
  return {
    licence: null,
    msp: parts.config.msp,
    copies: [...copies],
    height: parts.replica.height(),
    entries: entries.map(describeEntry),
    ledger: [],
    codes: [],
  };
}

/** What a replica says of copies, in order of blocks. */
export async function ledgerOf(
  replica: Pick<Replica, 'trustBundle' | 'eventsOf'>,
  copies: readonly string[],
): Promise<Trail['ledger']> {
  const { bundle } = replica.trustBundle();
  const events: Trail['ledger'] = [];
  for (const copy of copies) {
    const [kid = '', epoch, index] = copy.split('-');
    const key = keyOf(bundle, fromHex(kid));
    if (key === undefined) continue;
    const found = await replica.eventsOf(key.uscc, Number(epoch), Number(index));
    events.push(...found.map((event) => describeEvent(event, copy)));
  }
  return events.sort((a, b) => a.blockNumber - b.blockNumber);
}

function describeEntry({ instance, entry, hash, proof }: ProvenEntry): Trail['entries'][number] {
  return {
    ...entry,
    instance,
    detail: { ...entry.detail },
    hash: toBase64(hash),
    proof:
      proof === null
        ? null
        : { ...proof, root: toBase64(proof.root), path: proof.path.map(toBase64) },
  };
}

function describeEvent(event: LedgerEvent, copy: string): Trail['ledger'][number] {
  const { kind, blockNumber, transactionId, at } = event;
  const detail =
    event.kind === 'batch'
      ? { type: event.type, n: event.n, first: event.first, count: event.count }
      : { state: event.state, class: event.class, time: event.time, seq: event.seq };
  return { kind, copy, blockNumber, transactionId, at, detail };
}

/** A document's code; a device copy shows nothing without its holder. */
function codeOf(copy: CopyRecord, licence: LicenceRecord, type: TypeDefinition): readonly string[] {
  if (copy.holderKey !== null || copy.step === 'abandoned') return [];
  const shown = type.slots.filter(({ kind }) => kind === 'serial' || kind === 'version');
  const names = shown.map(({ name }) => name);
  return [formatWire(presentSlots(holderCopy(copy, licence, type), type, names))];
}
