// SPDX-License-Identifier: Apache-2.0
// The signer process (`npm run signer`): holds the keys of a folder, signs on its socket, and no more (docs/signer.md).
// Prints one line of JSON when it serves: {"signer": path or port}.
import { randomBytes } from 'node:crypto';
import { isCodedError } from '@zhenglian/core/errors';
import { isComplete, parseFlag, readerOf } from '../config/reading.ts';
import { createLog, LOG_LEVELS } from '../log.ts';
import { gatewayError } from '../problem-codes.ts';
import { openFileKeyStore } from './file-key-store.ts';
import { serveKeys } from './serve-keys.ts';
import { listenAt } from './signer-address.ts';
import { parseAddress, parseFolder, SIGNER_SETTINGS } from './signer-settings.ts';

const SETTINGS = {
  ...SIGNER_SETTINGS,
  LOG_LEVEL: `one of ${LOG_LEVELS.join(', ')} (info)`,
  ATTACHED: '1 = ends when its standard input closes',
} as const;

// A file over the process's limit must be an error of the write, not the end of the process.
process.on('SIGXFSZ', () => undefined);

try {
  await main();
} catch (error) {
  const isExpected = isCodedError<string>(error);
  process.stderr.write(`${isExpected ? error.message : String(error)}\n`);
  process.exitCode = isExpected && error.code === 'CONFIG_INVALID' ? 2 : 1;
}

async function main(): Promise<void> {
  const { folder, address, logLevel, attached } = parseSettings();
  const log = createLog(logLevel);
  const store = await openFileKeyStore({
    ...folder,
    clock: () => Math.floor(Date.now() / 1000),
    random: (length) => new Uint8Array(randomBytes(length)),
  });
  const listening = await listenAt(address, (socket) => {
    log.info('connected');
    void serveKeys(socket, store, log).then(() => log.info('disconnected'));
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  let ending: Promise<void> | undefined;
  const end = () =>
    (ending ??= listening
      .close()
      .then(() => store.close())
      // An open pipe would keep the process alive.
      .finally(() => process.stdin.destroy()));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
  if (attached) process.stdin.resume().on('close', () => void end());
  const place = address.kind === 'socket' ? address.path : listening.port;
  log.info('serving');
  process.stdout.write(`${JSON.stringify({ signer: place })}\n`);
}

function parseSettings() {
  const problems: string[] = [];
  const read = readerOf(SETTINGS, process.env, problems);
  const parsed = {
    folder: parseFolder(process.env, read, undefined),
    address: parseAddress(read),
    attached: read('ATTACHED', parseFlag, '0'),
    logLevel: read('LOG_LEVEL', (text) => LOG_LEVELS.find((level) => level === text), 'info'),
  };
  if (problems.length > 0 || !isComplete(parsed)) {
    throw gatewayError('CONFIG_INVALID', problems.join('\n'), { detail: problems });
  }
  return parsed;
}
