export {
  encodeGoJson,
  type GoJsonOptions,
  type GoStruct,
  type GoStructField,
  type GoValue,
  goStruct,
} from './go-json-encode.ts';
export { type JsonLimits, type JsonObject, type JsonValue, parseGoJson } from './go-json-parse.ts';
