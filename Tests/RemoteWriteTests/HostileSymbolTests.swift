import MetricsModel
import RemoteWrite
import TestSupport
import Testing

/// Requests of remote write 2.0 that are wrong, or small and mean much.
@Suite struct HostileSymbolTests {
    private static func problem(
        _ body: [UInt8],
        limits: WriteRequestLimits = WriteRequestLimits()
    ) -> WireError.Problem? {
        var scanned = Scanned()
        do throws(WireError) {
            try scanned.scan(body, version: .two, limits: limits)
            return nil
        } catch {
            return error.problem
        }
    }

    /// A request of the symbols "", "a" and "b", and one series with these references.
    private static func request(_ references: [UInt64]) -> [UInt8] {
        var writer = WireWriter()
        for symbol in ["", "a", "b"] { writer.message(4, Array(symbol.utf8)) }
        writer.message(5) { $0.references(1, references) }
        return writer.bytes
    }

    @Test(arguments: [3, 4, 1 << 31, 1 << 32, 1 << 32 + 1, .max] as [UInt64])
    func `references to no symbol are named`(reference: UInt64) {
        #expect(
            Self.problem(Self.request([1, 2, reference, 1]))
                == .symbolOutOfRange(reference: reference, count: 3)
        )
        var unpacked = WireWriter(Self.request([1]))
        unpacked.message(5) { $0.number(1, reference) }
        #expect(
            Self.problem(unpacked.bytes) == .oddReferenceCount(1)
        )
    }

    @Test func `references without symbols are named`() {
        var writer = WireWriter()
        writer.message(5) { $0.references(1, [0, 0]) }
        #expect(Self.problem(writer.bytes) == .symbolOutOfRange(reference: 0, count: 0))
    }

    @Test func `an odd count of references is named`() {
        #expect(Self.problem(Self.request([1, 2, 1])) == .oddReferenceCount(3))
        let error = WireError(.oddReferenceCount(3), at: 9)
        #expect(error.description == "3 references where each label takes two at byte 9")
    }

    @Test func `symbol 0 is the empty string`() {
        #expect(Self.problem([0x22, 1, 0x61]) == .firstSymbolNotEmpty(size: 1))
    }

    @Test func `a body of remote write 1.0 is not taken for an empty one`() {
        var writer = WireWriter()
        writer.series([("__name__", "up")], [(1, 1)])
        #expect(Self.problem(writer.bytes) == .fieldOfVersionOne(1))
        var metadata = WireWriter()
        metadata.metadata(kind: 1, name: "up")
        #expect(Self.problem(metadata.bytes) == .fieldOfVersionOne(3))
    }

    @Test func `counts are bounded before memory is taken`() {
        var limits = WriteRequestLimits()
        limits.maximumSymbols = 3
        limits.maximumSeries = 2
        limits.maximumSamples = 4
        limits.maximumLabels = 2
        #expect(Self.problem(Self.request([1, 2, 1, 2]), limits: limits) == nil)
        #expect(
            Self.problem(Self.request([1, 2, 1, 2, 1, 2]), limits: limits)
                == .tooManyLabels(limit: 2)
        )
        #expect(
            Self.problem(Self.request([]) + [0x22, 1, 0x63], limits: limits)
                == .tooManySymbols(limit: 3)
        )
        #expect(
            Self.problem(Self.request([]) + [0x2a, 0, 0x2a, 0], limits: limits)
                == .tooManySeries(limit: 2)
        )
        for field in [2, 3] {
            var writer = WireWriter()
            writer.message(5) { series in for _ in 0..<5 { series.message(field, []) } }
            #expect(Self.problem(writer.bytes, limits: limits) == .tooManySamples(limit: 4))
        }
    }

    @Test func `a long text that is referred to often does not fill memory`() throws {
        var writer = SymbolWriter()
        let references = writer.numbers(of: [("a", String(repeating: "x", count: 1 << 20))])
        var body = WireWriter(writer.bytes)
        let many = (0..<1000).flatMap { _ in references }
        for _ in 0..<1000 { body.message(5) { $0.references(1, many) } }
        // About 3 MiB that mean 1 TiB.
        #expect(body.bytes.count < 4 << 20)
        var scanned = Scanned()
        var limits = WriteRequestLimits()
        #expect(throws: WireError.self) {
            try scanned.scan(body.bytes, version: .two, limits: limits)
        }
        #expect(scanned.request.sideSize <= limits.maximumKeyBytes)
        limits.maximumKeyBytes = 1 << 10
        #expect(Self.problem(body.bytes, limits: limits) == .keysTooLarge(limit: 1 << 10))
        // The scratch memory of an earlier request is no more than what that one needed.
        #expect(scanned.request.capacity < 1 << 16)
    }

    @Test func `keys up to their limit are taken`() throws {
        let body = Self.request([1, 2])
        var limits = WriteRequestLimits()
        limits.maximumKeyBytes = 8
        #expect(Self.problem(body, limits: limits) == nil)
        limits.maximumKeyBytes = 7
        #expect(Self.problem(body, limits: limits) == .keysTooLarge(limit: 7))
    }
}
