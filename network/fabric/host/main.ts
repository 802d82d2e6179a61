// SPDX-License-Identifier: Apache-2.0
// One chaincode host: `main.ts PACKAGE BUNDLE ADDRESS TLS_FOLDER CLIENT_ROOTS`. Serves the bundle to its organisation's peer,
// and refuses a bundle that is not the one its package promises.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDispatch, serveDispatch } from '../../contract-api.ts';
import { openPackage } from '../chaincode-package.ts';
import { countCalls } from './count-calls.ts';

// Refusals are answers, and they reach the client.
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'critical';
/** Batches of 10,000 leaves take 324 kB; this is room for what a block may hold. */
const MAX_MESSAGE_BYTES = 20 << 20;

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function main(): Promise<void> {
  const [file = '', bundle = '', address = '', tls = '', clientRoots = ''] = process.argv.slice(2);
  const { id } = openPackage(file, bundle);
  const counted = countCalls(loadDispatch(bundle));
  process.on('SIGTERM', () => void counted.idle().then(() => process.exit(0)));
  await serveDispatch(counted.dispatch, {
    id,
    address,
    key: readFileSync(join(tls, 'server.key')),
    certificate: readFileSync(join(tls, 'server.crt')),
    clientRoots: readFileSync(clientRoots),
    maxMessageBytes: MAX_MESSAGE_BYTES,
  });
  console.log(`serving ${id} on ${address}`);
}
