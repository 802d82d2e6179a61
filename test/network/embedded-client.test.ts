// SPDX-License-Identifier: Apache-2.0
// What a client says when the ledger does not answer as it should: a proxy between them misbehaves.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { expect } from 'chai';
import { connectEmbedded } from '../../network/embedded/client.ts';
import { ensureMember } from '../../network/embedded/identities.ts';
import { contractError } from '../../network/contract-error.ts';
import { refused, take } from '../support/ledger-outcomes.ts';
import { openTestNetwork } from '../support/embedded-network.ts';
import { registerCall as call } from '../support/register-calls.ts';
import type { IncomingMessage, Server } from 'node:http';
import type { TestNetwork } from '../support/embedded-network.ts';

type Meddle = (path: string, forward: () => Promise<Response>) => Promise<Response | undefined>;

describe('embedded client', () => {
  let network: TestNetwork;
  let proxy: Server;
  let meddle: Meddle;
  const put = call('zl', 'Put', { key: 'k', value: 1 });

  before(async () => {
    network = await openTestNetwork();
    proxy = createServer((request, response) => {
      void (async () => {
        const path = String(request.url);
        const body = await readBody(request);
        const init = request.method === 'POST' ? { method: 'POST', body } : {};
        const answer = await meddle(path, () => fetch(network.url + path, init));
        if (!answer) {
          request.socket.destroy();
          return;
        }
        response.writeHead(answer.status);
        response.end(Buffer.from(await answer.arrayBuffer()));
      })();
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
  });
  beforeEach(() => {
    meddle = (_, forward) => forward();
  });
  after(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await network.close();
  });

  async function connect(deadline = 10_000, channel = 'zhenglian') {
    const address = proxy.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const url = `http://127.0.0.1:${String(port)}`;
    const member = { role: 'client', name: 'proxied' } as const;
    const identity = await ensureMember(network.dataDir, 'P44', member, Date.now());
    return connectEmbedded({ url, channel, deadline, ...identity });
  }

  it('LEDGER_UNAVAILABLE: nobody listens', async () => {
    const identity = await ensureMember(network.dataDir, 'P44', { role: 'admin' }, Date.now());
    const nowhere = {
      url: 'http://127.0.0.1:9',
      channel: 'zhenglian',
      deadline: 1000,
      ...identity,
    };
    await refused(connectEmbedded(nowhere), 'LEDGER_UNAVAILABLE');
  });

  it('LEDGER_REFUSED: another channel', async () => {
    await refused(connect(1000, 'other'), 'LEDGER_REFUSED');
  });

  it('LEDGER_UNAVAILABLE: the deadline passes', async () => {
    const ledger = await connect(300);
    meddle = () => new Promise(() => undefined);
    await refused(ledger.evaluate(put), 'LEDGER_UNAVAILABLE');
  });

  it('COMMIT_UNKNOWN: handed over, and never seen in a block', async () => {
    const ledger = await connect(700);
    meddle = (path, forward) =>
      path === '/submit' ? Promise.resolve(new Response(null, { status: 200 })) : forward();
    await refused(ledger.submit(put), 'COMMIT_UNKNOWN');
  });

  it('finds its transaction in the chain when the answer to its submission is lost', async () => {
    const ledger = await connect();
    meddle = async (path, forward) => {
      const answer = await forward();
      return path === '/submit' ? undefined : answer;
    };
    const { transactionId, blockNumber } = await ledger.submit(put);
    expect(await ledger.status(transactionId)).to.include({ blockNumber, code: 0 });
  });

  it('COMMIT_INVALID and PHANTOM_CONFLICT: as the validation code says', async () => {
    const ledger = await connect();
    for (const [code, wanted] of [
      [10, 'COMMIT_INVALID'],
      [11, 'MVCC_CONFLICT'],
      [12, 'PHANTOM_CONFLICT'],
    ] as const) {
      meddle = (path, forward) =>
        path.startsWith('/transactions')
          ? Promise.resolve(Response.json({ code, blockNumber: 1 }))
          : forward();
      await refused(ledger.submit(put), wanted);
    }
  });

  it('asks other organisations when a peer is down', async () => {
    const ledger = await connect();
    meddle = (path, forward) =>
      path === '/endorse/P33'
        ? Promise.resolve(Response.json({ message: 'LEDGER_UNAVAILABLE: down' }, { status: 503 }))
        : forward();
    expect((await ledger.submit(put)).blockNumber).to.be.greaterThan(0);
    const answer = await ledger.evaluateCosigned(call('zl', 'Get', { key: 'k' }));
    expect(answer.endorsements).to.have.length(2);
    meddle = (path, forward) =>
      path.startsWith('/endorse')
        ? Promise.resolve(Response.json({ message: 'LEDGER_UNAVAILABLE: down' }, { status: 503 }))
        : forward();
    await refused(ledger.submit(put), 'LEDGER_UNAVAILABLE');
    await refused(ledger.evaluateCosigned(put), 'LEDGER_UNAVAILABLE');
  });

  it('BLOCK_INVALID: a block whose bytes were changed', async () => {
    const ledger = await connect();
    await ledger.submit(call('zl', 'Put', { key: 'needle-in-block', value: 1 }));
    const height = await ledger.height();
    meddle = async (path, forward) => {
      const answer = await forward();
      if (!path.startsWith('/blocks')) return answer;
      const bytes = Buffer.from(await answer.arrayBuffer());
      const at = bytes.indexOf('needle-in-block');
      if (at >= 0) bytes[at] = 0x4e;
      return new Response(bytes);
    };
    await refused(take(ledger, 0, height), 'BLOCK_INVALID');
  });

  it('BLOCK_INVALID: a block left out', async () => {
    const ledger = await connect();
    meddle = (path, forward) =>
      path.includes('from=0') ? fetch(network.url + path.replace('from=0', 'from=1')) : forward();
    await refused(take(ledger, 0, 2), 'BLOCK_INVALID');
  });

  it('maps contract messages to their codes, and others to LEDGER_REFUSED', () => {
    expect(contractError('KEY_BURNED: since then')).to.include({
      code: 'KEY_BURNED',
      message: 'KEY_BURNED: since then',
    });
    expect(contractError('chaincode response 500, SCOPE: no').code).to.equal('SCOPE');
    expect(contractError('NO_SUCH_CODE: x').code).to.equal('LEDGER_REFUSED');
    expect(contractError('boom').code).to.equal('LEDGER_REFUSED');
  });
});

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
