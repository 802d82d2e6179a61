// SPDX-License-Identifier: Apache-2.0
// `npm run fabric -- add-org <msp>`: the channel first (network/fabric/add-organisation.ts), then the ledger: the members vote the organisation
// in, and its authorities. Everything that is done already is left as it is.
import { connectFabric } from '@zhenglian/gateway/fabric-ledger';
import { CodedError } from '@zhenglian/core/errors';
import { fromPem } from '@zhenglian/core/x509';
import { ensureFounded } from '@zhenglian/network/found';
import { completeJoining, joinOrganisation } from '@zhenglian/network/fabric/add-organisation';
import { goOn } from '@zhenglian/network/fabric/interruption';
import { readFounders, readMember, readRoot } from '@zhenglian/network/fabric/members';
import type { JoinOptions } from '@zhenglian/network/fabric/joining-steps';
import type { Layout } from '@zhenglian/network/fabric/layout';
import type { Ledger } from '@zhenglian/network/ledger';
import { accredit, enact, FOUNDING_TYPES, readBundle } from './accredit.ts';
import type { CandidateFile, ConsortiumFile } from './consortium.ts';
import { steady } from './drills/steady.ts';

/** A candidate of the file, at ports of its own where they are given. */
export interface AddOptions extends JoinOptions {
  readonly file: ConsortiumFile;
  readonly msp: string;
  readonly firstPort?: number;
}

/** Adds an organisation to a running network; returns the layout with it. @throws START_FAILED, LEDGER_UNAVAILABLE, PORT_IN_USE, and the contracts' codes */
export async function addOrganisation(options: AddOptions): Promise<Layout> {
  const { layout, file, msp, firstPort, progress } = options;
  const candidate = candidateOf(file, msp);
  const { authorities, prefix, ...rest } = candidate;
  const whole = await joinOrganisation(options, {
    ...rest,
    ...(prefix === undefined ? {} : { prefix }),
    ...(firstPort === undefined ? {} : { firstPort }),
  });
  progress(`${msp} is voted in, with ${String(authorities.length)} authorities`);
  await admit(layout, whole, file, candidate);
  completeJoining(layout, msp);
  return whole;
}

function candidateOf({ fabric }: ConsortiumFile, msp: string): CandidateFile {
  const found = fabric.candidates.find((each) => each.msp === msp);
  if (found) return found;
  const names = fabric.candidates.map((each) => each.msp).join(', ');
  const words = `${msp === '' ? 'nobody' : msp} is no candidate of network/consortium.json: name one of ${names}, or write it down there`;
  throw new CodedError('START_FAILED', words);
}

/** The members' administrators vote; all peers are asked, the new one among them. */
async function admit(
  layout: Layout,
  whole: Layout,
  file: ConsortiumFile,
  { msp, kind, prefix, name, authorities }: CandidateFile,
): Promise<void> {
  const members = layout.organisations.filter((each) => each.msp !== msp);
  const voters: Ledger[] = [];
  try {
    for (const member of members) {
      goOn(whole);
      const administrator = readMember(whole, member.msp, 'administrator');
      voters.push(steady(await connectFabric(administrator)));
    }
    const [first] = voters;
    if (!first) return;
    await ensureFounded(first, layout.definition, readFounders(layout));
    const { organisations } = await readBundle(first);
    if (!organisations.some((each) => each.msp === msp && each.status === 'admitted')) {
      const rootCertificate = fromPem(readRoot(whole, msp));
      const body = { msp, kind, prefix, name, rootCertificate, status: 'admitted' };
      await enact(voters, 'organisation', body);
    }
    goOn(whole);
    await accredit({ ...file, authorities: [...authorities] }, FOUNDING_TYPES, voters);
  } finally {
    await Promise.all(voters.map((voter) => voter.close()));
  }
}
