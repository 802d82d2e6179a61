// SPDX-License-Identifier: Apache-2.0
// The keeper's process: `main.ts FILE`, the file that startKeeper wrote.
import { keepHosts } from '../chaincode-keeper.ts';

await keepHosts(process.argv[2] ?? '');
