// SPDX-License-Identifier: Apache-2.0
// A small peer's side of Fabric's chaincode protocol: dials a host by its connection file, registers it, and has it execute transactions,
// several at a time on one stream. All messages are Fabric's own.
import { Client, credentials } from '@grpc/grpc-js';
import { peer } from '../../network/protos.ts';

export type ChaincodeMessage = InstanceType<typeof peer.ChaincodeMessage>;
export const TYPE = peer.ChaincodeMessage.Type;

/** connection.json of chaincode as a service. */
export interface HostConnection {
  readonly address: string;
  readonly root_cert: string;
  readonly client_cert: string;
  readonly client_key: string;
}

/** One registered stream. */
export interface ChaincodeChat {
  /** Package id under which the host registered. */
  readonly packageId: string;
  /** Sends a message and lets `serve` answer what the chaincode asks, until it ends the transaction. */
  execute(
    message: ChaincodeMessage,
    serve: (request: ChaincodeMessage) => Promise<ChaincodeMessage>,
  ): Promise<ChaincodeMessage>;
  close(): void;
}

interface Running {
  readonly serve: (request: ChaincodeMessage) => Promise<ChaincodeMessage>;
  readonly end: (message: ChaincodeMessage) => void;
  readonly fail: (error: Error) => void;
}

const CONNECT = '/protos.Chaincode/Connect';
const MAX_BYTES = 100 << 20;
const DIAL_MS = 20_000;

/** Dials a host. With `ready: false` the peer says REGISTERED only. Rejects where gRPC or TLS refuses. */
export function dialHost(
  connection: Partial<HostConnection> & Pick<HostConnection, 'address'>,
  { ready = true } = {},
): Promise<ChaincodeChat> {
  const client = new Client(connection.address, credentialsOf(connection), {
    'grpc.max_receive_message_length': MAX_BYTES,
    'grpc.max_send_message_length': MAX_BYTES,
    'grpc.ssl_target_name_override': 'localhost',
  });
  const stream = client.makeBidiStreamRequest<ChaincodeMessage, ChaincodeMessage>(
    CONNECT,
    (message) => Buffer.from(message.serializeBinary()),
    (bytes) => peer.ChaincodeMessage.deserializeBinary(bytes),
  );
  const running = new Map<string, Running>();
  const chat = (packageId: string): ChaincodeChat => ({
    packageId,
    execute: (message, serve) =>
      new Promise((end, fail) => {
        running.set(transactionOf(message), { serve, end, fail });
        stream.write(message);
      }),
    close: () => {
      stream.end();
      client.close();
    },
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      client.close();
      for (const each of running.values()) each.fail(error);
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error('the host does not register')), DIAL_MS);
    stream.on('error', fail);
    stream.on('end', () => fail(new Error('the host ended the stream')));
    stream.on('data', (message: ChaincodeMessage) => {
      if (message.getType() !== TYPE.REGISTER) {
        void takeMessage(running, message, (answer) => stream.write(answer));
        return;
      }
      clearTimeout(timer);
      stream.write(messageOf(TYPE.REGISTERED));
      if (ready) stream.write(messageOf(TYPE.READY));
      const id = peer.ChaincodeID.deserializeBinary(message.getPayload_asU8());
      resolve(chat(id.getName()));
    });
  });
}

/** A message with its fields set: Fabric's setters give nothing back. */
export function filled<T>(message: T, fill: (message: T) => void): T {
  fill(message);
  return message;
}

/** A message of a transaction, or of none. */
export function messageOf(
  type: number,
  payload: Uint8Array = new Uint8Array(0),
  of?: ChaincodeMessage,
): ChaincodeMessage {
  const message = new peer.ChaincodeMessage();
  message.setType(type as ReturnType<ChaincodeMessage['getType']>);
  message.setPayload(payload);
  if (of) {
    message.setTxid(of.getTxid());
    message.setChannelId(of.getChannelId());
  }
  return message;
}

async function takeMessage(
  running: Map<string, Running>,
  message: ChaincodeMessage,
  send: (answer: ChaincodeMessage) => void,
): Promise<void> {
  const transaction = running.get(transactionOf(message));
  if (!transaction) return;
  if (message.getType() === TYPE.COMPLETED || message.getType() === TYPE.ERROR) {
    running.delete(transactionOf(message));
    transaction.end(message);
    return;
  }
  try {
    send(await transaction.serve(message));
  } catch (error) {
    // As a peer does: what it could not do is the chaincode's error, and the transaction goes on.
    send(messageOf(TYPE.ERROR, Buffer.from(String(error)), message));
  }
}

function transactionOf(message: ChaincodeMessage): string {
  return `${message.getChannelId()} ${message.getTxid()}`;
}

function credentialsOf({ root_cert, client_cert, client_key }: Partial<HostConnection>) {
  if (root_cert === undefined) return credentials.createInsecure();
  const pem = (text?: string) => (text === undefined ? null : Buffer.from(text));
  return credentials.createSsl(pem(root_cert), pem(client_key), pem(client_cert));
}
