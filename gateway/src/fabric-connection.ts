// SPDX-License-Identifier: Apache-2.0
// Fabric's client library and gRPC, and nothing of our own: bytes to endorsers, transactions to the gateway service, blocks back.
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, GatewayError, hash, signers } from '@hyperledger/fabric-gateway';
import { CodedError } from '@zhenglian/core/errors';
import type { FabricMember, FabricPeer } from '@zhenglian/network/fabric/members';
import { explain } from '@zhenglian/network/fabric/peer-words';
import type { Gateway } from '@hyperledger/fabric-gateway';
import { requireUsable } from './fabric-member.ts';

/** Open connections of one member: its own peer's gateway service, and every organisation's endorser. */
export interface FabricConnection {
  /** Carries a SignedProposal; gives a ProposalResponse. @throws LEDGER_UNAVAILABLE, LEDGER_REFUSED */
  ask(msp: string, signedProposal: Uint8Array, deadlineAt: number): Promise<Uint8Array>;
  /** Hands a prepared transaction to the orderers and waits for its commit. Whatever else it throws, the outcome is unknown. @throws LEDGER_REFUSED when the peer has no gateway service */
  submit(
    preparedTransaction: Uint8Array,
    deadlineAt: number,
  ): Promise<{ readonly code: number; readonly blockNumber: number }>;
  /** Blocks of an organisation's peer from a number on, as they come. Ends with the signal. @throws LEDGER_UNAVAILABLE, LEDGER_REFUSED */
  blocks(msp: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): void;
}

/** A block may hold 16 MB; grpc-js stops at 4 MiB by itself. */
const MAX_MESSAGE_BYTES = 20 << 20;
const PROCESS_PROPOSAL = '/protos.Endorser/ProcessProposal';
/** gRPC's codes for "it did not get there", "not in time" and "not now". */
const UNAVAILABLE_CODES: readonly number[] = [1, 4, 8, 13, 14];
const UNIMPLEMENTED = 12;
/** A peer with its hands full says so under the code of refusals. */
const BUSY = /^too many requests for /;

/** Opens connections; nothing is dialled before it is needed. @throws LEDGER_REFUSED when files or peers cannot be used */
export function openFabric(member: FabricMember): FabricConnection {
  requireUsable(member, Date.now());
  const clients = new Map(member.peers.map((peer) => [peer.msp, openClient(member, peer)]));
  const clientOf = (msp: string) => {
    const client = clients.get(msp);
    if (client) return client;
    throw new CodedError('LEDGER_REFUSED', `no peer of ${msp} is known`);
  };
  const gateways = new Map<string, Gateway>();
  const gatewayOf = (msp: string) => {
    const open = gateways.get(msp) ?? openGateway(member, clientOf(msp));
    gateways.set(msp, open);
    return open;
  };
  const gateway = gatewayOf(member.msp);
  return {
    ask: (msp, signedProposal, deadlineAt) =>
      processProposal(clientOf(msp), signedProposal, deadlineAt),
    submit: async (prepared, deadlineAt) => {
      const options = { deadline: deadlineAt };
      const submitted = await gateway.newTransaction(prepared).submit(options).catch(rethrow);
      const { code, blockNumber } = await submitted.getStatus(options);
      return { code, blockNumber: Number(blockNumber) };
    },
    blocks: (msp, from, signal) => readBlocks(gatewayOf(msp), member.channel, from, signal),
    close: () => {
      for (const open of gateways.values()) open.close();
      for (const client of clients.values()) client.close();
    },
  };
}

function openClient(member: FabricMember, peer: FabricPeer): Client {
  const pem = (text: string) => Buffer.from(text);
  const tls = credentials.createSsl(
    pem(peer.tlsRootPem),
    pem(member.tlsKeyPem),
    pem(member.tlsCertificatePem),
  );
  return new Client(peer.address, tls, {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.keepalive_time_ms': 120_000,
    // A peer that came back is dialled again soon.
    'grpc.max_reconnect_backoff_ms': 2000,
    ...(peer.serverName !== undefined && { 'grpc.ssl_target_name_override': peer.serverName }),
  });
}

function openGateway(member: FabricMember, client: Client): Gateway {
  const { raw } = new X509Certificate(member.tlsCertificatePem);
  return connect({
    client,
    identity: { mspId: member.msp, credentials: Buffer.from(member.certificatePem) },
    signer: signers.newPrivateKeySigner(createPrivateKey(member.keyPem)),
    hash: hash.sha256,
    // Under mutual TLS a peer delivers blocks only to the certificate that the request names.
    tlsClientCertificateHash: createHash('sha256').update(raw).digest(),
  });
}

function processProposal(
  client: Client,
  signedProposal: Uint8Array,
  deadlineAt: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      PROCESS_PROPOSAL,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => new Uint8Array(bytes),
      signedProposal,
      { deadline: deadlineAt },
      (error, answer) => {
        if (error) reject(ledgerError(error.code, error.details, error));
        else resolve(answer ?? new Uint8Array(0));
      },
    );
  });
}

async function* readBlocks(
  gateway: Gateway,
  channel: string,
  from: number,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  if (signal.aborted) return;
  const startBlock = BigInt(from);
  const events = await gateway.getNetwork(channel).getBlockEvents({ startBlock });
  const stop = () => {
    events.close();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const block of events) {
      yield block.serializeBinary();
      if (isAborted(signal)) return;
    }
  } catch (error) {
    if (isAborted(signal)) return;
    throw new CodedError('LEDGER_UNAVAILABLE', 'the stream of blocks ended', { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
    events.close();
  }
}

/** A signal may abort while we wait, which the compiler cannot see. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** A service that is not there has ordered nothing. */
function rethrow(error: unknown): never {
  if (error instanceof GatewayError && error.code === UNIMPLEMENTED) {
    throw ledgerError(error.code, error.message, error);
  }
  throw error;
}

function ledgerError(code: number, details: string, cause: unknown): CodedError {
  const notNow = UNAVAILABLE_CODES.includes(code) || BUSY.test(details);
  const kind = notNow ? 'LEDGER_UNAVAILABLE' : 'LEDGER_REFUSED';
  return new CodedError(kind, explain(details), { cause });
}
