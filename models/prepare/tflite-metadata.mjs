import { Builder } from 'flatbuffers';
import { FlatBufferTable } from './flatbuffer-table.mjs';

/**
 * MediaPipe's FaceDetector refuses a model that does not say how its input is normalised; the files of @mediapipe/face_detection predate that rule.
 * Schemas: https://github.com/google-ai-edge/mediapipe/blob/master/mediapipe/tasks/metadata/metadata_schema.fbs (ModelMetadata) and the TensorFlow
 * Lite schema, version 3 (Model).
 */

const METADATA_NAME = 'TFLITE_METADATA';
const ALIGNMENT = 16; // what the schema asks of weight buffers
const IMAGE_PROPERTIES = 2; // of union ContentProperties
const RGB = 1; // of enum ColorSpaceType
const NORMALIZATION_OPTIONS = 1; // of union ProcessUnitOptions
const MODEL_FIELD_COUNT = 7; // version, operator_codes, subgraphs, description, buffers, metadata_buffer, metadata

/**
 * Builds the ModelMetadata FlatBuffer of a BlazeFace model.
 * @param {{ name: string, licence: string }} options
 * @returns {Uint8Array}
 */
export function buildModelMetadata({ name, licence }) {
  const builder = new Builder(1024);

  const floatVector = (/** @type {number} */ value) => {
    builder.startVector(4, 1, 4);
    builder.addFloat32(value);
    return builder.endVector();
  };
  const offsetVector = (/** @type {number[]} */ offsets) => {
    builder.startVector(4, offsets.length, 4);
    for (const offset of [...offsets].reverse()) builder.addOffset(offset);
    return builder.endVector();
  };
  const named = (/** @type {string} */ tensorName) => {
    const nameOffset = builder.createString(tensorName);
    builder.startObject(7);
    builder.addFieldOffset(0, nameOffset, 0);
    return builder.endObject();
  };

  const mean = floatVector(127.5);
  const std = floatVector(127.5);
  builder.startObject(2);
  builder.addFieldOffset(0, mean, 0);
  builder.addFieldOffset(1, std, 0);
  const normalization = builder.endObject();
  builder.startObject(2);
  builder.addFieldInt8(0, NORMALIZATION_OPTIONS, 0);
  builder.addFieldOffset(1, normalization, 0);
  const processUnits = offsetVector([builder.endObject()]);

  builder.startObject(2);
  builder.addFieldInt8(0, RGB, 0);
  const imageProperties = builder.endObject();
  builder.startObject(3);
  builder.addFieldInt8(0, IMAGE_PROPERTIES, 0);
  builder.addFieldOffset(1, imageProperties, 0);
  const content = builder.endObject();

  const imageName = builder.createString('image');
  builder.startObject(7);
  builder.addFieldOffset(0, imageName, 0);
  builder.addFieldOffset(3, content, 0);
  builder.addFieldOffset(4, processUnits, 0);
  const inputs = offsetVector([builder.endObject()]);
  const outputs = offsetVector([named('regressors'), named('classificators')]);
  builder.startObject(10);
  builder.addFieldOffset(2, inputs, 0);
  builder.addFieldOffset(3, outputs, 0);
  const subgraphs = offsetVector([builder.endObject()]);

  const modelName = builder.createString(name);
  const license = builder.createString(licence);
  builder.startObject(8);
  builder.addFieldOffset(0, modelName, 0);
  builder.addFieldOffset(3, subgraphs, 0);
  builder.addFieldOffset(5, license, 0);
  builder.finish(builder.endObject(), 'M001');
  return builder.asUint8Array();
}

/**
 * Adds metadata to a .tflite file that has none: a new Model root in front of the file, whose vectors point forward into the old bytes, which stay
 * as they are.
 * @param {Uint8Array} model
 * @param {Uint8Array} metadata
 * @returns {Uint8Array}
 * @throws {Error} when the file has metadata already
 */
export function addTfliteMetadata(model, metadata) {
  const old = FlatBufferTable.root(new DataView(model.buffer, model.byteOffset, model.byteLength));
  if (old.at(6) !== 0) throw new Error('the .tflite file has metadata already');
  const oldBuffers = old.vector(4);
  const name = new TextEncoder().encode(METADATA_NAME);

  // Every part at an offset that suits its type; all references point forward, as FlatBuffers demands.
  const vtable = 8;
  const vtableBytes = 4 + 2 * MODEL_FIELD_COUNT;
  const table = align(vtable + vtableBytes, 4);
  const buffersVector = table + 4 + 4 * MODEL_FIELD_COUNT;
  const metadataVector = buffersVector + 4 + 4 * (oldBuffers.length + 1);
  const metadataVtable = metadataVector + 8;
  const metadataTable = metadataVtable + 8;
  const nameString = metadataTable + 12;
  const bufferVtable = align(nameString + 4 + name.length + 1, 4);
  const bufferTable = align(bufferVtable + 6, 4);
  const dataVector = align(bufferTable + 8 + 4, ALIGNMENT) - 4; // its bytes start at a multiple of 16
  const start = align(dataVector + 4 + metadata.length, ALIGNMENT);

  const result = new Uint8Array(start + model.length);
  result.set(model, start);
  result.set(new TextEncoder().encode('TFL3'), 4);
  const view = new DataView(result.buffer);
  const point = (/** @type {number} */ at, /** @type {number} */ to) => {
    view.setUint32(at, to - at, true);
  };
  point(0, table);

  view.setUint16(vtable, vtableBytes, true);
  view.setUint16(vtable + 2, 4 + 4 * MODEL_FIELD_COUNT, true);
  view.setInt32(table, table - vtable, true);
  for (let field = 0; field < MODEL_FIELD_COUNT; field++) {
    const oldAt = old.at(field);
    const isAbsent = oldAt === 0 && field !== 6;
    const at = table + 4 + 4 * field;
    view.setUint16(vtable + 4 + 2 * field, isAbsent ? 0 : at - table, true);
    if (field === 0) view.setUint32(at, old.int32(0), true);
    else if (field === 4) point(at, buffersVector);
    else if (field === 6) point(at, metadataVector);
    else if (!isAbsent) point(at, start + oldAt + old.view.getUint32(oldAt, true));
  }

  view.setUint32(buffersVector, oldBuffers.length + 1, true);
  old.tables(4).forEach((buffer, index) => {
    point(buffersVector + 4 + 4 * index, start + buffer.position);
  });
  point(buffersVector + 4 + 4 * oldBuffers.length, bufferTable);

  view.setUint32(metadataVector, 1, true);
  point(metadataVector + 4, metadataTable);
  writeVtable(view, metadataVtable, metadataTable, [4, 8]);
  point(metadataTable + 4, nameString);
  view.setUint32(metadataTable + 8, oldBuffers.length, true);
  view.setUint32(nameString, name.length, true);
  result.set(name, nameString + 4);

  writeVtable(view, bufferVtable, bufferTable, [4]);
  point(bufferTable + 4, dataVector);
  view.setUint32(dataVector, metadata.length, true);
  result.set(metadata, dataVector + 4);
  return result;
}

/**
 * Writes a vtable and its table's link to it, for fields of four bytes each.
 * @param {DataView} view
 * @param {number} vtable
 * @param {number} table
 * @param {number[]} fieldOffsets within the table
 */
function writeVtable(view, vtable, table, fieldOffsets) {
  view.setUint16(vtable, 4 + 2 * fieldOffsets.length, true);
  view.setUint16(vtable + 2, 4 + 4 * fieldOffsets.length, true);
  fieldOffsets.forEach((offset, index) => {
    view.setUint16(vtable + 4 + 2 * index, offset, true);
  });
  view.setInt32(table, table - vtable, true);
}

/**
 * @param {number} value
 * @param {number} multiple
 */
function align(value, multiple) {
  return Math.ceil(value / multiple) * multiple;
}
