// SPDX-License-Identifier: Apache-2.0
// The gateway as a wallet sees it (docs/api.md §3, §4, §6). Nothing it says is believed: answers are parsed, coded
// refusals become errors, and what it hands over is checked by `check-copy.ts`.
import { fromBase64, fromHex, toHex } from '@zhenglian/core/bytes';
import { decodeAnswer } from '@zhenglian/core/cosigned-answer';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import { isCodedError } from '@zhenglian/core/errors';
import { parseClaimAnswer, parseNetwork, parseTrustAnswer } from './gateway-answers.ts';
import type { ClaimAnswer } from './gateway-answers.ts';
import { GATEWAY_CODES, isWalletError, usageError, walletError } from './wallet-error.ts';

/** A province's gateway. All methods @throws GATEWAY_UNREACHABLE, GATEWAY_ANSWER, GATEWAY_REFUSED */
export interface GatewayClient {
  readonly url: string;
  network(): Promise<{ readonly msp: string; readonly networkId: Uint8Array }>;
  trustBundle(nonce: Uint8Array): Promise<CosignedAnswer>;
  /** Claims or renews. @throws the codes of docs/api.md §3 too */
  order(route: 'claims' | 'renewals', body: object, key: string): Promise<ClaimAnswer>;
}

const TIMEOUT_MS = 20_000;
const PAUSE_SECONDS = 2;

/** A client of the gateway at an address. @throws USAGE when it is none */
export function createGatewayClient(address: string): GatewayClient {
  const url = baseOf(address);
  return {
    url,
    async network() {
      const { msp, networkId } = reading(parseNetwork, await send(`${url}/v1/network`));
      return { msp, networkId: readingBytes(() => fromHex(networkId)) };
    },
    async trustBundle(nonce) {
      const body = await send(`${url}/v1/trust-bundle?nonce=${toHex(nonce)}`);
      return readingBytes(() => decodeAnswer(fromBase64(reading(parseTrustAnswer, body).answer)));
    },
    async order(route, body, key) {
      const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      return reading(parseClaimAnswer, await send(`${url}/v1/${route}`, init));
    },
  };
}

/** Repeats while the licence is not anchored yet, for so many seconds. @throws ANCHOR_WAIT when they are over */
export async function untilAnchored<T>(
  act: () => Promise<T>,
  waiting: { readonly seconds: number; readonly sleep: (seconds: number) => Promise<unknown> },
): Promise<T> {
  for (let waited = 0; ; waited += PAUSE_SECONDS) {
    try {
      return await act();
    } catch (error) {
      if (!isWalletError(error, 'ANCHOR_WAIT') || waited >= waiting.seconds) throw error;
      await waiting.sleep(PAUSE_SECONDS);
    }
  }
}

function baseOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usageError({
      zh: '--gateway 是以 http(s):// 开头的地址',
      en: '--gateway is an address that begins with http(s)://',
    });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

async function send(url: string, init: RequestInit = {}): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    response = await fetch(url, { ...init, signal, redirect: 'error' });
    text = await response.text();
  } catch (cause) {
    throw walletError('GATEWAY_UNREACHABLE', 'no answer from the gateway', { cause });
  }
  const body = parseJson(text);
  if (!response.ok) throw refusal(response.status, body);
  return body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON: the shape will say so
  }
}

function refusal(status: number, body: unknown): Error {
  const given = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  const known = GATEWAY_CODES.find((code) => code === given);
  if (known !== undefined) return walletError(known, 'the gateway refused');
  const code = typeof given === 'string' && /^[A-Z_]{1,40}$/.test(given) ? { code: given } : {};
  return walletError('GATEWAY_REFUSED', 'the gateway refused', { detail: { status, ...code } });
}

function reading<T>(parse: (body: unknown) => T, body: unknown): T {
  return readingBytes(() => parse(body));
}

function readingBytes<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    throw walletError('GATEWAY_ANSWER', 'the answer is not what the interface says', { cause });
  }
}
