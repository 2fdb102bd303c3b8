/**
 * Reads tables of a FlatBuffer without generated code: fields by their index in the schema.
 * Format: https://flatbuffers.dev/internals/
 */
export class FlatBufferTable {
  /**
   * @param {DataView} view
   * @param {number} position of the table
   */
  constructor(view, position) {
    this.view = view;
    this.position = position;
  }

  /** @param {DataView} view */
  static root(view) {
    return new FlatBufferTable(view, view.getUint32(0, true));
  }

  /**
   * @param {number} field index in the schema
   * @returns {number} position of the field's inline value, 0 when absent
   */
  at(field) {
    const vtable = this.position - this.view.getInt32(this.position, true);
    const entry = 4 + 2 * field;
    if (entry >= this.view.getUint16(vtable, true)) return 0;
    const offset = this.view.getUint16(vtable + entry, true);
    return offset === 0 ? 0 : this.position + offset;
  }

  /** @param {number} field */
  int8(field) {
    const at = this.at(field);
    return at === 0 ? 0 : this.view.getInt8(at);
  }

  /** @param {number} field */
  int32(field) {
    const at = this.at(field);
    return at === 0 ? 0 : this.view.getInt32(at, true);
  }

  /** @param {number} field */
  table(field) {
    const at = this.at(field);
    return at === 0 ? null : new FlatBufferTable(this.view, at + this.view.getUint32(at, true));
  }

  /**
   * @param {number} field
   * @returns {{ position: number, length: number }} of the first element
   */
  vector(field) {
    const at = this.at(field);
    if (at === 0) return { position: 0, length: 0 };
    const start = at + this.view.getUint32(at, true);
    return { position: start + 4, length: this.view.getUint32(start, true) };
  }

  /** @param {number} field */
  tables(field) {
    const { position, length } = this.vector(field);
    return Array.from({ length }, (_, i) => {
      const at = position + 4 * i;
      return new FlatBufferTable(this.view, at + this.view.getUint32(at, true));
    });
  }

  /** @param {number} field */
  int32s(field) {
    const { position, length } = this.vector(field);
    return Array.from({ length }, (_, i) => this.view.getInt32(position + 4 * i, true));
  }

  /** @param {number} field */
  bytes(field) {
    const { position, length } = this.vector(field);
    return new Uint8Array(this.view.buffer, this.view.byteOffset + position, length);
  }

  /** @param {number} field */
  string(field) {
    return new TextDecoder().decode(this.bytes(field));
  }
}
