// SPDX-License-Identifier: Apache-2.0
// Where the passphrase comes from: a file, the environment or a prompt; never the command line, which others can list.
import { readFile } from 'node:fs/promises';
import { utf8 } from '@zhenglian/core/bytes';
import type { Terminal } from './terminal.ts';
import { walletError } from './wallet-error.ts';
import type { Lang } from './words.ts';

/** Where to look; `fresh`: for a new wallet, so it is asked twice and must be long enough. */
export interface PassphraseSources {
  readonly file: string | undefined;
  readonly environment: string | undefined;
  readonly terminal: Terminal;
  readonly lang: Lang;
  readonly fresh: boolean;
}

const LEAST_CHARACTERS = 8;
const QUESTION = { zh: '钱包口令：', en: 'Wallet passphrase:' };
const AGAIN = { zh: '再输入一次：', en: 'Once more:' };

/**
 * UTF-8 bytes of the passphrase, normalised so that every keyboard gives the same; the caller zeroes them.
 * @throws PASSPHRASE_NEEDED, PASSPHRASE_WEAK, PASSPHRASE_MISMATCH, DECLINED
 */
export async function readPassphrase(sources: PassphraseSources): Promise<Uint8Array> {
  const given = sources.file === undefined ? sources.environment : await readFirst(sources.file);
  const passphrase = (given || (await prompt(sources))).normalize('NFKC');
  if (sources.fresh && [...passphrase].length < LEAST_CHARACTERS) {
    throw walletError('PASSPHRASE_WEAK', 'at least 8 characters');
  }
  return utf8(passphrase);
}

async function readFirst(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).split(/\r?\n/, 1)[0] ?? '';
  } catch (cause) {
    throw walletError('PASSPHRASE_NEEDED', 'the passphrase file cannot be read', { cause });
  }
}

async function prompt({ terminal, lang, fresh, file }: PassphraseSources): Promise<string> {
  if (!terminal.interactive || file !== undefined) {
    throw walletError('PASSPHRASE_NEEDED', 'there is nobody to ask');
  }
  const passphrase = await terminal.askSecret(QUESTION[lang]);
  if (fresh && (await terminal.askSecret(AGAIN[lang])) !== passphrase) {
    throw walletError('PASSPHRASE_MISMATCH', 'the two differ');
  }
  return passphrase;
}
