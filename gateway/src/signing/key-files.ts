// SPDX-License-Identifier: Apache-2.0
// Keys as files: `<uscc>-<kid>.pem`, encrypted PKCS#8 (PBES2 with HMAC-SM3 and SM4-CBC, RFC 5958 and 8018) under three
// lines that say whose key it is, so that a folder is listed without its passphrase.
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sm2 } from '@zhenglian/guomi';
import { equals, fromBase64, fromHex, toBase64, toHex, utf8 } from '@zhenglian/core/bytes';
import { compressKey, keyId } from '@zhenglian/core/signing';
import { gatewayError } from '../problem-codes.ts';
import { writePrivateFile } from './private-file.ts';

/** What a file says without its passphrase. */
export interface KeyFile {
  readonly path: string;
  readonly authority: string;
  readonly publicKey: Uint8Array;
  readonly kid: Uint8Array;
  readonly createdAt: number;
}

const NAME = /^[0-9A-Z]{18}-[0-9a-f]{16}\.pem$/;
const FILE =
  /^authority: ([0-9A-Z]{18})\npublic key: ([0-9a-f]{66})\ncreated at: (\d{1,12})\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END ENCRYPTED PRIVATE KEY-----\n$/;
/** Group and others. */
const FOREIGN = 0o077;

/** Every key of a folder, oldest first; the folder is made when missing. @throws SIGNER_KEYS */
export async function listKeyFiles(folder: string): Promise<readonly KeyFile[]> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(folder)).filter((name) => NAME.test(name));
    const files = await Promise.all(names.map((name) => readKeyFile(folder, name)));
    return files.sort((a, b) => a.createdAt - b.createdAt || (a.path < b.path ? -1 : 1));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'SIGNER_KEYS') throw cause;
    throw gatewayError('SIGNER_KEYS', 'the folder of the keys cannot be used', { cause });
  }
}

/** Writes a key: durable when this returns. The same key again changes nothing. @throws SIGNER_KEYS */
export async function writeKeyFile(
  folder: string,
  key: { readonly authority: string; readonly secretKey: Uint8Array; readonly createdAt: number },
  passphrase: Uint8Array,
): Promise<KeyFile> {
  const { authority, createdAt } = key;
  const publicKey = compressKey(sm2.publicKeyOf(key.secretKey));
  const kid = keyId(publicKey);
  const path = join(folder, `${authority}-${toHex(kid)}.pem`);
  const base64 = toBase64(sm2.encryptPkcs8(key.secretKey, passphrase));
  const lines = [
    `authority: ${authority}`,
    `public key: ${toHex(publicKey)}`,
    `created at: ${String(createdAt)}`,
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
    ...(base64.match(/.{1,64}/g) ?? []),
    '-----END ENCRYPTED PRIVATE KEY-----',
  ];
  await writePrivateFile(path, utf8(`${lines.join('\n')}\n`));
  return { path, authority, publicKey, kid, createdAt };
}

/** The secret key of a file; the caller wipes it. @throws SIGNER_KEYS when the passphrase or the file is wrong */
export async function openKeyFile(file: KeyFile, passphrase: Uint8Array): Promise<Uint8Array> {
  const [, , , , base64 = ''] = FILE.exec(await readFile(file.path, 'utf8')) ?? [];
  let pair: sm2.KeyPair;
  try {
    pair = sm2.decryptPkcs8(fromBase64(base64.replaceAll('\n', '')), passphrase);
  } catch (cause) {
    throw gatewayError('SIGNER_KEYS', `the passphrase does not open ${file.path}`, { cause });
  }
  if (!equals(compressKey(pair.publicKey), file.publicKey)) {
    pair.secretKey.fill(0);
    throw gatewayError('SIGNER_KEYS', `${file.path} holds another key than it says`);
  }
  return pair.secretKey;
}

async function readKeyFile(folder: string, name: string): Promise<KeyFile> {
  const path = join(folder, name);
  if (((await stat(path)).mode & FOREIGN) !== 0) {
    throw gatewayError('SIGNER_KEYS', `${path} can be read by others: chmod 600`);
  }
  const [, authority = '', key = '', createdAt = ''] =
    FILE.exec(await readFile(path, 'utf8')) ?? [];
  if (key === '') throw gatewayError('SIGNER_KEYS', `${path} is no key file`);
  const publicKey = fromHex(key);
  const kid = keyId(publicKey);
  if (name !== `${authority}-${toHex(kid)}.pem`) {
    throw gatewayError('SIGNER_KEYS', `${path} has the name of another key`);
  }
  return { path, authority, publicKey, kid, createdAt: Number(createdAt) };
}
