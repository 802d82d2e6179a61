// SPDX-License-Identifier: Apache-2.0
// ZIP files for tests, byte by byte (APPNOTE 6.3), so that a part can also claim what it is not.
import { crc32, deflateRawSync } from 'node:zlib';

/** One part of a ZIP. */
export interface ZipPart {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** What the directory says its size is; the truth unless given. */
  readonly claimedBytes?: number;
}

/** The bytes of a ZIP of deflated parts. */
export function zipOf(parts: readonly ZipPart[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, claimedBytes } of parts) {
    const clear = Buffer.from(content);
    const packed = deflateRawSync(clear);
    const facts = { crc: crc32(clear), packed: packed.length, clear: claimedBytes ?? clear.length };
    const local = Buffer.concat([header(0x04034b50, name, facts), Buffer.from(name), packed]);
    directory.push(header(0x02014b50, name, facts, at), Buffer.from(name));
    bodies.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, listed, end]);
}

interface Facts {
  readonly crc: number;
  readonly packed: number;
  readonly clear: number;
}

/** A local header, or with an offset one of the directory. */
function header(signature: number, name: string, facts: Facts, offset?: number): Buffer {
  const inDirectory = offset !== undefined;
  const bytes = Buffer.alloc(inDirectory ? 46 : 30);
  const shift = inDirectory ? 2 : 0;
  bytes.writeUInt32LE(signature, 0);
  if (inDirectory) bytes.writeUInt16LE(20, 4);
  bytes.writeUInt16LE(20, 4 + shift);
  bytes.writeUInt16LE(0x0800, 6 + shift);
  bytes.writeUInt16LE(8, 8 + shift);
  bytes.writeUInt32LE(facts.crc, 14 + shift);
  bytes.writeUInt32LE(facts.packed, 18 + shift);
  bytes.writeUInt32LE(facts.clear, 22 + shift);
  bytes.writeUInt16LE(Buffer.byteLength(name), 26 + shift);
  if (inDirectory) bytes.writeUInt32LE(offset, 42);
  return bytes;
}
