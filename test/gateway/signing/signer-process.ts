// SPDX-License-Identifier: Apache-2.0
// A signer process for tests: the real program, started as an operator starts it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { programArguments } from '../../../network/own-program.ts';

const MAIN = fileURLToPath(new URL('../../../gateway/src/signing/main.ts', import.meta.url));

/** A signer that serves. */
export interface SignerProcess {
  readonly pid: number;
  /** Of TCP. */
  readonly port: number;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts it; throws what it says when it does not serve. */
export async function startSigner(
  settings: Readonly<Record<string, string>>,
): Promise<SignerProcess> {
  const env = { PATH: process.env['PATH'], LOG_LEVEL: 'silent', ATTACHED: '1', ...settings };
  const child = spawn(process.execPath, programArguments(MAIN), {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let words = '';
  child.stderr.on('data', (part: Buffer) => (words += part.toString()));
  const served = new Promise<unknown>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const place: unknown = JSON.parse(line);
      resolve(place);
    });
  });
  const place = await Promise.race([
    served,
    ended.then((code) => {
      throw new Error(`the signer ended with ${String(code)}: ${words}`);
    }),
  ]);
  const { signer } = place as { readonly signer: unknown };
  return {
    pid: child.pid ?? 0,
    port: Number(signer),
    async kill(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}
