// SPDX-License-Identifier: Apache-2.0
// A small stand-in for a gateway, for the faults a real one does not have on demand: it serves the built page under the
// strictest content policy and hands out genuine co-signed evidence, which a test can age, revoke, bend or take away.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromHex, toBase64, toHex } from '@zhenglian/core/bytes';
import type { Copy } from '@zhenglian/core/copy';
import { encodeAnswer } from '@zhenglian/core/cosigned-answer';
import { formatRequest } from '@zhenglian/core/request';
import { DRIVING } from '@zhenglian/core/types/driving';
import { EvidenceMaker, inclusionOf } from './evidence-maker.ts';
import type { EpochOptions } from './evidence-options.ts';

/** What the built page is served under; the gateway's own policy is no stricter. */
export const CONTENT_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; " +
  "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
export const TOKENS = { clerk: 'zlt_clerk', officer: 'zlt_officer', regulator: 'zlt_reg' } as const;

/** What a test may change while the gateway runs. */
export interface FakeState {
  statuses: EpochOptions['statuses'];
  /** What the third organisation signs instead. */
  lie?: EpochOptions['statuses'];
  /** Network id it names, instead of its own. */
  networkId?: string;
  /** Answers of `/v1/evidence` are made for another nonce. */
  staleNonce: boolean;
  /** Seconds by which evidence is older than now. */
  older: number;
  bundleVersion: number;
  recognition: unknown;
  /** Milliseconds that a request takes to be made. */
  requestDelay: number;
  /** What `/v1/trace` answers. */
  trace: unknown;
  /** Bodies of `/v1/verdicts`. */
  readonly verdicts: unknown[];
  /** Paths under /v1 in the order they were asked for. */
  readonly asked: string[];
}

/** A running stand-in. */
export interface FakeGateway {
  readonly url: string;
  readonly state: FakeState;
  readonly maker: EvidenceMaker;
  stop(): Promise<void>;
}

const DIST = fileURLToPath(new URL('../../verifier-web/dist/', import.meta.url));
const MEDIA: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

type Route = (request: IncomingMessage, url: URL) => unknown;

/** Starts one that has anchored these copies (index = position, driving licences of P33). `port` 0 = a free one. */
export async function startFakeGateway(
  maker: EvidenceMaker,
  copies: readonly Copy[],
  options: { readonly msp?: string; readonly port?: number } = {},
): Promise<FakeGateway> {
  const { msp = 'P33', port = 0 } = options;
  const state: FakeState = {
    statuses: [],
    staleNonce: false,
    older: 0,
    bundleVersion: 10,
    recognition: undefined,
    requestDelay: 0,
    trace: undefined,
    verdicts: [],
    asked: [],
  };
  const routes = routesOf(maker, copies, state, msp);
  const server = createServer((request, response) => {
    void answer(request, response, routes, state);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    url: `http://localhost:${String(address.port)}`,
    state,
    maker,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function routesOf(
  maker: EvidenceMaker,
  copies: readonly Copy[],
  state: FakeState,
  msp: string,
): Readonly<Record<string, Route>> {
  const nowAt = () => Math.floor(Date.now() / 1000) - state.older;
  const nonceOf = (url: URL) =>
    state.staleNonce ? new Uint8Array(16) : fromHex(url.searchParams.get('nonce') ?? '');
  const bundle = (url: URL) =>
    toBase64(
      encodeAnswer(
        maker.bundle({ at: nowAt(), nonce: nonceOf(url), version: state.bundleVersion }),
      ),
    );
  const zlActs = ['general', 'roadside', 'hotel-check-in', 'company-registration'];
  const labels = ['一般核验', '路面检查', '住宿登记', '企业登记'];
  return {
    network: () => ({
      msp,
      name: { zh: msp === 'P33' ? '浙江省' : '湖北省', en: msp === 'P33' ? 'Zhejiang' : 'Hubei' },
      networkId: state.networkId ?? toHex(maker.networkId),
      channel: 'zhenglian',
      types: [{ code: 'driving', version: 1, label: DRIVING.label }],
      acts: zlActs.map((act, i) => ({ act, label: { zh: labels[i] ?? act, en: act } })),
      version: 'test',
    }),
    'trust-bundle': (_, url) => ({ answer: bundle(url) }),
    evidence: (request, url) => {
      demand(request, 'clerk');
      const index = Number(url.searchParams.get('index'));
      const { path, argument } = inclusionOf(copies, index);
      const { statuses, lie } = state;
      const epoch = maker.epoch(copies, {
        at: nowAt(),
        nonce: nonceOf(url),
        ...(statuses ? { statuses } : {}),
        ...(lie ? { lie } : {}),
      });
      return {
        bundle: bundle(url),
        epoch: toBase64(encodeAnswer(epoch)),
        inclusion: { argument: toBase64(argument), path: path.map(toBase64) },
      };
    },
    'presentation-requests': async (request) => {
      demand(request, 'clerk');
      await new Promise((resolve) => setTimeout(resolve, state.requestDelay));
      const asked = JSON.parse(await bodyOf(request)) as { act: string; nonce: string };
      const { act } = asked;
      const nonce = fromHex(asked.nonce);
      const expiresAt = Math.floor(Date.now() / 1000) + 120;
      const text = formatRequest({ nonce, audience: msp, act, expiresAt });
      return { id: 'a'.repeat(32), text, expiresAt };
    },
    recognitions: (request) => {
      demand(request, 'clerk');
      return request.method === 'GET' ? { recognitions: [] } : state.recognition;
    },
    session: (request) => {
      const role = (['clerk', 'officer', 'regulator'] as const).find((each) =>
        holds(request, each),
      );
      if (role === undefined) throw new Refusal(401, 'TOKEN_INVALID');
      return { role };
    },
    verdicts: async (request) => {
      demand(request, 'clerk');
      state.verdicts.push(JSON.parse(await bodyOf(request)));
      return { recorded: true };
    },
    trace: (request) => {
      demand(request, 'regulator');
      return state.trace;
    },
    ledger: (request) => {
      demand(request, 'regulator');
      return {
        height: 9,
        networkId: toHex(maker.networkId),
        organisations: 3,
        authorities: 2,
        ...{ keys: 2, epochs: 1, batches: 1, statuses: 3, age: 1 },
      };
    },
  };
}

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

function demand(request: IncomingMessage, role: keyof typeof TOKENS): void {
  if (holds(request, role)) return;
  const known = (['clerk', 'officer', 'regulator'] as const).some((each) => holds(request, each));
  throw known ? new Refusal(403, 'ROLE_DENIED') : new Refusal(401, 'TOKEN_INVALID');
}

function holds(request: IncomingMessage, role: keyof typeof TOKENS): boolean {
  return request.headers.authorization === `Bearer ${TOKENS[role]}`;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: Readonly<Record<string, Route>>,
  state: FakeState,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (!url.pathname.startsWith('/v1/')) return sendFile(url.pathname, response);
  const path = url.pathname.slice(4);
  state.asked.push(path);
  response.setHeader('Cache-Control', 'no-store');
  try {
    const route = routes[path];
    if (route === undefined) throw new Refusal(404, 'ROUTE_UNKNOWN');
    const body = await route(request, url);
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
  } catch (error) {
    const [status, code] =
      error instanceof Refusal ? [error.status, error.code] : [500, 'INTERNAL'];
    response.writeHead(status, { 'Content-Type': 'application/problem+json' });
    response.end(JSON.stringify({ type: `urn:x:${code}`, title: code, status, code }));
  }
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const file = join(DIST, normalize(path === '/' ? 'index.html' : path));
  try {
    const content = await readFile(file);
    response.setHeader('Content-Type', MEDIA[extname(file)] ?? 'application/octet-stream');
    response.setHeader('Content-Security-Policy', CONTENT_POLICY);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}
