internal import MetricsModel

extension MetadataMessage {
    private enum SymbolField {
        static let kind: UInt32 = 1
        static let help: UInt32 = 3
        static let unit: UInt32 = 4
    }

    /// Reads metadata of remote write 2.0, which belongs to a series and whose texts are symbols.
    ///
    /// - Parameters:
    ///   - range: The content of the message in the body. Not trusted.
    ///   - owner: The series.
    ///   - symbols: Those of the request.
    init(
        _ range: Range<Int>,
        of owner: MetadataOwner,
        in body: UnsafeRawBufferPointer,
        symbols: SymbolTable
    ) throws(MetadataFault) {
        var kindNumber: UInt64 = 0
        var help: UInt64 = 0
        var unit: UInt64 = 0
        do throws(WireError) {
            if var reader = WireReader(UnsafeRawBufferPointer(rebasing: body[range])) {
                while !reader.isAtEnd {
                    let (field, type) = try reader.tag()
                    switch field {
                    case SymbolField.kind: kindNumber = try reader.varint(field, type)
                    case SymbolField.help: help = try reader.varint(field, type)
                    case SymbolField.unit: unit = try reader.varint(field, type)
                    default: try reader.skip(type)
                    }
                }
            }
        } catch {
            throw .malformed(error)
        }
        guard owner.name != MetadataOwner.noName,
            let name = symbols.text(UInt64(owner.name), in: body)
        else { throw .nameMissing }
        let kind = Self.kind(kindNumber)
        try self.init(
            kind: kind,
            name: owner.isOfHistograms ? name : Self.family(of: name, kind),
            help: try Self.text(help, in: body, symbols),
            unit: try Self.text(unit, in: body, symbols)
        )
    }

    private static func text(
        _ number: UInt64,
        in body: UnsafeRawBufferPointer,
        _ symbols: SymbolTable
    ) throws(MetadataFault) -> UnsafeRawBufferPointer {
        // A text that is not given is empty, whether or not there are symbols.
        guard number > 0 else { return UnsafeRawBufferPointer(rebasing: body[0..<0]) }
        guard let text = symbols.text(number, in: body) else {
            throw .malformed(
                WireError(.symbolOutOfRange(reference: number, count: symbols.count), at: 0)
            )
        }
        return text
    }

    /// The metric that a series is a part of, by what its kind adds to the name.
    ///
    /// A counter's name is its series' name: whether `_total` belongs to it, the series does not tell.
    private static func family(
        of name: UnsafeRawBufferPointer,
        _ kind: MetricMetadata.Kind
    ) -> UnsafeRawBufferPointer {
        let suffixes: [StaticString] =
            switch kind {
            case .histogram: ["_bucket", "_count", "_sum"]
            case .gaugeHistogram: ["_bucket", "_gcount", "_gsum"]
            case .summary: ["_count", "_sum"]
            case .info: ["_info"]
            default: []
            }
        for suffix in suffixes {
            let size = suffix.utf8CodeUnitCount
            guard name.count > size else { continue }
            let rest = name.count - size
            if suffix.withUTF8Buffer({ name[rest...].elementsEqual($0) }) {
                return UnsafeRawBufferPointer(rebasing: name[..<rest])
            }
        }
        return name
    }
}
