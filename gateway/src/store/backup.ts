// SPDX-License-Identifier: Apache-2.0
// A backup of a store (docs/storage.md §6): entries.bin, every row as it is stored, sealed values sealed, as of one moment;
// manifest.json, how many there are and their digest, written last: a folder without it is no backup. The replica is left
// out, since it is rebuilt from the ledger's blocks. One format for LevelDB and PostgreSQL, so that either restores either.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { utf8 } from '@zhenglian/core/bytes';
import { z } from 'zod';
import { gatewayError } from '../problem-codes.ts';
import type { Database, DumpedEntry } from './database.ts';
import type { TableChange } from './table.ts';

const manifest = z.strictObject({
  backup: z.literal(1),
  msp: z.string(),
  at: z.int(),
  entries: z.int().min(0),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
/** What a backup says of itself. */
export type Manifest = z.infer<typeof manifest>;

const ENTRIES = 'entries.bin';
const MANIFEST = 'manifest.json';
const REBUILT = new Set(['replica']);
const BATCH_BYTES = 4 << 20;
/** No row of a gateway comes near it: a larger length is damage, not a reason to take memory. */
const MOST_BYTES = 64 << 20;

/** Writes a backup into a folder that is empty or missing. @throws BACKUP_FOLDER, STORAGE_FULL */
export async function writeBackup(
  database: Pick<Database, 'dump'>,
  folder: string,
  about: { readonly msp: string; readonly at: number },
): Promise<Manifest> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) {
    throw gatewayError('BACKUP_FOLDER', `${folder} is not empty: name a new folder`);
  }
  const hash = createHash('sha256');
  const file = createWriteStream(join(folder, ENTRIES), { mode: 0o600, flush: true });
  const counts = { entries: 0, bytes: 0 };
  try {
    for await (const entry of database.dump()) {
      if (REBUILT.has(entry.table)) continue;
      const bytes = encodeEntry(entry);
      hash.update(bytes);
      counts.entries += 1;
      counts.bytes += bytes.length;
      if (!file.write(bytes)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'close');
  } catch (cause) {
    file.destroy();
    throw gatewayError('STORAGE_FULL', 'the backup could not be written', { cause });
  }
  const content: Manifest = { backup: 1, ...about, ...counts, sha256: hash.digest('hex') };
  const path = join(folder, MANIFEST);
  const written = await open(`${path}.new`, 'w', 0o600);
  await written.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
  await written.sync();
  await written.close();
  await rename(`${path}.new`, path);
  return content;
}

/** Reads a backup to its end, shows each entry, and compares it with its manifest. @throws BACKUP_DAMAGED */
export async function checkBackup(
  folder: string,
  look: (entry: DumpedEntry) => unknown = () => undefined,
): Promise<Manifest> {
  const content = await readManifest(folder);
  const hash = createHash('sha256');
  let [entries, bytes] = [0, 0];
  for await (const { entry, raw } of readEntries(folder)) {
    look(entry);
    hash.update(raw);
    entries += 1;
    bytes += raw.length;
  }
  const isWhole = entries === content.entries && bytes === content.bytes;
  if (!isWhole || hash.digest('hex') !== content.sha256) throw damaged();
  return content;
}

/**
 * Puts a backup into an empty store, after it was checked from beginning to end. `accept` sees each row then and again when
 * it is put, and decides what is put. A kill leaves a store that is not empty: delete it and begin again.
 * @throws BACKUP_DAMAGED, STORE_NOT_EMPTY, STORAGE_FULL, STORE_UNAVAILABLE
 */
export async function restoreBackup(
  folder: string,
  database: Pick<Database, 'dump' | 'table'>,
  accept: (entry: DumpedEntry) => DumpedEntry | undefined,
): Promise<Manifest> {
  const content = await checkBackup(folder, accept);
  for await (const { table } of database.dump()) {
    throw gatewayError('STORE_NOT_EMPTY', `table ${table} has rows: restore into an empty store`);
  }
  let [table, held, bytes]: [string, TableChange[], number] = ['', [], 0];
  const flush = async () => {
    if (held.length > 0) await database.table(table).write(held);
    [held, bytes] = [[], 0];
  };
  for await (const { entry } of readEntries(folder)) {
    const accepted = accept(entry);
    if (accepted === undefined) continue;
    if (accepted.table !== table || bytes > BATCH_BYTES) await flush();
    table = accepted.table;
    held.push({ key: accepted.key, value: accepted.value });
    bytes += accepted.key.length + accepted.value.length;
  }
  await flush();
  return content;
}

async function readManifest(folder: string): Promise<Manifest> {
  try {
    return manifest.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')));
  } catch (cause) {
    throw damaged(cause);
  }
}

interface ReadEntry {
  readonly entry: DumpedEntry;
  readonly raw: Uint8Array;
}

/** Three times a length of 4 bytes and so many bytes: table, key, value. */
function encodeEntry({ table, key, value }: DumpedEntry): Uint8Array {
  const parts = [utf8(table), utf8(key), value];
  const framed = parts.flatMap((part) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, part.length);
    return [length, part];
  });
  return new Uint8Array(Buffer.concat(framed));
}

async function* readEntries(folder: string): AsyncIterable<ReadEntry> {
  let held = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(join(folder, ENTRIES))) {
      held = Buffer.concat([held, chunk as Buffer]);
      for (;;) {
        const found = decodeEntry(held);
        if (found === undefined) break;
        yield found;
        held = held.subarray(found.raw.length);
      }
    }
  } catch (cause) {
    throw cause instanceof Error && 'syscall' in cause ? damaged(cause) : cause;
  }
  if (held.length > 0) throw damaged();
}

/** The entry at the beginning, or undefined while it is not all there. @throws BACKUP_DAMAGED */
function decodeEntry(bytes: Buffer): ReadEntry | undefined {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < 3; i += 1) {
    if (bytes.length < at + 4) return undefined;
    const length = bytes.readUInt32BE(at);
    if (length > MOST_BYTES) throw damaged();
    if (bytes.length < at + 4 + length) return undefined;
    parts.push(new Uint8Array(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  const [table = new Uint8Array(), key = new Uint8Array(), value = new Uint8Array()] = parts;
  const text = (part: Uint8Array) => Buffer.from(part).toString('utf8');
  return { entry: { table: text(table), key: text(key), value }, raw: bytes.subarray(0, at) };
}

function damaged(cause?: unknown): Error {
  const message = 'this is no whole backup: take another';
  return gatewayError('BACKUP_DAMAGED', message, { cause });
}
