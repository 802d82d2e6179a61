// SPDX-License-Identifier: Apache-2.0
import express from 'express';
import { expect } from 'chai';
import request from 'supertest';
import { parseProxies, subscriberOf } from '../../../gateway/src/http/proxies.ts';
import { createTokenBuckets } from '../../../gateway/src/http/token-buckets.ts';
import { createLog } from '../../../gateway/src/log.ts';
import { createMetrics } from '../../../gateway/src/metrics.ts';
import { authenticate } from '../../../gateway/src/middleware/auth.ts';
import { bootstrapTokens } from '../../../gateway/src/middleware/bearer.ts';
import { answerProblems } from '../../../gateway/src/middleware/problems.ts';
import { limitRates } from '../../../gateway/src/middleware/rate-limits.ts';
import { tokenDigest } from '../../../gateway/src/tokens.ts';
import { DOOR } from '../support.ts';

describe('gateway, the door: rates', () => {
  it('lets a bucket be emptied at once and fills it evenly', () => {
    let now = 0;
    const buckets = createTokenBuckets({ requests: 4, seconds: 2 }, () => now);
    const take = () => buckets.take('a');
    expect([take(), take(), take(), take()].map((taken) => taken.remaining)).to.eql([3, 2, 1, 0]);
    expect(take()).to.eql({ isAllowed: false, remaining: 0, fullIn: 2, retryIn: 1 });
    expect(buckets.take('b').isAllowed).to.equal(true);
    now += 499;
    expect(take().isAllowed).to.equal(false);
    now += 1;
    expect(take()).to.eql({ isAllowed: true, remaining: 0, fullIn: 2, retryIn: 0 });
    now += 3_600_000;
    expect(take().remaining).to.equal(3);
  });

  it('forgets the oldest of too many buckets', () => {
    const buckets = createTokenBuckets({ requests: 1, seconds: 10 }, () => 0);
    buckets.take('first');
    for (let i = 0; i < 100_000; i += 1) buckets.take(String(i));
    expect(buckets.take('99999').isAllowed).to.equal(false);
    expect(buckets.take('first').isAllowed).to.equal(true);
  });

  it('takes an IPv6 /64 and an IPv4 address for one', () => {
    expect(subscriberOf('::ffff:10.0.0.1')).to.equal(subscriberOf('10.0.0.1'));
    expect(subscriberOf('2001:db8:1:2:3::1')).to.equal('2001:db8:1:2::/64');
    expect(subscriberOf('2001:db8:1:2:ffff::9')).to.equal('2001:db8:1:2::/64');
    expect(subscriberOf('2001:db8::9')).to.equal('2001:db8:0:0::/64');
    expect(subscriberOf('::1')).to.equal('0:0:0:0::/64');
    expect(subscriberOf('fe80::1%eth0')).to.equal('fe80:0:0:0::/64');
    const isProxy = parseProxies(['10.0.0.0/8', '192.0.2.7', 'fd00::/8']);
    const trusted = ['10.9.9.9', '::ffff:10.0.0.1', '192.0.2.7', 'fd12::1'];
    const others = ['11.0.0.1', '192.0.2.8', 'fe80::1', 'unknown', ''];
    expect([trusted.every(isProxy), others.some(isProxy)]).to.eql([true, false]);
    for (const wrong of ['10.0.0.0/33', 'nowhere', '10.0.0.0/', '::/129', '1.2.3.4/8/8', '']) {
      expect(() => parseProxies([wrong]), wrong).to.throw(RangeError);
    }
  });

  const small = (trustedProxies: readonly string[] = []) => {
    const app = express();
    app.set('trust proxy', parseProxies(trustedProxies));
    const tokens = {
      officer: [tokenDigest('zlt_a')],
      clerk: [tokenDigest('zlt_b')],
      regulator: [],
    };
    const rates = {
      accountRate: { requests: 3, seconds: 3600 },
      addressRate: { requests: 2, seconds: 3600 },
    };
    app.use(authenticate([bootstrapTokens(tokens)]));
    app.use(limitRates({ ...DOOR, ...rates }));
    app.use((_request, response) => void response.send('here'));
    app.use(answerProblems(createLog('silent'), createMetrics({ process: false })));
    const ask = (token?: string, from?: string) => {
      const call = request(app).get('/');
      if (token !== undefined) call.set('Authorization', `Bearer ${token}`);
      if (from !== undefined) call.set('X-Forwarded-For', from);
      return call;
    };
    return { app, ask };
  };

  it('counts an account wherever it calls from, and an address without one', async () => {
    const { ask, app } = small();
    const left = [];
    for (let i = 0; i < 3; i += 1) left.push((await ask('zlt_a')).headers['ratelimit-remaining']);
    expect(left).to.eql(['2', '1', '0']);
    const refused = await ask('zlt_a');
    expect([refused.status, refused.body.code]).to.eql([429, 'RATE_LIMITED']);
    expect(refused.headers['ratelimit-limit']).to.equal('3');
    expect(refused.headers['retry-after']).to.equal('1200');
    expect((await ask('zlt_b')).status).to.equal(200);
    expect((await ask()).status).to.equal(200);
    expect((await ask('zlt_wrong')).status, 'a wrong token is no account').to.equal(200);
    expect((await ask('zlt_other')).status).to.equal(429);
    expect((await request(app).get('/healthz')).status).to.equal(200);
  });

  it('believes X-Forwarded-For of trusted proxies only', async () => {
    const stranger = small();
    for (const from of ['192.0.2.1', '192.0.2.2']) await stranger.ask(undefined, from);
    expect((await stranger.ask(undefined, '192.0.2.3')).status).to.equal(429);
    const proxied = small(['127.0.0.0/8', '::1']);
    for (let i = 0; i < 2; i += 1) await proxied.ask(undefined, '192.0.2.1');
    expect((await proxied.ask(undefined, '192.0.2.1')).status).to.equal(429);
    expect((await proxied.ask(undefined, '192.0.2.2')).status).to.equal(200);
    const chained = await proxied.ask(undefined, '192.0.2.9, 192.0.2.1');
    expect(chained.status, 'what the proxy saw counts, not what it was told').to.equal(429);
  });
});
