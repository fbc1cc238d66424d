import ClusterInterface
import MetricsModel
import TestSupport
import Testing

@testable import ClusterTransport

@Suite struct ExemplarMessageTests {
    private static func exemplar(_ time: Int64, _ id: String = "a") -> Exemplar {
        Exemplar(labels: ["trace_id": id], timestamp: time, value: Double(time))
    }

    /// A row of a sample and exemplars, one of exemplars alone, one of a sample; and metadata.
    private static func batch() throws -> WriteBatch {
        var batch = WriteBatch(tenant: try TenantID("t1"))
        batch.fingerprints = [
            Fingerprint(high: 1, low: 2), Fingerprint(high: 3, low: 4),
            Fingerprint(high: 5, low: 6),
        ]
        batch.keyEnds = [0, 0, 0]
        batch.sampleEnds = [1, 1, 2]
        batch.timestamps = [1000, 1000]
        batch.values = [1, 2]
        batch.exemplarEnds = [2, 3, 3]
        batch.exemplars = [exemplar(1000), exemplar(1000, "b"), exemplar(-7)]
        batch.metadata = [
            MetricMetadata(name: "up", kind: .gauge, help: "Größe"),
            MetricMetadata(name: "x", kind: .info),
        ]
        return batch
    }

    @Test func `exemplars and metadata come back`() throws {
        let batch = try Self.batch()
        #expect(batch.isConsistent)
        let read = try PushMessage(
            decoding: PushMessage(sequence: 5, batch: batch).encoded()
        ).batch
        #expect(read == batch)
        #expect(read.exemplarRange(ofRow: 1) == 2..<3)
        #expect(read.lacksSamples(inRow: 1))
        #expect(!read.lacksSamples(inRow: 2))
    }

    @Test func `metadata travels without rows, exemplars beside histograms`() throws {
        var metadata = WriteBatch(tenant: .anonymous)
        metadata.metadata = [MetricMetadata(name: "up", kind: .gauge)]
        let message = PushMessage(sequence: 1, batch: metadata)
        #expect(try PushMessage(decoding: message.encoded()).batch == metadata)
        var batch = try Self.batch()
        batch.histogramEnds = [0, 0, 1]
        batch.histograms.timestamps = [5]
        batch.histograms.values = [Histogram(count: 1, sum: 1)]
        let mixed = PushMessage(sequence: 1, batch: batch)
        #expect(try PushMessage(decoding: mixed.encoded()).batch == batch)
    }

    @Test func `a message without them has the bytes it had before`() throws {
        var batch = try Self.batch()
        batch.exemplarEnds = []
        batch.exemplars = []
        batch.metadata = []
        #expect(PushMessage(sequence: 5, batch: batch).encoded()[12] & 0xe0 == 0)
    }

    @Test func `a damaged message is refused or consistent`() throws {
        let bytes = PushMessage(sequence: 5, batch: try Self.batch()).encoded()
        for size in bytes.indices {
            #expect(throws: WireError.self) { try PushMessage(decoding: Array(bytes[..<size])) }
        }
        for index in bytes.indices {
            for flip in [0x01, 0x10, 0x40, 0x80, 0xff] as [UInt8] {
                var changed = bytes
                changed[index] ^= flip
                guard let read = try? PushMessage(decoding: changed) else { continue }
                #expect(read.batch.isConsistent)
                #expect(read.batch.exemplars.count + read.batch.metadata.count <= bytes.count)
            }
        }
    }

    @Test func `columns that do not fit are not consistent`() throws {
        let changes: [(inout WriteBatch) -> Void] = [
            { $0.exemplarEnds.removeLast() }, { $0.exemplarEnds = [] },
            { $0.exemplarEnds = [3, 2, 3] }, { $0.exemplarEnds[2] = 4 },
            { $0.exemplars.removeLast() }, { $0.exemplars[0].labels = .empty },
            { $0.metadata[0].name = "" },
            { $0.metadata[0].help = String(repeating: "h", count: 2000) },
        ]
        for (index, change) in changes.enumerated() {
            var batch = try Self.batch()
            change(&batch)
            #expect(!batch.isConsistent, "change \(index)")
        }
    }

    private static let series = [
        SelectedExemplars(
            labels: ["__name__": "a"],
            exemplars: (0..<2000).map { exemplar(Int64($0), "trace-\($0)") }
        ),
        SelectedExemplars(labels: ["__name__": "b"], exemplars: [exemplar(.max)]),
    ]
    private static let metadata = try? batch().metadata.map { SeenMetadata($0, lastSeen: -3) }

    @Test func `lists come back, a series of many exemplars in pieces`() throws {
        let pieces = Self.series.pieces(ofSize: 8192)
        #expect(pieces.count > 4)
        var joined: [SelectedExemplars] = []
        for piece in pieces {
            let bytes = ListMessage(piece).encoded()
            #expect(bytes.count < 16_384)
            joined.appendPiece(try ListMessage<SelectedExemplars>(decoding: bytes).items)
        }
        #expect(joined == Self.series)
        let metadata = try #require(Self.metadata)
        let bytes = ListMessage(metadata).encoded()
        #expect(try ListMessage<SeenMetadata>(decoding: bytes).items == metadata)
    }

    @Test func `damaged lists are refused or hold what can be stored`() throws {
        let short = [SelectedExemplars(labels: ["a": "b"], exemplars: [Self.exemplar(1)])]
        for bytes in [
            ListMessage(short).encoded(), ListMessage(try #require(Self.metadata)).encoded(),
        ] {
            for size in bytes.indices {
                let cut = Array(bytes[..<size])
                #expect((try? ListMessage<SelectedExemplars>(decoding: cut)) == nil)
                #expect((try? ListMessage<SeenMetadata>(decoding: cut)) == nil)
            }
            for index in bytes.indices {
                for flip in [0x01, 0x10, 0x80, 0xff] as [UInt8] {
                    var changed = bytes
                    changed[index] ^= flip
                    let exemplars = try? ListMessage<SelectedExemplars>(decoding: changed)
                    #expect(
                        exemplars?.items.allSatisfy { $0.exemplars.allSatisfy { $0.isStorable } }
                            ?? true
                    )
                    let metadata = try? ListMessage<SeenMetadata>(decoding: changed)
                    #expect(metadata?.items.allSatisfy { $0.metadata.isStorable } ?? true)
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `both calls reach an ingester in another process`() async throws {
        let metadata = try #require(Self.metadata)
        let request = SelectRequest(
            tenant: .anonymous,
            matchers: [LabelMatcher(name: "a", equals: "b")],
            range: TimeRange(start: 3, end: 9)
        )
        let ingester = FakeIngester(
            exemplars: { $0 == request ? Self.series : [] },
            metadata: { asked in
                metadata.filter { asked.metric == nil || $0.metadata.name == asked.metric }
            }
        )
        try await Loopback.withPair(ingester) { client, _ async throws in
            #expect(try await client.exemplars(request) == Self.series)
            #expect(try await client.metadata(MetadataRequest(tenant: .anonymous)) == metadata)
            let one = MetadataRequest(tenant: .anonymous, metric: "x")
            #expect(try await client.metadata(one) == [metadata[1]])
        }
    }
}
