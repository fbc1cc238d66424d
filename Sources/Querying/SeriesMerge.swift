internal import ChunkCoding
internal import ClusterInterface
internal import MetricsModel

/// Merges the series of several ingesters as they come, each in order of fingerprints.
///
/// An item that several have with the same bytes is kept once; where bytes differ, each chunk is kept that is not there
/// yet. So much for memory: samples are united when a series is read, and a series that is kept twice is as good.
struct SeriesMerge {
    /// What one ingester sent that is not merged yet.
    private struct Stream {
        var pieces: [PackedSeries] = []
        /// The next item of the first piece.
        var position = 0
        /// The newest item that came.
        var last: Fingerprint?
        /// Nothing comes any more.
        var isOver = false
        /// It is not waited for: others had to wait too long.
        var isBehind = false

        var head: Fingerprint? { pieces.first?.fingerprints[position] }

        mutating func step() {
            position += 1
            guard position == pieces[0].count else { return }
            pieces.removeFirst()
            position = 0
        }
    }

    /// Pieces of an ingester that are held until the others have come as far.
    static let maximumPieces = 4
    /// Bytes of a page of merged series.
    private static let pageSize = 1 << 20

    private let seed: TenantSeed
    private var streams: [Stream]
    private var page = PackedSeries()
    /// Pages that are full.
    private var pages: [PackedSeries] = []
    private var pageBytes = 0
    private var pieceBytes = 0
    /// Series taken, from each ingester one; grows as the merge goes on.
    private(set) var mergedCount = 0
    /// Samples of what was kept, and of histograms apart.
    private(set) var floatCount = 0
    private(set) var histogramCount = 0
    /// What was wrong with items of an ingester that were needed.
    private(set) var damage: [Int: PackedSeriesError] = [:]
    private var same: [Int] = []

    init(streams count: Int, seed: TenantSeed) {
        streams = Array(repeating: Stream(), count: count)
        self.seed = seed
    }

    /// Bytes held, about.
    var size: Int { pieceBytes + pageBytes + page.size }

    /// What was merged.
    var merged: [PackedSeries] { page.isEmpty ? pages : pages + [page] }

    /// Whether an ingester is so far ahead of others that it should wait.
    func isFull(_ stream: Int) -> Bool { streams[stream].pieces.count >= Self.maximumPieces }

    /// Takes the next piece of an ingester.
    ///
    /// - Throws: where it does not come after those before; nothing of it is taken then.
    mutating func add(_ piece: PackedSeries, from stream: Int) throws(PackedSeriesError) {
        guard let first = piece.fingerprints.first, let last = piece.fingerprints.last,
            !streams[stream].isOver
        else { return }
        if let before = streams[stream].last, first < before {
            throw .notAscending(first, after: before)
        }
        streams[stream].last = last
        streams[stream].pieces.append(piece)
        // It has caught up with the others, or they wait for it no longer than it for them.
        if isFull(stream) { streams[stream].isBehind = false }
        pieceBytes += piece.size
    }

    /// Nothing more comes of an ingester, whether it sent all or broke off: what came is as good.
    mutating func end(_ stream: Int) { streams[stream].isOver = true }

    /// Goes on without the ingesters of which nothing is there to merge; what they send later is taken all the same.
    mutating func passLaggards() {
        for index in streams.indices where !streams[index].isOver && streams[index].pieces.isEmpty {
            streams[index].isBehind = true
        }
    }

    /// Merges as far as it is known what comes next.
    mutating func advance() {
        while let next = next() {
            same.removeAll(keepingCapacity: true)
            for index in streams.indices where streams[index].head == next { same.append(index) }
            keep(same)
            for index in same where !streams[index].pieces.isEmpty {
                let piece = streams[index].pieces[0]
                streams[index].step()
                if streams[index].position == 0 { pieceBytes -= piece.size }
            }
            mergedCount += 1
        }
    }

    /// The smallest fingerprint; nil where an ingester may still have a smaller one.
    private func next() -> Fingerprint? {
        var smallest: Fingerprint?
        for stream in streams {
            guard let head = stream.head else {
                if stream.isOver || stream.isBehind { continue }
                return nil
            }
            if smallest.map({ head < $0 }) ?? true { smallest = head }
        }
        return smallest
    }

    /// Keeps what ingesters have of one series.
    private mutating func keep(_ holders: [Int]) {
        var leader: Int?
        var differing: [Int] = []
        for holder in holders {
            if let leader, haveSameBytes(leader, holder) { continue }
            guard isSound(holder) else { continue }
            if leader == nil { leader = holder } else { differing.append(holder) }
        }
        guard let leader else { return }
        let (piece, index) = item(of: leader)
        makeRoom(for: piece.fingerprints[index], piece.range(of: index).count)
        guard !differing.isEmpty else {
            page.append(index, of: piece)
            count(page.count - 1, of: page)
            return
        }
        page.append(labels: (piece, index), chunks: distinctChunks([leader] + differing))
        count(page.count - 1, of: page)
    }

    private func item(of stream: Int) -> (piece: PackedSeries, index: Int) {
        (streams[stream].pieces[0], streams[stream].position)
    }

    private func haveSameBytes(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (item(of: left), item(of: right))
        return left.piece.hasSameBytes(left.index, as: right.index, of: right.piece)
    }

    /// Whether the next item of an ingester is what it should be; where not, the ingester has failed.
    private mutating func isSound(_ stream: Int) -> Bool {
        let (piece, index) = item(of: stream)
        do throws(PackedSeriesError) {
            try piece.check(index, seed: seed)
            return true
        } catch {
            damage[stream] = damage[stream] ?? error
            return false
        }
    }

    /// The chunks of several items of one series, without those that say nothing new.
    private func distinctChunks(
        _ holders: [Int]
    ) -> [(series: PackedSeries, chunk: PackedSeries.Chunk)] {
        var kept: [(series: PackedSeries, chunk: PackedSeries.Chunk)] = []
        for holder in holders {
            let (piece, index) = item(of: holder)
            let before = kept.count
            // Checked: it does not throw.
            guard var cursor = try? piece.chunks(at: index) else { continue }
            while let chunk = (try? piece.next(&cursor)) ?? nil {
                let bytes = piece.bytes[chunk.range]
                var isNew = true
                for number in 0..<before where isNew && kept[number].chunk.minTime == chunk.minTime
                {
                    let known = kept[number].series.bytes[kept[number].chunk.range]
                    if known == bytes || SampleStream.isPrefix(bytes, of: known) {
                        isNew = false
                    } else if SampleStream.isPrefix(known, of: bytes) {
                        kept[number] = (piece, chunk)
                        isNew = false
                    }
                }
                if isNew { kept.append((piece, chunk)) }
            }
        }
        return kept
    }

    /// Begins a new page where the current one is full, or an ingester that was behind sends what the others sent long ago.
    private mutating func makeRoom(for fingerprint: Fingerprint, _ size: Int) {
        guard let last = page.fingerprints.last else { return }
        guard page.bytes.count + size > Self.pageSize || fingerprint < last else { return }
        pages.append(page)
        pageBytes += page.size
        let count = page.count
        page = PackedSeries()
        page.reserveCapacity(items: count, bytes: Self.pageSize)
    }

    private mutating func count(_ index: Int, of series: PackedSeries) {
        guard var cursor = try? series.chunks(at: index) else { return }
        while let chunk = (try? series.next(&cursor)) ?? nil {
            if series.bytes[chunk.range].first == EncodedChunk.Kind.histograms.rawValue {
                histogramCount += chunk.count
            } else {
                floatCount += chunk.count
            }
        }
    }
}
