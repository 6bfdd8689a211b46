import { fromByteString } from '../../formats/bytestring.ts';
import { type GoStruct, type GoStructField, type GoValue, goStruct, type JsonValue } from '../../formats/go-json.ts';
import type { ContainerRecord } from '../../store/mounts.ts';
import type { Store } from '../../store/store.ts';
import { mountOf } from '../look/open-layers.ts';
import { asGoValue, containerFile, member, textOf } from './container-document.ts';
import { containerMounts, mountStruct } from './container-mounts.ts';
import { containerState } from './container-state.ts';

const STATE_FLAGS = ['Running', 'Paused', 'Restarting', 'OOMKilled', 'Dead', 'Pid', 'ExitCode', 'Error'];
const STATE_TIMES = ['StartedAt', 'FinishedAt'];
/** Not a field of the API's EndpointSettings. */
const INTERNAL = new Set(['IPAMOperational', 'DesiredMacAddress']);

/**
 * What `docker inspect` of 28.5 (API 1.51) says of a container, as far as the disk tells: `ExecIDs` and what only a running daemon
 * knows is not there. Throws LL_CORRUPT.
 */
export function inspectContainer(store: Store, record: ContainerRecord): GoStruct {
  const { id } = record;
  const config = containerFile(store, id, 'config.v2.json');
  const host = containerFile(store, id, 'hostconfig.json');
  const same = (key: string, from = key, otherwise: GoValue = ''): GoStructField => {
    const value = config.get(from);
    return [key, value === undefined ? otherwise : asGoValue(value)];
  };
  return goStruct([
    ['Id', id],
    same('Created'),
    same('Path'),
    same('Args', 'Args', []),
    ['State', stateStruct(config.get('State'))],
    same('Image'),
    same('ResolvConfPath'),
    same('HostnamePath'),
    same('HostsPath'),
    same('LogPath'),
    same('Name'),
    same('RestartCount', 'RestartCount', 0),
    same('Driver'),
    same('Platform', 'OS'),
    same('MountLabel'),
    same('ProcessLabel'),
    same('AppArmorProfile'),
    ['ExecIDs', null],
    ['HostConfig', asGoValue(host)],
    ['GraphDriver', graphDriver(store, record)],
    ['Mounts', containerMounts(config).map(mountStruct)],
    same('Config', 'Config', null),
    ['NetworkSettings', networkSettings(config.get('NetworkSettings'))],
  ]);
}

function stateStruct(state: JsonValue | undefined): GoStruct {
  const field = (key: string): GoStructField => [key, asGoValue(member(state, key) ?? null)];
  const health = member(state, 'Health');
  return goStruct([
    ['Status', containerState(state).status],
    ...STATE_FLAGS.map(field),
    ...STATE_TIMES.map(field),
    ['Health', health == null ? undefined : asGoValue(health)],
  ]);
}

function graphDriver(store: Store, record: ContainerRecord): GoStruct {
  const { mountId } = mountOf(store, record);
  const data = new Map<string, GoValue>([['ID', record.id], ...store.overlay.graphDriverData(mountId)]);
  return goStruct([
    ['Data', data],
    ['Name', fromByteString('overlay2')],
  ]);
}

function networkSettings(settings: JsonValue | undefined): GoStruct {
  const networks = member(settings, 'Networks');
  const all = networks instanceof Map ? [...networks] : [];
  const bridge = member(networks, 'bridge');
  const own = (key: string, otherwise: GoValue): GoStructField => {
    const value = member(settings, key);
    return [key, value === undefined ? otherwise : asGoValue(value)];
  };
  const ofBridge = (key: string, otherwise: GoValue): GoStructField => {
    const value = member(bridge, key);
    return [key, value === undefined ? otherwise : asGoValue(value)];
  };
  return goStruct([
    own('Bridge', ''),
    own('SandboxID', ''),
    own('SandboxKey', ''),
    ['Ports', asGoValue(member(settings, 'Ports') ?? new Map())],
    own('HairpinMode', false),
    own('LinkLocalIPv6Address', ''),
    own('LinkLocalIPv6PrefixLen', 0),
    own('SecondaryIPAddresses', null),
    own('SecondaryIPv6Addresses', null),
    ofBridge('EndpointID', ''),
    ofBridge('Gateway', ''),
    ofBridge('GlobalIPv6Address', ''),
    ofBridge('GlobalIPv6PrefixLen', 0),
    ofBridge('IPAddress', ''),
    ofBridge('IPPrefixLen', 0),
    ofBridge('IPv6Gateway', ''),
    ofBridge('MacAddress', ''),
    ['Networks', goStruct(all.map(([name, endpoint]) => [name, endpointStruct(endpoint)] as const))],
  ]);
}

function endpointStruct(endpoint: JsonValue): GoValue {
  if (!(endpoint instanceof Map)) return null;
  const fields = [...endpoint].filter(([key]) => !INTERNAL.has(key));
  return goStruct(fields.map(([key, value]) => [key, asGoValue(value)] as const));
}

/** The names of a container's networks. */
export function networkNames(document: JsonValue): string[] {
  const networks = member(member(document, 'NetworkSettings'), 'Networks');
  return networks instanceof Map ? [...networks.keys()].sort() : [];
}

/** What `docker ps` shows as the command: arguments with a space in them in quotes (moby daemon/container/view.go). */
export function commandText(document: JsonValue): string {
  const args = member(document, 'Args');
  const words = Array.isArray(args) ? args.map((arg: JsonValue) => textOf(arg)) : [];
  return [textOf(member(document, 'Path')), ...words.map((word) => (word.includes(' ') ? `'${word}'` : word))].join(
    ' ',
  );
}
