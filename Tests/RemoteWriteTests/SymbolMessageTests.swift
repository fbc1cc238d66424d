import MetricsModel
import RemoteWrite
import TestSupport
import Testing

/// Metadata and exemplars of remote write 2.0.
@Suite struct SymbolMessageTests {
    private static func metadata(_ writer: SymbolWriter) throws -> [MetricMetadata] {
        let scanned = try Scanned(writer.bytes, version: .two)
        return try scanned.body.withUnsafeBytes { body in
            try scanned.request.metadataMessages.indices.map {
                try scanned.request.metadata($0, in: body)
            }
        }
    }

    @Test func `the metadata of a metric is read once for all of its series`() throws {
        var writer = SymbolWriter()
        for pod in 0..<50 {
            for metric in ["up", "down_total"] {
                writer.series(
                    [("__name__", metric), ("pod", "\(pod)")],
                    [(1, 1, 0)],
                    kind: 1,
                    help: "Of \(metric).",
                    unit: "seconds"
                )
            }
        }
        #expect(
            try Self.metadata(writer) == [
                MetricMetadata(name: "up", kind: .counter, help: "Of up.", unit: "seconds"),
                MetricMetadata(
                    name: "down_total",
                    kind: .counter,
                    help: "Of down_total.",
                    unit: "seconds"
                ),
            ]
        )
    }

    @Test func `metadata that says something else is another entry, none is none`() throws {
        var writer = SymbolWriter()
        for kind in [1, 2, 2, 0, 99] as [UInt64] {
            writer.series([("__name__", "up")], [(1, 1, 0)], kind: kind, help: "")
        }
        let kinds = try Self.metadata(writer).map(\.kind)
        #expect(kinds == [.counter, .gauge, .unknown])
        let request = try Scanned(writer.bytes, version: .two).request
        #expect(request.metadataCount == 3)
    }

    @Test(
        arguments: [
            (3, "latency_bucket", "latency"), (3, "latency_count", "latency"),
            (3, "latency_sum", "latency"), (3, "latency", "latency"), (3, "_sum", "_sum"),
            (4, "size_gcount", "size"), (5, "rpc_sum", "rpc"), (5, "rpc_bucket", "rpc_bucket"),
            (6, "build_info", "build"), (1, "requests_total", "requests_total"),
            (2, "queue_count", "queue_count"),
        ] as [(UInt64, String, String)]
    )
    func `metadata is of the metric that a series is a part of`(
        kind: UInt64,
        series: String,
        metric: String
    ) throws {
        var writer = SymbolWriter()
        writer.series([("__name__", series)], [(1, 1, 0)], kind: kind, help: "x")
        #expect(try Self.metadata(writer).map(\.name) == [metric])
    }

    @Test func `a native histogram's series has the name of its metric`() throws {
        var writer = SymbolWriter()
        let help = writer.number(of: "x")
        writer.series([("__name__", "latency_sum")]) { series in
            series.startedHistogram(1, count: 1)
            series.seriesMetadata(kind: 3, help: help)
        }
        #expect(try Self.metadata(writer).map(\.name) == ["latency_sum"])
    }

    @Test func `faulty metadata is refused alone`() throws {
        func fault(_ write: (inout SymbolWriter) -> Void) throws -> MetadataFault? {
            var writer = SymbolWriter()
            write(&writer)
            do {
                _ = try Self.metadata(writer)
                return nil
            } catch let error as MetadataFault {
                return error
            }
        }
        let noName = try fault { $0.series([("job", "a")], [(1, 1, 0)], kind: 1, help: "") }
        #expect(noName == .nameMissing)
        let outOfRange = try fault { writer in
            writer.series([("__name__", "up")]) { $0.seriesMetadata(kind: 1, help: 99) }
        }
        #expect(
            outOfRange == .malformed(WireError(.symbolOutOfRange(reference: 99, count: 3), at: 0))
        )
        let cut = try fault { writer in
            writer.series([("__name__", "up")]) { $0.message(5, [0x08]) }
        }
        #expect(cut == .malformed(WireError(.truncated, at: 1)))
        let long = try fault {
            $0.series(
                [("__name__", "up")],
                [(1, 1, 0)],
                kind: 1,
                help: String(repeating: "h", count: 1025)
            )
        }
        #expect(long == .helpTooLong(size: 1025))
    }

    private static func exemplar(
        _ write: (inout SymbolWriter) -> [UInt64]
    ) throws -> Result<Exemplar, ExemplarFault> {
        var writer = SymbolWriter()
        let references = write(&writer)
        writer.series([("__name__", "up")]) { series in
            series.started(1, 1, 0)
            series.exemplar(references: references, 7, 1.5)
        }
        let scanned = try Scanned(writer.bytes, version: .two)
        return scanned.body.withUnsafeBytes { body in
            Result { () throws(ExemplarFault) in
                try scanned.request.exemplar(at: scanned.request.exemplarMessages[0], in: body)
            }
        }
    }

    @Test func `exemplars have symbols for labels, in any order`() throws {
        let found = try Self.exemplar { $0.numbers(of: [("z", "1"), ("empty", ""), ("a", "2")]) }
        #expect(
            try found.get() == Exemplar(labels: ["a": "2", "z": "1"], timestamp: 7, value: 1.5)
        )
    }

    @Test func `faulty exemplars are refused alone`() throws {
        func fault(_ write: (inout SymbolWriter) -> [UInt64]) throws -> ExemplarFault? {
            guard case .failure(let fault) = try Self.exemplar(write) else { return nil }
            return fault
        }
        #expect(try fault { _ in [] } == .labelsMissing)
        #expect(
            try fault { _ in [0] } == .malformed(WireError(.oddReferenceCount(1), at: 0))
        )
        #expect(
            try fault { _ in [0, 9] }
                == .malformed(WireError(.symbolOutOfRange(reference: 9, count: 3), at: 3))
        )
        #expect(
            try fault { $0.numbers(of: [("a", "1"), ("a", "2")]) }
                == .labelsInvalid("label \"a\" is there twice")
        )
        let long = String(repeating: "x", count: 1 << 16)
        #expect(try fault { $0.numbers(of: [("a", long)]) } == .labelsTooLong(length: nil))
        #expect(
            try fault { writer in
                let label = writer.numbers(of: [("a", long)])
                return (0..<100_000).flatMap { _ in label }
            } == .labelsTooLong(length: nil)
        )
    }
}
