// SPDX-License-Identifier: Apache-2.0
// What a peer answers, read by a client that believes no peer: an endorsement counts with a certificate that a verifier would believe, since one
// that others refuse would make the whole transaction invalid.
import { equals, utf8 } from '@zhenglian/core/bytes';
import { endorserKey } from '@zhenglian/core/cosigned-answer';
import { CodedError } from '@zhenglian/core/errors';
import { fromPem, parseCertificate } from '@zhenglian/core/x509';
import { publicKeyOf, verifySignature } from '../identity.ts';
import { decodeProposalResponse, endorsedBytes } from '../proposal.ts';
import { msp as mspMessages } from '../protos.ts';
import type { KeyObject } from 'node:crypto';
import type { ProposalAnswer } from '../proposal.ts';
import { plainAnswer } from './messages.ts';

/**
 * Reads the answer of the peer that is known as an organisation's, at a time (unix seconds).
 * @throws LEDGER_REFUSED when it is no such peer, its certificate is not its organisation's, or its signature does not hold; as `plainAnswer`
 */
export type ReadAnswer = (msp: string, bytes: Uint8Array, at: number) => ProposalAnswer;

interface Known {
  readonly endorser: Uint8Array;
  readonly key: KeyObject;
  readonly notAfter: number;
}

/** A reader that holds the root of every organisation's members, PEM. @throws CERTIFICATE_INVALID */
export function createAnswerReader(rootsPem: ReadonlyMap<string, string>): ReadAnswer {
  const roots = new Map([...rootsPem].map(([msp, pem]) => [msp, fromPem(pem)]));
  // The last good one of each: checking a chain anew costs more than the answer.
  const known = new Map<string, Known>();
  const keyOf = (msp: string, endorser: Uint8Array, at: number): KeyObject => {
    const last = known.get(msp);
    if (last && equals(last.endorser, endorser) && at <= last.notAfter) return last.key;
    const fresh = checkEndorser(msp, endorser, roots.get(msp), at);
    known.set(msp, fresh);
    return fresh.key;
  };
  return (msp, bytes, at) => {
    const answer = decodeAnswer(bytes);
    const { endorsement, payload } = answer;
    if (endorsement === undefined) return plainAnswer(answer);
    const { endorser, signature } = endorsement;
    const key = keyOf(msp, endorser, at);
    if (!verifySignature(key, endorsedBytes(payload, endorser), signature)) {
      throw new CodedError('LEDGER_REFUSED', `the peer of ${msp} signs what does not hold`);
    }
    return plainAnswer(answer);
  };
}

function checkEndorser(
  msp: string,
  endorser: Uint8Array,
  root: Uint8Array | undefined,
  at: number,
): Known {
  const signer = identityOf(endorser);
  if (signer.msp !== msp) {
    const words = `the peer known as ${msp}'s is ${signer.msp}'s: see FABRIC_PEERS`;
    throw new CodedError('LEDGER_REFUSED', words);
  }
  try {
    if (!root) throw new CodedError('ANSWER_ENDORSER', 'no root of it is known');
    endorserKey(utf8(signer.certificatePem), root, at);
  } catch (cause) {
    const words = `the peer of ${msp} signs with a certificate that is no peer's of ${msp} now: see rootPem in FABRIC_PEERS, and that peer's certificate`;
    throw new CodedError('LEDGER_REFUSED', words, { cause });
  }
  const { notAfter } = parseCertificate(fromPem(signer.certificatePem));
  return { endorser, key: publicKeyOf(signer.certificatePem), notAfter };
}

function decodeAnswer(bytes: Uint8Array): ProposalAnswer {
  try {
    return decodeProposalResponse(bytes);
  } catch (cause) {
    const words = 'what answers is no peer of Hyperledger Fabric 3.1: see FABRIC_PEERS';
    throw new CodedError('LEDGER_REFUSED', words, { cause });
  }
}

function identityOf(endorser: Uint8Array) {
  try {
    const identity = mspMessages.SerializedIdentity.deserializeBinary(endorser);
    const certificatePem = new TextDecoder().decode(identity.getIdBytes_asU8());
    return { msp: identity.getMspid(), certificatePem };
  } catch {
    return { msp: 'nobody', certificatePem: '' };
  }
}
