extension BlockFormatError: CustomStringConvertible {
    /// Where in the block the damage is; nil where no page is to blame.
    public var location: BlockLocation? {
        switch self {
        case .notABlock, .unsupportedVersion: BlockLocation(section: .directory, page: 0)
        case .suppliedSizeMismatch(let location, _, _), .checksumMismatch(let location, _, _),
            .decompressionFailed(let location, _), .sizeMismatch(let location, _, _),
            .truncated(let location, _, _), .invalidField(let location, _, _),
            .trailingBytes(let location, _), .damagedColumn(let location, _),
            .damagedValue(let location, _):
            location
        case .missingColumn, .missingHistograms, .cancelled: nil
        }
    }

    /// What is wrong, without the place.
    public var problem: String {
        switch self {
        case .notABlock(let found): "it does not begin like a block, but with \(found)"
        case .unsupportedVersion(let found):
            "version \(found) is none that this program reads (\(BlockLayout.floatsVersion) to \(BlockLayout.version))"
        case .suppliedSizeMismatch(_, let expected, let found):
            "\(found) bytes or ranges came where \(expected) are needed"
        case .checksumMismatch(_, let expected, let found):
            "the checksum is \(Self.hexadecimal(found)), it should be \(Self.hexadecimal(expected))"
        case .decompressionFailed(_, let code): "zstd cannot read it (error \(code))"
        case .sizeMismatch(_, let expected, let found):
            "it has \(found) bytes decompressed, it should have \(expected)"
        case .truncated(_, let needed, let available):
            "a field of \(needed) bytes has only \(available)"
        case .invalidField(_, let field, let found):
            "the field \(field.rawValue) has the impossible value \(found)"
        case .trailingBytes(_, let count): "\(count) bytes follow the last field"
        case .damagedColumn(_, let error): "a column of samples cannot be read: \(error)"
        case .damagedValue(_, let error): "an entry cannot be read: \(error)"
        case .missingColumn(let section, let column):
            "column \(column) of the section \(section) is not there"
        case .missingHistograms(let row, let count):
            "row \(row) lacks \(count) histograms"
        case .cancelled: "reading was cancelled"
        }
    }

    public var description: String { location.map { "\($0): \(problem)" } ?? problem }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension BlockLocation: CustomStringConvertible {
    public var description: String { "section \(section), page \(page), offset \(offset)" }
}
