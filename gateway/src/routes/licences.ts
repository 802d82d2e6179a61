// SPDX-License-Identifier: Apache-2.0
// Licences: issue, look up, search.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { needsApproval } from '../imports/start-import.ts';
import { prepareLicence } from '../imports/prepare-licence.ts';
import { summariseLicence, viewLicence } from '../issuance/licence-view.ts';
import { cursorPage } from '../cursor.ts';
import { licenceTag } from '../licence-tag.ts';
import { serve } from '../routing.ts';
import { getLicence, issueLicence, searchLicences } from '../schemas/licences.ts';

/** Routes of docs/api.md §2 about whole licences. */
export function licencesRoutes(context: GatewayContext): Router {
  const router = Router();
  const { desk, trace } = context;

  serve(router, context, issueLicence, async ({ body, actor, remember }) => {
    const type = desk.typeOf(body.type);
    if (needsApproval(type)) {
      const order = { type, actor, fields: body.fields };
      const answerOf = (id: string) => ({ status: 202, body: { import: id, state: 'checking' } });
      const job = await prepareLicence(context, order, ({ id }) => remember(answerOf(id)));
      context.imports.notify();
      return answerOf(job.id);
    }
    const accepted = await desk.issue({ ...body, actor, remember });
    return { status: 202, body: accepted };
  });

  serve(router, context, searchLicences, async ({ body, actor, purpose, sees }) => {
    const found =
      'number' in body
        ? await desk.findByNumber(body.number.trim())
        : await desk.findBySubject(body.type, body.subject.trim());
    const page = cursorPage('licences', found.filter(sees), body);
    const licences = await Promise.all(
      page.items.map(async (licence) => summariseLicence(licence, await desk.copies(licence.id))),
    );
    await trace.append({
      kind: 'search',
      actor,
      subject: null,
      outcome: 'done',
      purpose,
      detail: { count: licences.length },
    });
    return { status: 200, body: { licences, ...page.next } };
  });

  serve(router, context, getLicence, async ({ params, query, actor, purpose }) => {
    const licence = await desk.licence(params.id);
    const type = desk.typeOf(licence.type, licence.typeVersion);
    const unmask = query.unmask === 'true';
    const copies = await desk.copies(licence.id);
    const attachments = await desk.attachments(licence.id);
    const body = viewLicence(licence, { copies, attachments }, type, unmask);
    await trace.append({
      kind: 'look-up',
      actor,
      subject: licence.id,
      outcome: 'done',
      purpose,
      detail: { unmasked: unmask },
    });
    return { status: 200, body, headers: { ETag: licenceTag(licence, copies) } };
  });
  return router;
}
