import MetricsModel
import RemoteWrite
import TestSupport
import Testing

@Suite struct CanonicalKeyTests {
    private static let expected = (["__name__": "up", "job": "a"] as Labels).key

    @Test func `a canonical key stays where it is`() throws {
        var scanned = try Self.scan {
            $0.label("__name__", "up")
            $0.label("job", "a")
        }
        #expect(try !scanned.canonicalise(row: 0))
        #expect(scanned.keys == [Self.expected])
        #expect(!scanned.request.rows[0].isNormalised)
    }

    @Test(arguments: Deviation.allCases)
    func `labels that deviate mean the same series`(deviation: Deviation) throws {
        var scanned = try Self.scan(deviation.write)
        #expect(try scanned.canonicalise(row: 0))
        #expect(scanned.keys == [Self.expected])
        #expect(scanned.request.rows[0].isNormalised)
        #expect(try !scanned.canonicalise(row: 0))
    }

    @Test func `two labels of one name are refused`() throws {
        var scanned = try Self.scan {
            $0.label("job", "a")
            $0.label("__name__", "up")
            $0.label("job", "a")
        }
        #expect(throws: SeriesKeyError.duplicateName("job")) { try scanned.canonicalise(row: 0) }
        #expect(!scanned.request.rows[0].isNormalised)
    }

    @Test func `a value without a name is refused`() throws {
        var scanned = try Self.scan { $0.label("", "a") }
        #expect(throws: SeriesKeyError.emptyName) { try scanned.canonicalise(row: 0) }
    }

    @Test func `bytes of a label that are no message are malformed`() throws {
        var scanned = try Self.scan { $0.message(1, [0x0a, 9, 1]) }
        #expect(
            throws: SeriesKeyError.malformed(
                WireError(.lengthOutOfBounds(length: 9, available: 1), at: 3)
            )
        ) { try scanned.canonicalise(row: 0) }
    }

    @Test func `no more labels are sorted than the limit says`() throws {
        var scanned = try Self.scan { series in
            for number in 0..<20 { series.label("l\(number)", "v") }
        }
        #expect(throws: SeriesKeyError.tooManyLabels(limit: 19)) {
            try scanned.canonicalise(row: 0, maximumLabels: 19)
        }
        #expect(try scanned.canonicalise(row: 0, maximumLabels: 20))
        #expect(try Labels(validating: scanned.key(ofRow: 0)).count == 20)
    }

    @Test func `several rows can be rewritten`() throws {
        var writer = WireWriter()
        for _ in 0..<3 { writer.series([("job", "a"), ("__name__", "up")], [(1, 1)]) }
        var scanned = try Scanned(writer.bytes)
        for row in 0..<3 { #expect(try scanned.canonicalise(row: row)) }
        #expect(scanned.keys == [Self.expected, Self.expected, Self.expected])
    }

    private static func scan(_ write: (inout WireWriter) -> Void) throws -> Scanned {
        var writer = WireWriter()
        writer.message(1, write)
        return try Scanned(writer.bytes)
    }

    enum Deviation: CaseIterable {
        case unsorted
        case emptyValue
        case missingValue
        case emptyLabel
        case unknownField
        case valueBeforeName
        case repeatedField
        case longLength
        case longInnerLength

        func write(_ series: inout WireWriter) {
            switch self {
            case .unsorted:
                series.label("job", "a")
                series.label("__name__", "up")
                return
            case .emptyValue: series.label("a", "")
            case .missingValue: series.message(1) { $0.message(1, [0x61]) }
            case .emptyLabel: series.message(1, [])
            default: break
            }
            series.label("__name__", "up")
            switch self {
            case .unknownField:
                series.message(1) { label in
                    label.message(1, Array("job".utf8))
                    label.double(7, 1)
                    label.message(2, Array("a".utf8))
                }
            case .valueBeforeName:
                series.message(1) { label in
                    label.message(2, Array("a".utf8))
                    label.message(1, Array("job".utf8))
                }
            case .repeatedField:
                series.message(1) { label in
                    label.message(1, Array("bob".utf8))
                    label.message(1, Array("job".utf8))
                    label.message(2, Array("a".utf8))
                }
            case .longLength:
                series.message(
                    1,
                    extraLengthBytes: 2,
                    [0x0a, 3] + Array("job".utf8) + [0x12, 1, 0x61]
                )
            case .longInnerLength:
                series.message(1) { label in
                    label.message(1, extraLengthBytes: 1, Array("job".utf8))
                    label.message(2, Array("a".utf8))
                }
            default: series.label("job", "a")
            }
        }
    }
}
