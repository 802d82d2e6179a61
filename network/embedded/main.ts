// SPDX-License-Identifier: Apache-2.0
// The embedded ledger's process: `main.ts --data-dir D --definition JSON --consortium B --organisation B [--port N] [--attached]`.
// Prints one JSON line when it serves, or when it cannot; ends on SIGTERM, SIGINT, or with its parent when attached.
import { parseArgs } from 'node:util';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import { parseDefinition } from '../definition.ts';
import { openLedger } from './open-ledger.ts';
import { serveLedger } from './server.ts';

// The contract library logs every refusal; here refusals are answers, and they reach the client.
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'critical';

try {
  await main();
} catch (error) {
  const known = isCodedError(error) ? error : undefined;
  const message = error instanceof Error ? error.message : 'unknown';
  console.log(JSON.stringify({ code: known?.code ?? 'START_FAILED', message }));
  if (!known || known.code === 'START_FAILED') console.error(error);
  process.exit(1);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      definition: { type: 'string' },
      consortium: { type: 'string' },
      organisation: { type: 'string' },
      port: { type: 'string', default: '0' },
      attached: { type: 'boolean', default: false },
    },
  });
  const { 'data-dir': dataDir, definition, consortium, organisation, port, attached } = values;
  if (dataDir === undefined || definition === undefined) throw missing();
  if (consortium === undefined || organisation === undefined) throw missing();
  const ledger = await openLedger({
    dataDir,
    definition: parseDefinition(definition),
    bundles: { consortium, organisation },
    now: Date.now,
  });
  const server = await serveLedger(ledger, Number(port));
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await server.close();
    await ledger.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  if (attached) process.stdin.resume().on('close', () => void stop());
  console.log(JSON.stringify({ url: server.url, pid: process.pid }));
}

function missing(): CodedError {
  return new CodedError(
    'START_FAILED',
    'give --data-dir, --definition, --consortium, --organisation',
  );
}
