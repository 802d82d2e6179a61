// SPDX-License-Identifier: Apache-2.0
// Genuine evidence for tests of the verifier: organisations, a founding, an authority with its key, one epoch with an
// anchored batch, and answers co-signed in Fabric's bytes. Nothing in it is mocked but the place where it runs.
import { sm2 } from '@zhenglian/guomi';
import { anchorArgument, anchorRoot, proveInclusion, voidArgument } from '@zhenglian/core/anchor';
import type { InclusionProof } from '@zhenglian/core/anchor';
import { toBase64, utf8 } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import { copyCose, mintCopy } from '@zhenglian/core/copy';
import type { Copy } from '@zhenglian/core/copy';
import { proposalHash } from '@zhenglian/core/cosigned-answer';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import { dayAt } from '@zhenglian/core/days';
import { parseFields, valuesInTreeOrder } from '@zhenglian/core/fields';
import { epochEvidenceCbor } from '@zhenglian/core/records/epoch-evidence';
import type { EpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import { networkIdOf } from '@zhenglian/core/records/founding';
import type { ActPolicy } from '@zhenglian/core/records/policy';
import { asCbor } from '@zhenglian/core/shape';
import { compressKey, keyId } from '@zhenglian/core/signing';
import type { Signer } from '@zhenglian/core/signing';
import { DRIVING } from '@zhenglian/core/types/driving';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { createProposal, endorsedBytes } from '@zhenglian/network/proposal';
import { peer } from '@zhenglian/network/protos';
import { serializeIdentity } from '@zhenglian/network/identity';
import { createOrganisation } from './organisation.ts';
import { SAMPLE_FIELDS } from './sample-fields.ts';
import type { TestMember } from './organisation.ts';
import type { BundleOptions, EpochOptions, MintOptions } from './evidence-options.ts';

export const CHANNEL = 'zhenglian';
export const USCC = '11330000MADEMQ012B';
/** 2026-06-01 12:00 in Beijing. */
export const NOON = 1_780_286_400;
export const TODAY = dayAt(NOON);
/** Acts with the ways of being strict: days of freshness, least holder, least anchor. */
const ACTS = [
  ['general', 7, 'document', 'covered'],
  ['roadside', 1, 'document', 'proven'],
  ['hotel-check-in', 7, 'recent', 'covered'],
  ['company-registration', 1, 'challenged', 'proven'],
  ['pending-ok', 1, 'document', 'pending'],
] as const;

/** A signer over a fresh SM2 key. */
export function createSm2Signer(): Signer {
  const { secretKey, publicKey } = sm2.generateKeyPair();
  return { publicKey, sign: (message) => sm2.sign(message, secretKey) };
}

/** The inclusion proof of one of the copies given to `epoch`. */
export function inclusionOf(
  copies: readonly Copy[],
  index: number,
  type = DRIVING,
): InclusionProof {
  return proveInclusion(batchArguments(copies, type), index);
}

/** Makes evidence under one founding. */
export class EvidenceMaker {
  readonly networkId: Uint8Array;
  readonly authoritySigner: Signer = createSm2Signer();
  readonly members: readonly TestMember[];
  readonly #definition: Uint8Array;
  readonly #organisations: readonly CborInput[];

  private constructor(
    members: readonly TestMember[],
    definition: Uint8Array,
    organisations: readonly CborInput[],
  ) {
    this.members = members;
    this.#definition = definition;
    this.#organisations = organisations;
    this.networkId = networkIdOf(definition);
  }

  static async create(): Promise<EvidenceMaker> {
    const organisations = await Promise.all(['P33', 'P44', 'REG'].map(createOrganisation));
    const founders = await Promise.all(
      organisations.map(async (o) => ({
        msp: o.msp,
        kind: o.msp === 'REG' ? 'regulator' : 'province',
        ...(o.msp === 'REG' ? {} : { prefix: o.msp.slice(1) }),
        name: { zh: o.msp, en: o.msp },
        rootCertificate: o.rootCertificate,
        administrator: (await o.member('admin')).certificate,
      })),
    );
    const definition = encodeCbor({
      channel: CHANNEL,
      k: 2,
      threshold: [2, 3],
      testIdentities: true,
      organisations: founders,
    });
    const records = founders.map(({ administrator: _, ...organisation }) => ({
      ...organisation,
      status: 'admitted',
      rev: 1,
      at: 1,
    }));
    const members = await Promise.all(organisations.map((o) => o.member('peer')));
    return new EvidenceMaker(members, definition, records);
  }

  /** A copy of the sample driving licence (or of another type) at an index of epoch 1. */
  mint(index: number, options: MintOptions = {}): Copy {
    const type = options.type ?? DRIVING;
    const context = { today: TODAY, testIdentities: true };
    const values = parseFields(type, options.fields ?? SAMPLE_FIELDS, context);
    const order = {
      type,
      epoch: 1,
      index,
      firstDay: options.firstDay ?? TODAY - 10,
      lastDay: options.lastDay ?? TODAY + 300,
      holderKey: options.holder ? compressKey(options.holder.publicKey) : null,
      seed: options.seed ?? crypto.getRandomValues(new Uint8Array(16)),
      values: valuesInTreeOrder(type, values, new Uint8Array(8).fill(0xa5), 1),
    };
    return mintCopy(order, this.networkId, options.signer ?? this.authoritySigner);
  }

  /** The co-signed trust bundle, as of `at`. */
  bundle(options: BundleOptions = {}): CosignedAnswer {
    const stamp = { rev: 1, at: 1 };
    const nonce = options.nonce ? { nonce: options.nonce } : {};
    const value = {
      networkId: this.networkId,
      definition: this.#definition,
      organisations: this.#organisations,
      authorities: options.withoutAuthority ? [] : [authority(options)],
      keys: options.withoutKey ? [] : [this.#key(options)],
      types: (options.types ?? [DRIVING]).map((d) => ({ definition: asCbor(d), ...stamp })),
      policies: ACTS.map((row) => asCbor(actPolicy(row))),
      rules: [],
      version: options.version ?? 10,
      at: options.at ?? NOON,
      ...nonce,
    };
    return this.answer('zl', 'TrustBundle', nonce, value, options.at);
  }

  /** The co-signed evidence of epoch 1: one batch of the copies, void where an index is missing. */
  epoch(copies: readonly Copy[], options: EpochOptions = {}): CosignedAnswer {
    const type = options.type ?? DRIVING;
    const batch = batchArguments(copies, type);
    const nonce = options.nonce ? { nonce: options.nonce } : {};
    const evidence: EpochEvidence = {
      networkId: this.networkId,
      uscc: USCC,
      epoch: 1,
      batches: [
        {
          n: 0,
          first: 0,
          count: batch.length,
          root: anchorRoot(batch),
          type: options.batchType ?? type.code,
          kid: options.batchKid ?? keyId(this.authoritySigner.publicKey),
          at: NOON - 1000,
        },
      ],
      statuses: statusesOf(options.statuses ?? [], options),
      covered: batch.length,
      version: options.version ?? 5,
      at: options.at ?? NOON,
      ...nonce,
    };
    const request = { uscc: USCC, epoch: 1, ...nonce };
    const asked = ['zl-p33', 'EpochEvidence', request] as const;
    const answer = this.answer(...asked, epochEvidenceCbor(evidence), options.at);
    if (options.lie === undefined) return answer;
    const statuses = statusesOf(options.lie, options);
    return this.withDissent(answer, 'zl-p33', epochEvidenceCbor({ ...evidence, statuses }));
  }

  /** The answer, with what the last organisation signs instead to the same question. */
  withDissent(answer: CosignedAnswer, chaincode: string, value: CborInput): CosignedAnswer {
    const member = this.members.at(-1);
    if (member === undefined) throw new Error('there are members');
    const payload = responsePayload(answer.proposal, chaincode, encodeCbor(value));
    const endorser = serializeIdentity(member.msp, member.certificatePem);
    const signature = member.sign(endorsedBytes(payload, endorser));
    return { ...answer, dissent: [{ payload, endorser, signature }] };
  }

  /** Any question's answer, signed by the given peers (the first two organisations'). */
  answer(
    chaincode: string,
    name: string,
    request: CborInput,
    value: CborInput,
    at = NOON,
    signers: readonly TestMember[] = this.members.slice(0, 2),
  ): CosignedAnswer {
    const [client] = this.members;
    if (client === undefined) throw new Error('there are members');
    const proposal = createProposal({
      channel: CHANNEL,
      chaincode,
      args: [utf8(name), encodeCbor(request)],
      creator: serializeIdentity(client.msp, client.certificatePem),
      nonce: crypto.getRandomValues(new Uint8Array(24)),
      at: at * 1000,
    }).bytes;
    const payload = responsePayload(proposal, chaincode, encodeCbor(value));
    const endorsements = signers.map((member) => {
      const endorser = serializeIdentity(member.msp, member.certificatePem);
      return { endorser, signature: member.sign(endorsedBytes(payload, endorser)) };
    });
    return { proposal, payload, endorsements };
  }

  #key(options: BundleOptions): CborInput {
    return {
      kid: keyId(this.authoritySigner.publicKey),
      uscc: USCC,
      msp: 'P33',
      publicKey: compressKey(this.authoritySigner.publicKey),
      types: options.keyTypes ?? ['driving'],
      notBefore: options.keyNotBefore ?? 1,
      notAfter: 4_000_000_000,
      ...(options.lastGood ? { burned: { at: NOON - 60, lastGood: options.lastGood } } : {}),
      rev: 1,
      at: 1,
    };
  }
}

function statusesOf(
  statuses: NonNullable<EpochOptions['statuses']>,
  { statusClass = 'administrative' }: EpochOptions,
): EpochEvidence['statuses'] {
  return statuses.map(([index, state]) => ({
    ...{ index, state, class: statusClass },
    ...{ time: NOON - 500, seq: 1 },
  }));
}

function authority(options: BundleOptions): CborInput {
  return {
    uscc: USCC,
    msp: 'P33',
    name: { zh: '浙江省公安厅', en: 'Zhejiang public security' },
    types: options.authorityTypes ?? ['driving'],
    divisions: ['33'],
    status: options.authorityStatus ?? 'accredited',
    rev: 1,
    at: 1,
  };
}

function actPolicy([act, days, leastHolder, leastAnchor]: (typeof ACTS)[number]): ActPolicy {
  const age = days * 86_400;
  const label = { zh: act, en: act };
  return {
    act,
    label,
    maxBundleAge: age,
    maxStatusAge: age,
    leastHolder,
    leastAnchor,
    rev: 1,
    at: 1,
  };
}

function batchArguments(copies: readonly Copy[], type: TypeDefinition): readonly Uint8Array[] {
  const count = Math.max(...copies.map((copy) => copy.index)) + 1;
  return Array.from({ length: count }, (_, index) => {
    const copy = copies.find((c) => c.index === index);
    return copy ? anchorArgument(copyCose(copy, type)) : voidArgument();
  });
}

function responsePayload(proposal: Uint8Array, chaincode: string, value: Uint8Array): Uint8Array {
  const response = new peer.Response();
  response.setStatus(200);
  response.setPayload(utf8(toBase64(value)));
  const id = new peer.ChaincodeID();
  id.setName(chaincode);
  const action = new peer.ChaincodeAction();
  action.setResponse(response);
  action.setChaincodeId(id);
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(proposalHash(proposal));
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}
