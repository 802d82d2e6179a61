// SPDX-License-Identifier: Apache-2.0
// The gateway from its sources, with one difference: every URL it is asked for is written beside its data directory,
// before the gateway sees it. Its own log has only the patterns of routes.
import { appendFileSync } from 'node:fs';
import { subscribe } from 'node:diagnostics_channel';
import process from 'node:process';
import 'tsx';

subscribe('http.server.request.start', ({ request }) => {
  appendFileSync(`${process.env.DATA_DIR}.urls`, `${request.method} ${request.url}\n`);
});
await import('../../gateway/src/main.ts');
