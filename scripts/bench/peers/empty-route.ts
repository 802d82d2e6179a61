// SPDX-License-Identifier: Apache-2.0
// The least a route of this stack can cost: Express 5 with a body parsed and held against a zod schema, and nothing else.
// A process of its own; prints one line of JSON when it serves: {"port"}.
import express from 'express';
import { z } from 'zod';

const body = z.strictObject({
  presentations: z.array(z.string().max(4096)).min(1).max(100),
  act: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
});
const app = express();
app.disable('x-powered-by');
app.post('/v1/verifications', express.json({ limit: 1 << 20 }), (request, response) => {
  const { presentations } = body.parse(request.body);
  response.status(200).json({ reports: presentations.length });
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new TypeError('it listens on a port');
  process.stdout.write(`${JSON.stringify({ port: address.port })}\n`);
});
process.stdin.resume().on('close', () => process.exit(0));
