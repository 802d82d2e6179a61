// SPDX-License-Identifier: Apache-2.0
// Packages of chaincode as a service: no code inside, but the SHA-256 of the bundle that the host must serve.
// Made byte for byte the same everywhere, so that all organisations approve one package id.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CodedError } from '@zhenglian/core/errors';

/** A package on disk: Fabric calls it by label and hash. */
export interface ChaincodePackage {
  readonly label: string;
  readonly file: string;
  readonly id: string;
}

const BLOCK = 512;

/** Writes the package of a bundle. */
export function writePackage(label: string, bundle: string, file: string): ChaincodePackage {
  const code = gzip(tar([['bundle.sha256', Buffer.from(sha256(readFileSync(bundle)))]]));
  const metadata = Buffer.from(JSON.stringify({ type: 'ccaas', label }));
  const bytes = gzip(
    tar([
      ['metadata.json', metadata],
      ['code.tar.gz', code],
    ]),
  );
  writeFileSync(file, bytes);
  return { label, file, id: `${label}:${sha256(bytes)}` };
}

/** Reads a package and holds a bundle against it. @throws START_FAILED when the package promises another bundle */
export function openPackage(file: string, bundle: string): ChaincodePackage {
  const { bytes, metadata, promised } = readPackage(file);
  const label = isLabelled(metadata) ? metadata.label : '';
  const found = sha256(readFileSync(bundle));
  if (promised !== found) {
    const words = `${file} promises the bundle ${promised ?? 'of nothing'}, not ${found} of ${bundle}`;
    throw new CodedError('START_FAILED', words);
  }
  return { label, file, id: `${label}:${sha256(bytes)}` };
}

/** Tells whether a package promises this bundle. @throws START_FAILED when it is no package */
export function isPromised(file: string, bundle: string): boolean {
  return readPackage(file).promised === sha256(readFileSync(bundle));
}

function readPackage(file: string) {
  try {
    const bytes = readFileSync(file);
    const outer = untar(gunzipSync(bytes));
    const code = outer.get('code.tar.gz');
    const metadata: unknown = JSON.parse(String(outer.get('metadata.json') ?? '{}'));
    const promised = code && untar(gunzipSync(code)).get('bundle.sha256')?.toString();
    return { bytes, metadata, promised };
  } catch (cause) {
    const words = `${file} is no package: restore it from a copy, or reset the network`;
    throw new CodedError('START_FAILED', words, { cause });
  }
}

function isLabelled(value: unknown): value is { label: string } {
  return typeof value === 'object' && value !== null && 'label' in value;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Without a time, and with no word of the system that made it. */
function gzip(bytes: Buffer): Buffer {
  const zipped = gzipSync(bytes, { level: 9 });
  zipped[9] = 255;
  return zipped;
}

function tar(files: readonly (readonly [string, Buffer])[]): Buffer {
  const parts = files.flatMap(([name, content]) => [
    tarHeader(name, content.length),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function untar(bytes: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const text = (start: number, length: number) =>
      bytes.toString('latin1', at + start, at + start + length).split('\0', 1)[0] ?? '';
    const size = parseInt(text(124, 12), 8);
    files.set(text(0, 100), bytes.subarray(at + BLOCK, at + BLOCK + size));
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
