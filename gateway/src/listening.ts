// SPDX-License-Identifier: Apache-2.0
// Where a gateway is reached: its door, and the operators' own port where one is wanted.
import type { Express } from 'express';
import { CodedError } from '@zhenglian/core/errors';
import type { Closing } from './closing.ts';
import type { GatewayContext } from './context.ts';
import { createDoorServer } from './http/server.ts';
import { openAdminServer } from './observing/admin-server.ts';

/** Where a gateway is reached; `adminPort` where operators' own port is wanted. */
export interface ListeningPorts {
  readonly port: number;
  readonly adminPort?: number;
}

/** Listens where the settings say. @throws PORT_IN_USE, START_FAILED */
export async function listenAt(
  context: GatewayContext,
  app: Express,
  closing: Closing,
): Promise<ListeningPorts> {
  const { config } = context;
  const { port, host, observing } = config;
  const admin = observing.admin && (await openAdminServer(context, observing.admin));
  if (admin !== undefined) closing.add(() => admin.close());
  const door = createDoorServer(app, { ...config, log: context.log });
  const { server } = door;
  closing.add(() => door.stop());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const code = 'code' in cause && cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'START_FAILED';
      reject(new CodedError(code, `cannot listen on port ${String(port)}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  closing.add(async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    ...(admin === undefined ? {} : { adminPort: admin.port }),
  };
}
