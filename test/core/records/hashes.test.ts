// SPDX-License-Identifier: Apache-2.0
// What is signed and hashed of records, against bytes put together by hand and an SM3 of another make.
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { toHex } from '@zhenglian/core/bytes';
import { batchPayload } from '@zhenglian/core/records/batch';
import { possessionPayload } from '@zhenglian/core/records/key';
import { proposalId } from '@zhenglian/core/records/proposal';
import { provinceChaincode, recordKey, recordPrefix } from '@zhenglian/core/records/record-key';
import { ruleHash } from '@zhenglian/core/records/rule';
import { commitment, emptyChain, statusChain, statusPayload } from '@zhenglian/core/records/status';
import { traceChain } from '@zhenglian/core/records/trace-root';

const USCC = '11440100MB2C00001X';
const USCC_CBOR = `72${text(USCC)}`;
const HASH = new Uint8Array(32).fill(0xab);
const HASH_CBOR = `5820${'ab'.repeat(32)}`;
const KID = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);

describe('What is signed of a record', () => {
  it('is the array of docs/ledger.md §4', () => {
    const batch = { uscc: USCC, epoch: 1, n: 2, first: 300, count: 10, root: HASH, kid: KID };
    expect(toHex(batchPayload({ ...batch, type: 'driving' }))).to.equal(
      `88${USCC_CBOR}010219012c0a${HASH_CBOR}67${text('driving')}480102030405060708`,
    );
    const status = { uscc: USCC, epoch: 1, index: 7, commitment: HASH, time: 1000, seq: 1 };
    const payload = statusPayload({ ...status, state: 'revoked', class: 'lost' }, emptyChain());
    const expected =
      `89${USCC_CBOR}010767${text('revoked')}64${text('lost')}` +
      `${HASH_CBOR}1903e8015820${'00'.repeat(32)}`;
    expect(toHex(payload)).to.equal(expected);
    const key = new Uint8Array(33).fill(2);
    expect(toHex(possessionPayload('P44', USCC, key))).to.equal(
      `8363${text('P44')}${USCC_CBOR}5821${'02'.repeat(33)}`,
    );
  });
});

describe('What is hashed of a record', () => {
  it('has its own prefix', () => {
    expect(toHex(commitment(KID16, 'reason', 'basis'))).to.equal(
      oracle(`${text('ZL/commit/1')}${'07'.repeat(16)}8266${text('reason')}65${text('basis')}`),
    );
    expect(() => commitment(KID, 'reason', 'basis')).to.throw(RangeError);
    expect(toHex(statusChain(HASH, KID))).to.equal(
      oracle(`${text('ZL/status/1')}${'ab'.repeat(32)}0102030405060708`),
    );
    const trace = { instance: 'gd-1', n: 1, first: 3, count: 2, root: HASH, previous: HASH };
    expect(toHex(traceChain(trace))).to.equal(
      oracle(`${text('ZL/trace/1')}${'ab'.repeat(32)}8564${text('gd-1')}010302${HASH_CBOR}`),
    );
    expect(proposalId('burn', 5, 'P44', KID16)).to.equal(
      oracle(
        `${text('ZL/proposal/1')}8464${text('burn')}0563${text('P44')}50${'07'.repeat(16)}`,
      ).slice(0, 32),
    );
  });

  it('is the same for a rule however its maps were built, and another for another rule', () => {
    const label = { zh: '规则', en: 'Rule' };
    const base = {
      version: 1,
      from: 'P44',
      to: 'P33',
      type: 'driving',
      authorities: [],
      acts: [],
      notBefore: 1,
      notAfter: 2,
      label,
    };
    const one: [string, { as: string }] = ['name', { as: 'name' }];
    const two: [string, { as: string }] = ['sex', { as: 'gender' }];
    const hash = toHex(ruleHash({ ...base, mapping: new Map([one, two]) }));
    expect(toHex(ruleHash({ ...base, mapping: new Map([two, one]) }))).to.equal(hash);
    expect(toHex(ruleHash({ ...base, mapping: new Map([one]) }))).to.not.equal(hash);
    const empty = { ...base, from: 'P11', mapping: new Map(), label: { zh: '一', en: 'a' } };
    const bytes =
      `aa62${text('to')}63${text('P33')}64${text('acts')}8064${text('from')}63${text('P11')}` +
      `64${text('type')}67${text('driving')}65${text('label')}a262${text('en')}61${text('a')}` +
      `62${text('zh')}63${text('一')}67${text('mapping')}a067${text('version')}01` +
      `68${text('notAfter')}0269${text('notBefore')}016b${text('authorities')}80`;
    expect(toHex(ruleHash(empty))).to.equal(oracle(`${text('ZL/rule/1')}${bytes}`));
  });
});

describe('Keys of the state', () => {
  it('are those of docs/ledger.md', () => {
    expect([
      recordKey.network(),
      recordKey.organisation('P44'),
      recordKey.authority(USCC),
      recordKey.key(KID),
      recordKey.licenceType('driving', 2),
      recordKey.typeNumber(3),
      recordKey.policy('general'),
      recordKey.rule('P44', 'P33', 'driving'),
      recordKey.proposal('ab'),
      recordKey.vote('ab', 'P44'),
      recordKey.epoch(USCC, 7),
      recordKey.batch(USCC, 7, 1),
      recordKey.status(USCC, 7, 65_535),
      recordKey.traceRoot('gd-1', 12),
      provinceChaincode('P44'),
    ]).to.deep.equal([
      'net',
      'org/P44',
      `auth/${USCC}`,
      'key/0102030405060708',
      'type/driving/002',
      'typeno/3',
      'policy/general',
      'rule/P44/P33/driving',
      'prop/ab',
      'vote/ab/P44',
      `epoch/${USCC}/0000000007`,
      `batch/${USCC}/0000000007/0000000001`,
      `status/${USCC}/0000000007/65535`,
      'trace/gd-1/0000000012',
      'zl-p44',
    ]);
  });

  it('are in the order of their numbers and under the prefix of their family', () => {
    const number = fc.integer({ min: 0, max: 0xffff_ffff });
    const index = fc.integer({ min: 0, max: 65_535 });
    fc.assert(
      fc.property(number, index, index, (epoch, a, b) => {
        const [x, y] = [recordKey.status(USCC, epoch, a), recordKey.status(USCC, epoch, b)];
        expect(x < y).to.equal(a < b);
        const [p, q] = [recordKey.batch(USCC, epoch, a), recordKey.batch(USCC, epoch, b)];
        expect(p < q).to.equal(a < b);
        expect(x.startsWith(recordPrefix.statuses(USCC, epoch))).to.equal(true);
        expect(p.startsWith(recordPrefix.batches(USCC, epoch))).to.equal(true);
      }),
    );
  });
});

const KID16 = new Uint8Array(16).fill(7);

function text(value: string): string {
  return Buffer.from(value).toString('hex');
}

function oracle(hex: string): string {
  return createHash('sm3').update(Buffer.from(hex, 'hex')).digest('hex');
}
