// SPDX-License-Identifier: Apache-2.0
// The regulator asks every province's gateway for one licence: first who issued it, which names its copies, then all
// the others for those copies; and checks what each says.
import { gatewayError } from '../problem-codes.ts';
import type { SourceConfig } from '../config.ts';
import type { GatewayContext } from '../context.ts';
import { trail as trailSchema } from '../schemas/regulating.ts';
import type { GatheredTrails, Trail } from '../schemas/regulating.ts';
import { checkTrail } from './check-trail.ts';
import { trailOfCopies } from './trail.ts';

/** Asks one gateway; undefined when it knows no such licence. @throws Error when it cannot be had */
export type AskSource = (source: SourceConfig, query: string, purpose: string) => Promise<unknown>;

type Parts = Pick<GatewayContext, 'config' | 'replica' | 'trace'>;
type Gathered = GatheredTrails['provinces'][number];
type Asked = { readonly trail?: Trail; readonly problem?: string };

const ANSWER_WITHIN = 15_000;
const COPIES_AT_ONCE = 50;

/** Trails of a licence from all sources and from this gateway. @throws LICENCE_UNKNOWN when all answered and none knows it */
export async function gatherTrails(
  parts: Parts,
  licence: string,
  purpose: string,
  ask: AskSource = askOverHttp,
): Promise<GatheredTrails> {
  const { sources } = parts.config;
  const first = await Promise.all(
    sources.map((source) => tryAsk(ask, source, `licence=${licence}`, purpose)),
  );
  const issuer = first.findIndex(({ trail }) => trail?.licence === licence);
  const issued = first[issuer]?.trail;
  if (issued === undefined && first.every(({ problem }) => problem === undefined)) {
    throw gatewayError('LICENCE_UNKNOWN', 'no province knows this licence');
  }
  const copies = (issued?.copies ?? []).slice(0, COPIES_AT_ONCE);
  const provinces = await Promise.all(
    sources.map(async (source, i): Promise<Gathered> => {
      const needsCopies = i !== issuer && copies.length > 0 && first[i]?.problem === undefined;
      const asked = needsCopies
        ? await tryAsk(ask, source, `copies=${copies.join(',')}`, purpose)
        : (first[i] ?? {});
      return judge(parts, source.msp, asked);
    }),
  );
  const own = await trailOfCopies(parts, copies);
  const mine = await judge(parts, parts.config.msp, { trail: own });
  return { licence, provinces: [...provinces, mine] };
}

async function judge({ replica }: Parts, msp: string, asked: Asked): Promise<Gathered> {
  const { trail, problem } = asked;
  if (trail === undefined) {
    return { msp, trail: null, checked: 'pending', ...(problem === undefined ? {} : { problem }) };
  }
  return { msp, trail, checked: await checkTrail(replica, trail, msp) };
}

async function tryAsk(
  ask: AskSource,
  source: SourceConfig,
  query: string,
  purpose: string,
): Promise<Asked> {
  let answer: unknown;
  try {
    answer = await ask(source, query, purpose);
  } catch {
    return { problem: 'SOURCE_UNAVAILABLE' };
  }
  if (answer === undefined) return {};
  const parsed = trailSchema.safeParse(answer);
  return parsed.success ? { trail: parsed.data } : { problem: 'SOURCE_MALFORMED' };
}

async function askOverHttp(source: SourceConfig, query: string, purpose: string): Promise<unknown> {
  const response = await fetch(new URL(`/v1/trace?${query}`, source.url), {
    headers: { Authorization: `Bearer ${source.token}`, 'Purpose-Code': purpose },
    signal: AbortSignal.timeout(ANSWER_WITHIN),
    redirect: 'error',
  });
  const body: unknown = await response.json();
  if (response.status === 404 && isProblem(body, 'LICENCE_UNKNOWN')) return undefined;
  if (!response.ok) throw new Error(`the gateway answered ${String(response.status)}`);
  return body;
}

function isProblem(body: unknown, code: string): boolean {
  return typeof body === 'object' && body !== null && 'code' in body && body.code === code;
}
