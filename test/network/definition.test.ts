// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import {
  chaincodeNames,
  chaincodeOwner,
  isEndorsed,
  parseDefinition,
} from '../../network/definition.ts';
import { DEFINITION } from '../support/embedded-network.ts';

describe('network definition', () => {
  const four = ['P44', 'P33', 'P51', 'REG'];

  it('names a chaincode for all and one an organisation', () => {
    expect(chaincodeNames(['P44', 'REG'])).to.eql(['zl', 'zl-p44', 'zl-reg']);
    expect(chaincodeOwner('zl', four)).to.equal(undefined);
    expect(chaincodeOwner('zl-p51', four)).to.equal('P51');
    expect(() => chaincodeOwner('zl-p99', four)).to.throw('LEDGER_REFUSED');
  });

  it('wants a majority for the consortium, the owner and one other for its own', () => {
    const met = (chaincode: string, ...msps: string[]) =>
      isEndorsed(chaincode, new Set(msps), four);
    expect(met('zl', 'P44', 'P33')).to.equal(false);
    expect(met('zl', 'P44', 'P33', 'REG')).to.equal(true);
    expect(met('zl', 'P44', 'P33', 'X1', 'X2')).to.equal(false);
    expect(met('zl-p44', 'P44')).to.equal(false);
    expect(met('zl-p44', 'P44', 'X1')).to.equal(false);
    expect(met('zl-p44', 'P33', 'P51', 'REG')).to.equal(false);
    expect(met('zl-p44', 'P44', 'REG')).to.equal(true);
  });

  it('is read from JSON', () => {
    expect(parseDefinition(JSON.stringify(DEFINITION))).to.eql(DEFINITION);
  });

  it('START_FAILED: numbers that no founding takes', () => {
    const seven = Array.from({ length: 7 }, (_, i) => {
      const prefix = String(41 + i);
      return { msp: `P${prefix}`, kind: 'province', prefix, name: { zh: '省', en: 'Province' } };
    });
    const read = (change: object) => () =>
      parseDefinition(JSON.stringify({ ...DEFINITION, ...change }));
    for (const k of [undefined, null, '2', 2.5, -1, 0, 1, 4, 65]) {
      expect(read({ k }), String(k)).to.throw(/^START_FAILED: k must be .* from 2 .* to 3/);
    }
    expect(read({ k: 3 })().k).to.equal(3);
    // Of seven two may lie.
    expect(read({ k: 2, organisations: seven })).to.throw(/from 3 .* to 7/);
    expect(read({ k: 3, organisations: seven })().k).to.equal(3);
    const fractions = [
      ...[undefined, 2, [2], [1, 2], [3, 2], [0, 1], [-2, -3], [2.5, 3], [2, 3, 4]],
      ...[
        [500, 1000],
        [1001, 1001],
        ['2', '3'],
      ],
    ];
    for (const threshold of fractions) {
      expect(read({ threshold }), String(threshold)).to.throw(/^START_FAILED: threshold must be/);
    }
    for (const threshold of [
      [1, 1],
      [501, 1000],
    ]) {
      expect(read({ threshold })().threshold).to.eql(threshold);
    }
  });

  it('START_FAILED: anything else', () => {
    const [first, second] = DEFINITION.organisations;
    const wrong: unknown[] = [
      null,
      [],
      { ...DEFINITION, channel: 'No Channel' },
      { ...DEFINITION, organisations: [first] },
      { ...DEFINITION, organisations: [first, { ...first, msp: 'P44' }] },
      { ...DEFINITION, organisations: [first, { ...second, msp: '../p33' }] },
      { ...DEFINITION, organisations: [first, { ...second, kind: 'city' }] },
      { ...DEFINITION, organisations: [first, { ...second, name: 'x' }] },
      { ...DEFINITION, organisations: DEFINITION.organisations.slice(2) },
    ];
    for (const text of ['', '{', ...wrong.map((value) => JSON.stringify(value))]) {
      expect(() => parseDefinition(text), text)
        .to.throw()
        .with.property('code', 'START_FAILED');
    }
  });
});
