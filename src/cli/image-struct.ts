import type { GoValue } from '../formats/go-json.ts';
import {
  fromGoJson,
  isMap,
  NIL_LIST,
  NIL_MAP,
  type TemplateField,
  TemplateStruct,
  TemplateTime,
  type TemplateValue,
} from './go-template/value.ts';

type Source = ReadonlyMap<string, TemplateValue>;

/**
 * An image as the Go type of docker's client holds it (moby api/types/image InspectResponse), so that templates print
 * what docker prints: fields that the JSON leaves out are there with their zero values, in the order of the type.
 */
export function imageStruct(image: GoValue): TemplateStruct {
  const source = mapOf(fromGoJson(image, 'number'));
  return new TemplateStruct('image.InspectResponse', [
    text(source, 'Id'),
    list(source, 'RepoTags'),
    list(source, 'RepoDigests'),
    text(source, 'Parent'),
    text(source, 'Comment'),
    { ...text(source, 'Created'), omitEmpty: true },
    { ...text(source, 'Container'), omitEmpty: true },
    { name: 'ContainerConfig', value: source.get('ContainerConfig') ?? null, omitEmpty: true },
    text(source, 'DockerVersion'),
    text(source, 'Author'),
    { name: 'Config', value: source.has('Config') ? configStruct(mapOf(source.get('Config'))) : null },
    text(source, 'Architecture'),
    { ...text(source, 'Variant'), omitEmpty: true },
    text(source, 'Os'),
    { ...text(source, 'OsVersion'), omitEmpty: true },
    { name: 'Size', value: source.get('Size') ?? 0 },
    { name: 'VirtualSize', value: source.get('VirtualSize') ?? 0, omitEmpty: true },
    { name: 'GraphDriver', value: graphDriver(mapOf(source.get('GraphDriver'))) },
    { name: 'RootFS', value: rootFs(mapOf(source.get('RootFS'))) },
    { name: 'Metadata', value: metadata(mapOf(source.get('Metadata'))) },
    { name: 'Descriptor', value: source.get('Descriptor') ?? null, omitEmpty: true },
    { ...list(source, 'Manifests'), omitEmpty: true },
  ]);
}

// docker-image-spec DockerOCIImageConfig: OCI's fields, and docker's own behind them.
function configStruct(config: Source): TemplateStruct {
  const oci = [
    text(config, 'User'),
    setOf(config, 'ExposedPorts'),
    list(config, 'Env'),
    list(config, 'Entrypoint'),
    list(config, 'Cmd'),
    setOf(config, 'Volumes'),
    text(config, 'WorkingDir'),
    { name: 'Labels', value: config.get('Labels') ?? NIL_MAP },
    text(config, 'StopSignal'),
    { name: 'ArgsEscaped', value: config.get('ArgsEscaped') ?? false },
  ];
  const docker = [
    { name: 'Healthcheck', value: healthcheck(config.get('Healthcheck')) },
    list(config, 'OnBuild'),
    list(config, 'Shell'),
  ];
  return new TemplateStruct('v1.DockerOCIImageConfig', [
    embedded('ImageConfig', oci),
    embedded('DockerOCIImageConfigExt', docker),
  ]);
}

function healthcheck(value: TemplateValue): TemplateValue {
  if (value === undefined || value === null) return null;
  const source = mapOf(value);
  const number = (name: string): TemplateField => ({ name, value: source.get(name) ?? 0, omitEmpty: true });
  return new TemplateStruct('v1.HealthcheckConfig', [
    { ...list(source, 'Test'), omitEmpty: true },
    number('Interval'),
    number('Timeout'),
    number('StartPeriod'),
    number('StartInterval'),
    number('Retries'),
  ]);
}

function graphDriver(source: Source): TemplateStruct {
  return new TemplateStruct('storage.DriverData', [
    { name: 'Data', value: source.get('Data') ?? NIL_MAP },
    text(source, 'Name'),
  ]);
}

function rootFs(source: Source): TemplateStruct {
  return new TemplateStruct('image.RootFS', [
    { ...text(source, 'Type'), omitEmpty: true },
    { ...list(source, 'Layers'), omitEmpty: true },
  ]);
}

function metadata(source: Source): TemplateStruct {
  const time = source.get('LastTagTime');
  const value = new TemplateTime(typeof time === 'string' ? time : '0001-01-01T00:00:00Z');
  return new TemplateStruct('image.Metadata', [{ name: 'LastTagTime', value, omitEmpty: true }]);
}

function embedded(name: string, fields: readonly TemplateField[]): TemplateField {
  const value = new TemplateStruct(
    name,
    fields.map((field) => ({ ...field, omitEmpty: true })),
  );
  return { name, value, embedded: true };
}

function text(source: Source, name: string): TemplateField {
  return { name, value: source.get(name) ?? '' };
}

function list(source: Source, name: string): TemplateField {
  return { name, value: source.get(name) ?? NIL_LIST };
}

// Go's map[string]struct{}: each value is an empty struct.
function setOf(source: Source, name: string): TemplateField {
  const value = source.get(name);
  if (!isMap(value)) return { name, value: NIL_MAP };
  return { name, value: new Map([...value.keys()].map((key) => [key, new TemplateStruct('struct {}', [])])) };
}

function mapOf(value: TemplateValue): Source {
  return isMap(value) ? value : new Map();
}
