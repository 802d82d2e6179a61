// SPDX-License-Identifier: Apache-2.0
// What an import brings: progress as it happens, every line as CSV, the licences of its lines.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { importEvents } from '../imports/import-events.ts';
import { loadJob } from '../imports/import-job.ts';
import { loadImported } from '../imports/imported-licences.ts';
import { resultsCsv } from '../imports/results-csv.ts';
import { holderName, summariseLicence } from '../issuance/licence-view.ts';
import { serve } from '../routing.ts';
import { getImported, getImportEvents, getImportResults } from '../schemas/imports.ts';

export function importResultsRoutes(context: GatewayContext): Router {
  const router = Router();

  serve(router, context, getImportEvents, async ({ params, request }) => {
    await loadJob(context.store, params.id);
    const gone = new AbortController();
    request.res?.once('close', () => gone.abort());
    // Who listens comes back, with the id of the last event, to whoever answers then.
    const signal = AbortSignal.any([gone.signal, context.drain.signal]);
    const last = request.get('Last-Event-ID');
    return {
      status: 200,
      headers: { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' },
      stream: importEvents(context, params.id, last, signal),
    };
  });

  serve(router, context, getImportResults, async ({ params }) => {
    const job = await loadJob(context.store, params.id);
    const name = `import-${job.id}.csv`;
    return {
      status: 200,
      headers: {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="${name}"`,
      },
      stream: resultsCsv(context.store, job, context.desk.typeOf(job.type)),
    };
  });

  serve(router, context, getImported, async ({ params, query, actor, purpose }) => {
    const { desk, trace } = context;
    const { lines, next } = await loadImported(context.store, params.id, query.after);
    const licences = await Promise.all(
      lines.map(async ({ line, licence: id }) => {
        const licence = await desk.licence(id);
        const name = holderName(licence, desk.typeOf(licence.type, licence.typeVersion));
        return { line, name, ...summariseLicence(licence, await desk.copies(id)) };
      }),
    );
    await trace.append({
      kind: 'search',
      actor,
      subject: null,
      outcome: 'done',
      purpose,
      detail: { job: params.id, count: licences.length },
    });
    return { status: 200, body: { licences, ...(next === undefined ? {} : { next }) } };
  });
  return router;
}
