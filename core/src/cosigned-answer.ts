// SPDX-License-Identifier: Apache-2.0
// Answers that several organisations signed (docs/ledger.md §8), in Fabric's own bytes: a proposal that was asked,
// and the endorsements its peers gave. No gateway can make or bend one; the verifier needs roots and nothing else.
import { concat, equals, fromBase64 } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { CodedError, isCodedError } from './errors.ts';
import { FABRIC, fieldText, readMessage, writeFirstField } from './fabric-proto.ts';
import { sha256 } from './p256.ts';
import { bytes, list, optional, record } from './shape.ts';
import { fromPemBytes, parseCertificate, verifyEcdsa, verifyIssued } from './x509.ts';

/** One peer's word: its serialized identity, and its signature over `payload ‖ endorser`. */
export interface Endorsement {
  readonly endorser: Uint8Array;
  readonly signature: Uint8Array;
}

/** A signed answer that differs from the others': evidence of who said what. */
export interface Dissent extends Endorsement {
  readonly payload: Uint8Array;
}

/** A question and its answer: Fabric's Proposal, ProposalResponsePayload, and who signed it. */
export interface CosignedAnswer {
  readonly proposal: Uint8Array;
  readonly payload: Uint8Array;
  readonly endorsements: readonly Endorsement[];
  readonly dissent?: readonly Dissent[];
}

/** What the verifier asked; `request` is the exact CBOR, or tells whether a request will do. */
export interface Question {
  readonly channel: string;
  readonly chaincode: string;
  readonly name: string;
  readonly request: Uint8Array | ((request: Uint8Array) => boolean);
}

/** Whom the verifier believes: roots by MSP, and how many organisations must agree (`leastEndorsers`). */
export interface AnswerTrust {
  readonly roots: ReadonlyMap<string, Uint8Array>;
  readonly least: number;
}

/** An answer that passed: deterministic CBOR of the value, the proposal's time, the organisations that signed. */
export interface VerifiedAnswer {
  readonly value: Uint8Array;
  readonly at: number;
  readonly msps: readonly string[];
}

const MAX_ENDORSEMENTS = 64;
const MAX_IDENTITY_BYTES = 16_384;
const ENDORSER_TRANSACTION = 3;

const identityBytes = bytes(undefined, MAX_IDENTITY_BYTES);
const signatureBytes = bytes(undefined, 72);
const messageBytes = bytes(undefined, 8 << 20);
const answerShape = record({
  proposal: messageBytes,
  payload: messageBytes,
  endorsements: list(
    record({ endorser: identityBytes, signature: signatureBytes }),
    MAX_ENDORSEMENTS,
  ),
  dissent: optional(
    list(
      record({ payload: messageBytes, endorser: identityBytes, signature: signatureBytes }),
      MAX_ENDORSEMENTS,
    ),
  ),
});

/** Deterministic CBOR of an answer. */
export function encodeAnswer(answer: CosignedAnswer): Uint8Array {
  return encodeCbor({
    proposal: answer.proposal,
    payload: answer.payload,
    endorsements: answer.endorsements.map(({ endorser, signature }) => ({ endorser, signature })),
    dissent: answer.dissent?.map(({ payload, endorser, signature }) => ({
      payload,
      endorser,
      signature,
    })),
  });
}

/** Reads an answer; nothing in it is believed yet. @throws ANSWER_SHAPE */
export function decodeAnswer(encoded: Uint8Array): CosignedAnswer {
  try {
    return answerShape(decodeCbor(encoded), 'answer');
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    throw new CodedError('ANSWER_SHAPE', 'not a co-signed answer', { cause });
  }
}

/** How many organisations must agree: k of the founding, and more than any third of n may lie. */
export function leastEndorsers(k: number, organisations: number): number {
  return Math.max(k, faultsBorne(organisations) + 1);
}

/** How many of n parties may lie or be away without harm: less than a third. */
export function faultsBorne(n: number): number {
  return Math.floor((n - 1) / 3);
}

/**
 * Checks an answer against the verifier's own question and the roots it holds.
 * Endorsements of organisations without a root are not counted; a bad one of a known organisation refuses the whole.
 * @throws ANSWER_SHAPE, ANSWER_QUESTION, ANSWER_STATUS, ANSWER_WRITES, ANSWER_ENDORSER, ANSWER_SIGNATURE, ANSWER_FEW
 */
export function verifyAnswer(
  answer: CosignedAnswer,
  question: Question,
  trust: AnswerTrust,
): VerifiedAnswer {
  const { at, hash } = checkProposal(answer.proposal, question);
  const value = checkPayload(answer.payload, hash, question);
  const msps = checkEndorsements(answer, trust.roots, at);
  if (msps.length < trust.least) {
    const [signed, wanted] = [String(msps.length), String(trust.least)];
    throw new CodedError('ANSWER_FEW', `${signed} organisations signed, ${wanted} must`);
  }
  return { value, at, msps };
}

/**
 * What an answer claims, before anything of it is believed: a trust bundle names the roots it is checked against.
 * @throws ANSWER_SHAPE
 */
export function claimedValue(answer: CosignedAnswer): Uint8Array {
  const { extension } = readMessage(FABRIC.responsePayload, answer.payload);
  const { response } = readMessage(FABRIC.action, extension);
  return readValue(readMessage(FABRIC.response, response).payload);
}

/** The organisation an endorsement says it comes from. @throws ANSWER_SHAPE */
export function endorserMsp(endorser: Uint8Array): string {
  return fieldText(readMessage(FABRIC.identity, endorser).msp);
}

/**
 * Public key of an endorser whose certificate (PEM in bytes) is that of a peer, in force at a time, directly under its organisation's root.
 * @throws ANSWER_ENDORSER
 */
export function endorserKey(pem: Uint8Array, root: Uint8Array, at: number): Uint8Array {
  try {
    const der = fromPemBytes(pem);
    const { subject, publicKey, notBefore, notAfter } = parseCertificate(der);
    const inTime = notBefore <= at && at <= notAfter;
    if (inTime && subject.organisationalUnits.includes('peer') && verifyIssued(der, root)) {
      return publicKey;
    }
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    throw new CodedError('ANSWER_ENDORSER', 'an endorser has no readable certificate', { cause });
  }
  throw new CodedError('ANSWER_ENDORSER', 'an endorser is not a peer of its organisation');
}

/**
 * Checks what a trust bundle or an epoch's evidence says of itself against what the verifier holds.
 * @throws ANSWER_NETWORK (another network), ANSWER_OLDER (a lower version than seen), ANSWER_NONCE (an old answer)
 */
export function checkAnswerContent(
  content: {
    readonly networkId: Uint8Array;
    readonly version: number;
    readonly nonce?: Uint8Array;
  },
  held: { readonly networkId: Uint8Array; readonly version: number; readonly nonce?: Uint8Array },
): void {
  if (!equals(content.networkId, held.networkId)) {
    throw new CodedError('ANSWER_NETWORK', 'the answer is of another network');
  }
  if (held.nonce && !(content.nonce && equals(content.nonce, held.nonce))) {
    throw new CodedError('ANSWER_NONCE', 'the answer is not to this question');
  }
  if (content.version < held.version) {
    throw new CodedError('ANSWER_OLDER', 'a newer answer was seen before');
  }
}

/** SHA-256 over channel header ‖ signature header ‖ payload without its transient map, as Fabric's peers do. */
export function proposalHash(proposal: Uint8Array): Uint8Array {
  const { header, payload } = readMessage(FABRIC.proposal, proposal);
  const { channelHeader, signatureHeader } = readMessage(FABRIC.header, header);
  const { input } = readMessage(FABRIC.proposalPayload, payload);
  return sha256(concat(channelHeader, signatureHeader, writeFirstField(input)));
}

function checkProposal(proposal: Uint8Array, question: Question): { at: number; hash: Uint8Array } {
  const { header, payload } = readMessage(FABRIC.proposal, proposal);
  const channelHeader = readMessage(
    FABRIC.channelHeader,
    readMessage(FABRIC.header, header).channelHeader,
  );
  const extension = readMessage(FABRIC.headerExtension, channelHeader.extension);
  const { input } = readMessage(FABRIC.proposalPayload, payload);
  const spec = readMessage(FABRIC.spec, readMessage(FABRIC.invocation, input).spec);
  const { args, decorations, isInit } = readMessage(FABRIC.input, spec.input);
  const asked =
    channelHeader.type === ENDORSER_TRANSACTION &&
    fieldText(channelHeader.channelId) === question.channel &&
    chaincodeName(extension.chaincodeId) === question.chaincode &&
    chaincodeName(spec.chaincodeId) === question.chaincode &&
    decorations.length === 0 &&
    isInit === 0 &&
    matchesArguments(args, question);
  if (!asked) throw new CodedError('ANSWER_QUESTION', 'the answer is to another question');
  const at = readMessage(FABRIC.timestamp, channelHeader.timestamp).seconds;
  return { at, hash: proposalHash(proposal) };
}

function matchesArguments(args: readonly Uint8Array[], question: Question): boolean {
  const [name, request] = args;
  if (args.length !== 2 || name === undefined || request === undefined) return false;
  if (fieldText(name) !== question.name) return false;
  const wanted = question.request;
  return typeof wanted === 'function' ? wanted(request) : equals(request, wanted);
}

function checkPayload(payload: Uint8Array, hash: Uint8Array, question: Question): Uint8Array {
  const outer = readMessage(FABRIC.responsePayload, payload);
  if (!equals(outer.proposalHash, hash)) {
    throw new CodedError('ANSWER_QUESTION', 'the answer is to another proposal');
  }
  const action = readMessage(FABRIC.action, outer.extension);
  const response = readMessage(FABRIC.response, action.response);
  if (response.status !== 200) {
    throw new CodedError('ANSWER_STATUS', `the contract answered ${String(response.status)}`);
  }
  if (chaincodeName(action.chaincodeId) !== question.chaincode) {
    throw new CodedError('ANSWER_QUESTION', 'another chaincode answered');
  }
  checkWrites(action.results);
  return readValue(response.payload);
}

function readValue(payload: Uint8Array): Uint8Array {
  try {
    return fromBase64(fieldText(payload));
  } catch (cause) {
    throw new CodedError('ANSWER_SHAPE', 'the answer is not base64', { cause });
  }
}

/** A question writes nothing; an answer that would write is a transaction somebody hoped to slip in. */
function checkWrites(results: Uint8Array): void {
  for (const namespace of readMessage(FABRIC.readWriteSet, results).namespaces) {
    const { set, collections } = readMessage(FABRIC.namespace, namespace);
    const { writes, metadataWrites } = readMessage(FABRIC.keyValues, set);
    if (writes.length + metadataWrites.length + collections.length > 0) {
      throw new CodedError('ANSWER_WRITES', 'the answer writes to the ledger');
    }
  }
}

function checkEndorsements(
  answer: CosignedAnswer,
  roots: ReadonlyMap<string, Uint8Array>,
  at: number,
): string[] {
  if (answer.endorsements.length > MAX_ENDORSEMENTS) {
    throw new CodedError('ANSWER_SHAPE', 'too many endorsements');
  }
  const msps = new Set<string>();
  for (const { endorser, signature } of answer.endorsements) {
    const { msp, certificate } = readMessage(FABRIC.identity, endorser);
    const name = fieldText(msp);
    const root = roots.get(name);
    if (root === undefined) continue;
    const key = endorserKey(certificate, root, at);
    if (!verifyEcdsa(key, concat(answer.payload, endorser), signature)) {
      throw new CodedError('ANSWER_SIGNATURE', `the signature of ${name} does not hold`);
    }
    msps.add(name);
  }
  return [...msps];
}

function chaincodeName(id: Uint8Array): string {
  return fieldText(readMessage(FABRIC.chaincodeId, id).name);
}
