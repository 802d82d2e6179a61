// SPDX-License-Identifier: Apache-2.0
// Takes an import file in: rows go into the store chunk by chunk as they arrive; storing the job accepts them all.
// A kill before that leaves chunks without a job, which the next start deletes.
import { createHash } from 'node:crypto';
import { toHex } from '@zhenglian/core/bytes';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import type { Clock, RandomBytes } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Table, TableChange } from '../store/table.ts';
import { decodeText } from './decode-text.ts';
import type { TextCharset } from './decode-text.ts';
import { importKey, storeChunk, storeJob } from './import-job.ts';
import type { ImportJob } from './import-job.ts';
import { readCsv, readNdjson } from './read-rows.ts';
import type { ImportColumns, ImportRow } from './read-rows.ts';

/** A file on its way in. */
export interface ImportUpload {
  readonly type: TypeDefinition;
  readonly format: 'csv' | 'ndjson';
  readonly charset?: TextCharset;
  readonly body: AsyncIterable<Uint8Array>;
  readonly actor: string;
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

export const MAX_IMPORT_LINES = 200_000;
export const MAX_IMPORT_BYTES = 64 << 20;
const CHUNK_ROWS = 500;
const GIVEN_BY_ISSUER = new Set(['serial', 'version', 'at-least', 'spare']);

/** Reads a file to its end. @throws IMPORT_TOO_LARGE, IMPORT_COLUMNS, IMPORT_ENCODING, STORAGE_FULL */
export async function receiveImport(
  parts: { readonly store: Table; readonly clock: Clock; readonly random: RandomBytes },
  upload: ImportUpload,
): Promise<ReceivedImport> {
  const { store } = parts;
  const id = toHex(parts.random(16));
  const hash = createHash('sha256').update(upload.type.code).update('\0');
  const text = decodeText(limited(upload.body, hash), upload.charset);
  const columns = columnsOf(upload.type);
  const rows = upload.format === 'csv' ? readCsv(text, columns) : readNdjson(text);
  let total = 0;
  let chunks = 0;
  let chunk: ImportRow[] = [];
  const discard = () => deleteChunks(store, id);
  const flush = async () => {
    if (chunk.length === 0) return;
    await store.write([storeChunk(id, chunks, chunk)]);
    chunks += 1;
    chunk = [];
  };
  try {
    for await (const row of rows) {
      total += 1;
      if (total > MAX_IMPORT_LINES) {
        throw gatewayError('IMPORT_TOO_LARGE', 'a file has 200,000 lines at most');
      }
      chunk.push(row);
      if (chunk.length === CHUNK_ROWS) await flush();
    }
    await flush();
  } catch (cause) {
    await discard().catch(() => undefined);
    throw cause;
  }
  const { type, actor } = upload;
  const counts = { total, chunks, nextChunk: 0, read: 0, accepted: 0, rejected: 0 };
  const job: ImportJob = { id, type: type.code, actor, at: parts.clock(), ...counts };
  const accept = (others: readonly TableChange[]) => store.write([storeJob(job), ...others]);
  return { job, digest: hash.digest('hex'), accept, discard };
}

/** Deletes the rows of files that were never accepted. */
export async function discardUnaccepted(store: Table): Promise<void> {
  const orphans = new Set<string>();
  const prefix = importKey.chunks();
  for await (const { key } of store.range({ prefix })) {
    const id = key.slice(prefix.length).split('/')[0] ?? '';
    if (!orphans.has(id) && (await store.get(importKey.job(id))) === undefined) orphans.add(id);
  }
  for (const id of orphans) await deleteChunks(store, id);
}

async function deleteChunks(store: Table, id: string): Promise<void> {
  const changes: TableChange[] = [];
  for await (const { key } of store.range({ prefix: importKey.chunks(id) })) changes.push({ key });
  await store.write(changes);
}

function columnsOf(type: TypeDefinition): ImportColumns {
  const given = type.slots.filter(({ kind }) => !GIVEN_BY_ISSUER.has(kind));
  return {
    known: new Set(given.map(({ name }) => name)),
    required: given.filter(({ required }) => required === true).map(({ name }) => name),
  };
}

async function* limited(
  body: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_IMPORT_BYTES) {
      throw gatewayError('IMPORT_TOO_LARGE', 'a file has 64 MiB at most');
    }
    hash.update(chunk);
    yield chunk;
  }
}
