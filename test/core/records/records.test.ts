// SPDX-License-Identifier: Apache-2.0
// Every record of the ledger's vector is read and written back to the same bytes; anything else is refused.
import { expect } from 'chai';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborValue } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { parseAuthority } from '@zhenglian/core/records/authority';
import { parseBatch } from '@zhenglian/core/records/batch';
import { consortiumRequest } from '@zhenglian/core/records/consortium-request';
import { parseEpoch } from '@zhenglian/core/records/epoch';
import { epochEvidenceCbor, parseEpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import {
  networkIdOf,
  parseFounding,
  parseFoundingDefinition,
} from '@zhenglian/core/records/founding';
import { parseAuthorityKey } from '@zhenglian/core/records/key';
import { parseLicenceType, parseTypeNumber } from '@zhenglian/core/records/licence-type';
import { parseOrganisation } from '@zhenglian/core/records/organisation';
import { parseActPolicy } from '@zhenglian/core/records/policy';
import { parseProposal, parseProposals, parseVote } from '@zhenglian/core/records/proposal';
import { provinceRequest } from '@zhenglian/core/records/province-request';
import { parseRule } from '@zhenglian/core/records/rule';
import { parseStatus } from '@zhenglian/core/records/status';
import { parseTraceRoot } from '@zhenglian/core/records/trace-root';
import { parseTrustBundle } from '@zhenglian/core/records/trust-bundle';
import { asCbor } from '@zhenglian/core/shape';
import { readLife } from '../../support/ledger-life.ts';

const life = readLife();
const PARSERS: Readonly<Record<string, (value: CborValue) => unknown>> = {
  net: parseFounding,
  org: parseOrganisation,
  auth: parseAuthority,
  key: parseAuthorityKey,
  type: parseLicenceType,
  typeno: parseTypeNumber,
  policy: parseActPolicy,
  rule: parseRule,
  prop: parseProposal,
  vote: parseVote,
  epoch: parseEpoch,
  batch: parseBatch,
  status: parseStatus,
  trace: parseTraceRoot,
};
const STATE = Object.values(life.state).flatMap((records) => Object.entries(records));
const OPTIONAL = new Set(['prefix', 'burned', 'rule', 'nonce']);

for (const [kind, parse] of Object.entries(PARSERS)) {
  describe(`Record ${kind}`, () => {
    const samples = STATE.filter(([key]) => key.split('/')[0] === kind).map(([, hex]) =>
      Buffer.from(hex, 'hex'),
    );

    it('is read and written back to the same bytes', () => {
      expect(samples).to.not.have.length(0);
      for (const bytes of samples) {
        expect(Buffer.from(encodeCbor(asCbor(parse(decodeCbor(bytes)))))).to.deep.equal(bytes);
      }
    });

    it('refuses an unknown, missing or mistyped field, and anything but a map', () => {
      for (const bytes of samples) refuseTwins(parse, decodeCbor(bytes));
    });
  });
}

describe('Requests', () => {
  const readers = { ...consortiumRequest, ...provinceRequest };

  it('are read and written back to the same bytes; their twins are refused', () => {
    const seen = new Set<string>();
    for (const { name, request } of life.steps) {
      const bytes = Buffer.from(request, 'hex');
      const [, read] = Object.entries(readers).find(([key]) => key === name) ?? [];
      if (read === undefined) throw new Error(`no reader of ${name}`);
      expect(Buffer.from(encodeCbor(asCbor(read(decodeCbor(bytes)))))).to.deep.equal(bytes);
      refuseTwins(read, decodeCbor(bytes));
      seen.add(name);
    }
    expect(seen.size).to.be.greaterThan(10);
  });
});

describe('Answers', () => {
  const answer = (name: string) => {
    const step = life.steps.find((s) => s.name === name);
    return Buffer.from(step?.answer ?? '', 'hex');
  };

  it('are read and written back to the same bytes', () => {
    const bundle = answer('TrustBundle');
    expect(Buffer.from(encodeCbor(asCbor(parseTrustBundle(decodeCbor(bundle)))))).to.deep.equal(
      bundle,
    );
    const evidence = answer('EpochEvidence');
    expect(
      Buffer.from(encodeCbor(epochEvidenceCbor(parseEpochEvidence(decodeCbor(evidence))))),
    ).to.deep.equal(evidence);
    const list = answer('Proposals');
    expect(Buffer.from(encodeCbor(asCbor(parseProposals(decodeCbor(list)))))).to.deep.equal(list);
  });

  it('refuses twins of a bundle and of evidence, and rows that are short or long', () => {
    refuseTwins(parseTrustBundle, decodeCbor(answer('TrustBundle')));
    const evidence = decodeCbor(answer('EpochEvidence'));
    refuseTwins(parseEpochEvidence, evidence);
    for (const name of ['batches', 'statuses']) {
      const rows = map(evidence).get(name) as readonly (readonly CborValue[])[];
      for (const row of [rows[0]?.slice(1) ?? [], [...(rows[0] ?? []), 0], 'row', null]) {
        refuse(parseEpochEvidence, new Map(map(evidence)).set(name, [row]));
      }
    }
  });
});

describe('The founding definition', () => {
  const bytes = parseFounding(
    decodeCbor(Buffer.from(life.state['zl']?.['net'] ?? '', 'hex')),
  ).definition;

  it('is read, and its hash is the network id', () => {
    const { networkId } = parseFounding(
      decodeCbor(Buffer.from(life.state['zl']?.['net'] ?? '', 'hex')),
    );
    expect(networkIdOf(bytes)).to.deep.equal(networkId);
    expect(parseFoundingDefinition(decodeCbor(bytes)).threshold).to.deep.equal([2, 3]);
  });

  it('refuses twins and broken thresholds', () => {
    const value = decodeCbor(bytes);
    refuseTwins(parseFoundingDefinition, value);
    for (const threshold of [[2], [2, 3, 4], [0, 3], ['2', 3], 2]) {
      refuse(parseFoundingDefinition, new Map(map(value)).set('threshold', threshold));
    }
  });
});

function refuseTwins(parse: (value: CborValue) => unknown, value: CborValue): void {
  const whole = map(value);
  refuse(parse, null);
  refuse(parse, []);
  refuse(parse, new Map(whole).set('surplus', 1));
  for (const key of whole.keys()) {
    const without = new Map(whole);
    without.delete(key);
    if (!OPTIONAL.has(key)) refuse(parse, without);
    // A body, definition or rule to be voted on may be anything here; its own parser judges it.
    if (!['body', 'definition', 'rule'].includes(key)) {
      refuse(parse, new Map(whole).set(key, new Map([[-1, null]])));
    }
  }
}

function refuse(parse: (value: CborValue) => unknown, value: CborValue): void {
  let caught: unknown;
  try {
    parse(value);
  } catch (error) {
    caught = error;
  }
  expect(isCodedError(caught, 'SHAPE_INVALID'), String(caught)).to.equal(true);
}

function map(value: CborValue): ReadonlyMap<string, CborValue> {
  expect(value).to.be.instanceOf(Map);
  return value as ReadonlyMap<string, CborValue>;
}
