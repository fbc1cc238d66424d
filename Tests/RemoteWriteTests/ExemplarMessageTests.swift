import MetricsModel
import TestSupport
import Testing

@testable import RemoteWrite

@Suite struct ExemplarMessageTests {
    private static func read(
        _ write: (inout WireWriter) -> Void
    ) throws(ExemplarFault) -> Exemplar {
        var writer = WireWriter()
        write(&writer)
        return try writer.bytes.span.withUnsafeBytes { (bytes) throws(ExemplarFault) in
            try ExemplarMessage(bytes).exemplar
        }
    }

    @Test func `labels, value and time are read`() throws {
        let exemplar = try Self.read {
            $0.label("trace_id", "abc")
            $0.double(2, 0.5)
            $0.number(3, 7)
        }
        #expect(exemplar == Exemplar(labels: ["trace_id": "abc"], timestamp: 7, value: 0.5))
    }

    @Test func `labels in any order are put in order, empty ones and unknown fields dropped`()
        throws
    {
        let exemplar = try Self.read {
            $0.label("b", "2")
            $0.number(3, UInt64(bitPattern: -5))
            $0.message(9, [1, 2, 3])
            $0.label("c", "")
            $0.label("a", "1")
        }
        #expect(exemplar == Exemplar(labels: ["a": "1", "b": "2"], timestamp: -5, value: 0))
    }

    @Test func `what cannot be stored is refused by name`() throws {
        #expect(throws: ExemplarFault.timestampMissing) { try Self.read { _ in } }
        #expect(throws: ExemplarFault.timestampMissing) {
            try Self.read { $0.label("a", "b") }
        }
        #expect(throws: ExemplarFault.labelsMissing) { try Self.read { $0.number(3, 1) } }
        #expect(throws: ExemplarFault.labelsTooLong(length: 129)) {
            try Self.read {
                $0.label("a", String(repeating: "é", count: 128))
                $0.number(3, 1)
            }
        }
        #expect(throws: ExemplarFault.labelsTooLong(length: nil)) {
            try Self.read {
                $0.label("a", String(repeating: "x", count: 100_000))
                $0.label("b", String(repeating: "x", count: 100_000))
                $0.number(3, 1)
            }
        }
        #expect(throws: ExemplarFault.labelsTooLong(length: nil)) {
            try Self.read {
                for number in 0..<300 { $0.label("a\(number)", "b") }
                $0.number(3, 1)
            }
        }
        #expect(throws: ExemplarFault.labelsInvalid("label \"a\" is there twice")) {
            try Self.read {
                $0.label("a", "b")
                $0.label("a", "c")
                $0.number(3, 1)
            }
        }
        #expect(throws: ExemplarFault.labelsInvalid("a label is not valid UTF-8")) {
            try Self.read {
                $0.message(1) {
                    $0.message(1, Array("a".utf8))
                    $0.message(2, [0xff])
                }
                $0.number(3, 1)
            }
        }
        #expect(throws: ExemplarFault.self) { try Self.read { $0.tag(2, 1) } }
    }

    @Test func `random bytes never trap`() {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let found = try? bytes.withUnsafeBytes { try ExemplarMessage($0).exemplar }
            #expect(found?.isStorable ?? true)
            let metadata = try? bytes.withUnsafeBytes { try MetadataMessage($0).metadata }
            #expect(metadata?.isStorable ?? true)
        }
    }
}

@Suite struct MetadataMessageTests {
    private static func read(
        _ write: (inout WireWriter) -> Void
    ) throws(MetadataFault) -> MetricMetadata {
        var writer = WireWriter()
        write(&writer)
        return try writer.bytes.span.withUnsafeBytes { (bytes) throws(MetadataFault) in
            try MetadataMessage(bytes).metadata
        }
    }

    @Test func `kind, name, help and unit are read`() throws {
        let entry = try Self.read {
            $0.number(1, 1)
            $0.message(2, Array("requests".utf8))
            $0.message(3, Array("not used".utf8))
            $0.message(4, Array("All requests.".utf8))
            $0.message(5, Array("s".utf8))
        }
        #expect(
            entry
                == MetricMetadata(
                    name: "requests",
                    kind: .counter,
                    help: "All requests.",
                    unit: "s"
                )
        )
        let later = try Self.read {
            $0.number(1, 77)
            $0.message(2, Array("x".utf8))
        }
        #expect(later == MetricMetadata(name: "x", kind: .unknown))
    }

    @Test func `what cannot be stored is refused by name`() {
        let long = [UInt8](repeating: 0x61, count: 1025)
        #expect(throws: MetadataFault.nameMissing) { try Self.read { _ in } }
        #expect(throws: MetadataFault.nameTooLong(size: 1025)) {
            try Self.read { $0.message(2, long) }
        }
        #expect(throws: MetadataFault.helpTooLong(size: 1025)) {
            try Self.read {
                $0.message(2, [0x61])
                $0.message(4, long)
            }
        }
        #expect(throws: MetadataFault.unitTooLong(size: 1025)) {
            try Self.read {
                $0.message(2, [0x61])
                $0.message(5, long)
            }
        }
        #expect(throws: MetadataFault.notText) { try Self.read { $0.message(2, [0xff]) } }
        #expect(throws: MetadataFault.self) { try Self.read { $0.tag(2, 2) } }
    }
}
