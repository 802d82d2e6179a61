// SPDX-License-Identifier: Apache-2.0
// A whole network in processes of its own, and an officer's calls to the gateway of P44.
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { runNetwork } from '../../running-network.ts';
import type { RunningNetwork } from '../../running-network.ts';
import { engineOf } from '../../tour-engine.ts';
import { say } from './options.ts';

/** What an officer sends beside the address. */
export interface Sent {
  readonly type: string;
  readonly body: Readable | string;
}

/** A gateway that runs, its token inside. */
export interface Office {
  /** Of the gateway as it runs now. */
  gatewayPid(): number;
  readonly network: RunningNetwork;
  readonly url: string;
  /** Who asks, and why. */
  readonly headers: Readonly<Record<string, string>>;
  /** Folder of the gateway's store and replica. */
  readonly dataDir: string;
  /** Calls and gives the body. @throws on any answer that is not 2xx */
  call(method: 'GET' | 'POST', path: string, sent?: Sent): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** The office's province. */
export const MSP = 'P44';

/** Starts the network of an engine. `gateway`: arguments for Node that run a gateway otherwise than usual. */
export async function openOffice(
  folder: string,
  engine: 'embedded' | 'fabric',
  gateway?: readonly string[],
): Promise<Office> {
  const dataDir = join(folder, 'network');
  const network = await runNetwork({
    dataDir,
    progress: say,
    ...(gateway === undefined ? {} : { gateway }),
    ...(await engineOf(engine, process.env)),
  });
  const running = network.processes.get(MSP);
  const token = network.tour.tokens.find((t) => t.service === MSP && t.role === 'officer')?.token;
  if (running?.process.pid === undefined || token === undefined) throw new Error('no office');
  // Another one once it was started again.
  const urlNow = () => (network.processes.get(MSP)?.url ?? '').replace('localhost', '127.0.0.1');
  const headers = { authorization: `Bearer ${token}`, 'purpose-code': 'issuance' };
  return {
    gatewayPid: () => network.processes.get(MSP)?.process.pid ?? 0,
    network,
    get url() {
      return urlNow();
    },
    headers,
    dataDir: join(dataDir, 'gateways', MSP),
    async call(method, path, sent) {
      const response = await fetch(urlNow() + path, {
        method,
        headers: {
          ...headers,
          ...(sent === undefined ? {} : { 'content-type': sent.type }),
        },
        ...(sent === undefined ? {} : { body: sent.body, duplex: 'half' }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    },
    close: () => network.stop(),
  };
}
