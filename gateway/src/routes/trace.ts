// SPDX-License-Identifier: Apache-2.0
// Trails: one licence's, here or, on the regulator's gateway, everywhere.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import { serve } from '../routing.ts';
import { getTrail } from '../schemas/regulating.ts';
import type { GatheredTrails, Trail } from '../schemas/regulating.ts';
import { gatherTrails } from '../trace/gather-trails.ts';
import { trailOfCopies, trailOfLicence } from '../trace/trail.ts';

export function traceRoutes(context: GatewayContext): Router {
  const router = Router();
  serve(router, context, getTrail, async ({ query, actor, purpose, requireScope }) => {
    const body = await find(context, query, purpose);
    // Whose licence it is, the regulator's gateway learns from the provinces.
    await requireScope(copiesOf(body).map((copy) => ({ copy })));
    await context.trace.append({
      kind: 'trail',
      actor,
      subject: query.licence ?? null,
      outcome: 'done',
      purpose,
      detail: { count: query.copies?.length ?? 1 },
    });
    return { status: 200, body };
  });
  return router;
}

function find(
  context: GatewayContext,
  { licence, copies }: { licence?: string | undefined; copies?: string[] | undefined },
  purpose: string,
): Promise<Trail | GatheredTrails> {
  if ((licence === undefined) === (copies === undefined)) {
    const detail = [{ path: 'query', reason: 'licence or copies, one of them' }];
    throw gatewayError('REQUEST_INVALID', 'name a licence or copies', { detail });
  }
  if (licence === undefined) return trailOfCopies(context, copies ?? []);
  return context.config.sources.length > 0
    ? gatherTrails(context, licence, purpose)
    : trailOfLicence(context, licence);
}

function copiesOf(body: Trail | GatheredTrails): readonly string[] {
  const trails = 'provinces' in body ? body.provinces.map(({ trail }) => trail) : [body];
  return [...new Set(trails.flatMap((trail) => trail?.copies ?? []))];
}
