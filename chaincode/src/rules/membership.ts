// SPDX-License-Identifier: Apache-2.0
// May an organisation or an authority be as proposed? (docs/ledger.md §2)
import { TEST_AREA } from '@zhenglian/core/identifiers/division';
import { parseUscc } from '@zhenglian/core/identifiers/uscc';
import { equals } from '@zhenglian/core/bytes';
import type { Authority, AuthorityBody } from '@zhenglian/core/records/authority';
import type { Organisation, OrganisationBody } from '@zhenglian/core/records/organisation';
import { parseCertificate } from '@zhenglian/core/x509';
import { demand, refuseAs } from '../refusal.ts';
import { isNamedByKind } from './founding.ts';

/** An organisation as proposed. @throws PROPOSAL_INVALID */
export function decideOrganisation(
  body: OrganisationBody,
  organisations: readonly Organisation[],
  leastMembers: number,
): OrganisationBody {
  checkOrganisation(body);
  const others = organisations.filter((o) => o.msp !== body.msp);
  const existing = organisations.find((o) => o.msp === body.msp);
  demand(
    existing === undefined || existing.kind === body.kind,
    'PROPOSAL_INVALID',
    'an organisation keeps its kind',
  );
  demand(
    others.every((o) => !equals(o.rootCertificate, body.rootCertificate)),
    'PROPOSAL_INVALID',
    'another organisation has this root',
  );
  const members = others.filter((o) => o.status === 'admitted').length;
  demand(
    body.status === 'admitted' || members >= leastMembers,
    'PROPOSAL_INVALID',
    'too few organisations would be left to co-sign',
  );
  return body;
}

/** What can be said of an organisation by itself. @throws PROPOSAL_INVALID */
export function checkOrganisation(body: OrganisationBody): void {
  demand(isNamedByKind(body), 'PROPOSAL_INVALID', 'name, kind and prefix do not fit together');
  const root = refuseAs('PROPOSAL_INVALID', () => parseCertificate(body.rootCertificate));
  demand(root.isAuthority, 'PROPOSAL_INVALID', 'the root certificate is no authority');
}

/** What stands when an authority is voted on. */
export interface AuthorityGround {
  readonly organisation: Organisation;
  readonly existing: Authority | undefined;
  readonly knownTypes: ReadonlySet<string>;
  readonly testIdentities: boolean;
}

/** An authority as proposed. @throws PROPOSAL_INVALID */
export function decideAuthority(body: AuthorityBody, ground: AuthorityGround): AuthorityBody {
  checkAuthority(body);
  const { organisation, existing } = ground;
  const { prefix } = organisation;
  demand(prefix !== undefined, 'PROPOSAL_INVALID', 'only a province has authorities');
  const hold = (holds: boolean, message: string) => {
    demand(holds, 'PROPOSAL_INVALID', message);
  };
  hold(organisation.status === 'admitted', 'its organisation was expelled');
  hold(existing === undefined || existing.msp === body.msp, 'an authority keeps its province');
  const isInside = (area: string) =>
    area.startsWith(prefix) || (ground.testIdentities && TEST_AREA.startsWith(area));
  hold(isInside(parseUscc(body.uscc).area), 'its code is of another province');
  hold(body.divisions.every(isInside), 'a division is of another province');
  hold(
    body.types.every((code) => ground.knownTypes.has(code)),
    'a licence type is not known: it needs a vote of its own',
  );
  return body;
}

/** What can be said of an authority by itself. @throws PROPOSAL_INVALID */
export function checkAuthority(body: AuthorityBody): void {
  refuseAs('PROPOSAL_INVALID', () => parseUscc(body.uscc));
  const isDistinct = (values: readonly string[]) => new Set(values).size === values.length;
  demand(
    isDistinct(body.types) && isDistinct(body.divisions) && body.divisions.length > 0,
    'PROPOSAL_INVALID',
    'a type or division stands twice, or there is no division',
  );
}
