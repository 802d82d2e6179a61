// SPDX-License-Identifier: Apache-2.0
// What the demo types into a terminal: the wallet and the replay, as processes of their own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { programArguments } from '@zhenglian/network/own-program';
import { z } from 'zod';

const run = promisify(execFile);
const WALLET = fileURLToPath(new URL('../wallet-cli/src/main.ts', import.meta.url));
const REPLAY = fileURLToPath(new URL('replay.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Runs `zhenglian-wallet` on a wallet and gives what it prints. Throws with its words when it refuses. */
export async function runWallet(wallet: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, ZHENGLIAN_PASSPHRASE: 'demo passphrase of nobody' };
  const command = [...programArguments(WALLET), ...args, '--wallet', wallet];
  const { stdout } = await run(process.execPath, command, { env, cwd: ROOT });
  return stdout.trim();
}

/** Runs `npm run replay` for a licence and a time, and gives the verdict. */
export async function runReplay(dataDir: string, id: string, at: string): Promise<string> {
  const env = { ...process.env, DATA_DIR: dataDir };
  const command = [...programArguments(REPLAY), '--id', id, '--at', at, '--json'];
  const { stdout } = await run(process.execPath, command, { env, cwd: ROOT });
  return z.looseObject({ verdict: z.string() }).parse(JSON.parse(stdout)).verdict;
}
