/// Metadata of one metric as bytes, for log records, messages and blocks.
///
/// Kind u8 · name, help and unit, each its size as varint and UTF-8.
public enum MetadataBytes {
    /// The least bytes that an entry takes.
    public static let minimumSize = 5

    /// - Precondition: The entry is ``MetricMetadata/isStorable``.
    public static func append(_ metadata: MetricMetadata, to out: inout [UInt8]) {
        precondition(metadata.isStorable, "metadata that no encoding can hold")
        out.append(metadata.kind.rawValue)
        for text in [metadata.name, metadata.help, metadata.unit] {
            out.appendStoredVarint(UInt64(text.utf8.count))
            out.append(contentsOf: text.utf8)
        }
    }

    /// Reads an entry from the front of untrusted bytes.
    ///
    /// - Returns: The entry, which is storable, and its size in bytes.
    public static func read(
        _ bytes: UnsafeRawBufferPointer
    ) throws(StoredBytesError) -> (metadata: MetricMetadata, size: Int) {
        var cursor = ByteCursor(bytes)
        guard let kind = MetricMetadata.Kind(rawValue: try cursor.byte()) else {
            throw .invalidField("kind", offset: 0)
        }
        let start = cursor.offset
        let name = try text("name", &cursor)
        guard !name.isEmpty else { throw .invalidField("name", offset: start) }
        let help = try text("help", &cursor)
        let unit = try text("unit", &cursor)
        return (MetricMetadata(name: name, kind: kind, help: help, unit: unit), cursor.offset)
    }

    private static func text(
        _ field: String,
        _ cursor: inout ByteCursor
    ) throws(StoredBytesError) -> String {
        let start = cursor.offset
        let bytes = try cursor.sized(field, limit: MetricMetadata.maximumTextSize)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalidField(field, offset: start)
        }
        return text
    }
}
