import ChunkCoding
import ClusterInterface
import MetricsModel
import PromQL
import TestSupport
import Testing

@testable import Querying

@Suite(.timeLimit(.minutes(2))) struct SeriesMergeTests {
    private static let seed = TenantSeed(.anonymous)

    /// Replicas of which each has parts of the series, cut into chunks of its own or into the same ones, in pieces of any size,
    /// which come in any order among the replicas; some are passed over, some break off.
    @Test(arguments: 1...80 as ClosedRange<UInt64>)
    func `what was sent is there, each series joined`(number: UInt64) throws {
        var random = SeededGenerator(seed: number)
        let lists = (0..<Int.random(in: 0...30, using: &random)).map { _ in
            SampleList(using: &random)
        }
        let replicaCount = Int.random(in: 2...4, using: &random)
        let common = lists.map { $0.chunks(using: &random) }
        var expected: [Labels: [SelectedSeries]] = [:]
        var merge = SeriesMerge(streams: replicaCount, seed: Self.seed)
        var waiting = (0..<replicaCount).map { _ in
            lists.indices.compactMap { index -> SelectedSeries? in
                switch UInt8.random(in: 0...9, using: &random) {
                case 0: nil
                case 1...3:
                    SelectedSeries(
                        labels: Self.labels(index),
                        chunks: lists[index].part(using: &random).chunks(using: &random)
                    )
                default: SelectedSeries(labels: Self.labels(index), chunks: common[index])
                }
            }
        }.map { Self.pieces($0, ofSize: Int.random(in: 1...4000, using: &random)) }
        var isOver = [Bool](repeating: false, count: replicaCount)
        while isOver.contains(false) {
            let replica = Int.random(in: 0..<replicaCount, using: &random)
            let breaksOff = UInt8.random(in: 0...40, using: &random) == 0
            if waiting[replica].isEmpty || breaksOff {
                merge.end(replica)
                isOver[replica] = true
            } else if !isOver[replica], !merge.isFull(replica) {
                let piece = waiting[replica].removeFirst()
                for index in 0..<piece.count {
                    expected[piece.labels(at: index), default: []].append(
                        SelectedSeries(
                            labels: piece.labels(at: index),
                            chunks: try piece.encodedChunks(at: index)
                        )
                    )
                }
                try merge.add(piece, from: replica)
            }
            if UInt8.random(in: 0...20, using: &random) == 0 { merge.passLaggards() }
            merge.advance()
        }
        #expect(merge.damage.isEmpty)
        let merged = GatheredSeries(
            stored: [],
            recent: [],
            merged: MergedSeries(pages: merge.merged),
            seed: Self.seed,
            range: .all
        )
        let naive = GatheredSeries(
            stored: [],
            recent: [expected.values.flatMap(\.self)],
            seed: Self.seed,
            range: .all
        )
        #expect(merged.count == naive.count)
        for index in 0..<min(merged.count, naive.count) {
            let (labels, samples) = try merged.labelsAndSamples(index)
            let (wantedLabels, wanted) = try naive.labelsAndSamples(index)
            #expect(labels == wantedLabels)
            #expect(SampleList(samples).text == SampleList(wanted).text)
            var name: [UInt8] = []
            merged.withName(at: index) { name = Array($0) }
            #expect(String(decoding: name, as: UTF8.self) == labels.name)
        }
    }

    @Test func `what replicas have alike is kept once`() throws {
        let series = (0..<2000).map { Self.series($0, chunkCount: 3) }
        let pieces = Self.pieces(series, ofSize: 20_000)
        var merge = SeriesMerge(streams: 3, seed: Self.seed)
        let pieceSize = try #require(pieces.map(\.size).max())
        var most = 0
        for piece in pieces {
            for replica in 0..<3 {
                try merge.add(piece, from: replica)
                merge.advance()
                most = max(most, merge.size)
            }
        }
        for replica in 0..<3 { merge.end(replica) }
        merge.advance()
        let copy = pieces.reduce(0) { $0 + $1.size }
        #expect(merge.mergedCount == series.count)
        #expect(merge.merged.reduce(0) { $0 + $1.size } == copy)
        #expect(merge.size == copy)
        #expect(most <= copy + 3 * pieceSize)
        #expect(merge.floatCount == 2000 * 3 * 10)
    }

    @Test func `an open chunk is kept as it was last`() throws {
        let labels = Self.labels(1)
        let long = stream(of: 9)
        for (first, second) in [(stream(of: 4), long), (long, stream(of: 4)), (long, long)] {
            var merge = SeriesMerge(streams: 2, seed: Self.seed)
            for (replica, chunk) in [first, second].enumerated() {
                let closed = EncodedChunk.encode([-2, -1], [1, 2])
                let series = SelectedSeries(labels: labels, chunks: [closed, chunk])
                try merge.add(Self.pieces([series])[0], from: replica)
                merge.end(replica)
            }
            merge.advance()
            let page = try #require(merge.merged.first)
            #expect(page.count == 1)
            let samples = try page.encodedChunks(at: 0).map(\.count).sorted()
            #expect(samples == [2, 9])
        }
    }

    @Test
    func `an ingester is ahead once others did not send for some pieces, and not after they did`()
        throws
    {
        let pieces = Self.pieces((0..<100).map { Self.series($0, chunkCount: 1) }, ofSize: 500)
        var merge = SeriesMerge(streams: 2, seed: Self.seed)
        for (index, piece) in pieces.prefix(SeriesMerge.maximumPieces).enumerated() {
            #expect(!merge.isFull(0), "\(index)")
            try merge.add(piece, from: 0)
            merge.advance()
        }
        #expect(merge.isFull(0))
        #expect(merge.mergedCount == 0)
        try merge.add(pieces[0], from: 1)
        merge.advance()
        #expect(!merge.isFull(0))
        #expect(merge.mergedCount > 0)
        merge.passLaggards()
        merge.advance()
        #expect(merge.mergedCount >= pieces.prefix(4).reduce(0) { $0 + $1.count })
        // What it sends later counts all the same.
        let before = merge.mergedCount
        merge.end(0)
        try merge.add(pieces[1], from: 1)
        merge.advance()
        #expect(merge.mergedCount > before)
    }

    @Test func `series out of order are refused, within a piece and after it`() throws {
        let pieces = Self.pieces((0..<10).map { Self.series($0, chunkCount: 1) }, ofSize: 1)
        var merge = SeriesMerge(streams: 1, seed: Self.seed)
        try merge.add(pieces[3], from: 0)
        #expect(throws: PackedSeriesError.self) { try merge.add(pieces[2], from: 0) }
        try merge.add(pieces[3], from: 0)
        let both = PackedSeries.joined(pieces[2], pieces[3])
        #expect(
            throws: PackedSeriesError.notAscending(
                both.fingerprints[0],
                after: both.fingerprints[1]
            )
        ) {
            try PackedSeries(
                fingerprints: both.fingerprints.reversed(),
                ends: both.ends,
                bytes: both.bytes
            )
        }
    }

    @Test func `columns that do not fit each other are refused`() throws {
        let good = Self.pieces((0..<3).map { Self.series($0, chunkCount: 1) })[0]
        let bad: [([Fingerprint], [UInt32], [UInt8])] = [
            ([], good.ends, good.bytes),
            (good.fingerprints, [], good.bytes),
            (good.fingerprints, good.ends, Array(good.bytes.dropLast())),
            (good.fingerprints, good.ends, good.bytes + [0]),
            (good.fingerprints, [good.ends[1], good.ends[0], good.ends[2]], good.bytes),
            (good.fingerprints, [4, good.ends[1], good.ends[2]], good.bytes),
            (good.fingerprints, [.max, .max, good.ends[2]], good.bytes),
            ([], [], [1]),
        ]
        for (fingerprints, ends, bytes) in bad {
            #expect(throws: PackedSeriesError.inconsistentColumns) {
                try PackedSeries(fingerprints: fingerprints, ends: ends, bytes: bytes)
            }
        }
        #expect(try PackedSeries(fingerprints: [], ends: [], bytes: []).isEmpty)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a damaged item fails its ingester, and the others' is kept`(number: UInt64) throws {
        var random = SeededGenerator(seed: number)
        let good = Self.pieces((0..<20).map { Self.series($0, chunkCount: 2) })[0]
        var bytes = good.bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= .random(
                in: 1...255,
                using: &random
            )
        }
        let bad = try PackedSeries(
            fingerprints: good.fingerprints,
            ends: good.ends,
            bytes: bytes
        )
        var merge = SeriesMerge(streams: 2, seed: Self.seed)
        try merge.add(bad, from: 0)
        try merge.add(good, from: 1)
        for replica in 0..<2 { merge.end(replica) }
        merge.advance()
        #expect(merge.mergedCount == good.count)
        #expect(merge.damage[1] == nil)
        let isBad = (0..<bad.count).contains { index in
            (try? bad.check(index, seed: Self.seed)) == nil
        }
        #expect((merge.damage[0] != nil) == isBad)
        for page in merge.merged {
            for index in 0..<page.count { try page.check(index, seed: Self.seed) }
        }
    }

    @Test func `a series larger than a piece comes in several`() throws {
        let large = Self.series(1, chunkCount: 500)
        let pieces = Self.pieces([large], ofSize: 2000)
        #expect(pieces.count > 5)
        #expect(pieces.allSatisfy { $0.bytes.count <= 2000 })
        #expect(try pieces.flatMap { try $0.encodedChunks(at: 0) } == large.chunks)
    }

    // MARK: Fixtures

    static func labels(_ number: Int) -> Labels {
        ["__name__": "requests_total", "pod": "pod-\(number)"]
    }

    static func series(_ number: Int, chunkCount: Int) -> SelectedSeries {
        SelectedSeries(
            labels: labels(number),
            chunks: (0..<Int64(chunkCount)).map { chunk in
                let times = (0..<10).map { chunk * 100 + Int64($0) }
                return .encode(times, times.map { Double($0) * Double(number) })
            }
        )
    }

    /// The pieces that an ingester with these series sends.
    static func pieces(
        _ series: [SelectedSeries],
        ofSize size: Int = PackedSeries.pieceSize
    ) -> [PackedSeries] {
        let sorted = series.map { (Fingerprint(seed: seed, labels: $0.labels), $0) }
            .sorted { $0.0 < $1.0 }
        var packer = SeriesPacker(pieceSize: size)
        var pieces: [PackedSeries] = []
        for (fingerprint, one) in sorted { pieces += packer.add(fingerprint, one) }
        return pieces + (packer.finish().map { [$0] } ?? [])
    }

    /// An open chunk of so many samples.
    private func stream(of count: Int) -> EncodedChunk {
        var bytes = [UInt8](repeating: 0, count: 500)
        let size = bytes.withUnsafeMutableBytes { target -> Int in
            guard let base = target.baseAddress else { return 0 }
            SampleStream.writeFirst(timestamp: 0, bits: 1.5.bitPattern, to: base)
            var size = SampleStream.firstSize
            for number in 1..<count {
                size += SampleStream.write(
                    step: number == 1 ? 15 : 0,
                    change: UInt64(number) << 40,
                    to: base + size
                )
            }
            return size
        }
        return EncodedChunk(
            streamOf: count,
            minTime: 0,
            maxTime: Int64(count - 1) * 15,
            size: size
        ) { $0.copyMemory(from: bytes, byteCount: size) }
    }
}

extension PackedSeries {
    func encodedChunks(at index: Int) throws -> [EncodedChunk] {
        var cursor = try chunks(at: index)
        var found: [EncodedChunk] = []
        while let chunk = try next(&cursor) { found.append(encoded(chunk)) }
        return found
    }

    static func joined(_ left: PackedSeries, _ right: PackedSeries) -> PackedSeries {
        var both = left
        for index in 0..<right.count { both.append(index, of: right) }
        return both
    }
}
