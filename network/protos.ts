// SPDX-License-Identifier: Apache-2.0
// Fabric's protobuf messages: the only place that knows their packages.
// google-protobuf is CommonJS whose names Node cannot see: it is imported as a whole.
import timestampMessages from 'google-protobuf/google/protobuf/timestamp_pb.js';

export { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
export const { Timestamp } = timestampMessages;
export type Timestamp = InstanceType<typeof Timestamp>;
