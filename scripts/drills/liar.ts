// SPDX-License-Identifier: Apache-2.0
// One organisation's chaincode lies: the drill starts an altered host in the place of the real one. Its answers convince nobody, are
// named, and are kept as signed evidence that the pure verifier of core reads again from disk.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { encodeCbor } from '@zhenglian/core/cbor';
import {
  decodeAnswer,
  encodeAnswer,
  endorserMsp,
  verifyAnswer,
} from '@zhenglian/core/cosigned-answer';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import { isCodedError } from '@zhenglian/core/errors';
import { parseEpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import { provinceChaincode } from '@zhenglian/core/records/record-key';
import { decodeCbor } from '@zhenglian/core/cbor';
import { readEpochEvidence } from '@zhenglian/core/trust';
import { fromPem } from '@zhenglian/core/x509';
import { hostName, hostPort, openPackages } from '@zhenglian/network/fabric/chaincode-hosts';
import { KEEPER } from '@zhenglian/network/fabric/chaincode-keeper';
import { readVersions } from '@zhenglian/network/fabric/chaincode-versions';
import { programArguments } from '@zhenglian/network/own-program';
import { organisationOf, readFounders } from '@zhenglian/network/fabric/members';
import {
  awaitPort,
  killProcess,
  startProcess,
  stopProcess,
} from '@zhenglian/network/fabric/processes';
import { BATCHES, demand } from './drill.ts';
import type { Drill, Stage } from './drill.ts';
import {
  batchCall,
  drillLeaves,
  openEpoch,
  readCosignedEpoch,
  registerKey,
  revocationCall,
} from './issuer.ts';
import type { CosignedEpoch } from './issuer.ts';
import { lookAtGateway } from './lied-to-gateway.ts';
import { steady, submitOnce, until } from './steady.ts';

const LIAR = 'P33';
const MAIN = fileURLToPath(new URL('lying-host.ts', import.meta.url));
const REVOKED = 3;

export const LIAR_DRILL: Drill = {
  what: "one organisation's chaincode lies: refused, named, kept as signed evidence, traced by a gateway, checked again from disk and in a browser",
  hasDesk: true,
  aimMs: 8000,
  run: async (stage) => {
    const { issuing, line, say, layout } = stage;
    const epoch = await revokeOne(stage);
    const revoked = await stage.desk.gateways?.revoke();
    await startLiar(stage);
    const parts = { ...issuing, ledger: steady(issuing.ledger) };
    let cosigned = await readCosignedEpoch(parts, epoch);
    // Its peer dials the new host at the first question, which may be answered too late to be heard.
    await until('an answer of the liar', async () => {
      cosigned = await readCosignedEpoch(parts, epoch);
      return cosigned.answer.dissent !== undefined;
    });
    const states = cosigned.facts.evidence.statuses.map(
      ({ index, state }) => `${String(index)} ${state}`,
    );
    say(`${cosigned.facts.msps.join(', ')} co-sign: ${states.join()}`);
    demand(states.join() === `${String(REVOKED)} revoked`, 'the lie was believed');
    const names = (cosigned.answer.dissent ?? []).map(({ endorser }) => endorserMsp(endorser));
    demand(names.join() === LIAR, `dissenters named: ${names.join() || 'none'}`);
    const folder = join(layout.folder, 'evidence');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `dissent-${String(epoch)}.cbor`);
    writeFileSync(file, encodeAnswer(cosigned.answer), { mode: 0o600 });
    say(`dissent of ${LIAR} kept in ${file}`);
    checkAgain(stage, decodeAnswer(new Uint8Array(readFileSync(file))), { ...cosigned, epoch });
    if (revoked !== undefined) await lookAtGateway(stage, LIAR, revoked);
    // Batches too: the liar's endorsement differs, so another organisation's is taken.
    await line.await(BATCHES);
  },
};

/** What anybody makes of the kept evidence, with the roots and without the network. */
function checkAgain(
  { issuing, layout, say }: Stage,
  kept: CosignedAnswer,
  { trust, pin, epoch }: CosignedEpoch & { readonly epoch: number },
): void {
  const { uscc } = issuing;
  const facts = readEpochEvidence(kept, trust, { uscc, epoch }, pin);
  demand(facts.evidence.statuses.length === 1, 'the kept answer is not what was co-signed');
  const [dissent] = kept.dissent ?? [];
  if (!dissent) throw new Error('no dissent was kept');
  const lie = { proposal: kept.proposal, payload: dissent.payload, endorsements: [dissent] };
  const refused = codeOf(() => readEpochEvidence(lie, trust, { uscc, epoch }, pin));
  demand(refused === 'ANSWER_FEW', `the lie alone is not refused: ${refused}`);
  const roots = new Map(
    [...readFounders(layout)].map(([msp, { root }]) => [msp, fromPem(root.certificatePem)]),
  );
  const question = {
    channel: layout.definition.channel,
    chaincode: provinceChaincode(issuing.ledger.msp),
    name: 'EpochEvidence',
    request: encodeCbor({ uscc, epoch, nonce: pin.nonce }),
  };
  // The signature holds: it is the liar's own word, which it cannot take back.
  const said = verifyAnswer(lie, question, { roots, least: 1 });
  const statuses = parseEpochEvidence(decodeCbor(said.value)).statuses.length;
  demand(said.msps.join() === LIAR && statuses === 0, 'the evidence does not show who lied');
  say(
    `checked again from disk: alone ${refused}; signed by ${said.msps.join()}, which told ${String(statuses)} of 1 revocations`,
  );
}

async function revokeOne({ issuing }: Stage): Promise<number> {
  const parts = { ...issuing, ledger: steady(issuing.ledger) };
  const key = await registerKey(parts);
  const epoch = await openEpoch(parts);
  const place = { epoch, n: 0, first: 0 };
  await submitOnce(issuing.ledger, batchCall(issuing, key, place, drillLeaves(epoch, 0, BATCHES)));
  await parts.ledger.submit(revocationCall(issuing, key, place, [REVOKED]));
  return epoch;
}

/** The keeper first, or it would start the real one. It stands in for the host until the next `up`, which follows every drill. */
async function startLiar({ layout, bundles }: Stage): Promise<void> {
  const liar = organisationOf(layout, LIAR);
  const { organisation } = openPackages(layout, readVersions(layout).serving);
  const name = hostName(LIAR, 'organisation', organisation.version);
  const port = hostPort(liar, 'organisation', organisation.version);
  await stopProcess(layout, KEEPER);
  await killProcess(layout, name);
  const tls = join(liar.folders.chaincodeHost, 'tls');
  const address = `127.0.0.1:${String(port)}`;
  startProcess(layout, {
    name,
    program: execPath,
    args: [
      ...programArguments(MAIN),
      ...[organisation.file, bundles.organisation, address, tls, join(tls, 'ca.crt')],
    ],
    env: {},
    standsIn: true,
  });
  await awaitPort(layout, name, port);
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'accepted';
  } catch (error) {
    return isCodedError<string>(error) ? error.code : String(error);
  }
}
