// SPDX-License-Identifier: Apache-2.0
// The parts of a workbook's ZIP; the only place that knows the library. Whoever packed the file is not trusted: what
// unpacks to far more than it was, or to more than it said, is refused before it fills anything.
import { Readable } from 'node:stream';
import { fromRandomAccessReader, RandomAccessReader } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { CodedError } from '@zhenglian/core/errors';
import { gatewayError } from '../../problem-codes.ts';
import type { GatewayErrorCode } from '../../problem-codes.ts';

/** Bytes that can be read from anywhere. */
export interface RandomAccess {
  readonly bytes: number;
  /** From `start` up to, not with, `end`. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** A ZIP's parts by name. */
export interface OpenZip {
  has(name: string): boolean;
  /** The unpacked bytes. @throws IMPORT_MALFORMED when there is no such part or it does not unpack, IMPORT_TOO_LARGE */
  read(name: string): AsyncIterable<Uint8Array>;
}

const MAX_PARTS = 2000;
/** A sheet packs to a tenth; only what was made to explode packs to a two-hundredth. */
const MAX_RATIO = 200;
const SMALL = 1 << 20;
const MAX_UNPACKED = 4 * 2 ** 30;

/** Reads the directory of a ZIP. @throws IMPORT_MALFORMED, IMPORT_TOO_LARGE */
export async function openZip(source: RandomAccess): Promise<OpenZip> {
  const zip = await open(source);
  const parts = await listParts(zip);
  return {
    has: (name) => parts.has(name),
    async *read(name) {
      const entry = parts.get(name);
      if (entry === undefined) throw malformed();
      checkSize(entry);
      try {
        for await (const chunk of await openPart(zip, entry)) yield chunk as Uint8Array;
      } catch (cause) {
        throw cause instanceof CodedError ? cause : malformed(cause);
      }
    },
  };
}

/** What a workbook that is none is refused with. */
export function malformed(cause?: unknown): CodedError<GatewayErrorCode> {
  const words = 'this is no XLSX workbook that can be read: save it as .xlsx without a password';
  return gatewayError('IMPORT_MALFORMED', words, cause === undefined ? {} : { cause });
}

function open(source: RandomAccess): Promise<ZipFile> {
  const reader = new SourceReader(source);
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false };
    fromRandomAccessReader(reader, source.bytes, options, (error, zip) => {
      // `error` is null with some versions and undefined with others.
      if (error instanceof Error) reject(malformed(error));
      else resolve(zip);
    });
  });
}

function listParts(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  const parts = new Map<string, Entry>();
  return new Promise((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      parts.set(entry.fileName, entry);
      if (parts.size > MAX_PARTS) reject(malformed());
      else zip.readEntry();
    });
    zip.once('end', () => resolve(parts));
    zip.once('error', (error: unknown) => reject(malformed(error)));
    zip.readEntry();
  });
}

/** The library ends a part that is longer than its directory says. */
function checkSize({ compressedSize, uncompressedSize }: Entry): void {
  const isBomb = uncompressedSize > SMALL && uncompressedSize > MAX_RATIO * compressedSize;
  if (isBomb || uncompressedSize > MAX_UNPACKED) {
    throw gatewayError(
      'IMPORT_TOO_LARGE',
      'the workbook unpacks to too much: save it as CSV UTF-8',
    );
  }
}

function openPart(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error instanceof Error) reject(malformed(error));
      else resolve(stream);
    });
  });
}

class SourceReader extends RandomAccessReader {
  readonly #source: RandomAccess;

  constructor(source: RandomAccess) {
    super();
    this.#source = source;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#source.read(start, end), { objectMode: false });
  }
}
