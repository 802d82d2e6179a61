// SPDX-License-Identifier: Apache-2.0
// The operator's own port, on this machine only unless an address is named: metrics and health. It goes on answering
// while the gateway drains, and has no other route: nothing here needs a token and nothing changes anything.
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { CodedError } from '@zhenglian/core/errors';
import type { Metrics } from '../metrics.ts';

export interface AdminParts {
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  readonly troubles: () => readonly string[];
}

/** Serves on the address. @throws PORT_IN_USE, START_FAILED */
export async function openAdminServer(
  parts: AdminParts,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    void answer(parts, isRead ? request.url : undefined, response);
  });
  await listening(server, host, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  { metrics, troubles }: AdminParts,
  path: string | undefined,
  response: ServerResponse,
): Promise<void> {
  if (path === '/metrics') {
    response.setHeader('Content-Type', metrics.contentType);
    response.end(await metrics.text());
  } else if (path === '/healthz') sendJson(response, 200, { alive: true });
  else if (path === '/readyz') {
    const reasons = troubles();
    if (reasons.length === 0) sendJson(response, 200, { ready: true });
    else sendJson(response, 503, { ready: false, reasons });
  } else sendJson(response, 404, { code: 'ROUTE_UNKNOWN' });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(body));
}

/** @throws PORT_IN_USE, START_FAILED */
async function listening(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const code = 'code' in cause && cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'START_FAILED';
      reject(
        new CodedError(code, `ADMIN_PORT: cannot listen on ${host}:${String(port)}`, { cause }),
      );
    });
    server.listen(port, host, resolve);
  });
}
