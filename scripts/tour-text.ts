// SPDX-License-Identifier: Apache-2.0
// What `npm start` prints when everything runs: where to go, with which token, and what to type.
import { join } from 'node:path';
import type { RunningNetwork, Tour } from './running-network.ts';

/** The tour in words, with commands to type. */
export function describeTour({ tour, dataDir }: Pick<RunningNetwork, 'tour' | 'dataDir'>): string {
  const guangdong = urlOf(tour, 'P44');
  const zhejiang = urlOf(tour, 'P33');
  const regulator = urlOf(tour, 'REG');
  return `
证链 Zhenglian runs. Everything below is also in ${join(dataDir, 'tour.json')}.

  Guangdong (P44)   ${guangdong}
  Zhejiang  (P33)   ${zhejiang}
  Regulator (REG)   ${regulator}

  Fingerprint of the network (each page asks for its last twenty characters once, as from paper):
    ${tour.fingerprint}

Accounts (name and password) do what the tokens below do:
${accountsOf(tour)}

A tour, in a browser and another terminal:

  1. Officer: open ${guangdong}/#/officer, sign in with
       ${tokenOf(tour, 'P44', 'officer')}
     and import ${join(dataDir, 'samples', 'driving.csv')} as driving licences. Find one and make a claim code.
  2. Citizen:
       npm run wallet -- init
       npm run wallet -- claim CODE --gateway ${guangdong} --fingerprint ${tour.fingerprint}
       npm run wallet -- present --set roadside --png qr.png
  3. Clerk: open ${guangdong}/#/counter, sign in with
       ${tokenOf(tour, 'P44', 'clerk')}
     and show it the code: VALID. Revoke the licence as the officer, show it again: REVOKED.
  4. Another province: open ${zhejiang}/#/counter, sign in with
       ${tokenOf(tour, 'P33', 'clerk')}
     show it a code of Guangdong and ask for recognition.
  5. Regulator: open ${regulator}/#/regulator, sign in with
       ${tokenOf(tour, 'REG', 'regulator')}
     and follow the licence by its id. The verdict of any moment:
       npm run replay -- --id LICENCE_ID --at 2026-06-01T09:00:00+08:00

${tlsHint(tour, dataDir)}Ctrl-C stops it; the same command goes on where it stopped.`;
}

/** With a self-made certificate the wallet has to be told to believe it. */
function tlsHint(tour: Tour, dataDir: string): string {
  if (!urlOf(tour, 'P44').startsWith('https:')) return '';
  return `For the wallet: export NODE_EXTRA_CA_CERTS=${join(dataDir, 'tls', 'certificate.pem')}\n\n`;
}

function urlOf(tour: Tour, service: string): string {
  return tour.services.find(({ name }) => name === service)?.url ?? '';
}

function accountsOf(tour: Tour): string {
  return tour.accounts
    .map(({ service, name, password }) => `    ${service}  ${name.padEnd(20)} ${password}`)
    .join('\n');
}

function tokenOf(tour: Tour, service: string, role: string): string {
  return tour.tokens.find((t) => t.service === service && t.role === role)?.token ?? '';
}
