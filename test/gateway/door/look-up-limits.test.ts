// SPDX-License-Identifier: Apache-2.0
// What a stranger costs the store: so many wrong credentials of an address are looked up, and no more.
import express from 'express';
import { expect } from 'chai';
import request from 'supertest';
import { EVERYTHING } from '../../../gateway/src/accounts/principal.ts';
import { createLog } from '../../../gateway/src/log.ts';
import { createMetrics } from '../../../gateway/src/metrics.ts';
import { authenticate, principalOf } from '../../../gateway/src/middleware/auth.ts';
import { machineTokens } from '../../../gateway/src/middleware/bearer.ts';
import { limitLookUps } from '../../../gateway/src/middleware/look-up-limits.ts';
import { answerProblems } from '../../../gateway/src/middleware/problems.ts';

const RATE = { requests: 3, seconds: 60 };
const GOOD = `zla_${'a'.repeat(64)}`;
const OTHER = `zla_${'b'.repeat(64)}`;

describe('gateway, the door: look-ups of credentials', () => {
  /** A door whose only way are tokens of machines, and how often the store was asked. */
  const door = () => {
    const valid = new Set([GOOD, OTHER]);
    const state = { now: 0, lookUps: 0, valid };
    const tokens = machineTokens({
      principalOf(token) {
        state.lookUps += 1;
        const who = { actor: 'client-1', roles: ['machine'], scope: EVERYTHING } as const;
        return Promise.resolve(valid.has(token) ? { ...who, how: 'machine-token' } : undefined);
      },
    });
    const app = express();
    app.set('trust proxy', true);
    app.use(authenticate([limitLookUps(RATE, () => state.now)(tokens)]));
    app.use((asked, response) => void response.json({ actor: principalOf(asked)?.actor ?? null }));
    app.use(answerProblems(createLog('silent'), createMetrics({ process: false })));
    const ask = (token: string, from = '192.0.2.1', path = '/') =>
      request(app).get(path).set('X-Forwarded-For', from).set('Authorization', `Bearer ${token}`);
    return { state, ask };
  };
  const wrong = (n: number) => `zla_${String(n).repeat(64)}`;

  it('end with the rate of an address, and come back with it', async () => {
    const { state, ask } = door();
    for (let n = 0; n < 3; n += 1) expect((await ask(wrong(n))).status).to.equal(200);
    for (let n = 3; n < 9; n += 1) {
      const refused = await ask(wrong(n));
      expect([refused.status, refused.body.code]).to.deep.equal([429, 'RATE_LIMITED']);
      expect(refused.headers).to.include({ 'retry-after': '20', 'ratelimit-remaining': '0' });
    }
    expect(state.lookUps).to.equal(3);
    expect((await ask(wrong(9), '192.0.2.2')).status).to.equal(200);
    expect(state.lookUps).to.equal(4);
    state.now += 20_000;
    expect((await ask(wrong(1))).status).to.equal(200);
    expect((await ask(wrong(1))).status).to.equal(429);
    expect(state.lookUps).to.equal(5);
  });

  it('go on for a credential that held lately, whatever its neighbours do', async () => {
    const { state, ask } = door();
    expect((await ask(GOOD)).body.actor).to.equal('client-1');
    for (let n = 0; n < 5; n += 1) await ask(wrong(n));
    expect((await ask(OTHER)).status, 'never seen here').to.equal(429);
    for (let n = 0; n < 10; n += 1) expect((await ask(GOOD)).body.actor).to.equal('client-1');
    state.valid.delete(GOOD);
    expect((await ask(GOOD)).body.actor, 'taken back').to.equal(null);
    expect((await ask(GOOD)).status).to.equal(429);
  });

  it('cost nothing where a credential holds, and are not made for who watches the process', async () => {
    const { state, ask } = door();
    for (let n = 0; n < 10; n += 1) expect((await ask(GOOD)).body.actor).to.equal('client-1');
    expect(state.lookUps).to.equal(10);
    for (let n = 0; n < 10; n += 1) {
      expect((await ask(wrong(n), '192.0.2.1', '/healthz')).status).to.equal(200);
    }
    expect(state.lookUps).to.equal(10);
    expect((await ask(OTHER)).body.actor).to.equal('client-1');
  });
});
