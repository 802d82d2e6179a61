// SPDX-License-Identifier: Apache-2.0
// The HTTP application of one gateway: what every request passes through, the routes, the page.
import express from 'express';
import type { Express, Router } from 'express';
import type { GatewayContext } from './context.ts';
import { parseProxies } from './http/proxies.ts';
import { authenticate } from './middleware/auth.ts';
import { bootstrapTokens, machineTokens } from './middleware/bearer.ts';
import { leaveUnread } from './middleware/body.ts';
import { secureHeaders } from './middleware/headers.ts';
import { identifyRequests } from './middleware/request-id.ts';
import { limitLookUps } from './middleware/look-up-limits.ts';
import { answerProblems, unknownRoute } from './middleware/problems.ts';
import { limitRates } from './middleware/rate-limits.ts';
import type { RequestLog } from './middleware/request-log.ts';
import { sessionCookies } from './middleware/session-cookie.ts';
import { strictRequest } from './middleware/strict-request.ts';
import { accountsRoutes } from './routes/accounts.ts';
import { claimCodesRoutes } from './routes/claim-codes.ts';
import { claimsRoutes } from './routes/claims.ts';
import { codesRoutes } from './routes/codes.ts';
import { erasuresRoutes } from './routes/erasures.ts';
import { healthRoutes } from './routes/health.ts';
import { importResultsRoutes } from './routes/import-results.ts';
import { importsRoutes } from './routes/imports.ts';
import { keysRoutes } from './routes/keys.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { licencesRoutes } from './routes/licences.ts';
import { networkRoutes } from './routes/network.ts';
import { oidcRoutes } from './routes/oidc.ts';
import { openApiRoutes } from './routes/openapi.ts';
import { presentationRequestsRoutes } from './routes/presentation-requests.ts';
import { reissueRoutes } from './routes/reissue.ts';
import { renewalsRoutes } from './routes/renewals.ts';
import { sessionRoutes } from './routes/session.ts';
import { statusRoutes } from './routes/status.ts';
import { tokenRoutes } from './routes/token.ts';
import { traceRoutes } from './routes/trace.ts';
import { trustBundleRoutes } from './routes/trust-bundle.ts';
import { uploadsRoutes } from './routes/uploads.ts';
import { verdictsRoutes } from './routes/verdicts.ts';
import { verificationsRoutes } from './routes/verifications.ts';

/** Asked one after the other: first those that come by the thousand. */
const ROUTES: readonly ((context: GatewayContext) => Router)[] = [
  verificationsRoutes,
  licencesRoutes,
  statusRoutes,
  reissueRoutes,
  codesRoutes,
  claimCodesRoutes,
  claimsRoutes,
  renewalsRoutes,
  uploadsRoutes,
  importsRoutes,
  importResultsRoutes,
  trustBundleRoutes,
  presentationRequestsRoutes,
  verdictsRoutes,
  traceRoutes,
  ledgerRoutes,
  erasuresRoutes,
  healthRoutes,
  openApiRoutes,
  networkRoutes,
  sessionRoutes,
  keysRoutes,
  tokenRoutes,
  oidcRoutes,
  accountsRoutes,
];

/** The application over these parts; it listens nowhere yet. */
export function createApp(context: GatewayContext, requests: RequestLog): Express {
  const { config, log, metrics, drain, random, accounts } = context;
  const tls = config.tls !== undefined;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', parseProxies(config.door.trustedProxies));
  app.use(identifyRequests(random), requests.handler, drain.lastAnswers);
  app.use(secureHeaders(tls), leaveUnread(), strictRequest);
  const limited = limitLookUps(config.door.addressRate);
  app.use(
    authenticate([
      bootstrapTokens(config.tokens),
      limited(machineTokens(accounts.clients)),
      limited(sessionCookies(accounts.sessions, tls)),
    ]),
  );
  app.use(limitRates(config.door));
  for (const routes of ROUTES) app.use(routes(context));
  if (config.pageDir !== undefined)
    app.use(express.static(config.pageDir, { index: 'index.html' }));
  app.use(unknownRoute);
  app.use(answerProblems(log, metrics));
  return app;
}
