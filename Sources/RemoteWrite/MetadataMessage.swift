public import MetricsModel

/// A `MetricMetadata` message of a remote-write request, decoded and checked.
public struct MetadataMessage: Sendable {
    /// Always ``MetricMetadata/isStorable``.
    public let metadata: MetricMetadata

    private enum Field {
        static let kind: UInt32 = 1
        static let name: UInt32 = 2
        static let help: UInt32 = 4
        static let unit: UInt32 = 5
    }

    /// - Parameter bytes: The content of the message. Not trusted.
    public init(_ bytes: UnsafeRawBufferPointer) throws(MetadataFault) {
        var fields = Fields()
        do throws(WireError) {
            try fields.read(bytes)
        } catch {
            throw .malformed(error)
        }
        func text(_ range: Range<Int>) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: bytes[range])
        }
        try self.init(
            kind: Self.kind(fields.kind),
            name: text(fields.name),
            help: text(fields.help),
            unit: text(fields.unit)
        )
    }

    /// Checks texts that are not trusted.
    init(
        kind: MetricMetadata.Kind,
        name: UnsafeRawBufferPointer,
        help: UnsafeRawBufferPointer,
        unit: UnsafeRawBufferPointer
    ) throws(MetadataFault) {
        guard !name.isEmpty else { throw .nameMissing }
        let limit = MetricMetadata.maximumTextSize
        guard name.count <= limit else { throw .nameTooLong(size: name.count) }
        guard help.count <= limit else { throw .helpTooLong(size: help.count) }
        guard unit.count <= limit else { throw .unitTooLong(size: unit.count) }
        metadata = MetricMetadata(
            name: try Self.text(name),
            kind: kind,
            help: try Self.text(help),
            unit: try Self.text(unit)
        )
    }

    /// A kind of later days is as good as none.
    static func kind(_ number: UInt64) -> MetricMetadata.Kind {
        UInt8(exactly: number).flatMap(MetricMetadata.Kind.init) ?? .unknown
    }

    /// The fields of the message; texts by their place.
    private struct Fields {
        var kind: UInt64 = 0
        var name = 0..<0
        var help = 0..<0
        var unit = 0..<0

        mutating func read(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
            guard var reader = WireReader(bytes) else { return }
            while !reader.isAtEnd {
                let (field, type) = try reader.tag()
                switch field {
                case Field.kind: kind = try reader.varint(field, type)
                case Field.name: name = try reader.contentRange(field, type)
                case Field.help: help = try reader.contentRange(field, type)
                case Field.unit: unit = try reader.contentRange(field, type)
                default: try reader.skip(type)
                }
            }
        }
    }

    private static func text(
        _ bytes: UnsafeRawBufferPointer
    ) throws(MetadataFault) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
        return text
    }
}

extension WireReader {
    /// Where the content of a field is that has a length.
    fileprivate mutating func contentRange(
        _ field: UInt32,
        _ type: UInt8
    ) throws(WireError) -> Range<Int> {
        try expect(WireType.lengthDelimited, found: type, field: field)
        let end = try lengthDelimitedEnd()
        let range = position..<end
        move(to: end)
        return range
    }
}

/// Why a metadata entry is not taken; everything beside it is.
public enum MetadataFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes are no message; offsets count from its start.
    case malformed(WireError)
    case nameMissing
    /// Sizes are in bytes.
    case nameTooLong(size: Int)
    case helpTooLong(size: Int)
    case unitTooLong(size: Int)
    /// A text is not UTF-8.
    case notText

    public var description: String {
        switch self {
        case .malformed(let error): "metadata is malformed: \(error)"
        case .nameMissing: "metadata names no metric"
        case .nameTooLong(let size): Self.tooLong("metric name", size)
        case .helpTooLong(let size): Self.tooLong("help text", size)
        case .unitTooLong(let size): Self.tooLong("unit", size)
        case .notText: "metadata is not valid UTF-8"
        }
    }

    private static func tooLong(_ what: String, _ size: Int) -> String {
        "\(what) of the metadata has \(size) bytes, limit \(MetricMetadata.maximumTextSize)"
    }
}
