// SPDX-License-Identifier: Apache-2.0
// The keeper's process: `main.ts FILE`, the file that startKeeper wrote.
import { keepHosts } from '../chaincode-keeper.ts';

// Between two looks, never between a start and its note.
process.on('SIGTERM', () => process.exit(0));
await keepHosts(process.argv[2] ?? '');
