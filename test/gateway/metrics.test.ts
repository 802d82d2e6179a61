// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { createMetrics } from '../../gateway/src/metrics.ts';
import { parseExposition } from '../support/exposition.ts';

describe('gateway: metrics', () => {
  const samplesOf = async (metrics: ReturnType<typeof createMetrics>, name: string) =>
    parseExposition(await metrics.text()).samples.filter((sample) => sample.name === name);

  it('counts, observes and reads gauges when they are asked for', async () => {
    const metrics = createMetrics({ process: false });
    let depth = 3;
    metrics.gauge('imports', () => [[{ state: 'running' }, depth]]);
    metrics.count('verdicts_total', { verdict: 'VALID', reason: 'none' });
    metrics.count('verdicts_total', { verdict: 'VALID', reason: 'none' }, 4);
    metrics.observe('batch_copies', {}, 250);
    expect(await samplesOf(metrics, 'zhenglian_verdicts_total')).to.deep.equal([
      { name: 'zhenglian_verdicts_total', labels: { verdict: 'VALID', reason: 'none' }, value: 5 },
    ]);
    const [sum] = await samplesOf(metrics, 'zhenglian_batch_copies_sum');
    expect(sum?.value).to.equal(250);
    depth = 0;
    expect((await samplesOf(metrics, 'zhenglian_imports'))[0]?.value).to.equal(0);
  });

  it('lets only words of a closed form into a label', async () => {
    const metrics = createMetrics({ process: false });
    metrics.count('verdicts_total', { verdict: '张三', reason: '44010619800101123X' });
    metrics.count('copies_accepted_total', { type: '440106198001011234' });
    metrics.observe(
      'http_request_seconds',
      { method: 'GET', route: '/v1/44/x y', status: '2xx' },
      1,
    );
    const words = parseExposition(await metrics.text()).samples.flatMap(({ labels }) =>
      Object.entries(labels).filter(([name]) => name !== 'le'),
    );
    expect(new Set(words.map(([, word]) => word))).to.deep.equal(new Set(['other', 'GET', '2xx']));
  });

  it('keeps the number of words of a label small, whoever chooses them', async () => {
    const metrics = createMetrics({ process: false });
    for (let i = 0; i < 1000; i += 1) metrics.count('problems_total', { code: `CODE_${i}` });
    const samples = await samplesOf(metrics, 'zhenglian_problems_total');
    expect(samples).to.have.length(201);
    expect(samples.find(({ labels }) => labels['code'] === 'other')?.value).to.equal(800);
  });

  it('shows a gauge that cannot be read without its values, and all others', async () => {
    const metrics = createMetrics({ process: false });
    metrics.gauge('imports', () => Promise.reject(new Error('the store is away')));
    metrics.gauge('replica_height', () => [[{}, 7]]);
    expect(await samplesOf(metrics, 'zhenglian_imports')).to.deep.equal([]);
    expect((await samplesOf(metrics, 'zhenglian_replica_height'))[0]?.value).to.equal(7);
  });
});
