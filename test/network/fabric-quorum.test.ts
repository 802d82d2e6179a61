// SPDX-License-Identifier: Apache-2.0
// Quorums, configurations and commit hashes on channels of our own making: what real networks have not shown us.
import { createPublicKey } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { concat, utf8 } from '@zhenglian/core/bytes';
import { common } from '../../network/protos.ts';
import { beforeFirst, followBlock } from '../../network/fabric/block-checker.ts';
import { leastWitnesses, quorumOf } from '../../network/fabric/channel-members.ts';
import { commitHashAfter } from '../../network/fabric/commit-hash.ts';
import { resumeChain } from '../../network/fabric/resume-chain.ts';
import { readFields, writeBytes, writeTrue, writeVarint } from '../../network/wire-fields.ts';
import {
  configEnvelope,
  firstBlock,
  makeConsenters,
  nextBlock,
  plainEnvelope,
} from '../support/made-chain.ts';
import { forge, recordedBlocks } from '../support/recorded-blocks.ts';
import { readBlockParts } from '../../network/fabric/block-parts.ts';
import { functionName, openTransaction } from '../../network/transaction.ts';
import type { ChainState } from '../../network/fabric/block-checker.ts';
import type { Listed } from '../support/made-chain.ts';

describe('quorums', () => {
  let all: Listed[];
  before(async () => {
    all = await makeConsenters(7);
  });
  const start = (consenters: readonly Listed[]) => {
    const { bytes, pin } = firstBlock(consenters);
    return followBlock(beforeFirst(pin), bytes).state;
  };
  const grow = (state: ChainState, by: readonly Listed[], lastConfig = 0, asCreator = false) =>
    nextBlock(state, [plainEnvelope(`block ${state.next}`)], { by, lastConfig, asCreator });

  it('more than two thirds of n sign, f + 1 organisations confirm', () => {
    const table = [1, 2, 3, 4, 5, 6, 7, 10, 28].map((n) => {
      const key = createPublicKey(all[0]?.identity.certificatePem ?? '');
      const one = { id: 1, msp: '', certificate: new Uint8Array(0), key };
      const consenters = Array.from({ length: n }, () => one);
      const organisations = Array.from({ length: n }, (_, i) => `P${i}`);
      const members = { number: 0, consenters, organisations };
      return [n, quorumOf(members), leastWitnesses(members)];
    });
    expect(table).to.eql([
      [1, 1, 1],
      [2, 2, 1],
      [3, 2, 1],
      [4, 3, 2],
      [5, 4, 2],
      [6, 4, 2],
      [7, 5, 3],
      [10, 7, 4],
      [28, 19, 10],
    ]);
  });

  for (const asCreator of [false, true]) {
    const form = asCreator ? 'whole identities' : 'numbers of consenters';
    it(`signatures under ${form}: a quorum passes, one less does not`, () => {
      const state = start(all.slice(0, 4));
      followBlock(state, grow(state, all.slice(0, 3), 0, asCreator));
      expect(() => followBlock(state, grow(state, all.slice(0, 2), 0, asCreator))).to.throw(
        'block 1: signatures of 3 consenters are needed; those of P1-ORD, P2-ORD hold',
      );
      const [first, second] = all;
      if (!first || !second) throw new Error('no consenters');
      const twice = [first, second, second, second];
      expect(() => followBlock(state, grow(state, twice, 0, asCreator))).to.throw('BLOCK_INVALID');
      const strangers = [first, second, ...all.slice(4)];
      expect(() => followBlock(state, grow(state, strangers, 0, asCreator))).to.throw(
        'BLOCK_INVALID',
      );
    });
  }

  it('one key under both forms counts once', () => {
    const state = start(all.slice(0, 4));
    const numbered = grow(state, all.slice(0, 2));
    const named = grow(state, all.slice(0, 2), 0, true);
    const both = forge(numbered, (draft) => draft.signatures.push(...signaturesOf(named)));
    expect(() => followBlock(state, both)).to.throw('those of P1-ORD, P2-ORD hold');
  });

  it('a true quorum that names a wrong last configuration is refused', () => {
    const state = start(all.slice(0, 4));
    const next = followBlock(state, grow(state, all.slice(0, 3))).state;
    for (const wrong of [1, 2, 5]) {
      expect(() => followBlock(next, grow(next, all.slice(0, 3), wrong))).to.throw(
        `it names ${wrong} as the last configuration, which is 0`,
      );
    }
  });

  it('a configuration is signed by those before it and binds those after it', async () => {
    const blocks: Uint8Array[] = [];
    const { bytes, pin } = firstBlock(all.slice(0, 4));
    let state = beforeFirst(pin);
    const add = (made: Uint8Array) => {
      state = followBlock(state, made).state;
      blocks.push(made);
    };
    add(bytes);
    add(grow(state, all.slice(0, 3)));
    const seven = configEnvelope(all);
    const own = { by: all.slice(2, 7), lastConfig: 2 };
    expect(() => followBlock(state, nextBlock(state, [seven], own))).to.throw(
      'P3-ORD, P4-ORD hold',
    );
    add(nextBlock(state, [seven], { by: all.slice(0, 3), lastConfig: 2 }));
    expect(() => followBlock(state, grow(state, all.slice(0, 4), 2))).to.throw('5 consenters');
    add(grow(state, all.slice(2), 2));
    // Straight on top of one configuration another one.
    add(nextBlock(state, [configEnvelope(all.slice(3))], { by: all.slice(2), lastConfig: 4 }));
    add(nextBlock(state, [configEnvelope(all.slice(0, 4))], { by: all.slice(3), lastConfig: 5 }));
    add(grow(state, all.slice(0, 3), 5));
    for (let n = 0; n <= blocks.length; n++) {
      const resumed = await resumeChain(pin, n, (at) => Promise.resolve(blocks[at] ?? bytes));
      expect(resumed.next).to.equal(n);
      if (n === blocks.length) expect(resumed.members?.number).to.equal(5);
    }
  });

  it('BLOCK_INVALID: a configuration of another channel, kind, or with a consenter twice', () => {
    const four = all.slice(0, 4);
    const [first] = four;
    if (!first) throw new Error('no consenters');
    const wrong = [
      firstBlock(four, { channel: 'other' }),
      firstBlock(four, { kind: 'etcdraft' }),
      firstBlock([...four, { ...first, id: 9 }]),
      firstBlock([...four, { ...first, identity: all[5]?.identity ?? first.identity }]),
      firstBlock([]),
    ];
    for (const { bytes, pin } of wrong) {
      expect(() => followBlock(beforeFirst({ ...pin, channel: 'made' }), bytes))
        .to.throw()
        .with.property('code', 'BLOCK_INVALID');
    }
  });
});

describe('commit hashes', () => {
  const VALID = Uint8Array.of(0);
  const hashAfter = (set: Uint8Array, codes = VALID) =>
    commitHashAfter({ number: 7, envelopes: [endorsed(set)], codes }, new Uint8Array(0));
  const write = (key: string, value: string) =>
    writeBytes(3, concat(writeBytes(1, utf8(key)), writeBytes(3, utf8(value))));
  const policy = (key: string) => writeBytes(4, writeBytes(1, utf8(key)));

  it('tell every written key and value, deletions, and whether it counts', () => {
    const deleted = writeBytes(3, concat(writeBytes(1, utf8('a')), writeTrue(2)));
    const sets = [write('a', '1'), write('a', '2'), write('b', '1'), deleted];
    const hashes = sets.map((set) => Buffer.from(hashAfter(set) ?? []).toString('hex'));
    const refused = hashAfter(write('a', '1'), Uint8Array.of(11));
    expect(new Set([...hashes, Buffer.from(refused ?? []).toString('hex')]).size).to.equal(5);
    // Deleted is what has no value, however it says so.
    const emptied = writeBytes(3, writeBytes(1, utf8('a')));
    expect(hashAfter(emptied)).to.eql(hashAfter(deleted));
  });

  it("are not told by a block where a key's own policy changes and its value does not", () => {
    expect(hashAfter(policy('a'))).to.equal(undefined);
    expect(hashAfter(concat(write('a', '1'), policy('a')))).to.eql(hashAfter(write('a', '1')));
    expect(hashAfter(policy('a'), Uint8Array.of(10))).not.to.equal(undefined);
  });
});

describe('protobuf as clients may write it', () => {
  it('is read as the generated classes read what they wrote', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, bytes, fc.nat(2 ** 31 - 1), fc.string(), (payload, tls, type, id) => {
        const header = new common.ChannelHeader();
        header.setType(type);
        header.setTxId(id);
        header.setTlsCertHash(tls);
        header.setExtension$(payload);
        const fields = readFields(header.serializeBinary());
        expect(fields.int32(1)).to.equal(type);
        expect(Buffer.from(fields.bytes(5)).toString()).to.equal(Buffer.from(id).toString());
        expect(Buffer.from(fields.bytes(7))).to.eql(Buffer.from(payload));
        expect(Buffer.from(fields.bytes(8))).to.eql(Buffer.from(tls));
      }),
      { numRuns: 100 },
    );
  });

  it('merges messages, takes the last of single fields, passes unknown ones and groups over', () => {
    const inner = (no: number, text: string) => writeBytes(1, writeBytes(no, utf8(text)));
    const group = Uint8Array.of((9 << 3) | 3, (1 << 3) | 0, 5, (9 << 3) | 4);
    const fixed = Uint8Array.of((10 << 3) | 1, 0, 0, 0, 0, 0, 0, 0, 0, (11 << 3) | 5, 0, 0, 0, 0);
    const fields = readFields(concat(inner(1, 'a'), group, inner(2, 'b'), fixed, inner(1, 'c')));
    const merged = fields.message(1);
    expect([merged.bytes(1), merged.bytes(2)].map((b) => Buffer.from(b).toString())).to.eql([
      'c',
      'b',
    ]);
    const wide = readFields(concat(Uint8Array.of(8), writeVarint(2 ** 32 + 3)));
    expect([wide.int32(1), wide.flag(1), wide.flag(2)]).to.eql([3, true, false]);
  });

  it('a transaction written in pieces is read as the peers executed it', () => {
    const [envelope = new Uint8Array(0)] = readBlockParts(
      recordedBlocks()[13] ?? new Uint8Array(0),
    ).envelopes;
    const whole = openTransaction(envelope);
    const payload = readFields(readFields(envelope).bytes(1));
    const header = payload.message(1);
    const pieces = [
      writeBytes(1, writeBytes(1, header.bytes(1))),
      writeBytes(2, payload.bytes(2)),
      writeBytes(1, writeBytes(2, header.bytes(2))),
      Uint8Array.of(10, 0), // an empty header last, for readers that take the last one
      Uint8Array.of((9 << 3) | 0, 1), // and a field that nobody knows
    ];
    const signed = concat(...pieces);
    const again = openTransaction(concat(writeBytes(1, signed), writeBytes(2, whole.signature)));
    expect(again).to.eql({ ...whole, signed });
    expect([again.chaincode, functionName(again.args)]).to.eql(['zl-p44', 'Put']);
    for (const wrong of [writeBytes(1, concat(...pieces.slice(1, 2))), Uint8Array.of(255)]) {
      expect(() => openTransaction(wrong)).to.throw('LEDGER_REFUSED');
    }
  });

  it('ends with an error, never with a guess, on bytes that are none', () => {
    const wrong = [
      [10, 5, 1],
      [8],
      [8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
      [7],
      [0, 1],
      [75, 8],
      [75, 84],
      [76],
    ];
    for (const bytes of wrong) {
      expect(() => readFields(Uint8Array.from(bytes)), String(bytes)).to.throw(RangeError);
    }
  });
});

/** A valid transaction's envelope around a read-write set's public part. */
function endorsed(set: Uint8Array): Uint8Array {
  const namespace = concat(writeBytes(1, utf8('zl')), writeBytes(2, set));
  const channelHeader = Uint8Array.of(8, 3);
  // Read-write set, action, answer, endorsed action, its payload, transaction: each in a field of the next.
  const data = [2, 1, 2, 1, 2, 2, 1].reduce((inner, no) => writeBytes(no, inner), namespace);
  const header = writeBytes(1, writeBytes(1, channelHeader));
  return writeBytes(1, concat(header, writeBytes(2, data)));
}

function signaturesOf(block: Uint8Array): readonly Uint8Array[] {
  const [signed = new Uint8Array(0)] = readFields(readFields(block).bytes(3)).list(1);
  return readFields(signed).list(2);
}
