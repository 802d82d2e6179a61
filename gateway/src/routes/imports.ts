// SPDX-License-Identifier: Apache-2.0
// Imports: a file in, a job out; how far it is, what it brought, who says what of it.
import { Router } from 'express';
import { isCodedError } from '@zhenglian/core/errors';
import type { ScopedThing } from '../accounts/principal.ts';
import type { GatewayContext } from '../context.ts';
import {
  approveImport,
  cancelImport,
  pauseImport,
  refuseImport,
  resumeImport,
} from '../imports/control-import.ts';
import { loadJob } from '../imports/import-job.ts';
import type { ImportJob } from '../imports/import-job.ts';
import { loadErrors, progressOf } from '../imports/import-progress.ts';
import { listImports } from '../imports/list-imports.ts';
import { serve } from '../routing.ts';
import type { Answer, Input } from '../routing.ts';
import {
  approveImportOperation,
  cancelImportOperation,
  getImport,
  listImportsOperation,
  pauseImportOperation,
  refuseImportOperation,
  resumeImportOperation,
  startImport,
} from '../schemas/imports.ts';
import { takeFile } from './take-file.ts';

type Told = 'params' | 'actor' | 'remember';

export function importsRoutes(context: GatewayContext): Router {
  const router = Router();

  serve(router, context, startImport, async ({ query, actor, request }) => {
    const type = context.desk.typeOf(query.type);
    context.desk.requireIssuer(query.type);
    const dryRun = query.dryRun === 'true';
    const order = { type, actor, dryRun, twoOfficers: query.twoOfficers === 'true' };
    const answer = await takeFile(context, request, order);
    context.imports.notify();
    return answer;
  });

  serve(router, context, listImportsOperation, async ({ query, sees }) => {
    const wanted = ({ state, type }: ImportJob) =>
      (query.state === undefined || state === query.state) && sees(issuedHere(context, type));
    return { status: 200, body: await listImports(context, wanted, query.after) };
  });

  serve(router, context, getImport, async ({ params, query }) => {
    const job = await loadJob(context.store, params.id);
    const progress = await progressOf(context, job);
    return {
      status: 200,
      body: { ...progress, ...(await loadErrors(context.store, job, query.after)) },
    };
  });

  const verbs = [
    [pauseImportOperation, pauseImport],
    [resumeImportOperation, resumeImport],
    [cancelImportOperation, cancelImport],
    [approveImportOperation, approveImport],
  ] as const;
  for (const [operation, control] of verbs) {
    serve(router, context, operation, (input) => act(input, control));
  }

  serve(router, context, refuseImportOperation, (input) => {
    const { reason } = input.body;
    return act(input, (parts, request) => refuseImport(parts, { ...request, reason }));
  });

  const act = async (
    { params, actor, remember }: Pick<Input<{ id: string }, unknown, unknown>, Told>,
    control: typeof pauseImport,
  ): Promise<Answer> => {
    const answerOf = async (job: ImportJob): Promise<Answer> => {
      return { status: 200, body: await progressOf(context, job) };
    };
    const job = await control(context, {
      id: params.id,
      actor,
      remember: async (after) => remember(await answerOf(after)),
    });
    context.imports.notify();
    return answerOf(job);
  };
  return router;
}

/** A type that is no longer issued here has no authority whose division could count. */
function issuedHere({ desk }: GatewayContext, type: string): ScopedThing {
  try {
    return { type, uscc: desk.requireIssuer(type) };
  } catch (cause) {
    if (!isCodedError<string>(cause)) throw cause;
    return { type };
  }
}
