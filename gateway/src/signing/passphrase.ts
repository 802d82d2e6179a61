// SPDX-License-Identifier: Apache-2.0
// The passphrase of the key files: from a file, never from an argument or the environment, where others can see it.
import { readFile, stat } from 'node:fs/promises';
import { fromUtf8, toHex, utf8 } from '@zhenglian/core/bytes';
import type { RandomBytes } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import { writePrivateFile } from './private-file.ts';

const LEAST = 16;
const MOST = 1024;
const FOREIGN = 0o077;

/** Reads the passphrase, or makes one where there are no keys yet that it would have to open. @throws SIGNER_KEYS */
export async function openPassphrase(
  path: string,
  keys: { readonly isEmpty: boolean },
  random: RandomBytes,
): Promise<Uint8Array> {
  const known = await read(path);
  if (known !== undefined) return known;
  if (!keys.isEmpty) {
    throw gatewayError('SIGNER_KEYS', `the passphrase ${path} is missing: put it back`);
  }
  const made = utf8(toHex(random(32)));
  try {
    await writePrivateFile(path, made);
  } catch (cause) {
    throw gatewayError('SIGNER_KEYS', `the passphrase ${path} cannot be written`, { cause });
  }
  return made;
}

async function read(path: string): Promise<Uint8Array | undefined> {
  let content: Uint8Array;
  try {
    if (((await stat(path)).mode & FOREIGN) !== 0) {
      throw gatewayError('SIGNER_KEYS', `${path} can be read by others: chmod 600`);
    }
    content = new Uint8Array(await readFile(path));
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    if (cause.code === 'ENOENT') return undefined;
    if (cause.code === 'SIGNER_KEYS') throw cause;
    throw gatewayError('SIGNER_KEYS', `${path} cannot be read`, { cause });
  }
  const text = fromUtf8(content).replace(/\r?\n$/, '');
  if (text.length < LEAST || text.length > MOST) {
    throw gatewayError('SIGNER_KEYS', `${path} must hold ${LEAST} to ${MOST} characters`);
  }
  return utf8(text);
}
