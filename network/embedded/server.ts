// SPDX-License-Identifier: Apache-2.0
// The ledger process on a loopback socket: Fabric's messages as HTTP bodies, JSON for status and errors.
// POST /endorse/<msp>  SignedProposal → ProposalResponse      POST /submit  Envelope → 204, its block durable
// GET /transactions/<id>?msp=&wait=   GET /blocks?msp=&from=&wait= (frames: length, Block)   GET /health
import { createServer } from 'node:http';
import { once } from 'node:events';
import { concat, toHex, uintBytes } from '@zhenglian/core/bytes';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { LedgerProcess } from './ledger-process.ts';

/** A listening server. */
export interface LedgerServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: Uint8Array | string;
}

const MAX_BODY_BYTES = 16 << 20;
const MAX_BLOCKS_BYTES = 8 << 20;
const MAX_BLOCKS = 256;
const MAX_WAIT_MS = 20_000;
const BINARY = 'application/octet-stream';

/** Serves the ledger on 127.0.0.1. @throws PORT_IN_USE, START_FAILED */
export async function serveLedger(ledger: LedgerProcess, port: number): Promise<LedgerServer> {
  const server = createServer((request, response) => {
    void handle(ledger, request, response);
  });
  server.keepAliveTimeout = 60_000;
  await listen(server, port);
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://127.0.0.1:${String(bound)}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (cause) {
    const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    throw inUse
      ? new CodedError('PORT_IN_USE', `port ${String(port)} is in use`, { cause })
      : new CodedError('START_FAILED', `cannot listen on port ${String(port)}`, { cause });
  }
}

async function handle(
  ledger: LedgerProcess,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let answer: Answer;
  try {
    answer = await route(ledger, request, response);
  } catch (error) {
    answer = describeError(error);
  }
  if (response.destroyed) return;
  const body = answer.body ?? '';
  response.writeHead(answer.status, {
    'content-type': answer.type ?? 'application/json',
    'content-length': Buffer.byteLength(body),
    // A body that was refused half-read would be taken for the next request.
    ...(!request.complete && { connection: 'close' }),
  });
  response.end(body);
}

function describeError(error: unknown): Answer {
  const code = isCodedError(error) ? error.code : 'LEDGER_UNAVAILABLE';
  const message = isCodedError(error) ? error.message : `${code}: the ledger failed`;
  const status = code === 'LEDGER_REFUSED' ? 400 : 503;
  return { status, body: JSON.stringify({ code, message }) };
}

async function route(
  ledger: LedgerProcess,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer> {
  // Pages in a browser on this machine have no business here, whatever name they resolved to it.
  if (request.headers.origin !== undefined) throw refused('no pages');
  const url = new URL(String(request.url), 'http://127.0.0.1');
  const [, first = '', second = ''] = url.pathname.split('/');
  switch (`${String(request.method)} ${first}`) {
    case 'POST endorse': {
      const body = await ledger.peer(second).endorse(await readBody(request));
      return { status: 200, type: BINARY, body };
    }
    case 'POST submit':
      await ledger.order(await readBody(request));
      return { status: 204 };
    case 'GET transactions':
      return transaction(ledger, second, url.searchParams, response);
    case 'GET blocks':
      return blocks(ledger, url.searchParams, response);
    case 'GET health':
      return { status: 200, body: JSON.stringify(health(ledger)) };
    default:
      return { status: 404, body: JSON.stringify({ code: 'NOT_FOUND', message: 'NOT_FOUND' }) };
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = part as Buffer;
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw refused('too large a body');
    parts.push(bytes);
  }
  return new Uint8Array(Buffer.concat(parts));
}

async function transaction(
  ledger: LedgerProcess,
  id: string,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<Answer> {
  const msp = query.get('msp') ?? '';
  const place = await waitFor(ledger, query, response, () => ledger.transaction(msp, id));
  if (!place) return { status: 404, body: JSON.stringify({ code: 'NOT_FOUND' }) };
  return { status: 200, body: JSON.stringify({ code: place.code, blockNumber: place.block }) };
}

async function blocks(
  ledger: LedgerProcess,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<Answer> {
  const msp = query.get('msp') ?? '';
  const from = Number(query.get('from') ?? '0');
  if (!Number.isSafeInteger(from) || from < 0) throw refused('no such height');
  await waitFor(ledger, query, response, () => ledger.height > from || undefined);
  const frames: Uint8Array[] = [];
  let size = 0;
  for (let number = from; frames.length < 2 * MAX_BLOCKS && size < MAX_BLOCKS_BYTES; number++) {
    const block = ledger.block(msp, number);
    if (!block) break;
    frames.push(uintBytes(block.length, 4), block);
    size += block.length;
  }
  return { status: 200, type: BINARY, body: concat(...frames) };
}

/** Looks now and after each block, until there is something, the wait is over, or the client has gone. */
async function waitFor<T>(
  ledger: LedgerProcess,
  query: URLSearchParams,
  response: ServerResponse,
  look: () => T | undefined,
): Promise<T | undefined> {
  const end = Date.now() + Math.min(Number(query.get('wait') ?? '0') || 0, MAX_WAIT_MS);
  let found = look();
  while (found === undefined && Date.now() < end && !response.destroyed) {
    await nextBlock(ledger, response, end - Date.now());
    found = look();
  }
  return found;
}

function nextBlock(ledger: LedgerProcess, response: ServerResponse, wait: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      forget();
      response.off('close', finish);
      resolve();
    };
    const timer = setTimeout(finish, wait);
    const forget = ledger.onBlock(finish);
    response.on('close', finish);
  });
}

function health(ledger: LedgerProcess): unknown {
  const organisations = ledger.status().map(({ msp, height, commitHash, failure }) => ({
    msp,
    height,
    commitHash: toHex(commitHash),
    ...(failure !== undefined && { failure }),
  }));
  return { status: 'ok', channel: ledger.channel, height: ledger.height, organisations };
}

function refused(why: string): CodedError {
  return new CodedError('LEDGER_REFUSED', why);
}
