// SPDX-License-Identifier: Apache-2.0
// Whom a client asks, and for how long: a silent peer keeps nobody waiting, a dissenter is heard, one that is down is passed over.
import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { utf8 } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { endorserMsp } from '@zhenglian/core/cosigned-answer';
import { serializeIdentity } from '../../network/identity.ts';
import { ProposalClient } from '../../network/proposal-client.ts';
import { refused } from '../support/ledger-outcomes.ts';
import type { ProposalAnswer } from '../../network/proposal.ts';

const MSPS = ['P44', 'P33', 'P51', 'REG'];
const call = (chaincode: string) => ({ chaincode, name: 'Get', request: new Uint8Array(0) });
const says = (msp: string, value: string): ProposalAnswer => ({
  status: 200,
  message: '',
  result: utf8(''),
  payload: utf8(value),
  endorsement: { endorser: serializeIdentity(msp, 'pem'), signature: new Uint8Array(64) },
});
const silence = () => new Promise<ProposalAnswer>(() => undefined);

describe('a client of several peers', function () {
  this.timeout(60_000);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const member = { certificatePem: 'pem', keyPem };

  function clientOf(answers: Readonly<Record<string, () => Promise<ProposalAnswer>>>) {
    const asked: string[] = [];
    const client = new ProposalClient({
      ...{ msp: 'P44', channel: 'zhenglian', ...member, msps: MSPS, tries: 2, pause: 0 },
      ask: (msp) => {
        asked.push(msp);
        return answers[msp]?.() ?? Promise.resolve(says(msp, 'same'));
      },
    });
    return { client, asked };
  }

  it('asks the next beside one that keeps silent', async () => {
    const { client, asked } = clientOf({ P33: silence });
    await client.endorse(call('zl-p44'));
    expect(asked).to.eql(['P44', 'P33', 'P51']);
  });

  it('asks one that kept silent after the others for a while', async () => {
    const { client, asked } = clientOf({ P33: silence });
    await client.endorse(call('zl-p44'));
    asked.length = 0;
    await client.endorse(call('zl-p44'));
    await client.endorse(call('zl'));
    expect(asked).to.eql(['P44', 'P51', 'P44', 'P51', 'REG']);
  });

  it('asks no more than the policy needs, and the next at once for one that is down or differs', async () => {
    const plain = clientOf({});
    await plain.client.endorse(call('zl'));
    expect(plain.asked).to.eql(['P44', 'P33', 'P51']);
    const away = () => Promise.reject(new CodedError('LEDGER_UNAVAILABLE', 'away'));
    const down = clientOf({ P33: away, P51: () => Promise.resolve(says('P51', 'other')) });
    await down.client.endorse(call('zl-p44'));
    expect(down.asked).to.eql(['P44', 'P33', 'P51', 'REG']);
  });

  it('gives what most co-signed when one keeps silent, and the dissent of another', async () => {
    const { client } = clientOf({
      P51: silence,
      REG: () => Promise.resolve(says('REG', 'lie')),
      P44: () => Promise.resolve(says('P44', 'same')),
    });
    const silentOne = await clientOf({ P51: silence }).client.evaluateCosigned(call('zl'));
    expect(silentOne.endorsements.map(({ endorser }) => endorserMsp(endorser))).to.eql([
      ...['P44', 'P33', 'REG'],
    ]);
    const three = await client.evaluateCosigned(call('zl'), ['P44', 'P33', 'REG']);
    expect(three.dissent?.map(({ endorser }) => endorserMsp(endorser))).to.eql(['REG']);
  });

  it('leaves a dissenter out for a while, asks it without tries after that, and takes it back', async () => {
    let isLying = true;
    const liar = () => Promise.resolve(says('REG', isLying ? 'lie' : 'same'));
    const { client, asked } = clientOf({ REG: liar });
    const ask = async () => {
      asked.length = 0;
      const answer = await client.evaluateCosigned(call('zl'));
      return [asked.length, answer.endorsements.length, answer.dissent?.length ?? 0];
    };
    const { now } = Date;
    try {
      expect(await ask()).to.eql([8, 3, 1]);
      expect(await ask()).to.eql([3, 3, 0]);
      expect(asked).not.to.include('REG');
      const named = await client.evaluateCosigned(call('zl'), ['P44', 'P33', 'REG']);
      expect(named.dissent).to.have.length(1);
      Date.now = () => now() + 61_000;
      expect(await ask()).to.eql([4, 3, 1]);
      expect(await ask()).to.eql([3, 3, 0]);
      isLying = false;
      Date.now = () => now() + 200_000;
      expect(await ask()).to.eql([4, 4, 0]);
      isLying = true;
      expect(await ask()).to.eql([8, 3, 1]);
    } finally {
      Date.now = now;
    }
  });

  it('leaves nobody out who differed once, nor when no majority agrees', async () => {
    let times = 0;
    const behind = () => Promise.resolve(says('REG', times++ === 0 ? 'old' : 'same'));
    const once = clientOf({ REG: behind });
    await once.client.evaluateCosigned(call('zl'));
    once.asked.length = 0;
    await once.client.evaluateCosigned(call('zl'));
    expect(once.asked).to.include('REG');
    const other = (msp: string) => () => Promise.resolve(says(msp, 'other'));
    const halves = clientOf({ P51: other('P51'), REG: other('REG') });
    await halves.client.evaluateCosigned(call('zl'));
    halves.asked.length = 0;
    await halves.client.evaluateCosigned(call('zl'));
    expect(halves.asked).to.have.length(8);
  });

  it('LEDGER_UNAVAILABLE when nobody else is left', async () => {
    const away = () => Promise.reject(new CodedError('LEDGER_UNAVAILABLE', 'away'));
    const { client } = clientOf({ P33: away, P51: away, REG: away });
    await refused(client.endorse(call('zl-p44')), 'LEDGER_UNAVAILABLE');
  });
});
