/// Exemplars as bytes, for log records, messages and blocks.
///
/// Timestamp less a base as signed varint, wrapping · the value's bits u64 · size of the labels as varint, 1 to
/// ``Exemplar/maximumKeySize`` · the labels as a series key.
public enum ExemplarBytes {
    /// The least bytes that an exemplar takes: that of a label of one character.
    public static let minimumSize = 18

    /// - Parameter base: Most often the timestamp of the exemplar before.
    /// - Precondition: The exemplar is ``Exemplar/isStorable``.
    public static func append(_ exemplar: Exemplar, after base: Int64, to out: inout [UInt8]) {
        precondition(exemplar.isStorable, "an exemplar that no encoding can hold")
        out.appendStoredSigned(exemplar.timestamp &- base)
        withUnsafeBytes(of: exemplar.value.bitPattern.littleEndian) { out.append(contentsOf: $0) }
        out.appendStoredVarint(UInt64(exemplar.labels.key.count))
        out.append(contentsOf: exemplar.labels.key)
    }

    /// Reads an exemplar from the front of untrusted bytes.
    ///
    /// - Returns: The exemplar, which is storable, and its size in bytes.
    public static func read(
        _ bytes: UnsafeRawBufferPointer,
        after base: Int64
    ) throws(StoredBytesError) -> (exemplar: Exemplar, size: Int) {
        var cursor = ByteCursor(bytes)
        let timestamp = base &+ (try cursor.signed())
        let value = Double(bitPattern: try cursor.fixed64())
        let start = cursor.offset
        let key = try cursor.sized("labels", limit: Exemplar.maximumKeySize)
        guard let labels = try? Labels(validating: Array(key)) else {
            throw .invalidField("labels", offset: start)
        }
        let exemplar = Exemplar(labels: labels, timestamp: timestamp, value: value)
        guard exemplar.isStorable else { throw .invalidField("labels", offset: start) }
        return (exemplar, cursor.offset)
    }
}
