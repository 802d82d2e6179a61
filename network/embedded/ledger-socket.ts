// SPDX-License-Identifier: Apache-2.0
// The ledger process's socket, from the client's side: one function a route, a deadline on each call.
import { CodedError } from '@zhenglian/core/errors';
import { decodeProposalResponse } from '../proposal.ts';
import type { ProposalAnswer } from '../proposal.ts';

/** What health says of the network. */
export interface Health {
  readonly channel: string;
  readonly height: number;
  readonly organisations: readonly {
    readonly msp: string;
    readonly height: number;
    readonly commitHash: string;
    readonly failure?: string;
  }[];
}

/** Reads health. @throws LEDGER_UNAVAILABLE */
export async function askHealth(url: string, deadline: number): Promise<Health> {
  const response = await call(`${url}/health`, {}, deadline);
  return (await response.json()) as Health;
}

/** Asks one organisation's peer. @throws LEDGER_UNAVAILABLE, LEDGER_REFUSED */
export async function askPeer(
  url: string,
  msp: string,
  signedProposal: Uint8Array,
  deadline: number,
): Promise<ProposalAnswer> {
  const response = await call(`${url}/endorse/${msp}`, post(signedProposal), deadline);
  return decodeProposalResponse(new Uint8Array(await response.arrayBuffer()));
}

/** Hands an envelope to the order. @throws LEDGER_UNAVAILABLE, LEDGER_REFUSED */
export async function order(url: string, envelope: Uint8Array, deadline: number): Promise<void> {
  await call(`${url}/submit`, post(envelope), deadline);
}

/** Status of a transaction as an organisation sees it, waiting up to `wait` ms for it to come. @throws LEDGER_UNAVAILABLE */
export async function askTransaction(
  url: string,
  parts: { readonly msp: string; readonly id: string; readonly wait: number },
  deadline: number,
): Promise<{ code: number; blockNumber: number } | undefined> {
  const query = new URLSearchParams({ msp: parts.msp, wait: String(parts.wait) });
  const response = await call(`${url}/transactions/${parts.id}?${query.toString()}`, {}, deadline);
  if (response.status === 404) return undefined;
  return (await response.json()) as { code: number; blockNumber: number };
}

/** Bytes of the blocks from a height on, waiting up to `wait` ms for the first. @throws LEDGER_UNAVAILABLE */
export async function askBlocks(
  url: string,
  parts: { readonly msp: string; readonly from: number; readonly wait: number },
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  const { msp, from, wait } = parts;
  const query = new URLSearchParams({ msp, from: String(from), wait: String(wait) });
  const response = await call(`${url}/blocks?${query.toString()}`, { signal }, wait + 30_000);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at);
    blocks.push(bytes.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blocks;
}

function post(body: Uint8Array): RequestInit {
  return { method: 'POST', body: new Uint8Array(body) };
}

async function call(url: string, init: RequestInit, deadline: number): Promise<Response> {
  const timeout = AbortSignal.timeout(deadline);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal });
  } catch (cause) {
    throw new CodedError('LEDGER_UNAVAILABLE', 'the ledger does not answer', { cause });
  }
  if (response.ok || response.status === 404) return response;
  const text = await response.text();
  const isRefusal = response.status === 400;
  throw new CodedError(isRefusal ? 'LEDGER_REFUSED' : 'LEDGER_UNAVAILABLE', messageOf(text));
}

function messageOf(text: string): string {
  try {
    const value = JSON.parse(text) as { message?: unknown };
    return typeof value.message === 'string' ? value.message.replace(/^[A-Z_]+: /, '') : text;
  } catch {
    return text;
  }
}
