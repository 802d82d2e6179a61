// SPDX-License-Identifier: Apache-2.0
// A peer that lies about blocks: stands before a real one with that one's own TLS key, and alters what it delivers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, credentials, Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { commitHashAfter } from '@zhenglian/network/fabric/commit-hash';
import { organisationOf } from '@zhenglian/network/fabric/members';
import { readFields, writeBytes } from '@zhenglian/network/wire-fields';
import { common } from '@zhenglian/network/protos';
import type { Layout } from '@zhenglian/network/fabric/layout';
import type { FabricMember, FabricPeer } from '@zhenglian/network/fabric/members';

/** What it does: forges flags with commit hashes to fit, changes data, drops signatures, keeps blocks back. */
export type Forgery = 'flags' | 'data' | 'signatures' | 'hidden';

/** A lying peer that runs. */
export interface ForgingPeer {
  /** How clients reach it: the true peer's certificate at another address. */
  readonly peer: FabricPeer;
  /** From now on; none: the truth. */
  lie(how: Forgery | undefined): void;
  /** Blocks that it altered or kept back. */
  readonly forged: number;
  close(): void;
}

type Duplex = ServerDuplexStream<Buffer, Buffer>;

const LIMITS = {
  'grpc.max_receive_message_length': 20 << 20,
  'grpc.max_send_message_length': 20 << 20,
};
const DELIVER = '/protos.Deliver/Deliver';
const UNARY = [
  '/protos.Endorser/ProcessProposal',
  ...['Endorse', 'Submit', 'CommitStatus', 'Evaluate'].map((name) => `/gateway.Gateway/${name}`),
];
const { TRANSACTIONS_FILTER, SIGNATURES, COMMIT_HASH } = common.BlockMetadataIndex;
const LOST_RACE = 11;
const NOTHING = new Uint8Array(0);

/** Starts one before an organisation's peer, which it asks as this member. */
export async function startForgingPeer(
  layout: Layout,
  msp: string,
  member: FabricMember,
): Promise<ForgingPeer> {
  const truth = member.peers.find((peer) => peer.msp === msp);
  if (!truth) throw new Error(`no peer of ${msp}`);
  const own = [truth.tlsRootPem, member.tlsKeyPem, member.tlsCertificatePem] as const;
  const [root, key, certificate] = own.map((pem) => Buffer.from(pem));
  const upstream = new Client(truth.address, credentials.createSsl(root, key, certificate), {
    ...LIMITS,
    'grpc.ssl_target_name_override': truth.serverName ?? 'localhost',
  });
  const forger = createForger();
  const server = new Server(LIMITS);
  server.addService(
    Object.fromEntries([...UNARY, DELIVER].map((path) => [path, definition(path)])),
    {
      ...Object.fromEntries(UNARY.map((path) => [path, forwardUnary(upstream, path)])),
      [DELIVER]: (down: Duplex) => forwardBlocks(upstream, down, forger.change),
    },
  );
  const { folders } = organisationOf(layout, msp);
  const tls = (name: string) => readFileSync(join(folders.peer, 'tls', name));
  const pair = { private_key: tls('server.key'), cert_chain: tls('server.crt') };
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(null, [pair]), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return {
    peer: { ...truth, address: `127.0.0.1:${String(port)}` },
    lie: (how) => forger.set(how),
    get forged() {
      return forger.count();
    },
    close: () => {
      server.forceShutdown();
      upstream.close();
    },
  };
}

/** Alters blocks one way until told another; undefined: the block is kept back. */
function createForger() {
  let how: Forgery | undefined;
  let count = 0;
  const hashes = new Map<number, Uint8Array>();
  const change = (bytes: Uint8Array): Uint8Array | undefined => {
    const draft = openDraft(common.Block.deserializeBinary(bytes));
    const { number, metadata } = draft;
    const isForged =
      how !== undefined && number > 0 && FORGERIES[how](draft, hashes.get(number - 1));
    hashes.set(number, readFields(metadata[COMMIT_HASH] ?? NOTHING).bytes(1));
    if (!isForged) return bytes;
    count += 1;
    return how === 'hidden' ? undefined : closeDraft(draft);
  };
  const set = (next: Forgery | undefined) => {
    how = next;
  };
  return { change, set, count: () => count };
}

/** A block open for forgery. */
interface Draft {
  readonly block: common.Block;
  readonly number: number;
  readonly envelopes: Uint8Array[];
  readonly metadata: Uint8Array[];
}

function openDraft(block: common.Block): Draft {
  return {
    block,
    number: block.getHeader()?.getNumber() ?? 0,
    envelopes: block.getData()?.getDataList_asU8() ?? [],
    metadata: block.getMetadata()?.getMetadataList_asU8() ?? [],
  };
}

function closeDraft({ block, envelopes, metadata }: Draft): Uint8Array {
  block.getData()?.setDataList(envelopes);
  block.getMetadata()?.setMetadataList(metadata);
  return block.serializeBinary();
}

/** Each changes a draft, and tells whether it did; the commit hash is the one it showed with the block before. */
const FORGERIES: Readonly<Record<Forgery, (draft: Draft, before?: Uint8Array) => boolean>> = {
  hidden: () => true,
  data: ({ envelopes: [first] }) => {
    const at = (first?.length ?? 0) >> 1;
    if (first) first[at] = (first[at] ?? 0) ^ 1;
    return true;
  },
  signatures: ({ metadata }) => {
    const signed = readFields(metadata[SIGNATURES] ?? NOTHING);
    metadata[SIGNATURES] = writeBytes(1, signed.bytes(1));
    return true;
  },
  flags: ({ number, envelopes, metadata }, before) => {
    if (before === undefined) return false; // the lie would not fit what it showed
    const codes = Uint8Array.from(metadata[TRANSACTIONS_FILTER] ?? []);
    codes[0] = codes[0] === 0 ? LOST_RACE : 0;
    metadata[TRANSACTIONS_FILTER] = codes;
    const commitHash = commitHashAfter({ number, envelopes, codes }, before);
    metadata[COMMIT_HASH] = writeBytes(1, commitHash ?? NOTHING);
    return true;
  },
};

function forwardBlocks(
  upstream: Client,
  down: Duplex,
  change: (block: Uint8Array) => Uint8Array | undefined,
): void {
  const up = upstream.makeBidiStreamRequest(DELIVER, same, same);
  down.on('data', (request: Buffer) => up.write(request));
  down.on('end', () => up.end());
  down.on('cancelled', () => up.cancel());
  up.on('data', (response: Buffer) => {
    const block = readFields(response).list(2)[0];
    const shown = block ? change(block) : undefined;
    if (!block) down.write(response);
    else if (shown) down.write(Buffer.from(writeBytes(2, shown)));
  });
  up.on('error', (error) => down.destroy(error));
  up.on('end', () => down.end());
}

function forwardUnary(upstream: Client, path: string) {
  return (
    call: { readonly request: Buffer },
    done: (error: Error | null, answer?: Buffer) => void,
  ): void => {
    upstream.makeUnaryRequest(path, same, same, call.request, (error, answer) => {
      done(error, answer);
    });
  };
}

function definition(path: string) {
  const isStream = path === DELIVER;
  return {
    path,
    requestStream: isStream,
    responseStream: isStream,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
