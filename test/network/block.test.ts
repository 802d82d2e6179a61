// SPDX-License-Identifier: Apache-2.0
// Blocks against an ASN.1 library and Fabric's own classes.
import { createHash } from 'node:crypto';
import * as asn1 from 'asn1js';
import { common } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import fc from 'fast-check';
import { concat, utf8 } from '@zhenglian/core/bytes';
import {
  createBlock,
  decodeBlock,
  decodeOrderedBlock,
  encodeBlock,
  encodeFlags,
  headerHash,
  openBlock,
} from '../../network/block.ts';
import { createEnvelope, createProposal } from '../../network/proposal.ts';
import { writeBytes } from '../../network/wire-fields.ts';
import { payloadOf, resultsOf } from '../support/endorsed-envelope.ts';
import type { Writes } from '../support/endorsed-envelope.ts';

/** A collection that every organisation has without asking anybody, and whose policy is that organisation's own. */
const OWN = '_implicit_org_P33';
const bytes = fc.uint8Array({ maxLength: 200 });

describe('blocks', () => {
  it('are hashed over the ASN.1 of their header', () => {
    const number = fc.oneof(fc.nat(300), fc.nat(2 ** 31 - 1), fc.constant(2 ** 40));
    fc.assert(
      fc.property(number, fc.uint8Array({ maxLength: 32 }), bytes, (n, previous, seed) => {
        const data = createHash('sha256').update(seed).digest();
        const header = new asn1.Sequence({
          value: [
            asn1.Integer.fromBigInt(BigInt(n)),
            new asn1.OctetString({ valueHex: Uint8Array.from(previous).buffer }),
            new asn1.OctetString({ valueHex: Uint8Array.from(data).buffer }),
          ],
        });
        const wanted = createHash('sha256').update(Buffer.from(header.toBER())).digest();
        expect(Buffer.from(headerHash(n, previous, data))).to.eql(wanted);
      }),
    );
  });

  it('go there and back, their flags and commit hash appended by a peer', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), bytes, fc.nat(1e6), (envelopes, codes, n) => {
        const block = createBlock(n, new Uint8Array(32), envelopes);
        const whole = concat(encodeBlock(block), encodeFlags(codes, new Uint8Array(32).fill(7)));
        const again = decodeOrderedBlock(whole);
        expect(again.hash).to.eql(block.hash);
        expect(again.envelopes.map((e) => Buffer.from(e))).to.eql(
          envelopes.map((e) => Buffer.from(e)),
        );
        expect(Buffer.from(again.codes)).to.eql(Buffer.from(codes));
        const message = common.Block.deserializeBinary(whole);
        const list = message.getMetadata()?.getMetadataList_asU8() ?? [];
        const commit = common.Metadata.deserializeBinary(list[4] ?? new Uint8Array(0));
        expect(commit.getValue_asU8()).to.eql(new Uint8Array(32).fill(7));
      }),
      { numRuns: 50 },
    );
  });

  it('BLOCK_INVALID: noise, a changed envelope, another data hash', () => {
    const block = createBlock(3, new Uint8Array(32), [Uint8Array.of(1, 2, 3)]);
    const swapped = { ...block, envelopes: [Uint8Array.of(1, 2, 4)] };
    for (const wrong of [encodeBlock(swapped), new Uint8Array(0), Uint8Array.of(255, 255, 255)]) {
      expect(() => decodeBlock(wrong))
        .to.throw()
        .with.property('code', 'BLOCK_INVALID');
    }
  });

  it('BLOCK_INVALID: unreadable bytes that are called valid; called invalid, they are passed over', () => {
    const encoded = encodeBlock(createBlock(3, new Uint8Array(32), [Uint8Array.of(255)]));
    const flagged = (code: number) =>
      concat(encoded, encodeFlags(Uint8Array.of(code), new Uint8Array(32)));
    expect(() => decodeBlock(flagged(0)))
      .to.throw()
      .with.property('code', 'BLOCK_INVALID');
    expect(decodeBlock(flagged(2)).transactions).to.eql([]);
  });

  const results: readonly (readonly [what: string, sets: readonly Writes[], isRead: boolean])[] = [
    ['its public state', [{ namespace: 'zl-p44', keys: ['a'] }], true],
    ['it, and reads another', [{ namespace: 'zl' }, { namespace: 'zl-p44', keys: ['a'] }], true],
    ['nothing', [{ namespace: 'zl-p44' }], false],
    ['nothing at all', [], false],
    ['another chaincode alone', [{ namespace: 'zl-p33', keys: ['a'] }], false],
    ["one organisation's collection alone", [{ namespace: 'zl-p44', collections: [OWN] }], false],
    ['both', [{ namespace: 'zl-p44', keys: ['a'], collections: [OWN] }], false],
    [
      'it, and a collection elsewhere',
      [
        { namespace: 'zl-p44', keys: ['a'] },
        { namespace: 'zl', collections: [OWN] },
      ],
      false,
    ],
  ];
  for (const [what, sets, isRead] of results) {
    it(`a valid transaction that writes ${what} is ${isRead ? 'read' : 'left out'}`, () => {
      const { envelope, id } = endorsed('zl-p44', sets);
      const { transactions } = opened(envelope, 0);
      expect(transactions.map((each) => each.id)).to.eql(isRead ? [id] : []);
      // Whoever looks for his own transaction finds it with its code.
      expect(opened(envelope, 10).transactions.map(({ code }) => code)).to.eql([10]);
    });
  }
});

function opened(envelope: Uint8Array, code: number) {
  const block = createBlock(3, new Uint8Array(32), [envelope]);
  return openBlock({ ...block, codes: Uint8Array.of(code) });
}

function endorsed(chaincode: string, sets: readonly Writes[]) {
  const proposal = createProposal({
    ...{ channel: 'zhenglian', chaincode, args: [utf8('SubmitBatch'), Uint8Array.of(0xff)] },
    ...{ creator: writeBytes(1, utf8('P33')), nonce: new Uint8Array(24), at: 1_800_000_000_000 },
  });
  const answer = payloadOf(new Uint8Array(32), { name: chaincode, version: '1' }, resultsOf(sets));
  const envelope = createEnvelope(proposal, answer, [], () => new Uint8Array(64));
  return { envelope, id: proposal.transactionId };
}
