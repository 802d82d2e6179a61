// SPDX-License-Identifier: Apache-2.0
// A gRPC server that a client takes for a peer: answers proposals as a test wants, and has no other service.
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { createSigner, serializeIdentity } from '../../network/identity.ts';
import { endorsedBytes } from '../../network/proposal.ts';
import { peer } from '../../network/protos.ts';
import type { TlsPair, TlsRoot } from './tls-certificates.ts';

/** A server on a free port. */
export interface FakePeer {
  readonly address: string;
  close(): void;
}

/** Serves ProcessProposal with these bytes as its answer; without an answer it has no service at all. */
export async function startFakePeer(
  root: TlsRoot,
  { certificate, key }: TlsPair,
  answer?: Uint8Array,
): Promise<FakePeer> {
  const server = new Server();
  if (answer) {
    const bytes = (message: Buffer) => message;
    server.addService(
      {
        processProposal: {
          path: '/protos.Endorser/ProcessProposal',
          ...{ requestStream: false, responseStream: false },
          ...{ requestSerialize: bytes, requestDeserialize: bytes },
          ...{ responseSerialize: bytes, responseDeserialize: bytes },
        },
      },
      {
        processProposal: (_call: unknown, done: (error: null, answer: Buffer) => void) =>
          done(null, Buffer.from(answer)),
      },
    );
  }
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(certificate) };
  const tls = ServerCredentials.createSsl(Buffer.from(root.certificate), [pair], true);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', tls, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${String(port)}`,
    close: () => server.forceShutdown(),
  };
}

/** An answer with an empty result, endorsed in an organisation's name by a certificate of its; by `key` another one signs. */
export function emptyAnswer(msp: string, { certificate, key }: TlsPair): Uint8Array {
  const response = new peer.Response();
  response.setStatus(200);
  const endorsement = new peer.Endorsement();
  const endorser = serializeIdentity(msp, certificate);
  endorsement.setEndorser(endorser);
  const answer = new peer.ProposalResponse();
  answer.setResponse(response);
  const action = new peer.ChaincodeAction();
  action.setResponse(response);
  const payload = new peer.ProposalResponsePayload();
  payload.setExtension$(action.serializeBinary());
  const bytes = payload.serializeBinary();
  answer.setPayload(bytes);
  endorsement.setSignature(createSigner(key)(endorsedBytes(bytes, endorser)));
  answer.setEndorsement(endorsement);
  return answer.serializeBinary();
}
