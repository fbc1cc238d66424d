public import MetricsModel

/// An `Exemplar` message of a remote-write request, decoded and checked.
///
/// Labels are put in order, those with an empty value are dropped, as with the labels of a series.
public struct ExemplarMessage: Sendable {
    /// Always ``Exemplar/isStorable``.
    public let exemplar: Exemplar

    private enum Field {
        static let labels: UInt32 = 1
        static let value: UInt32 = 2
        static let timestamp: UInt32 = 3
    }

    /// Bytes of labels that are looked at; no labels that may be stored come near it.
    static let maximumLabelBytes = 4 * Exemplar.maximumKeySize

    /// - Parameter bytes: The content of the message. Not trusted.
    public init(_ bytes: UnsafeRawBufferPointer) throws(ExemplarFault) {
        var fields = Fields()
        do throws(WireError) {
            try fields.read(bytes)
        } catch {
            throw .malformed(error)
        }
        try self.init(
            labels: fields.labels,
            timestamp: fields.timestamp,
            value: fields.value
        )
    }

    /// - Parameter labels: Label fields of remote write 1.0, not trusted; looked at up to ``maximumLabelBytes``.
    init(labels: [UInt8], timestamp: Int64, value: Double) throws(ExemplarFault) {
        guard timestamp != 0 else { throw .timestampMissing }
        guard labels.count <= Self.maximumLabelBytes else { throw .labelsTooLong(length: nil) }
        exemplar = Exemplar(labels: try Self.labels(labels), timestamp: timestamp, value: value)
    }

    /// The fields of the message as they stand there.
    private struct Fields {
        /// The label fields, one behind the other.
        var labels: [UInt8] = []
        var timestamp: Int64 = 0
        var value = 0.0

        mutating func read(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
            guard var reader = WireReader(bytes) else { return }
            while !reader.isAtEnd {
                let start = reader.position
                let (field, type) = try reader.tag()
                switch field {
                case Field.labels:
                    try reader.expect(
                        WireReader.WireType.lengthDelimited,
                        found: type,
                        field: field
                    )
                    reader.move(to: try reader.lengthDelimitedEnd())
                    // More is too long in any case, and not worth the memory.
                    guard labels.count <= ExemplarMessage.maximumLabelBytes else { continue }
                    labels.append(contentsOf: bytes[start..<reader.position])
                case Field.value: value = try reader.double(field, type)
                case Field.timestamp:
                    timestamp = Int64(bitPattern: try reader.varint(field, type))
                default: try reader.skip(type)
                }
            }
        }
    }

    private static func labels(_ bytes: [UInt8]) throws(ExemplarFault) -> Labels {
        let key: [UInt8]
        do throws(SeriesKeyError) {
            key = try bytes.span.withUnsafeBytes { (bytes) throws(SeriesKeyError) in
                try DecodedWriteRequest.rewrite(
                    bytes,
                    maximumLabels: Exemplar.maximumLabelLength
                )
            }
        } catch {
            switch error {
            case .malformed(let error): throw .malformed(error)
            case .tooManyLabels: throw .labelsTooLong(length: nil)
            case .emptyName: throw .labelsInvalid("a label has no name")
            case .duplicateName(let name): throw .labelsInvalid("label \"\(name)\" is there twice")
            }
        }
        let labels = Labels(unchecked: key)
        guard !labels.isEmpty else { throw .labelsMissing }
        let length = Exemplar.length(of: labels)
        guard length <= Exemplar.maximumLabelLength else { throw .labelsTooLong(length: length) }
        var isText = true
        labels.visitLabels { name, value in
            for text in [name, value] where (try? UTF8Span(validating: text.span)) == nil {
                isText = false
            }
        }
        guard isText else { throw .labelsInvalid("a label is not valid UTF-8") }
        return labels
    }
}

/// Why an exemplar is not taken; the samples beside it are.
public enum ExemplarFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes are no message; offsets count from its start.
    case malformed(WireError)
    case labelsMissing
    /// `length` is nil where the labels were too long to be counted.
    case labelsTooLong(length: Int?)
    /// What is wrong with a label.
    case labelsInvalid(String)
    /// The timestamp is absent or 0.
    case timestampMissing

    public var description: String {
        switch self {
        case .malformed(let error): "exemplar is malformed: \(error)"
        case .labelsMissing: "exemplar has no labels"
        case .labelsTooLong(let length):
            "labels of the exemplar have \(length.map(String.init) ?? "too many") characters, "
                + "limit \(Exemplar.maximumLabelLength)"
        case .labelsInvalid(let what): "labels of the exemplar are invalid: \(what)"
        case .timestampMissing: "exemplar has no timestamp"
        }
    }
}
