// SPDX-License-Identifier: Apache-2.0
// The checker of blocks on blocks of real nodes: they pass, from any height on, and no forged twin does.
import { expect } from 'chai';
import { concat } from '@zhenglian/core/bytes';
import { decodeAnswer, verifyAnswer } from '@zhenglian/core/cosigned-answer';
import { openBlock } from '../../network/block.ts';
import { beforeFirst, checkSigned, followBlock } from '../../network/fabric/block-checker.ts';
import { readBlockParts } from '../../network/fabric/block-parts.ts';
import { leastWitnesses, quorumOf, readMembers } from '../../network/fabric/channel-members.ts';
import { resumeChain } from '../../network/fabric/resume-chain.ts';
import {
  flip,
  forge,
  forgeFlags,
  hashOf,
  readRecorded,
  RECORDED_PIN,
  recordedBlocks,
} from '../support/recorded-blocks.ts';
import { writeBytes } from '../../network/wire-fields.ts';
import { registerCall } from '../support/register-calls.ts';
import type { ChainState, CheckedBlock } from '../../network/fabric/block-checker.ts';
import type { BlockDraft } from '../support/recorded-blocks.ts';

const blocks = recordedBlocks();

function follow(shown: readonly Uint8Array[], start: ChainState = beforeFirst(RECORDED_PIN)) {
  let state = start;
  const checked: CheckedBlock[] = [];
  for (const bytes of shown) {
    const followed = followBlock(state, bytes);
    state = followed.state;
    checked.push(followed.block);
  }
  return { state, checked };
}

const read = (n: number) => Promise.resolve(blocks[n] ?? new Uint8Array(0));
const block = (n: number) => blocks[n] ?? new Uint8Array(0);
const members = (n: number) => readMembers(readBlockParts(block(n)), RECORDED_PIN.channel);
/** The chain with one block replaced. */
const withBlock = (n: number, change: (draft: BlockDraft) => void) =>
  blocks.map((bytes, i) => (i === n ? forge(bytes, change) : bytes));

describe('blocks of real nodes', () => {
  it('pass: signed by a quorum of the consenters of their time, flags bound to the commit hash', () => {
    const { checked } = follow(blocks);
    expect(checked.map(({ number }) => number)).to.eql(blocks.map((_, n) => n));
    const configurations = checked.flatMap(({ number, members: set }) =>
      set ? [[number, set.consenters.length, quorumOf(set)]] : [],
    );
    expect(configurations).to.eql([
      [0, 4, 3],
      [19, 3, 2],
      [21, 4, 3],
    ]);
    for (const { number, signers, areFlagsBound } of checked.slice(1)) {
      expect(new Set(signers).size).to.be.at.least(number === 20 || number === 21 ? 2 : 3);
      expect(areFlagsBound).to.equal(true);
    }
    const codes = checked.map((each) => [...each.codes]);
    expect([codes[13], codes[14], codes[16], codes[17]]).to.eql([[0], [10], [11], [0, 0, 0]]);
    expect(leastWitnesses(members(0))).to.equal(2);
    // 25 more are the lifecycle's, which writes to each organisation's own collection.
    const read = checked.flatMap((each) => openBlock(each).transactions);
    expect(read).to.have.length(11);
    expect(read.filter(({ chaincode }) => chaincode === '_lifecycle')).to.eql([]);
  });

  it('a reader that starts anywhere stands where one stands that read them all', async () => {
    let state = beforeFirst(RECORDED_PIN);
    for (const [n, bytes] of blocks.entries()) {
      const resumed = await resumeChain(RECORDED_PIN, n, read);
      expect({ ...resumed, members: undefined }).to.eql({ ...state, members: undefined });
      expect(resumed.members?.number).to.equal(state.members?.number);
      state = followBlock(state, bytes).state;
    }
  });

  it('pass again when a forger writes them back unchanged', () => {
    follow(blocks.map((bytes) => forge(bytes, () => undefined)));
  });

  const forged: readonly (readonly [string, readonly Uint8Array[], RegExp])[] = [
    [
      'a bit of the data',
      withBlock(17, ({ envelopes }) => flip(envelopes[1], 900)),
      /17: its data/,
    ],
    [
      'a bit of the data, the data hash made anew',
      withBlock(17, (draft) => {
        flip(draft.envelopes[1], 900);
        draft.dataHash = hashOf(draft.envelopes);
      }),
      /17: signatures of 3 consenters are needed; those of none/,
    ],
    [
      'a bit of the previous hash',
      withBlock(13, (d) => flip(d.previousHash, 3)),
      /13: it does not/,
    ],
    [
      'borders between transactions moved',
      withBlock(17, (d) => (d.envelopes = [concat(...d.envelopes)])),
      /17: a transaction is not in its one form/,
    ],
    [
      'transactions cut in two',
      withBlock(13, (d) => {
        const whole = concat(...d.envelopes);
        const cut = whole.length - 72;
        d.envelopes = [whole.slice(0, cut), whole.slice(cut)];
      }),
      /13: a transaction is not in its one form/,
    ],
    ['no transaction at all', withBlock(13, (d) => (d.envelopes = [])), /13: it is empty/],
    [
      'a signature removed',
      withBlock(13, (d) => d.signatures.pop()),
      /13: .* 3 consenters .* hold/,
    ],
    [
      'a signature doubled',
      withBlock(
        13,
        (d) => (d.signatures = d.signatures.slice(0, 2).concat(d.signatures.slice(1, 2))),
      ),
      /13: signatures of 3/,
    ],
    ['a bit of a signature', withBlock(13, (d) => flip(d.signatures[0], 60)), /13: /],
    [
      'a signature under the number of nobody',
      withBlock(13, (d) => {
        // IdentifierHeader { identifier } stands after the signature: its second byte is the number.
        const [first = new Uint8Array(0)] = d.signatures;
        const at = first.length - idHeaderLength(first) + 1;
        first[at] = 9;
      }),
      /13: signatures of 3/,
    ],
    ['another last configuration', withBlock(13, (d) => flip(d.value, d.value.length - 1)), /13: /],
    [
      'a flag: refused to valid',
      withBlock(14, (d) => (d.codes[0] = 0)),
      /14: its flags do not give/,
    ],
    ['a flag: a lost race to valid', withBlock(16, (d) => (d.codes[0] = 0)), /16: its flags/],
    ['a flag: valid to refused', withBlock(15, (d) => (d.codes[0] = 11)), /15: its flags/],
    [
      'a flag too few',
      withBlock(17, (d) => (d.codes = d.codes.slice(1))),
      /17: it has not one flag/,
    ],
    ['a commit hash', withBlock(15, (d) => flip(d.commitHash, 0)), /15: its flags do not give/],
    ['a block left out', blocks.toSpliced(15, 1), /16: it comes where block 15 is due/],
    ['a configuration left out', blocks.toSpliced(19, 1), /20: it comes where block 19/],
    ['blocks swapped', blocks.toSpliced(15, 2, block(16), block(15)), /16: it comes where/],
    ['another first block', withBlock(0, (d) => flip(d.dataHash, 0)), /0: /],
    ['a block twice', blocks.toSpliced(15, 0, block(14)), /14: it comes where block 15/],
    ['noise', [Uint8Array.of(1, 2, 3)], /cannot be read/],
  ];
  for (const [what, shown, message] of forged) {
    it(`BLOCK_INVALID: ${what}`, () => {
      expect(() => follow(shown))
        .to.throw(message)
        .with.property('code', 'BLOCK_INVALID');
    });
  }

  it('BLOCK_INVALID: another pin, another channel', () => {
    const pins = [
      { ...RECORDED_PIN, genesisHash: new Uint8Array(32) },
      { ...RECORDED_PIN, channel: 'other' },
    ];
    for (const pin of pins) {
      expect(() => follow(blocks, beforeFirst(pin)))
        .to.throw()
        .with.property('code', 'BLOCK_INVALID');
    }
  });

  it('BLOCK_INVALID: signed by consenters of another configuration', () => {
    // Two of three are enough under 19, not for the four of 0; and what 0 allows says so of itself.
    const [later, earlier] = [readBlockParts(block(20)), readBlockParts(block(18))];
    expect(checkSigned(later, members(19), false)).to.have.length.at.least(2);
    expect(() => checkSigned(earlier, members(19), false)).to.throw(/needed|last configuration/);
    expect(() => checkSigned(later, members(0), false)).to.throw('BLOCK_INVALID');
    expect(() => checkSigned(earlier, { ...members(0), number: 7 }, false)).to.throw(
      'it names 0 as the last configuration, which is 7',
    );
  });

  it('forged flags with commit hashes to fit contradict nothing, but show other hashes from there on', () => {
    const lying = forgeFlags(blocks, 14, 0);
    const hashes = (shown: readonly Uint8Array[]) =>
      follow(shown).checked.map(({ commitHash }) => Buffer.from(commitHash).toString('hex'));
    const [honest, forgedHashes] = [hashes(blocks), hashes(lying)];
    expect(forgedHashes.slice(0, 14)).to.eql(honest.slice(0, 14));
    for (let n = 14; n < blocks.length; n++) expect(forgedHashes[n]).not.to.equal(honest[n]);
  });

  it('BLOCK_INVALID: a walk back over forged, hidden or mixed blocks', async () => {
    const cases: readonly ((n: number) => Uint8Array)[] = [
      (n) => block(n === 19 ? 21 : n),
      (n) => (n === 22 ? forge(block(22), (d) => (d.value = Uint8Array.of(10, 0))) : block(n)),
      (n) => (n === 21 ? forge(block(21), (d) => d.signatures.splice(0, 2)) : block(n)),
      (n) => (n === 18 ? forge(block(18), (d) => flip(d.previousHash, 0)) : block(n)),
      (n) => (n === 20 ? forge(block(20), (d) => d.signatures.splice(0, 2)) : block(n)),
      (n) => (n === 22 ? forge(block(22), (d) => (d.value = lastConfig(23))) : block(n)),
      (n) => (n === 0 ? forge(block(0), (d) => flip(d.dataHash, 1)) : block(n)),
    ];
    for (const [i, shown] of cases.entries()) {
      const result = await resumeChain(RECORDED_PIN, 23, (n) => Promise.resolve(shown(n))).catch(
        (error: unknown) => error,
      );
      expect(result, `case ${i}`).to.have.property('code', 'BLOCK_INVALID');
    }
  });

  it('an answer that four real organisations co-signed is believed, for its own question only', () => {
    const answer = decodeAnswer(readRecorded('answer.cbor'));
    const rootsFile = JSON.parse(new TextDecoder().decode(readRecorded('roots.json')));
    const roots = new Map(
      Object.entries<string>(rootsFile).map(([msp, text]) => [
        msp,
        new Uint8Array(Buffer.from(text, 'base64')),
      ]),
    );
    const { request } = registerCall('zl', 'Get', { key: 'last' });
    const question = { channel: RECORDED_PIN.channel, chaincode: 'zl', name: 'Get', request };
    const { msps, value } = verifyAnswer(answer, question, { roots, least: 4 });
    expect([...msps].sort()).to.eql(['P33', 'P44', 'P51', 'REG']);
    expect(new TextDecoder().decode(value)).to.equal('2');
    const other = { ...question, request: registerCall('zl', 'Get', { key: 'k1' }).request };
    expect(() => verifyAnswer(answer, other, { roots, least: 4 })).to.throw('ANSWER_QUESTION');
    flip(answer.endorsements[0]?.signature, 20);
    expect(() => verifyAnswer(answer, question, { roots, least: 4 })).to.throw('ANSWER_SIGNATURE');
  });
});

/** Length of the identifier header in the bytes of a MetadataSignature whose last field it is. */
function idHeaderLength(signature: Uint8Array): number {
  const at = signature.lastIndexOf(0x1a, signature.length - 20);
  return signature[at + 1] ?? 0;
}

function lastConfig(index: number): Uint8Array {
  return writeBytes(1, Uint8Array.of(8, index));
}
