// SPDX-License-Identifier: Apache-2.0
// The key store of a signer process, as a gateway has it: no key is in this memory. A connection that ends is made anew
// when it is next needed, and every second until it is there.
import { toHex } from '@zhenglian/core/bytes';
import { integer } from '@zhenglian/core/shape';
import type { SignedContent } from '@zhenglian/core/signing';
import { gatewayError } from '../problem-codes.ts';
import type { KeyInfo, KeySession, KeyStore } from './key-store.ts';
import { decodeKeys, decodeSignatures, MAX_PAYLOAD, PROTOCOL } from './messages.ts';
import { refuse } from './refuse.ts';
import type { SignerAddress } from './signer-address.ts';
import { connectSigner } from './signer-connection.ts';
import type { SignerConnection } from './signer-connection.ts';

export interface RemoteKeyStoreOptions {
  readonly address: SignerAddress;
  /** Milliseconds; 10,000 unless given. */
  readonly answerWithin?: number;
}

const ANSWER_WITHIN = 10_000;
const LOOK_EVERY = 1000;
/** Contents of a request: some ten milliseconds of a signer's work. */
const CHUNK = 256;
const number = integer(1, 0xffff_ffff);

/** A session of one connection, and the keys it names. */
interface Line {
  readonly connection: SignerConnection;
  readonly session: number;
  readonly handles: Map<string, number>;
}

/** Opens the store of a signer, which may not be there yet. */
export async function openRemoteKeyStore(options: RemoteKeyStoreOptions): Promise<KeyStore> {
  const { address, answerWithin = ANSWER_WITHIN } = options;
  let isClosed = false;
  let trouble: string | undefined = 'SIGNER_UNAVAILABLE';
  let live: SignerConnection | undefined;
  const open = shared(async () => (live = await connectSigner(address, answerWithin)));
  const connect = async (): Promise<SignerConnection> => {
    if (live?.isLive() === true) return live;
    if (isClosed) throw gatewayError('SIGNER_UNAVAILABLE', 'the key store is closed');
    return open();
  };
  const look = async () => {
    try {
      await (await connect()).ask({ verb: 'ping' });
      trouble = undefined;
    } catch {
      trouble = 'SIGNER_UNAVAILABLE';
    }
  };
  let looking = look();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_EVERY);
  await looking;
  return {
    openSession: () => Promise.resolve(openSession(connect)),
    troubles: () => (trouble === undefined ? [] : [trouble]),
    async close() {
      isClosed = true;
      clearInterval(timer);
      live?.close();
      await looking;
      live?.close();
    },
  };
}

/** Handles here outlive connections: each stands for a key id, which is asked for anew on every line. */
function openSession(connect: () => Promise<SignerConnection>): KeySession {
  const handles = new Map<string, number>();
  const kids: string[] = [];
  let line: Line | undefined;
  let isOpen = true;
  const nameAll = (keys: readonly KeyInfo[], { handles: theirs }: Line): readonly KeyInfo[] =>
    keys.map((key) => {
      const kid = toHex(key.kid);
      theirs.set(kid, key.handle);
      const handle = handles.get(kid) ?? kids.push(kid);
      handles.set(kid, handle);
      return { ...key, handle };
    });
  const openLine = shared(async (): Promise<Line> => {
    const connection = await connect();
    const session = number(await connection.ask({ verb: 'open', protocol: PROTOCOL }), 'session');
    const opened = { connection, session, handles: new Map<string, number>() };
    nameAll(decodeKeys(await connection.ask({ verb: 'list', session })), opened);
    return (line = opened);
  });
  const lineNow = async (): Promise<Line> => {
    if (!isOpen) throw gatewayError('SIGNER_UNAVAILABLE', 'the session is closed');
    return line?.connection.isLive() === true ? line : openLine();
  };
  return {
    async listKeys() {
      const now = await lineNow();
      const { connection, session } = now;
      return nameAll(decodeKeys(await connection.ask({ verb: 'list', session })), now);
    },
    async generateKey(authority) {
      const now = await lineNow();
      const { connection, session } = now;
      const answer = await connection.ask({ verb: 'generate', session, authority });
      const [key] = nameAll(decodeKeys(answer), now);
      if (key === undefined) throw gatewayError('SIGNER_UNAVAILABLE', 'the signer made no key');
      return key;
    },
    async sign(handle, contents) {
      const { connection, session, handles: theirs } = await lineNow();
      const there = theirs.get(kids[handle - 1] ?? '');
      if (there === undefined) {
        throw gatewayError('SIGNER_KEY_UNKNOWN', 'the signer has no such key');
      }
      const signed = await Promise.all(
        chunksOf(contents).map(async ({ purpose, networkId, payloads }) => {
          const content = { session, handle: there, purpose, networkId, payloads };
          const answer = await connection.ask({ verb: 'sign', ...content });
          return decodeSignatures(answer, payloads.length);
        }),
      );
      return signed.flat();
    },
    close() {
      isOpen = false;
      // Told, not awaited: a signer that hangs must not keep a gateway from ending. It ends with the connection too.
      if (line?.connection.isLive() === true) {
        const { connection, session } = line;
        void connection.ask({ verb: 'close', session }).catch(() => undefined);
      }
      return Promise.resolve();
    },
  };
}

/** Those who call while it is done get the same outcome. */
function shared<T>(task: () => Promise<T>): () => Promise<T> {
  let doing: Promise<T> | undefined;
  return () => (doing ??= task().finally(() => (doing = undefined)));
}

interface Chunk extends Pick<SignedContent, 'purpose' | 'networkId'> {
  readonly payloads: Uint8Array[];
}

/** Neighbours of one purpose and network go together. */
function chunksOf(contents: readonly SignedContent[]): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (const { purpose, networkId, payload } of contents) {
    if (payload.length > MAX_PAYLOAD) {
      throw refuse('content', 'a payload is too long to be signed');
    }
    const last = chunks.at(-1);
    const fits =
      last?.purpose === purpose && last.networkId === networkId && last.payloads.length < CHUNK;
    if (fits) last.payloads.push(payload);
    else chunks.push({ purpose, networkId, payloads: [payload] });
  }
  return chunks;
}
