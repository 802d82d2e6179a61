// SPDX-License-Identifier: Apache-2.0
// What is read when metrics are asked for: how the parts of a gateway stand at that moment.
import { statfs } from 'node:fs/promises';
import type { GatewayContext } from '../context.ts';
import type { GaugeName } from './metric-table.ts';
import type { IssuingState } from './issuing-state.ts';

/** What gauges read. */
export interface GaugeSources extends Pick<
  GatewayContext,
  'config' | 'replica' | 'trace' | 'troubles' | 'clock' | 'metrics'
> {
  readonly issuing: () => readonly IssuingState[];
  readonly importStates: () => Promise<ReadonlyMap<string, number>>;
  readonly isStoreHealthy: () => boolean;
  readonly inFlight: () => number;
}

/** Exports every gauge of the table. */
export function exportGauges(sources: GaugeSources): void {
  const { config, metrics, replica, trace, clock, troubles } = sources;
  const one = (name: GaugeName, read: () => number) => metrics.gauge(name, () => [[{}, read()]]);
  one('http_requests_in_flight', sources.inFlight);
  one('replica_height', () => replica.counts().height);
  one('ledger_height', () => replica.counts().ledgerHeight);
  one('replica_lag_blocks', () => {
    const { height, ledgerHeight } = replica.counts();
    return Math.max(0, ledgerHeight - height);
  });
  one('replica_level_age_seconds', () => Math.max(0, clock() - replica.counts().levelAt));
  one('store_healthy', () => Number(sources.isStoreHealthy()));
  one('trace_entries_pending', () => trace.pending().entries);
  one('trace_roots_pending', () => trace.pending().roots);
  one('ready', () => Number(troubles().length === 0));
  metrics.gauge('trouble', () => [...new Set(troubles())].map((code) => [{ code }, 1] as const));
  metrics.gauge('store_free_bytes', async () => {
    const { bavail, bsize } = await statfs(config.dataDir);
    return [[{}, bavail * bsize]];
  });
  metrics.gauge('imports', async () => {
    return [...(await sources.importStates())].map(([state, count]) => [{ state }, count] as const);
  });
  const each = (name: 'queue_copies' | 'queue_oldest_seconds' | 'lease_room', of: StateFigure) =>
    metrics.gauge(name, () =>
      sources
        .issuing()
        .map((state) => [{ authority: state.authority, type: state.type }, of(state)] as const),
    );
  each('queue_copies', ({ waiting }) => waiting);
  each('queue_oldest_seconds', ({ oldest }) => oldest);
  each('lease_room', ({ room }) => room);
}

type StateFigure = (state: IssuingState) => number;
