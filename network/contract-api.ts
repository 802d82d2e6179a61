// SPDX-License-Identifier: Apache-2.0
// Fabric's contract libraries, which the built bundles run on: the only place that knows them. Both engines load bundles here.
import { createRequire } from 'node:module';
import { CodedError } from '@zhenglian/core/errors';

/** A bundle's contracts behind the chaincode interface of fabric-shim. */
export interface Dispatch {
  Init(stub: unknown): Promise<ChaincodeResponse>;
  Invoke(stub: unknown): Promise<ChaincodeResponse>;
}

/** What a chaincode answers. */
export interface ChaincodeResponse {
  readonly status: number;
  readonly message?: string;
  readonly payload?: Uint8Array;
}

/** A stub of one call. */
export interface LiveStub {
  readonly chaincodeEvent?: { getEventName(): string; getPayload_asU8(): Uint8Array };
}

/** Where and as whom a chaincode serves peers; certificates are PEM. */
export interface ServeOptions {
  readonly id: string;
  readonly address: string;
  readonly key: Uint8Array;
  readonly certificate: Uint8Array;
  readonly clientRoots: Uint8Array;
  readonly maxMessageBytes: number;
}

interface Bundle {
  readonly contracts?: readonly unknown[];
  readonly serializers?: unknown;
}

const require = createRequire(import.meta.url);

/** Loads a bundle. @throws START_FAILED when there is none, or no bundle of contracts */
export function loadDispatch(path: string): Dispatch {
  // The contract API keeps what decorators say on `global`: each bundle must start and end with none of another's.
  forgetMetadata();
  try {
    const bundle: unknown = require(path);
    return createDispatch(bundle as Bundle);
  } catch (cause) {
    throw new CodedError('START_FAILED', `no chaincode bundle at ${path}`, { cause });
  } finally {
    forgetMetadata();
  }
}

/** A stub of fabric-shim: handler, channel, transaction id, input, signed proposal. */
export function createStub(...parts: readonly unknown[]): LiveStub {
  const Stub = require('fabric-shim/lib/stub.js') as new (...args: unknown[]) => LiveStub;
  return new Stub(...parts);
}

/** Serves a bundle to peers that dial in, as chaincode as a service. Rejects when the address cannot be had. */
export async function serveDispatch(dispatch: Dispatch, options: ServeOptions): Promise<void> {
  const shim = require('fabric-shim') as {
    server(chaincode: Dispatch, options: unknown): { start(): Promise<void> };
  };
  const { id, address, key, certificate, clientRoots, maxMessageBytes } = options;
  const server = shim.server(dispatch, {
    ccid: id,
    address,
    tlsProps: { key, cert: certificate, clientCACerts: clientRoots },
    'grpc.max_receive_message_length': maxMessageBytes, // grpc-js stops at 4 MiB by itself
    'grpc.max_send_message_length': maxMessageBytes,
  });
  await server.start();
}

function createDispatch(bundle: Bundle): Dispatch {
  const ChaincodeFromContract =
    require('fabric-shim/lib/contract-spi/chaincodefromcontract.js') as new (
      contracts: unknown[],
      serializers: unknown,
    ) => Dispatch;
  const { JSONSerializer } = require('fabric-contract-api') as { JSONSerializer: unknown };
  const serializers = bundle.serializers ?? {
    transaction: 'jsonSerializer',
    serializers: { jsonSerializer: JSONSerializer },
  };
  // The dispatch appends to the array it is given: a copy.
  return new ChaincodeFromContract([...(bundle.contracts ?? [])], serializers);
}

function forgetMetadata(): void {
  require('reflect-metadata');
  const metadata = Reflect as unknown as {
    getMetadataKeys(target: object): unknown[];
    deleteMetadata(key: unknown, target: object): boolean;
  };
  for (const key of metadata.getMetadataKeys(global)) metadata.deleteMetadata(key, global);
}
