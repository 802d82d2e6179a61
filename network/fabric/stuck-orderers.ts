// SPDX-License-Identifier: Apache-2.0
// An orderer whose process was frozen, or cut off, in the midst of a decision can come back and stand still for ever while its health says all
// is well (seen with SmartBFT 1.0.1 in Fabric 3.1.5: its controller waits for a view that has ended). Started again it catches up.
import { pause } from './interruption.ts';
import { awaitHealth, stopProcess } from './processes.ts';
import { startOrderer } from './start-nodes.ts';
import { ordererHeight } from './status.ts';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { Programs } from './programs.ts';

const LOOKS = 20;
const LOOK_MS = 1000;

/** Starts again every orderer that is behind the others and does not move for a while. Returns their organisations. @throws START_FAILED */
export async function restartStuckOrderers(programs: Programs, layout: Layout): Promise<string[]> {
  const stuck = await findStuck(programs, layout);
  for (const organisation of stuck) {
    const name = `orderer-${organisation.msp}`;
    await stopProcess(layout, name);
    startOrderer(programs, layout, organisation);
    await awaitHealth(layout, name, organisation.ports.ordererOperations);
  }
  return stuck.map(({ msp }) => msp);
}

/** Those that stand where they stood at the first look, behind where the highest stood then. */
async function findStuck(programs: Programs, layout: Layout): Promise<OrganisationLayout[]> {
  const look = () =>
    Promise.all(
      layout.organisations.map((each) =>
        ordererHeight(programs, layout, each).catch(() => undefined),
      ),
    );
  const first = await look();
  const highest = Math.max(...first.map((height) => height ?? 0));
  let behind = layout.organisations.filter((_, i) => (first[i] ?? highest) < highest);
  for (let n = 0; n < LOOKS && behind.length > 0; n++) {
    await pause(layout, LOOK_MS);
    const now = await look();
    behind = behind.filter((each) => {
      const i = layout.organisations.indexOf(each);
      return now[i] !== undefined && now[i] === first[i];
    });
  }
  return behind;
}
