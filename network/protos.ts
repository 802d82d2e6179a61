// SPDX-License-Identifier: Apache-2.0
// Fabric's protobuf messages: the only place that knows their packages.
import timestamps from 'google-protobuf/google/protobuf/timestamp_pb.js';

export { common, gateway, ledger, msp, peer } from '@hyperledger/fabric-protos';

/** Google's Timestamp, which fabric-protos takes from outside. */
export const Timestamp = timestamps.Timestamp;
