// SPDX-License-Identifier: Apache-2.0
// Environment of every Fabric node and command; core.yaml and orderer.yaml stay as Fabric ships them. Each setting says why it is set.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { Environment, Programs } from './programs.ts';

const HOST = '127.0.0.1';
const BUILDER = fileURLToPath(new URL('builder', import.meta.url));
/** Proposals and requests stamped further from the node's clock than this are refused (design §4). */
const TIME_WINDOW = '2m';
const LOGGING = 'info:grpc=error';

/** Settings of an organisation's orderer. */
export function ordererSettings(
  programs: Programs,
  { ports, folders, ordererMsp }: OrganisationLayout,
): Environment {
  const tls = (file: string) => join(folders.orderer, 'tls', file);
  const data = folders.ordererData;
  return {
    FABRIC_CFG_PATH: programs.configFolder,
    FABRIC_LOGGING_SPEC: LOGGING,
    ORDERER_GENERAL_BOOTSTRAPMETHOD: 'none', // no system channel
    ORDERER_CHANNELPARTICIPATION_ENABLED: 'true', // channels are joined by osnadmin
    ORDERER_GENERAL_LISTENADDRESS: HOST,
    ORDERER_GENERAL_LISTENPORT: String(ports.orderer),
    ORDERER_GENERAL_LOCALMSPID: ordererMsp,
    ORDERER_GENERAL_LOCALMSPDIR: join(folders.orderer, 'msp'),
    ORDERER_GENERAL_TLS_ENABLED: 'true',
    ORDERER_GENERAL_TLS_PRIVATEKEY: tls('server.key'),
    ORDERER_GENERAL_TLS_CERTIFICATE: tls('server.crt'),
    ORDERER_GENERAL_TLS_ROOTCAS: `[${tls('ca.crt')}]`,
    ORDERER_GENERAL_TLS_CLIENTAUTHREQUIRED: 'true', // mutual: only members of the channel reach an orderer
    ORDERER_GENERAL_TLS_CLIENTROOTCAS: `[${tls('ca.crt')}]`,
    ORDERER_GENERAL_CLUSTER_CLIENTCERTIFICATE: tls('server.crt'), // one listener for clients and consenters
    ORDERER_GENERAL_CLUSTER_CLIENTPRIVATEKEY: tls('server.key'),
    ORDERER_GENERAL_CLUSTER_REPLICATIONPOLICY: 'simple', // with mutual TLS the default never lets an orderer that fell behind catch up
    ORDERER_GENERAL_BACKOFF_MAXDELAY: '5s', // an orderer that came back is dialled again soon; default 2 min
    ORDERER_GENERAL_AUTHENTICATION_TIMEWINDOW: TIME_WINDOW,
    ORDERER_ADMIN_LISTENADDRESS: `${HOST}:${String(ports.ordererAdmin)}`,
    ORDERER_ADMIN_TLS_ENABLED: 'true',
    ORDERER_ADMIN_TLS_CLIENTAUTHREQUIRED: 'true',
    ORDERER_ADMIN_TLS_PRIVATEKEY: tls('server.key'),
    ORDERER_ADMIN_TLS_CERTIFICATE: tls('server.crt'),
    ORDERER_ADMIN_TLS_CLIENTROOTCAS: `[${tls('ca.crt')}]`,
    ORDERER_OPERATIONS_LISTENADDRESS: `${HOST}:${String(ports.ordererOperations)}`,
    ORDERER_METRICS_PROVIDER: 'prometheus',
    ORDERER_FILELEDGER_LOCATION: join(data, 'ledger'),
    ORDERER_CONSENSUS_WALDIR: join(data, 'wal'),
    ORDERER_CONSENSUS_SNAPDIR: join(data, 'snapshots'),
  };
}

/** Settings of an organisation's peer. `FABRIC_CFG_PATH` is a folder of its own, so that core.yaml's relative `tls/ca.crt` is this peer's. */
export function peerSettings(
  { folder }: Layout,
  { msp, ports, folders }: OrganisationLayout,
): Environment {
  const tls = (file: string) => join(folders.peer, 'tls', file);
  const address = `${HOST}:${String(ports.peer)}`;
  const chaincode = `${HOST}:${String(ports.peerChaincode)}`;
  return {
    FABRIC_CFG_PATH: folders.peerData,
    FABRIC_LOGGING_SPEC: LOGGING,
    PATH: '/usr/local/bin:/usr/bin:/bin', // for the builder's three scripts
    TMPDIR: join(folder, 'tmp'),
    ZHENGLIAN_CHAINCODE_DIR: folders.connections,
    CORE_PEER_ID: `peer0-${msp}`,
    CORE_PEER_NETWORKID: 'zhenglian',
    CORE_PEER_LOCALMSPID: msp,
    CORE_PEER_MSPCONFIGPATH: join(folders.peer, 'msp'),
    CORE_PEER_ADDRESS: address,
    CORE_PEER_LISTENADDRESS: address,
    CORE_PEER_CHAINCODEADDRESS: chaincode, // else every peer wants port 7052
    CORE_PEER_CHAINCODELISTENADDRESS: chaincode,
    CORE_PEER_GOSSIP_BOOTSTRAP: address,
    CORE_PEER_GOSSIP_ENDPOINT: address,
    CORE_PEER_GOSSIP_EXTERNALENDPOINT: address,
    CORE_PEER_GOSSIP_RECONNECTINTERVAL: '2s', // peers that join together miss each other once; default 25 s
    CORE_PEER_GOSSIP_PUBLISHSTATEINFOINTERVAL: '1s',
    CORE_PEER_GOSSIP_REQUESTSTATEINFOINTERVAL: '1s',
    CORE_PEER_GOSSIP_ALIVETIMEINTERVAL: '1s',
    CORE_PEER_GOSSIP_ALIVEEXPIRATIONTIMEOUT: '5s',
    CORE_PEER_GOSSIP_PVTDATA_PULLRETRYTHRESHOLD: '1s', // a replay stalls this long at each of its own approvals; default 60 s
    CORE_PEER_DELIVERYCLIENT_BLOCKCENSORSHIPTIMEOUTKEY: '4s', // an orderer that goes silent, or withholds blocks that others show, is left after it; default 30s
    CORE_PEER_DELIVERYCLIENT_RECONNECTBACKOFFTHRESHOLD: '5s', // orderers that came back are dialled again soon; default 1h
    CORE_PEER_TLS_ENABLED: 'true',
    CORE_PEER_TLS_CERT_FILE: tls('server.crt'),
    CORE_PEER_TLS_KEY_FILE: tls('server.key'),
    CORE_PEER_TLS_ROOTCERT_FILE: tls('ca.crt'),
    CORE_PEER_TLS_CLIENTAUTHREQUIRED: 'true', // without it a peer shows no certificate to the orderers and never gets a block
    CORE_PEER_AUTHENTICATION_TIMEWINDOW: TIME_WINDOW,
    CORE_PEER_FILESYSTEMPATH: join(folders.peerData, 'ledger'),
    CORE_LEDGER_SNAPSHOTS_ROOTDIR: join(folders.peerData, 'snapshots'),
    CORE_OPERATIONS_LISTENADDRESS: `${HOST}:${String(ports.peerOperations)}`,
    CORE_METRICS_PROVIDER: 'prometheus',
    CORE_VM_ENDPOINT: '', // no Docker: else /healthz asks for its daemon
    CORE_CHAINCODE_EXTERNALBUILDERS: `[{name: zhenglian, path: '${BUILDER.replaceAll("'", "''")}', propagateEnvironment: [ZHENGLIAN_CHAINCODE_DIR]}]`,
  };
}

/** Settings of the `peer` command as an organisation's administrator. */
export function administratorSettings(
  programs: Programs,
  { msp, ports, folders }: OrganisationLayout,
): Environment {
  const { administrator, peer } = folders;
  return {
    FABRIC_CFG_PATH: programs.configFolder,
    CORE_PEER_LOCALMSPID: msp,
    CORE_PEER_MSPCONFIGPATH: join(administrator, 'msp'),
    CORE_PEER_ADDRESS: `${HOST}:${String(ports.peer)}`,
    CORE_PEER_TLS_ENABLED: 'true',
    CORE_PEER_TLS_ROOTCERT_FILE: join(peer, 'tls', 'ca.crt'),
    CORE_PEER_TLS_CLIENTAUTHREQUIRED: 'true',
    CORE_PEER_TLS_CLIENTCERT_FILE: join(administrator, 'tls', 'client.crt'),
    CORE_PEER_TLS_CLIENTKEY_FILE: join(administrator, 'tls', 'client.key'),
  };
}
