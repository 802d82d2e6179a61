// SPDX-License-Identifier: Apache-2.0
// Takes a file in as it streams by: rows go into the store chunk by chunk; storing the job accepts them all. Until
// then a mark says whose they are: a kill leaves mark and chunks, which the next start deletes.
import { createHash } from 'node:crypto';
import { encodeCbor } from '@zhenglian/core/cbor';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import type { Clock } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import { dataKeyName } from '../store/field-groups.ts';
import type { Table, TableChange } from '../store/table.ts';
import { chunksOf, storeChunk } from './import-chunks.ts';
import { storeNewJob, workOf } from './import-job.ts';
import type { ImportJob } from './import-job.ts';
import { importKey } from './import-keys.ts';
import { beginPace } from './pace.ts';
import { readTextRows } from './row-source.ts';
import type { FileForm } from './row-source.ts';

/** A text on its way in. */
export interface ImportStream {
  readonly type: TypeDefinition;
  readonly form: FileForm & { readonly format: 'csv' | 'ndjson' };
  readonly body: AsyncIterable<Uint8Array>;
  readonly maxBytes: number;
}

/** A file that is in the store and not accepted yet. */
export interface ReceivedImport {
  readonly job: ImportJob;
  /** Digest of type and bytes, for Idempotency-Key. */
  readonly digest: string;
  accept(others: readonly TableChange[]): Promise<void>;
  /** Forgets it. */
  discard(): Promise<void>;
}

export interface ReceiveParts {
  readonly store: Table;
  readonly clock: Clock;
  /** Which gateway is receiving: another one's files are left to it. */
  readonly instance: string;
}

/** Lines have eight digits. */
export const MAX_IMPORT_LINES = 99_999_998;
const DELETED_AT_ONCE = 16;

/** Reads a file to its end. @throws IMPORT_TOO_LARGE, IMPORT_COLUMNS, IMPORT_ENCODING, STORAGE_FULL */
export async function receiveImport(
  parts: ReceiveParts,
  begun: ImportJob,
  { type, form, body, maxBytes }: ImportStream,
): Promise<ReceivedImport> {
  const { store, clock } = parts;
  const { id } = begun;
  const hash = createHash('sha256').update(type.code).update('\0');
  const mark = { key: importKey.receiving(id), value: encodeCbor([parts.instance, clock()]) };
  const discard = () => deleteReceived(store, id);
  let total = 0;
  let chunks = 0;
  try {
    await store.write([mark]);
    for await (const rows of chunksOf(readTextRows(limited(body, hash, maxBytes), form, type))) {
      total += rows.length;
      requireLines(total);
      await store.write([storeChunk(id, chunks, rows)]);
      chunks += 1;
    }
  } catch (cause) {
    await discard().catch(() => undefined);
    throw cause;
  }
  const job: ImportJob = {
    ...begun,
    state: workOf(begun),
    total,
    chunks,
    pace: beginPace(clock(), 0),
  };
  const accept = (others: readonly TableChange[]) =>
    store.write([...storeNewJob(job), { key: mark.key }, ...others]);
  return { job, digest: hash.digest('hex'), accept, discard };
}

/** @throws IMPORT_TOO_LARGE */
export function requireLines(total: number): void {
  if (total > MAX_IMPORT_LINES) {
    throw gatewayError('IMPORT_TOO_LARGE', 'a file has 99,999,998 lines at most');
  }
}

/** Deletes the rows of a file that was never accepted and their key; the mark goes last. */
export async function deleteReceived(store: Table, id: string): Promise<void> {
  for (;;) {
    const changes: TableChange[] = [];
    const range = { prefix: importKey.chunks(id), limit: DELETED_AT_ONCE };
    for await (const { key } of store.range(range)) changes.push({ key });
    if (changes.length === 0) break;
    await store.write(changes);
  }
  await store.write([{ key: dataKeyName(id) }, { key: importKey.receiving(id) }]);
}

async function* limited(
  body: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
  maxBytes: number,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooManyBytes(maxBytes);
    hash.update(chunk);
    yield chunk;
  }
}

/** What a file over the gateway's limit is refused with. */
export function tooManyBytes(maxBytes: number) {
  const most = String(Math.floor(maxBytes / 2 ** 20));
  return gatewayError('IMPORT_TOO_LARGE', `a file has ${most} MiB at most (IMPORT_MAX_BYTES)`);
}
