// SPDX-License-Identifier: Apache-2.0
// A chaincode host that lies, for the drill `liar`: `lying-host.ts PACKAGE BUNDLE ADDRESS TLS_FOLDER CLIENT_ROOTS`. It serves the real contracts
// altered: revocations are left out of an epoch's evidence, and every batch writes a record that nobody asked for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64, fromUtf8, toBase64, utf8 } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { epochEvidenceCbor, parseEpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import { loadDispatch, serveDispatch } from '@zhenglian/network/contract-api';
import { openPackage } from '@zhenglian/network/fabric/chaincode-package';
import type { ChaincodeResponse, Dispatch } from '@zhenglian/network/contract-api';

interface Stub {
  getBufferArgs(): readonly Uint8Array[];
  putState(key: string, value: Uint8Array): Promise<void>;
}

// As the real host: refusals are answers, not log lines.
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'critical';
const MAX_MESSAGE_BYTES = 20 << 20;

const [file = '', bundle = '', address = '', tls = '', clientRoots = ''] = process.argv.slice(2);
const { id } = openPackage(file, bundle);
process.on('SIGTERM', () => process.exit(0));
await serveDispatch(alter(loadDispatch(bundle)), {
  id,
  address,
  key: readFileSync(join(tls, 'server.key')),
  certificate: readFileSync(join(tls, 'server.crt')),
  clientRoots: readFileSync(clientRoots),
  maxMessageBytes: MAX_MESSAGE_BYTES,
});
console.log(`lying as ${id} on ${address}`);

function alter(honest: Dispatch): Dispatch {
  return {
    Init: (stub) => honest.Init(stub),
    Invoke: async (stub) => {
      const answer = await honest.Invoke(stub);
      if (answer.status !== 200) return answer;
      const { putState, name } = readStub(stub);
      if (name === 'SubmitBatch') await putState('lie', utf8('written by nobody'));
      return name === 'EpochEvidence' ? withoutStatuses(answer) : answer;
    },
  };
}

function withoutStatuses(answer: ChaincodeResponse): ChaincodeResponse {
  const text = fromUtf8(new Uint8Array(answer.payload ?? []));
  const evidence = parseEpochEvidence(decodeCbor(fromBase64(text)));
  const lie = encodeCbor(epochEvidenceCbor({ ...evidence, statuses: [] }));
  return { ...answer, payload: Buffer.from(toBase64(lie)) };
}

function readStub(stub: unknown) {
  const live = stub as Stub;
  return {
    name: fromUtf8(new Uint8Array(live.getBufferArgs()[0] ?? [])),
    putState: (key: string, value: Uint8Array) => live.putState(key, value),
  };
}
