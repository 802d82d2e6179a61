// SPDX-License-Identifier: Apache-2.0
// Proposals and answers built by Fabric's own protobuf classes: the outside oracle for co-signed answers.
import { createHash } from 'node:crypto';
import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';

import { concat, toBase64, utf8 } from '@zhenglian/core/bytes';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import { Timestamp } from '../../network/protos.ts';
import type { TestMember } from './organisation.ts';

/** Everything a test may bend. */
export interface AnswerParts {
  readonly channel: string;
  readonly chaincode: string;
  readonly specChaincode: string;
  readonly answeredBy: string;
  readonly type: number;
  readonly args: readonly Uint8Array[];
  readonly transient: Readonly<Record<string, Uint8Array>>;
  readonly isInit: boolean;
  readonly at: number;
  readonly status: number;
  readonly result: string;
  readonly writes: boolean;
  readonly collection: boolean;
  readonly hash: Uint8Array | undefined;
  readonly signers: readonly TestMember[];
}

const { kvrwset } = ledger.rwset;

/** An answer as peers would give it, but for what `bent` says. */
export function fabricAnswer(bent: Partial<AnswerParts> & Pick<AnswerParts, 'args' | 'signers'>) {
  const parts: AnswerParts = {
    channel: 'zhenglian',
    chaincode: 'zl',
    specChaincode: bent.chaincode ?? 'zl',
    answeredBy: bent.chaincode ?? 'zl',
    type: common.HeaderType.ENDORSER_TRANSACTION,
    transient: {},
    isInit: false,
    at: 1_780_000_000,
    status: 200,
    result: toBase64(utf8('value')),
    writes: false,
    collection: false,
    hash: undefined,
    ...bent,
  };
  const { bytes, hash } = proposal(parts);
  const payload = responsePayload(parts, parts.hash ?? hash);
  const endorsements = parts.signers.map((signer) => endorse(signer, payload));
  return { proposal: bytes, payload, endorsements } satisfies CosignedAnswer;
}

/** One peer's endorsement of a payload. */
export function endorse(signer: TestMember, payload: Uint8Array) {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(signer.msp);
  identity.setIdBytes(utf8(signer.certificatePem));
  const endorser: Uint8Array = identity.serializeBinary();
  return { endorser, signature: signer.sign(concat(payload, endorser)) };
}

function proposal(parts: AnswerParts): { bytes: Uint8Array; hash: Uint8Array } {
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId(parts.chaincode));
  const channel = new common.ChannelHeader();
  channel.setType(parts.type);
  channel.setChannelId(parts.channel);
  channel.setTxId('ab'.repeat(32));
  channel.setTimestamp(new Timestamp().setSeconds(parts.at).setNanos(5));
  channel.setExtension$(extension.serializeBinary());
  const signature = new common.SignatureHeader();
  signature.setCreator(utf8('creator'));
  signature.setNonce(utf8('nonce'));
  const header = new common.Header();
  header.setChannelHeader(channel.serializeBinary());
  header.setSignatureHeader(signature.serializeBinary());
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation(parts));
  // What Fabric hashes has no transient map (protoutil.GetProposalHash1).
  const hashed: Uint8Array = payload.serializeBinary();
  for (const [key, value] of Object.entries(parts.transient)) {
    payload.getTransientmapMap().set(key, value);
  }
  const whole = new peer.Proposal();
  whole.setHeader(header.serializeBinary());
  whole.setPayload(payload.serializeBinary());
  const hash = createHash('sha256');
  hash.update(channel.serializeBinary()).update(signature.serializeBinary()).update(hashed);
  return { bytes: whole.serializeBinary(), hash: hash.digest() };
}

function invocation(parts: AnswerParts): Uint8Array {
  const input = new peer.ChaincodeInput();
  input.setArgsList([...parts.args]);
  input.setIsInit(parts.isInit);
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.NODE);
  spec.setChaincodeId(chaincodeId(parts.specChaincode));
  spec.setInput(input);
  const whole = new peer.ChaincodeInvocationSpec();
  whole.setChaincodeSpec(spec);
  return whole.serializeBinary();
}

function responsePayload(parts: AnswerParts, hash: Uint8Array): Uint8Array {
  const response = new peer.Response();
  response.setStatus(parts.status);
  response.setPayload(utf8(parts.result));
  const action = new peer.ChaincodeAction();
  action.setResults(readWriteSet(parts));
  action.setResponse(response);
  action.setChaincodeId(chaincodeId(parts.answeredBy));
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(hash);
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}

/** As real peers write it: the lifecycle's namespace is read first. */
function readWriteSet(parts: AnswerParts): Uint8Array {
  const version = new kvrwset.Version();
  version.setBlockNum(6);
  const read = new kvrwset.KVRead();
  read.setKey('namespaces/fields/zl/Sequence');
  read.setVersion(version);
  const lifecycle = new kvrwset.KVRWSet();
  lifecycle.setReadsList([read]);
  const own = new kvrwset.KVRWSet();
  own.setReadsList([read]);
  if (parts.writes) {
    const write = new kvrwset.KVWrite();
    write.setKey('x');
    write.setValue(utf8('1'));
    own.setWritesList([write]);
  }
  const set = new ledger.rwset.TxReadWriteSet();
  set.setNsRwsetList([
    namespace('_lifecycle', lifecycle, false),
    namespace('zl', own, parts.collection),
  ]);
  return set.serializeBinary();
}

function namespace(
  name: string,
  set: InstanceType<typeof kvrwset.KVRWSet>,
  hasCollection: boolean,
): InstanceType<typeof ledger.rwset.NsReadWriteSet> {
  const whole = new ledger.rwset.NsReadWriteSet();
  whole.setNamespace(name);
  whole.setRwset(set.serializeBinary());
  if (hasCollection) {
    const collection = new ledger.rwset.CollectionHashedReadWriteSet();
    collection.setCollectionName('c');
    whole.setCollectionHashedRwsetList([collection]);
  }
  return whole;
}

function chaincodeId(name: string): peer.ChaincodeID {
  const id = new peer.ChaincodeID();
  id.setName(name);
  return id;
}
