// SPDX-License-Identifier: Apache-2.0
// Co-signed answers against bytes made by Fabric's own classes, every way of bending them, and noise.
import { expect } from 'chai';
import fc from 'fast-check';
import { toBase64, utf8 } from '@zhenglian/core/bytes';
import {
  decodeAnswer,
  encodeAnswer,
  endorserMsp,
  leastEndorsers,
  verifyAnswer,
} from '@zhenglian/core/cosigned-answer';
import { isCodedError } from '@zhenglian/core/errors';
import { endorse, fabricAnswer } from '../support/fabric-answer.ts';
import { createOrganisation } from '../support/organisation.ts';
import type { CosignedAnswer, Question } from '@zhenglian/core/cosigned-answer';
import type { TestMember, TestOrganisation } from '../support/organisation.ts';
import type { AnswerParts } from '../support/fabric-answer.ts';

const request = utf8('request');
const args = [utf8('TrustBundle'), request];
const question: Question = { channel: 'zhenglian', chaincode: 'zl', name: 'TrustBundle', request };

describe('co-signed answers', () => {
  let organisations: TestOrganisation[];
  let peers: TestMember[];
  let roots: Map<string, Uint8Array>;

  before(async () => {
    organisations = await Promise.all(['P44', 'P33', 'REG'].map((msp) => createOrganisation(msp)));
    peers = await Promise.all(organisations.map((organisation) => organisation.member('peer')));
    roots = new Map(organisations.map(({ msp, rootCertificate }) => [msp, rootCertificate]));
  });

  const answerOf = (bent: Partial<AnswerParts> = {}) =>
    fabricAnswer({ args, signers: peers, ...bent });
  const check = (answer: CosignedAnswer, least = 2, asked = question) =>
    verifyAnswer(answer, asked, { roots, least });
  const refuses = (answer: CosignedAnswer, code: string, least = 2) => {
    expect(() => check(answer, least))
      .to.throw()
      .with.property('code', code);
  };

  it('accepts what peers of three organisations signed', () => {
    const { value, at, msps } = check(answerOf(), 3);
    expect(value).to.eql(utf8('value'));
    expect(at).to.equal(1_780_000_000);
    expect(msps).to.eql(['P44', 'P33', 'REG']);
  });

  it('accepts an empty value, a matcher for the request, and a transient map that Fabric does not hash', () => {
    expect(check(answerOf({ result: '' })).value).to.eql(new Uint8Array(0));
    const matching = { ...question, request: (bytes: Uint8Array) => bytes.length === 7 };
    expect(check(answerOf(), 2, matching).msps).to.have.length(3);
    expect(check(answerOf({ transient: { secret: utf8('x') } })).msps).to.have.length(3);
  });

  it('survives its own encoding, dissent included', () => {
    const [signer] = peers;
    if (!signer) throw new Error('no peers');
    const other = answerOf({ result: toBase64(utf8('other')) });
    const dissent = [{ payload: other.payload, ...endorse(signer, other.payload) }];
    for (const answer of [answerOf(), { ...answerOf(), dissent }]) {
      const decoded = decodeAnswer(encodeAnswer(answer));
      expect(encodeAnswer(decoded)).to.eql(encodeAnswer(answer));
      expect(check(decoded, 3).msps).to.have.length(3);
    }
    expect(endorserMsp(dissent[0]?.endorser ?? new Uint8Array(0))).to.equal('P44');
  });

  describe('ANSWER_QUESTION', () => {
    const bent: Record<string, Partial<AnswerParts>> = {
      'another channel': { channel: 'other' },
      'another chaincode': { chaincode: 'zl-p44' },
      'another chaincode in the invocation': { specChaincode: 'zl-p44' },
      'an answer in another chaincode’s name': { answeredBy: 'zl-p44' },
      'another type of message': { type: 1 },
      'another function': { args: [utf8('Record'), request] },
      'another request': { args: [utf8('TrustBundle'), utf8('other')] },
      'one argument more': { args: [...args, utf8('more')] },
      'one argument less': { args: [utf8('TrustBundle')] },
      'an initialisation': { isInit: true },
      'a hash of another proposal': { hash: new Uint8Array(32) },
    };
    for (const [name, parts] of Object.entries(bent)) {
      it(name, () => {
        refuses(answerOf(parts), 'ANSWER_QUESTION');
      });
    }

    it('a proposal put under another answer', () => {
      refuses(
        { ...answerOf(), proposal: answerOf({ at: 1_780_000_001 }).proposal },
        'ANSWER_QUESTION',
      );
    });
  });

  it('ANSWER_STATUS: the contract refused', () => {
    refuses(answerOf({ status: 500 }), 'ANSWER_STATUS');
  });

  it('ANSWER_WRITES: a write in any namespace, or private data', () => {
    refuses(answerOf({ writes: true }), 'ANSWER_WRITES');
    refuses(answerOf({ collection: true }), 'ANSWER_WRITES');
  });

  describe('ANSWER_ENDORSER', () => {
    it('a client, an administrator, or somebody without a role', async () => {
      for (const units of [['client'], ['admin'], []]) {
        const signer = await organisations[0]?.member(...units, 'x');
        if (signer) refuses(answerOf({ signers: [signer, ...peers] }), 'ANSWER_ENDORSER');
      }
    });

    it('a peer of one organisation in the name of another', () => {
      const [first, second] = peers;
      if (!first || !second) throw new Error('no peers');
      refuses(answerOf({ signers: [second, { ...first, msp: 'P33' }] }), 'ANSWER_ENDORSER');
    });

    it('a root of the same name that is not the pinned one', async () => {
      const impostor = await (await createOrganisation('P44')).member('peer');
      refuses(answerOf({ signers: [impostor, ...peers.slice(1)] }), 'ANSWER_ENDORSER');
    });

    it('an unreadable certificate', () => {
      const [first] = peers;
      if (!first) throw new Error('no peers');
      refuses(answerOf({ signers: [{ ...first, certificatePem: 'none' }] }), 'ANSWER_ENDORSER');
    });

    it('a certificate that was not in force when the question was asked', () => {
      refuses(answerOf({ at: Date.parse('2025-12-31') / 1000 }), 'ANSWER_ENDORSER');
      refuses(answerOf({ at: Date.parse('2046-01-02') / 1000 }), 'ANSWER_ENDORSER');
    });
  });

  describe('ANSWER_SIGNATURE', () => {
    it('a signature over another payload', () => {
      const answer = answerOf();
      const other = answerOf({ result: toBase64(utf8('other')) });
      refuses({ ...answer, endorsements: other.endorsements }, 'ANSWER_SIGNATURE');
    });

    it('any flipped bit of a signature', () => {
      const answer = answerOf();
      const [first, ...rest] = answer.endorsements;
      if (!first) throw new Error('no endorsement');
      fc.assert(
        fc.property(fc.nat(first.signature.length * 8 - 1), (bit) => {
          const signature = Uint8Array.from(first.signature);
          signature[bit >> 3] = (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          refuses(
            { ...answer, endorsements: [{ ...first, signature }, ...rest] },
            'ANSWER_SIGNATURE',
          );
        }),
        { numRuns: 25 },
      );
    });

    it('the high form of a true signature', () => {
      const answer = answerOf();
      const [first, ...rest] = answer.endorsements;
      if (!first) throw new Error('no endorsement');
      const endorsements = [{ ...first, signature: highForm(first.signature) }, ...rest];
      refuses({ ...answer, endorsements }, 'ANSWER_SIGNATURE');
    });
  });

  describe('ANSWER_FEW', () => {
    it('counts an organisation once, however often it signs', async () => {
      const second = await organisations[0]?.member('peer');
      const [first] = peers;
      if (!first || !second) throw new Error('no peers');
      refuses(answerOf({ signers: [first, first, second] }), 'ANSWER_FEW');
    });

    it('does not count an organisation without a root here', async () => {
      const stranger = await (await createOrganisation('P51')).member('peer');
      const signers = [...peers.slice(0, 1), stranger];
      refuses(answerOf({ signers }), 'ANSWER_FEW');
      expect(check(answerOf({ signers: [...peers.slice(0, 2), stranger] })).msps).to.eql([
        'P44',
        'P33',
      ]);
    });

    it('nobody', () => {
      refuses(answerOf({ signers: [] }), 'ANSWER_FEW');
    });

    it('takes k, or more than a third of all', () => {
      const numbers = [
        [2, 3],
        [2, 4],
        [2, 7],
        [2, 28],
        [5, 4],
      ] as const;
      expect(numbers.map(([k, n]) => leastEndorsers(k, n))).to.eql([2, 2, 3, 10, 5]);
    });
  });

  describe('ANSWER_SHAPE', () => {
    it('a value that is not base64', () => {
      refuses(answerOf({ result: 'not base64' }), 'ANSWER_SHAPE');
    });

    it('a field that comes twice, or that Fabric does not have', () => {
      const answer = answerOf();
      // Peers read the last of two; a reader of the first would believe another question was asked.
      const twice = Uint8Array.from([...answer.proposal, ...answer.proposal]);
      const unknown = Uint8Array.from([...answer.payload, 0x7a, 0]);
      refuses({ ...answer, proposal: twice }, 'ANSWER_SHAPE');
      refuses({ ...answer, payload: unknown }, 'ANSWER_SHAPE');
    });

    it('more endorsements than organisations ever', () => {
      const answer = answerOf();
      const [first] = answer.endorsements;
      if (!first) throw new Error('no endorsement');
      const endorsements = Array.from({ length: 65 }, () => first);
      refuses({ ...answer, endorsements }, 'ANSWER_SHAPE');
    });

    it('bytes that are no answer', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
          expect(() => decodeAnswer(bytes))
            .to.throw()
            .with.property('code', 'ANSWER_SHAPE');
        }),
      );
    });
  });

  it('noise in proposal, payload or identity is refused by a code of its own and nothing else', () => {
    const answer = answerOf();
    fc.assert(
      fc.property(
        fc.constantFrom('proposal' as const, 'payload' as const),
        fc.nat(2000),
        fc.integer({ min: 1, max: 255 }),
        (part, at, flip) => {
          const bytes = Uint8Array.from(answer[part]);
          const place = at % bytes.length;
          bytes[place] = (bytes[place] ?? 0) ^ flip;
          expect(codeOf(() => check({ ...answer, [part]: bytes }))).to.match(/^ANSWER_/);
        },
      ),
      { numRuns: 150 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const whole = { proposal: bytes, payload: bytes, endorsements: [] };
        expect(codeOf(() => check(whole))).to.match(/^ANSWER_/);
        const [first, ...rest] = answer.endorsements;
        const signature = first?.signature ?? bytes;
        const endorsements = [{ endorser: bytes, signature }, ...rest];
        // An identity of noise may name nobody known, and then it is not counted: two remain of three.
        expect(codeOf(() => check({ ...answer, endorsements }, 3))).to.match(/^ANSWER_/);
      }),
    );
  });
});

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return isCodedError(error) ? error.code : String(error);
  }
  return 'no error';
}

/** The other s of the same signature, which the curve accepts and Fabric does not. */
function highForm(der: Uint8Array): Uint8Array {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const split = 4 + (der[3] ?? 0);
  const s = order - BigInt(`0x${Buffer.from(der.subarray(split + 2)).toString('hex')}`);
  const digits = [0, ...Buffer.from(s.toString(16).padStart(64, '0'), 'hex')];
  const body = [...der.subarray(2, split), 2, digits.length, ...digits];
  return Uint8Array.from([0x30, body.length, ...body]);
}
