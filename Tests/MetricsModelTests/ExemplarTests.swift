import MetricsModel
import TestSupport
import Testing

@Suite struct ExemplarTests {
    static func exemplar(_ timestamp: Int64, _ value: Double, _ trace: String = "a") -> Exemplar {
        Exemplar(labels: ["trace_id": trace], timestamp: timestamp, value: value)
    }

    static let samples = [
        exemplar(1_700_000_000_000, 0.25), exemplar(.min, -0.0), exemplar(.max, .nan),
        exemplar(0, StaleMarker.value),
        Exemplar(labels: ["größe": "☃", "x": "y"], timestamp: -1, value: .infinity),
        exemplar(5, 1, String(repeating: "x", count: 120)),
    ]

    @Test func `exemplars come back bit for bit`() throws {
        var bytes: [UInt8] = []
        var base: Int64 = 0
        for exemplar in Self.samples {
            ExemplarBytes.append(exemplar, after: base, to: &bytes)
            base = exemplar.timestamp
        }
        base = 0
        var position = 0
        for expected in Self.samples {
            let (exemplar, size) = try bytes.withUnsafeBytes {
                try ExemplarBytes.read(
                    UnsafeRawBufferPointer(rebasing: $0[position...]),
                    after: base
                )
            }
            #expect(exemplar == expected)
            #expect(exemplar.value.bitPattern == expected.value.bitPattern)
            #expect(size >= ExemplarBytes.minimumSize)
            position += size
            base = exemplar.timestamp
        }
        #expect(position == bytes.count)
    }

    @Test func `damaged bytes give an error or a storable exemplar`() {
        for exemplar in Self.samples {
            var bytes: [UInt8] = []
            ExemplarBytes.append(exemplar, after: 3, to: &bytes)
            for size in bytes.indices {
                #expect(throws: StoredBytesError.self) {
                    try bytes.withUnsafeBytes {
                        try ExemplarBytes.read(
                            UnsafeRawBufferPointer(rebasing: $0[..<size]),
                            after: 3
                        )
                    }
                }
            }
            for index in bytes.indices {
                for flip in [0x01, 0x04, 0x40, 0x80, 0xff] as [UInt8] {
                    var changed = bytes
                    changed[index] ^= flip
                    let found = try? changed.withUnsafeBytes {
                        try ExemplarBytes.read($0, after: 3)
                    }
                    #expect(found?.exemplar.isStorable ?? true)
                }
            }
        }
    }

    @Test func `labels of 128 characters are the most, whatever their bytes`() {
        let most = String(repeating: "é", count: 127)
        let label = Exemplar(labels: ["a": most], timestamp: 1, value: 1)
        #expect(label.isStorable)
        #expect(Exemplar.length(of: label.labels) == 128)
        #expect(!Exemplar(labels: ["ab": most], timestamp: 1, value: 1).isStorable)
        #expect(!Exemplar(labels: .empty, timestamp: 1, value: 1).isStorable)
    }

    @Test func `no labels of 128 characters have a larger key than is read`() {
        let wide = (0..<64).map { (String(UnicodeScalar(0x10000 + $0) ?? "x"), "\u{10ffff}") }
        let labels = Labels(wide)
        #expect(Exemplar.length(of: labels) == 128)
        #expect(labels.key.count <= Exemplar.maximumKeySize)
        let long = Labels([("a", String(repeating: "\u{10ffff}", count: 127))])
        #expect(long.key.count <= Exemplar.maximumKeySize)
    }

    @Test func `exemplars are ordered by time, value and labels, and merged once each`() {
        let list = [
            Self.exemplar(1, 1), Self.exemplar(2, -1), Self.exemplar(2, 1, "a"),
            Self.exemplar(2, 1, "b"), Self.exemplar(3, .nan),
        ]
        #expect(list.shuffled().sorted() == list)
        #expect(Exemplar.merge([]) == [])
        #expect(Exemplar.merge([[], list]) == list)
        #expect(Exemplar.merge([Array(list.reversed())]) == list)
        #expect(Exemplar.merge([Array(list[1...3]), list, Array(list[..<2])]) == list)
    }
}

@Suite struct MetricMetadataTests {
    static let entries = [
        MetricMetadata(name: "up", kind: .gauge),
        MetricMetadata(name: "http_requests", kind: .counter, help: "Größe \"x\"\n", unit: "bytes"),
        MetricMetadata(name: "x", kind: .stateSet, help: String(repeating: "h", count: 1024)),
    ]

    @Test func `metadata comes back`() throws {
        for entry in Self.entries {
            var bytes: [UInt8] = []
            MetadataBytes.append(entry, to: &bytes)
            let found = try bytes.withUnsafeBytes { try MetadataBytes.read($0) }
            #expect(found.metadata == entry)
            #expect(found.size == bytes.count)
            #expect(bytes.count >= MetadataBytes.minimumSize)
        }
    }

    @Test func `damaged bytes give an error or storable metadata`() {
        for entry in Self.entries {
            var bytes: [UInt8] = []
            MetadataBytes.append(entry, to: &bytes)
            for size in bytes.indices {
                #expect(throws: StoredBytesError.self) {
                    try bytes.withUnsafeBytes {
                        try MetadataBytes.read(UnsafeRawBufferPointer(rebasing: $0[..<size]))
                    }
                }
            }
            for index in bytes.indices.prefix(64) {
                for flip in [0x01, 0x08, 0x80, 0xff] as [UInt8] {
                    var changed = bytes
                    changed[index] ^= flip
                    let found = try? changed.withUnsafeBytes { try MetadataBytes.read($0) }
                    #expect(found?.metadata.isStorable ?? true)
                }
            }
        }
    }

    @Test func `kinds have the names of Prometheus`() {
        #expect(
            MetricMetadata.Kind.allCases.map(\.name) == [
                "unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info",
                "stateset",
            ]
        )
    }
}
