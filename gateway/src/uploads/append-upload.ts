// SPDX-License-Identifier: Apache-2.0
// Adds to a file what comes. A block and the new offset are one batch of the store: after a kill or a broken line the
// offset tells what is there, and nothing more is.
import { createHash } from 'node:crypto';
import { toHex } from '@zhenglian/core/bytes';
import type { Clock, RandomBytes } from '../context.ts';
import type { Locks } from '../locks.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Table } from '../store/table.ts';
import { removeUpload } from './remove-upload.ts';
import { loadUpload, storeUpload, uploadKey } from './upload-record.ts';
import type { Upload } from './upload-record.ts';
import { BLOCK_BYTES, readUpload } from './read-upload.ts';

export interface UploadParts {
  readonly store: Table;
  readonly locks: Locks;
  readonly clock: Clock;
}

/** Where the sender believes to be, and what comes. */
export interface UploadPart {
  readonly id: string;
  readonly actor: string;
  readonly offset: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** A record for a file that is to come; it is not stored yet. */
export function newUpload(
  { clock, random }: { readonly clock: Clock; readonly random: RandomBytes },
  start: Pick<Upload, 'actor' | 'bytes' | 'digest'>,
): Upload {
  return { ...start, id: toHex(random(16)), offset: 0, at: clock(), state: 'open' };
}

/** Takes a whole file in one go, however long it is. @throws BODY_TOO_LARGE */
export async function receiveUpload(
  parts: UploadParts & { readonly random: RandomBytes },
  file: Pick<UploadPart, 'actor' | 'body'> & { readonly maxBytes: number },
): Promise<Upload> {
  const { actor, body, maxBytes: bytes } = file;
  const begun = newUpload(parts, { actor, bytes });
  await parts.store.write([storeUpload(begun)]);
  try {
    const { offset } = await appendUpload(parts, { id: begun.id, actor, offset: 0, body });
    return await complete(parts, { ...begun, bytes: offset, offset });
  } catch (cause) {
    await removeUpload(parts, begun.id).catch(() => undefined);
    throw cause;
  }
}

/**
 * Stores what comes block by block and tells how far the file is.
 * @throws UPLOAD_UNKNOWN, UPLOAD_OFFSET, UPLOAD_DIGEST, BODY_TOO_LARGE
 */
export async function appendUpload(parts: UploadParts, part: UploadPart): Promise<Upload> {
  let upload = await loadUpload(parts.store, part.id, part.actor);
  requireOffset(upload, part.offset);
  let held = await tailOf(parts.store, upload);
  for await (const piece of part.body) {
    held = Buffer.concat([held, piece]);
    while (held.length >= BLOCK_BYTES) {
      upload = await writeBlock(parts, upload, held.subarray(0, BLOCK_BYTES));
      held = held.subarray(BLOCK_BYTES);
    }
  }
  if (held.length > upload.offset % BLOCK_BYTES) upload = await writeBlock(parts, upload, held);
  return upload.offset === upload.bytes && upload.state === 'open'
    ? complete(parts, upload)
    : upload;
}

/** A block that was not full is written again with what follows. */
async function tailOf(store: Table, { id, offset }: Upload): Promise<Buffer> {
  if (offset % BLOCK_BYTES === 0) return Buffer.alloc(0);
  const stored = await store.get(uploadKey.block(id, Math.floor(offset / BLOCK_BYTES)));
  return Buffer.from(stored ?? []).subarray(0, offset % BLOCK_BYTES);
}

/** Of two who add to one file at once the later one learns that the offset is not his. */
function writeBlock(parts: UploadParts, before: Upload, bytes: Uint8Array): Promise<Upload> {
  const n = Math.floor(before.offset / BLOCK_BYTES);
  const offset = n * BLOCK_BYTES + bytes.length;
  if (offset > before.bytes) {
    throw gatewayError('BODY_TOO_LARGE', 'this is more than the upload was created for');
  }
  return whileHeld(parts, before, async (now) => {
    requireOffset(now, before.offset);
    const after: Upload = { ...now, offset, at: parts.clock() };
    const block = { key: uploadKey.block(now.id, n), value: Uint8Array.from(bytes) };
    await parts.store.write([block, storeUpload(after)]);
    return after;
  });
}

/** A file that is not what was promised is sent again from the start. */
async function complete(parts: UploadParts, upload: Upload): Promise<Upload> {
  const hash = createHash('sha256');
  for await (const bytes of readUpload(parts.store, upload)) hash.update(bytes);
  const digest = toHex(hash.digest());
  const isRight = upload.digest === undefined || upload.digest === digest;
  const after = await whileHeld(parts, upload, async (now) => {
    const next: Upload = isRight
      ? { ...now, bytes: upload.bytes, digest, state: 'complete', at: parts.clock() }
      : { ...now, offset: 0, at: parts.clock() };
    await parts.store.write([storeUpload(next)]);
    return next;
  });
  if (isRight) return after;
  throw gatewayError('UPLOAD_DIGEST', 'the file is not the one that was promised: send it again');
}

function whileHeld<T>(
  parts: UploadParts,
  { id }: Upload,
  task: (now: Upload) => Promise<T>,
): Promise<T> {
  return parts.locks.hold(`upload/${id}`, async () => task(await loadUpload(parts.store, id)));
}

function requireOffset(upload: Upload, offset: number): void {
  if (upload.offset === offset) return;
  throw gatewayError(
    'UPLOAD_OFFSET',
    `the file goes on at byte ${String(upload.offset)}: ask with HEAD and send from there`,
  );
}
